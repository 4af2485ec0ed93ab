"""A product's name in a line: how long it is, how it may honestly be shortened, which particle follows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import Final

from generation.prompts.copy.sheets import house
from generation.prompts.josa import LONGEST_ABBREVIATION, ending_of, josa

MOST_SYLLABLES: Final = 12
MOST_CHARACTERS: Final = 24
"""Signs have no syllables but take room."""
LETTERS_A_SYLLABLE: Final = 2
"""A Latin word is read in about half as many syllables as it has letters (latte, 라테), and is about as wide."""
_READ: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]+|[^\W_]|[^\w\s]")
_SIGNS: Final = re.compile(r"[!-/:-@\[-`{-~·…–—‘’“”「」『』《》〈〉【】（）、。※™®©]")
_SLOT: Final = re.compile(r"\{p\}(?:\{([^{}/]+/[^{}/]+)\})?")
_BRACKETS: Final = re.compile(r"[(\[{<（【「『《〈][^()\[\]{}<>]*[)\]}>）】」』》〉]")
_MEASURE: Final = re.compile(
    r"[\s,]*(?:[x×*]\s*)?\d[\d.,~]*\s*(?:kg|g|mg|ml|l|cm|mm|m|개입|개|입|장|박스|상자|팩|통|봉지|봉|병|매|구|종|근)$"
    r"|\s+(?:ICE|HOT|아이스|핫|[SMLX]{1,3}|대|중|소)$",
    re.IGNORECASE,
)
"""How much of it: told in a post, but no part of a headline."""
_COUNT: Final = re.compile(r"\s*\d[\d.,~]*\s*(?:개월|회권|회|인분|인용|인|시간|박|마리|판|세트|호)?$")
"""How often or for how many: part of what is sold (PT 10회), left out where there is no room."""
TELLS_NOTHING_ALONE: Final = frozenset(
    (
        *("세트", "선물세트", "모음", "모음전", "패키지", "코스", "메뉴", "상품", "이용권", "회원권"),
        *("한판", "한상", "한마리", "특선", "스페셜", "기획", "구성", "혼합"),
    )
)
"""Last words of a name that do not name the product by themselves."""


def syllables(text: str) -> int:
    """How many syllables a line is read in: a block of Hangul, a digit or an emoji is one, signs and spaces none."""
    return sum(_syllables_of(part) for part in _READ.findall(text))


def _syllables_of(part: str) -> int:
    if _SIGNS.fullmatch(part):
        return 0
    if not part[0].isalpha() or len(part) == 1:
        return 1
    if part.isupper() and len(part) <= LONGEST_ABBREVIATION:
        return len(part)
    return ceil(len(part) / LETTERS_A_SYLLABLE)


def is_headline(line: str) -> bool:
    """Whether a line is short enough to be one, and has anything to read."""
    return len(line) <= MOST_CHARACTERS and 0 < syllables(line) <= MOST_SYLLABLES


def names(product: str) -> tuple[str, ...]:
    """The product's name and what may stand for it, the fullest first: without brackets and measures, without a count,
    then without the words before the last ones, which in Korean say what kind it is. No word is ever cut."""
    whole, kept = _unmeasured(product), bare_name(product)
    words = kept.split(" ")
    shorter = [" ".join(words[start:]) for start in range(1, len(words))]
    found = (whole, kept, *(name for name in shorter if name not in TELLS_NOTHING_ALONE))
    return tuple(dict.fromkeys(found))


def bare_name(product: str) -> str:
    """What is sold, without how much: 햇사과 (꼬마) 5kg is 햇사과."""
    whole = _unmeasured(product)
    return _COUNT.sub("", whole).strip() or whole


def _unmeasured(product: str) -> str:
    whole = " ".join(_BRACKETS.sub(" ", product).split()) or " ".join(product.split())
    return _MEASURE.sub("", whole).strip() or whole


def ends_in(product: str, words: Sequence[str]) -> bool:
    """Whether the product is of a kind that one of the words names."""
    return bare_name(product).casefold().endswith(tuple(word.casefold() for word in words))


def filled(template: str, name: str) -> str:
    """The template with the product's name and the particles that fit it."""
    return _SLOT.sub(lambda slot: name + (josa(name, slot[1]) if slot[1] else ""), template)


def reads_well(template: str, name: str) -> bool:
    """Whether every particle of the template has one form after the name."""
    return ending_of(name) is not None or not any(_SLOT.findall(template))


def forbidden_words(text: str, *, product: str = "", priced: bool = False) -> list[str]:
    """Words that no text of ours may have. What the shop calls its own product is its own affair; offers may be spoken
    of once the shop gave both prices."""
    said = text.replace(product, " ") if product else text
    return [
        word
        for reason, words in house().forbidden.items()
        if not (priced and reason == "prices")
        for word in words
        if word in said
    ]
