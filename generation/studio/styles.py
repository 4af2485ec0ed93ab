"""The catalogue of text styles: what a merchant chooses and what a prompt is matched against.

Plain data, imported by the web process. How a style looks stands under the same key in
``generation.studio.materials``; its thumbnail in ``static/img/styles/<key>.webp``.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from generation.errors import StyleUnknown


@dataclass(frozen=True, slots=True)
class TextStyle:
    """``words``: lower-case Korean and English words that name this style in a prompt, most telling first.
    ``swatch``: light, middle and dark colour as ``#rrggbb``, to draw a chip of it."""

    key: str
    name_ko: str
    name_en: str
    words: tuple[str, ...]
    swatch: tuple[str, str, str]


_STYLES: Final = (
    TextStyle(
        "gold", "골드", "Gold",
        ("골드", "금색", "황금", "금속", "금박",
         "고급", "럭셔리", "gold", "golden", "metallic", "luxury", "brass"),
        ("#fff0b0", "#e3a52c", "#7a4508"),
    ),
    TextStyle(
        "foil", "포일 풍선", "Foil balloon",
        ("풍선", "포일", "호일", "은박", "파티", "생일", "축하",
         "balloon", "foil", "party", "inflated", "mylar"),
        ("#ffd0de", "#ff5470", "#8f1f45"),
    ),
    TextStyle(
        "plastic", "플라스틱", "Glossy plastic",
        ("플라스틱", "유광", "광택", "젤리", "캔디", "장난감", "팝",
         "plastic", "glossy", "candy", "jelly", "toy", "vinyl", "pop"),
        ("#ff8c7a", "#e8282f", "#7d0a1a"),
    ),
)  # fmt: skip
_BY_KEY: Final = MappingProxyType({each.key: each for each in _STYLES})


def styles() -> MappingProxyType[str, TextStyle]:
    """Every style by its key, in the order a chooser shows them."""
    return _BY_KEY


def style(key: str) -> TextStyle:
    """The style of that key. Raises ``StyleUnknown``."""
    try:
        return _BY_KEY[key]
    except KeyError:
        raise StyleUnknown(f"no text style {key!r}", style=key) from None


def default_style() -> TextStyle:
    """The style of a headline whose request and prompt name none."""
    return _BY_KEY["plastic"]
