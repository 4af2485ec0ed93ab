"""The catalogue of text styles: what a merchant chooses and what a prompt is matched against.

Plain data, imported by the web process. How a style looks stands under the same key in
``generation.studio.text3d``; its thumbnail in ``static/img/styles/<key>.webp``.
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
        ("금색", "골드", "황금", "금속", "고급", "럭셔리", "금장", "금빛", "금박",
         "gold", "golden", "metallic", "luxury", "brass"),
        ("#fff0b0", "#e3a52c", "#7a4508"),
    ),
    TextStyle(
        "rose-gold", "로즈 골드", "Rose gold",
        ("로즈 골드", "로즈골드", "핑크 골드", "rose gold", "pink gold", "copper", "구리"),
        ("#ffe3d8", "#e59a80", "#7d3a2a"),
    ),
    TextStyle(
        "chrome", "크롬", "Chrome",
        ("크롬", "은색", "실버", "스틸", "메탈", "거울", "chrome", "silver", "steel", "mirror", "y2k"),
        ("#f4f8ff", "#9aa7bd", "#1c2230"),
    ),
    TextStyle(
        "foil", "포일 풍선", "Foil balloon",
        ("포일", "호일", "파티", "풍선", "생일", "축하", "은박",
         "foil", "balloon", "party", "inflated", "mylar"),
        ("#ffd0de", "#ff5470", "#8f1f45"),
    ),
    TextStyle(
        "foil-gold", "골드 풍선", "Gold balloon",
        ("골드 풍선", "금색 풍선", "황금 풍선", "gold balloon", "golden balloon", "gold mylar"),
        ("#fff2b8", "#f0b02a", "#8a5205"),
    ),
    TextStyle(
        "foil-silver", "실버 풍선", "Silver balloon",
        ("은색 풍선", "실버 풍선", "은박 풍선", "silver balloon", "silver mylar"),
        ("#ffffff", "#b9bfc9", "#4d535e"),
    ),
    TextStyle(
        "plastic", "플라스틱", "Glossy plastic",
        ("플라스틱", "유광", "광택", "젤리", "캔디", "장난감", "팝",
         "plastic", "glossy", "candy", "jelly", "toy", "vinyl", "pop"),
        ("#ff8c7a", "#e8282f", "#7d0a1a"),
    ),
    TextStyle(
        "clay", "클레이", "Soft clay",
        ("클레이", "점토", "찰흙", "말랑", "무광", "몽글", "clay", "plasticine", "matte", "soft", "claymation"),
        ("#ffd2bf", "#f0977c", "#9c4a35"),
    ),
    TextStyle(
        "neon", "네온사인", "Neon sign",
        ("네온", "네온사인", "형광", "간판", "neon", "glowing", "glow", "fluorescent"),
        ("#ffe1f3", "#ff3d9a", "#3a0a26"),
    ),
    TextStyle(
        "marquee", "전구 간판", "Marquee bulbs",
        ("전구", "마퀴", "극장", "서커스", "레트로", "쇼", "marquee", "bulb", "theater", "circus", "retro", "showtime"),
        ("#ffe9b0", "#c4202a", "#6b3d0c"),
    ),
    TextStyle(
        "wood", "나무 조각", "Carved wood",
        ("나무", "우드", "원목", "목각", "목재", "wood", "wooden", "carved", "walnut", "timber"),
        ("#dcae74", "#a06a38", "#472610"),
    ),
    TextStyle(
        "chocolate", "초콜릿", "Chocolate",
        ("초콜릿", "초코", "카카오", "코코아", "chocolate", "cocoa", "choco", "fudge"),
        ("#a8693f", "#6b3a1f", "#2b140a"),
    ),
    TextStyle(
        "ice", "얼음", "Ice",
        ("얼음", "빙수", "아이스", "서리", "ice", "icy", "frost", "frosty", "frozen"),
        ("#ffffff", "#9ed6f2", "#2f86b8"),
    ),
    TextStyle(
        "paper", "종이 오리기", "Paper cut",
        ("종이", "페이퍼", "오리기", "색종이", "종이공예", "paper", "papercut", "origami"),
        ("#fff6e6", "#f0654f", "#2f4b62"),
    ),
    TextStyle(
        "ink", "먹 붓글씨", "Brush ink",
        ("먹", "붓", "붓글씨", "서예", "캘리그라피", "수묵", "ink", "brush", "calligraphy", "sumi"),
        ("#fbf6ea", "#4a443c", "#16130f"),
    ),
    TextStyle(
        "sticker", "스티커", "Sticker",
        ("스티커", "테두리", "라벨", "외곽선", "sticker", "outline", "decal", "die-cut"),
        ("#ffffff", "#f2382c", "#9c1a12"),
    ),
    TextStyle(
        "flat", "깔끔한 글자", "Flat",
        ("플랫", "깔끔", "단색", "심플", "미니멀", "담백", "flat", "plain", "clean", "minimal", "simple"),
        ("#fffdf8", "#8a827c", "#1f1b1a"),
    ),
)  # fmt: skip
_BY_KEY: Final = MappingProxyType({each.key: each for each in _STYLES})
_SUITED: Final = MappingProxyType(
    {
        "arch-steps": "clay",
        "autumn-leaves": "gold",
        "beach": "sticker",
        "black-slate": "gold",
        "cafe-wood": "gold",
        "christmas": "gold",
        "chuseok": "gold",
        "coffee-beans": "gold",
        "color-sweep": "flat",
        "concrete-loft": "flat",
        "garden-table": "paper",
        "hanok-window": "ink",
        "linen-kraft": "flat",
        "marble-kitchen": "flat",
        "pastel-podium": "clay",
        "pastel-podium-lilac": "flat",
        "pastel-podium-mint": "clay",
        "picnic-cloth": "sticker",
        "rain-neon": "neon",
        "seollal": "ink",
        "spring-blossom": "sticker",
        "summer-ice": "ice",
        "terrazzo": "paper",
        "walnut-desk": "gold",
        "water-ripples": "flat",
        "white-sweep": "flat",
        "window-leaves": "gold",
        "winter-snow": "ice",
    }
)
"""The style that goes with a scene, chosen by eye among pictures of several products in it."""


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
    """The style of a headline whose request and prompt name none. Its colour is the prompt's to say."""
    return _BY_KEY["plastic"]


def suited_style(scene: str) -> TextStyle:
    """The style for who leaves the choice to us: what goes with the scene of that key."""
    return style(_SUITED.get(scene, "flat"))
