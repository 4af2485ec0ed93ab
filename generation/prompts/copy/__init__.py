"""Words for a product without a language model: headlines, a small line, hashtags, alt text and captions.

The templates stand in ``trades/`` and are read, not programmed: to change what is said, change them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from generation.prompts.copy.alt import alt_text
from generation.prompts.copy.captions import captions, hashtags
from generation.prompts.copy.headlines import SUGGESTIONS, five
from generation.prompts.copy.sheets import Trade, house, trade
from generation.prompts.copy.wording import filled, is_headline

__all__ = ["SUGGESTIONS", "Copy", "CopyBrief", "suggest", "with_captions", "write"]
NAMELESS: Final = "신메뉴"
"""What a product without a name is called."""
SAID_ALL_THE_TIME: Final = {"주세요", "보세요", "오세요", "수", "점은", "오늘도", "오늘"}
"""Words that may well come twice in a caption."""


@dataclass(frozen=True, slots=True)
class CopyBrief:
    """What words are wanted for. ``industry``: a trade's key; ``tone``: warm, refined, lively, plain or none;
    ``seasons``: as ``generation.seasons`` tells them, the most pressing first; ``seed``: the next number gives other
    words. What stands on the picture already (``headline``, ``subline``, the prices, ``scene``: its name) is told in
    captions and alt text."""

    product: str
    industry: str = ""
    tone: str = ""
    seasons: Sequence[str] = ()
    shop: str = ""
    seed: int = 0
    headline: str = ""
    subline: str = ""
    price_before: str = ""
    price_now: str = ""
    scene: str = ""

    @property
    def is_priced(self) -> bool:
        return bool(self.price_before and self.price_now)


@dataclass(frozen=True, slots=True)
class Copy:
    """``captions`` by the channel's key; ``source`` tells who wrote it."""

    headlines: list[str]
    subline: str
    hashtags: list[str]
    alt_text: str
    captions: dict[str, str] = field(default_factory=dict)
    source: Literal["openai", "rules"] = "rules"


def suggest(product: str, industry: str = "", tone: str = "", seasons: Sequence[str] = ()) -> list[str]:
    """Five headlines for a product; an unknown industry gets those that suit any."""
    return five(_name(product), trade(industry), tone, seasons, 0)


def write(brief: CopyBrief) -> Copy:
    """All that is said of a product, from the templates."""
    product, of = _name(brief.product), trade(brief.industry)
    headlines = five(product, of, brief.tone, brief.seasons, brief.seed)
    tags = hashtags(product, of, brief.seasons, brief.shop)
    subline = _pick(of.sublines, brief.seed)
    return Copy(
        headlines=headlines,
        subline=subline,
        hashtags=tags,
        alt_text=alt_text(
            product,
            scene=brief.scene,
            headline=brief.headline,
            subline=brief.subline,
            price_before=brief.price_before,
            price_now=brief.price_now,
        ),
        captions=with_captions(brief, headline=headlines[0], subline=subline, tags=tags),
    )


def with_captions(
    brief: CopyBrief,
    *,
    headline: str,
    subline: str,
    tags: Sequence[str],
    sentence: str = "",
    call: str = "",
) -> dict[str, str]:
    """A caption for each channel around these words, templates where there are none; what stands on the picture goes
    before them."""
    product, of = _name(brief.product), trade(brief.industry)
    own = " ".join(brief.headline.split())
    sentence = sentence or filled(_pick(_sentences(of, brief.tone), brief.seed), product)
    return captions(
        {
            "shop": brief.shop,
            "product": product,
            "headline": own or headline,
            "short_headline": own if is_headline(own) else headline,
            "subline": " ".join(brief.subline.split()) or subline,
            "sentence": sentence,
            "price": _price(brief),
            "call": call or _call(brief.tone, sentence, brief.seed),
            "hashtags": " ".join(tags),
        }
    )


def _name(product: str) -> str:
    return " ".join(product.split()) or NAMELESS


def _sentences(of: Trade, tone: str) -> tuple[str, ...]:
    return of.formal if tone in house().formal_tones else of.polite


def _call(tone: str, sentence: str, seed: int) -> str:
    """The caption's last sentence; it does not say again what the one before it says."""
    calls = house().calls.get(tone) or house().calls[""]
    start = seed % len(calls)
    in_order = (*calls[start:], *calls[:start])
    return next((call for call in in_order if not _words(call) & _words(sentence)), in_order[0])


def _words(sentence: str) -> set[str]:
    return {word.strip(".,!?") for word in sentence.split()} - SAID_ALL_THE_TIME


def _pick(lines: Sequence[str], seed: int) -> str:
    return lines[seed % len(lines)]


def _price(brief: CopyBrief) -> str:
    if brief.is_priced:
        return f"{brief.price_before} → {brief.price_now}"
    return brief.price_now or brief.price_before
