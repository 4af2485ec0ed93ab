"""Five headlines out of the templates: the shop's tone, its trade and the season take turns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, cycle
from typing import Final

from generation.prompts.copy.sheets import House, Trade, house
from generation.prompts.copy.wording import ends_in, filled, is_headline, names, reads_well

SUGGESTIONS: Final = 5
ENOUGH: Final = 2 * SUGGESTIONS
"""So many that another five can follow."""
TONELESS: Final = "plain"
"""How a shop speaks that has not said how."""
TURNS: Final = ("tone", "trade", "season", "trade", "trade")


def five(product: str, trade: Trade, tone: str, seasons: Sequence[str], seed: int) -> list[str]:
    """The same five for the same arguments; the next ``seed`` gives five others, until all have been told."""
    lines = fitting(product, trade, tone, seasons)
    page = seed % (len(lines) // SUGGESTIONS)
    return lines[page * SUGGESTIONS : (page + 1) * SUGGESTIONS]


def fitting(product: str, trade: Trade, tone: str, seasons: Sequence[str]) -> list[str]:
    """Every headline that is short enough, in the order in which they are told. A long name is told shorter, or not at
    all, only where too few lines would be left."""
    templates = list(_in_turns(_templates(product, trade, tone, seasons), f"{product}/{trade.key}/{tone}"))
    found: list[str] = []
    for name in names(product):
        told = (filled(each, name) for each in templates if reads_well(each, name))
        found = _different((*found, *(line for line in told if is_headline(line))))
        if len(found) >= ENOUGH:
            return found
    nameless = (*trade.lines["without_product"], *house().lines["without_product"])
    return _different((*found, *_shuffled(nameless, product)))


def _different(lines: Iterable[str]) -> list[str]:
    """Each line once; one that differs by signs alone is the same."""
    by_letters: dict[str, str] = {}
    for line in lines:
        by_letters.setdefault(re.sub(r"\W", "", line) or line, line)
    return list(by_letters.values())


def season_of(trade: Trade, seasons: Sequence[str]) -> str:
    """The most pressing season that the trade has something to say about."""
    return next((season for season in seasons if season in trade.lines), "")


def _templates(product: str, trade: Trade, tone: str, seasons: Sequence[str]) -> dict[str, list[str]]:
    common: House = house()
    voice = tone if tone in common.lines else TONELESS
    of_kind = chain.from_iterable(kind.lines for kind in trade.kinds if ends_in(product, kind.words))
    return {
        "tone": [*trade.lines[voice], *common.lines[voice]],
        "trade": [*of_kind, *trade.lines["any"], *common.lines["any"]],
        "season": [line for season in seasons for line in trade.lines.get(season, ())],
    }


def _in_turns(groups: dict[str, list[str]], salt: str) -> Iterator[str]:
    """All lines, group by group in turns; where one has run out the others go on."""
    waiting = {name: _shuffled(lines, salt) for name, lines in groups.items()}
    for name in cycle(TURNS):
        if not any(waiting.values()):
            return
        if waiting[name]:
            yield waiting[name].pop(0)


def _shuffled(lines: Iterable[str], salt: str) -> list[str]:
    """In an order that looks like chance and is the same on every machine."""
    return sorted(dict.fromkeys(lines), key=lambda line: blake2b(f"{salt}/{line}".encode()).digest())
