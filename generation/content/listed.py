"""Finds listed words. The list is ``listed.toml``; it errs on the side of letting an ad through.

A Korean word counts where a run of Hangul begins with it, since particles follow a word and nothing goes before it.
That leaves out what is hidden inside other words, which is far more often innocent than not.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).parent / "listed.toml"
ANYWHERE: Final = "*"
_BEFORE: Final = "가-힣ㄱ-ㆎ0-9"
"""What goes right before a word that is none of its own: 즉시발송, 5시발매."""
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What Unicode calls Default_Ignorable_Code_Point: the Hangul fillers and text directions among them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A listed word that a text has, as the list writes it."""

    category: str
    word: str


def find(text: str) -> Listed | None:
    """The first listed word of the text, None when it has none."""
    plain = _plain(text)
    for category, innocent, words in _categories():
        left = innocent.sub(" ", plain) if innocent else plain
        found = words.search(left)
        if found:
            return Listed(category, found.group())
    return None


def _plain(text: str) -> str:
    """Composed and in lower case, every space the same, without what cannot be seen."""
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    narrow = (c if "ㄱ" <= c <= "ㆎ" else unicodedata.normalize("NFKC", c) for c in composed)
    return " ".join("".join(narrow).casefold().split())


@cache
def _categories() -> tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str]], ...]:
    read = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return tuple((name, _any(entry["innocent"]), _words(entry)) for name, entry in read.items())


def _any(words: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(re.escape, words))) if words else None


def _words(entry: dict[str, list[str]]) -> re.Pattern[str]:
    korean = [
        re.escape(word.removeprefix(ANYWHERE))
        if word.startswith(ANYWHERE)
        else rf"(?<![{_BEFORE}]){re.escape(word)}"
        for word in entry["ko"]
    ]
    english = [rf"(?<![a-z]){re.escape(word)}(?=s?(?![a-z]))" for word in entry["en"]]
    return re.compile("|".join((*korean, *english)))
