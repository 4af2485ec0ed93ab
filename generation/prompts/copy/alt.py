"""What a screen reader says of an ad: what it is for, where it stands, what is written on it. Facts only."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["ko", "en"]
_KOREAN: Final = {
    "with_scene": "{scene} 배경의 {what} 광고",
    "ad": "{what} 광고",
    "headline": "문구: {text}",
    "subline": "작은 글씨: {text}",
    "both": "가격: {before}에서 {now}",
    "price": "가격: {now}",
}
_ENGLISH: Final = {
    "with_scene": "Ad for {what}, scene: {scene}",
    "ad": "Ad for {what}",
    "headline": "Headline: {text}",
    "subline": "Small line: {text}",
    "both": "Price: {now}, was {before}",
    "price": "Price: {now}",
}


def alt_text(
    what: str,
    *,
    scene: str = "",
    headline: str = "",
    subline: str = "",
    price_before: str = "",
    price_now: str = "",
    language: Language = "ko",
) -> str:
    """One sentence for each fact that is given. ``what``: the product or the trade; ``scene``: the background's name in
    that language."""
    say = _ENGLISH if language == "en" else _KOREAN
    now = price_now or price_before
    parts = [
        say["with_scene" if scene else "ad"].format(what=what, scene=scene),
        say["headline"].format(text=_one_line(headline)) if headline else "",
        say["subline"].format(text=_one_line(subline)) if subline else "",
        say["both" if price_before and price_now else "price"].format(before=price_before, now=now)
        if now
        else "",
    ]
    return " ".join(_sentence(part) for part in parts if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
