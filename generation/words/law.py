"""What advertising law has to say about an ad's words, by a table of rules (``law.toml``). Help, not legal advice."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generation.words.hints import Field, Hint, Kind, Level, Told, Words
from generation.words.patterns import compiled

TABLE = Path(__file__).with_name("law.toml")
FORMER_PRICE = "price_before"
"""In ``settled_by``: the ad names the price before the discount."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the table. ``industries`` is empty where it concerns everyone."""

    key: str
    level: Level
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    settled_by: tuple[re.Pattern[str], ...]
    settled_by_price: bool
    industries: frozenset[str]
    law: Told
    why: Told
    safer: Told


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the table's order."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(_rule(entry, table) for entry in table["rule"])


@cache
def known_industries() -> frozenset[str]:
    """The industries that the table puts into a trade."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return frozenset().union(*table["trades"].values())


def _rule(entry: dict[str, object], table: dict[str, dict[str, object]]) -> Rule:
    def patterns(name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(compiled(each) for each in _list(entry.get(name)) if each != FORMER_PRICE)

    trades = _list(entry.get("trades"))
    industries = [name for trade in trades for name in _list(table["trades"][trade])]
    law = table["laws"][str(entry["law"])]
    assert isinstance(law, dict)
    return Rule(
        key=str(entry["key"]),
        level=Level(str(entry["level"])),
        patterns=patterns("patterns"),
        unless=patterns("unless"),
        settled_by=patterns("settled_by"),
        settled_by_price=FORMER_PRICE in _list(entry.get("settled_by")),
        industries=frozenset([*industries, *_list(table["trades"]["anything"])] if trades else []),
        law=Told(str(law["ko"]), str(law["en"])),
        why=Told(str(entry["why_ko"]), str(entry["why_en"])),
        safer=Told(str(entry["safer_ko"]), str(entry["safer_en"])),
    )


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def law_hints(words: Words) -> list[Hint]:
    """The rules that the ad's words meet, each once in each text, from left to right. Where two rules meet the same
    place, the one that stands first in the table is told."""
    found: list[Hint] = []
    for rule in rules():
        if not _concerns(rule, words):
            continue
        for field, text in words.texts.items():
            for start, end in _places(rule, text):
                taken = any(hint.field is field and start < hint.end and hint.start < end for hint in found)
                if not taken:
                    found.append(_hint(rule, field, start, text[start:end]))
                    break
    return found


def _concerns(rule: Rule, words: Words) -> bool:
    if rule.industries and words.industry not in rule.industries:
        return False
    if rule.settled_by_price and words.price_before:
        return False
    whole = "\n".join(words.texts.values())
    return not any(pattern.search(whole) for pattern in rule.settled_by)


def _places(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    excused = [found.span() for pattern in rule.unless for found in pattern.finditer(text)]
    for pattern in rule.patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(start < until and since < end for since, until in excused):
                yield start, end


def _hint(rule: Rule, field: Field, start: int, text: str) -> Hint:
    leading = len(text) - len(text.lstrip())
    return Hint(
        kind=Kind.LAW,
        level=rule.level,
        field=field,
        start=start + leading,
        end=start + len(text),
        text=text.strip(),
        why=rule.why,
        rule=rule.key,
        law=rule.law,
        safer=rule.safer,
    )
