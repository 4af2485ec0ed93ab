"""What is posted beside the picture: a caption for each channel within its length, and hashtags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from generation.prompts.copy.headlines import season_of
from generation.prompts.copy.sheets import Channel, Trade, channels, house
from generation.prompts.copy.wording import bare_name, names

MOST_HASHTAGS: Final = 8
FEWEST_HASHTAGS: Final = 5
LONGEST_HASHTAG: Final = 20
LEFT_OUT_FIRST: Final = ("call", "subline", "price", "sentence")
"""What a caption does without, one after another, when it is too long."""
_NAMED: Final = re.compile(r"\{(\w+)\}")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def captions(values: dict[str, str]) -> dict[str, str]:
    """By channel. ``values``: ``shop``, ``product``, ``headline``, ``short_headline``, ``subline``, ``sentence``,
    ``price``, ``call``, ``hashtags``; what is empty leaves no line behind."""
    return {channel.key: _within(channel, values) for channel in channels()}


def _within(channel: Channel, values: dict[str, str]) -> str:
    said = dict(values)
    for name in (None, *LEFT_OUT_FIRST):
        if name:
            said[name] = ""
        text = _written(channel, said)
        if text and channel.measure(text) <= channel.most:
            return text
    return shortened(text or _written(channel, values), channel)


def _written(channel: Channel, values: dict[str, str]) -> str:
    lines = [_filled(line, values) for line in channel.text.strip().splitlines()]
    text = _BLANK_LINES.sub("\n\n", "\n".join(line for line in lines if line is not None)).strip()
    return text.encode("cp949", "ignore").decode("cp949") if channel.unit == "bytes" else text


def _filled(line: str, values: dict[str, str]) -> str | None:
    """The line, or None when nothing stands in any of its places."""
    asked = _NAMED.findall(line)
    if asked and not any(values[name] for name in asked):
        return None
    return _NAMED.sub(lambda place: values[place[1]], line).strip()


def shortened(text: str, channel: Channel) -> str:
    """Whole words from the beginning, as many as the channel takes; a single word longer than that is cut."""
    pieces = re.findall(r"\s*\S+", text)
    kept = ""
    for piece in pieces:
        if channel.measure(kept + piece) > channel.most:
            break
        kept += piece
    while not kept and text:
        text = text[:-1]
        kept = text if channel.measure(text) <= channel.most else ""
    return kept


def hashtags(product: str, trade: Trade, seasons: Sequence[str], shop: str) -> list[str]:
    """Five to eight, each with its ``#``: the product, the trade, the season, the shop."""
    short = [name for name in names(bare_name(product)) if len(_tag(name)) <= LONGEST_HASHTAG]
    season = house().seasons.get(season_of(trade, seasons), ())
    shop_tags = [shop] if len(_tag(shop)) <= LONGEST_HASHTAG else []
    return as_hashtags((*short[:1], *trade.tags, *season, *shop_tags))


def as_hashtags(words: Iterable[str]) -> list[str]:
    """Each word once, joined as platforms take it; what has no letter is none."""
    tags = dict.fromkeys(_tag(word) for word in words)
    return [f"#{tag}" for tag in tags if any(c.isalpha() for c in tag)][:MOST_HASHTAGS]


def _tag(word: str) -> str:
    return re.sub(r"\W", "", word)
