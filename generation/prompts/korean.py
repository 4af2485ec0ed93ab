"""Korean words as merchants write them: with particles, endings and without spaces between nouns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

TOKEN: Final = re.compile(r"[0-9a-z']+|[가-힣]+")
_NOT_BEFORE: Final = frozenset({"no", "not", "without", "never"})
_NOT_AFTER: Final = ("말고", "없이", "빼고", "제외", "아닌", "아니라", "싫")
_ARTICLES: Final = frozenset({"a", "an", "the", "any"})
_PARTICLES: Final = (
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "도",
    "만",
    "과",
    "와",
    "로",
    "에서",
    "에는",
)
_OTHERS: Final = (
    "으로",
    "톤",
    "빛",
    "색",
    "집",
    "위",
    "위에",
    "옆",
    "옆에",
    "속",
    "날",
    "날의",
    "처럼",
    "같은",
)
_SHORT_ENDINGS: Final = frozenset(_PARTICLES + _OTHERS)
"""What may follow a word of one syllable, so that 비 (rain) is not found in 비누 (soap)."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a prompt, NFC and lower case; ``negated``: the merchant does not want it."""

    text: str
    negated: bool


def plain(text: str) -> str:
    """Lower case, Latin letters without accents (café, cafe), Hangul in whole syllables."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).casefold()


def tokens(prompt: str, vocabulary: Collection[str]) -> list[Token]:
    """The prompt's words without articles; the vocabulary's nouns written together are parted (우드테이블)."""
    stems = sorted((w for w in vocabulary if len(w) > 1 and not w.isascii()), key=len, reverse=True)
    found = [text for text in TOKEN.findall(plain(prompt)) if text not in _ARTICLES]
    out: list[Token] = []
    for index, text in enumerate(found):
        negated = _refused_before(found, index) or _refused_after(found, index)
        out.extend(Token(part, negated) for part in _parted(text, stems))
    return out


def matches(token: str, word: str) -> bool:
    """English: the word or its plural. Korean: the word with any ending, or one of few after one syllable."""
    if word.isascii():
        return token in (word, word + "s", word + "es")
    if not token.startswith(word):
        return False
    return len(word) > 1 or token == word or token[1:] in _SHORT_ENDINGS


def _refused_before(found: list[str], index: int) -> bool:
    return index > 0 and found[index - 1] in _NOT_BEFORE


def _refused_after(found: list[str], index: int) -> bool:
    return index + 1 < len(found) and found[index + 1].startswith(_NOT_AFTER)


def _parted(text: str, stems: Iterable[str]) -> list[str]:
    """A loop, for nouns without a space between them may go on for as long as a wish may be."""
    parts: list[str] = []
    while (stem := _first_of_two(text, stems)) is not None:
        parts.append(stem)
        text = text.removeprefix(stem)
    return [*parts, text]


def _first_of_two(text: str, stems: Iterable[str]) -> str | None:
    """The stem that the text begins with and that another one follows."""
    for stem in stems:
        rest = text.removeprefix(stem)
        if rest != text and any(rest.startswith(other) for other in stems):
            return stem
    return None
