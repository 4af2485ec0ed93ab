"""Better prompts without a language model: known words are translated, and a photographer's phrases added.

Whatever goes in, what comes out is English in ASCII, as FLUX and SDXL were trained on it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from generation.prompts.copy.sheets import trade
from generation.prompts.korean import matches, tokens
from generation.prompts.lexicon import scene_for, style_for, style_in_wish
from generation.studio.scenes import scene
from generation.studio.styles import style, suited_style

_PHRASE: Final = re.compile(r"[,.;\n·]+")
_NEGATIONS: Final = frozenset({"no", "not", "without", "never", "but"})
PHOTOGRAPHY: Final = (
    "professional product photography, soft natural light, shallow depth of field, high detail"
)
BACKGROUND_NEGATIVE: Final = (
    "text, letters, watermark, logo, people, hands, extra objects, blurry, low quality, distorted"
)
LONGEST_PROMPT: Final = 400

_ENGLISH: Final = {
    "한국": "Korean",
    "금속": "metal",
    "은박": "silver foil",
    "바닥": "floor",
    "선반": "shelf",
    "벽": "wall",
    "잔디": "grass",
    "정원": "garden",
    "숲": "forest",
    "하늘": "sky",
    "구름": "clouds",
    "자연": "natural",
    "화사": "bright",
    "밝은": "bright",
    "어두운": "dark",
    "생일": "birthday",
    "파티": "party",
    "축하": "celebration",
    "할인": "sale",
    "빛": "light",
    "그림자": "shadow",
    "커튼": "curtain",
    "레몬": "lemon",
    "딸기": "strawberry",
    "복숭아": "peach",
    "보라": "purple",
    "갈색": "brown",
    "베이지": "beige",
    "회색": "grey",
    "젤리": "jelly",
    "캔디": "candy",
    "유광": "glossy",
    "광택": "glossy",
    "매화": "plum blossom",
    "창살": "lattice",
    "아치": "arch",
    "브런치": "brunch",
    "오후": "afternoon",
    "주방": "kitchen",
    "접시": "plate",
    "우드": "wooden",
    "원목": "solid wood",
    "나무": "wooden",
    "테이블": "table",
    "탁자": "table",
    "책상": "desk",
    "따뜻": "warm",
    "따듯": "warm",
    "아늑": "cozy",
    "포근": "cozy",
    "시원": "cool",
    "상큼": "fresh",
    "산뜻": "fresh",
    "카페": "cafe",
    "창가": "by the window",
    "창문": "window",
    "햇살": "sunlight",
    "햇빛": "sunlight",
    "아침": "morning",
    "저녁": "evening",
    "노을": "sunset",
    "밤": "night",
    "봄": "spring",
    "여름": "summer",
    "가을": "autumn",
    "겨울": "winter",
    "벚꽃": "cherry blossom",
    "꽃": "flowers",
    "잎": "leaves",
    "바다": "sea",
    "해변": "beach",
    "모래": "sand",
    "물": "water",
    "얼음": "ice",
    "눈": "snow",
    "비": "rain",
    "대리석": "marble",
    "콘크리트": "concrete",
    "돌": "stone",
    "한옥": "hanok",
    "한지": "hanji paper",
    "전통": "traditional Korean",
    "달항아리": "moon jar",
    "파스텔": "pastel",
    "포디움": "podium",
    "단상": "podium",
    "분홍": "pink",
    "핑크": "pink",
    "빨강": "red",
    "빨간": "red",
    "파랑": "blue",
    "파란": "blue",
    "하늘색": "sky blue",
    "노랑": "yellow",
    "노란": "yellow",
    "초록": "green",
    "검정": "black",
    "검은": "black",
    "하양": "white",
    "하얀": "white",
    "흰": "white",
    "고급": "luxurious",
    "럭셔리": "luxurious",
    "미니멀": "minimal",
    "심플": "simple",
    "귀여": "cute",
    "빈티지": "vintage",
    "모던": "modern",
    "커피": "coffee",
    "빵": "bread",
    "케이크": "cake",
    "디저트": "dessert",
    "과일": "fruit",
    "화장품": "cosmetics",
    "금색": "gold",
    "골드": "gold",
    "금박": "gold foil",
    "황금": "golden",
    "은색": "silver",
    "풍선": "balloon",
    "포일": "foil",
    "호일": "foil",
    "플라스틱": "plastic",
    "네온": "neon",
    "유리": "glass",
    "크리스마스": "christmas",
    "추석": "Chuseok",
    "설날": "Lunar New Year",
    "조명": "lighting",
    "배경": "background",
    "감성": "atmospheric",
}
_BY_LENGTH: Final = sorted(_ENGLISH, key=len, reverse=True)
_MATERIAL: Final = {
    "gold": "polished gold metal with crisp bevels",
    "rose-gold": "polished rose gold metal with crisp bevels",
    "chrome": "mirror chrome with a hard horizon reflection",
    "foil": "inflated foil balloon with fine wrinkles",
    "foil-gold": "inflated gold foil balloon with fine wrinkles",
    "foil-silver": "inflated silver foil balloon with fine wrinkles",
    "plastic": "glossy moulded plastic with soft rounded edges",
    "clay": "soft matte clay with rounded edges and faint dents",
    "neon": "glowing neon glass tubes",
    "marquee": "marquee sign with warm light bulbs in tin letters",
    "wood": "carved walnut wood with visible grain",
    "chocolate": "glossy tempered chocolate with soft edges",
    "ice": "frosted translucent ice",
    "paper": "layered cut paper with soft shadows",
    "ink": "brush ink with dry brush strokes",
    "sticker": "die-cut vinyl sticker with a thick white outline",
    "flat": "flat even colour with a soft shadow",
}


@dataclass(frozen=True, slots=True)
class OptimizedPrompt:
    """English prompts, and the scene and text style that fit them. ``source`` tells who wrote them, ``why`` why;
    rules give no reason of their own."""

    bg_prompt: str
    text_model_prompt: str
    bg_negative_prompt: str
    scene: str
    text_style: str
    source: str = "rules"
    why: str = ""


def optimize(prompt: str, *, headline: str = "", industry: str = "") -> OptimizedPrompt:
    """Turn a merchant's wish into prompts. ``headline`` may name a material, ``industry`` is the key of the
    trade whose own scene is taken where the wish speaks of none."""
    chosen_scene = scene(scene_for(prompt) or trade(industry).scene)
    chosen_style = style(style_in_wish(prompt) or style_for(headline) or suited_style(chosen_scene.key).key)
    wish = to_english(prompt) or _ascii(chosen_scene.name_en)
    unwanted = [*_unwanted(prompt), BACKGROUND_NEGATIVE]
    material = _MATERIAL.get(chosen_style.key, _ascii(chosen_style.name_en).lower())
    return OptimizedPrompt(
        bg_prompt=f"{wish}, {_ascii(chosen_scene.mood)}, {PHOTOGRAPHY}"[:LONGEST_PROMPT].strip(", "),
        text_model_prompt=f"3D render of lettering in {material}, studio lighting, sharp, isolated",
        bg_negative_prompt=", ".join(unwanted)[:LONGEST_PROMPT].strip(", "),
        scene=chosen_scene.key,
        text_style=chosen_style.key,
    )


def to_english(text: str) -> str:
    """The wish in English, phrase by phrase: known Korean words translated, unknown ones and unwanted ones left out."""
    phrases = (_english_words(phrase, negated=False) for phrase in _PHRASE.split(text))
    return ", ".join(" ".join(words) for words in phrases if words)


def in_english(text: str) -> str:
    """A wish that is English already as it is, another translated."""
    return text if text.isascii() else to_english(text)


def _unwanted(text: str) -> list[str]:
    return [word for phrase in _PHRASE.split(text) for word in _english_words(phrase, negated=True)]


def _english_words(phrase: str, *, negated: bool) -> list[str]:
    """The phrase's words that are wanted, or those that are not; each once, in their order."""
    found = (_english(token.text) for token in tokens(phrase, _ENGLISH) if token.negated is negated)
    return list(dict.fromkeys(word for word in found if word))


def _english(token: str) -> str:
    if token.isascii():
        return "" if token in _NEGATIONS else token
    return next((_ENGLISH[word] for word in _BY_LENGTH if matches(token, word)), "")


def _ascii(text: str) -> str:
    """Letters without their accents (café, cafe); what is not Latin goes."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip()
