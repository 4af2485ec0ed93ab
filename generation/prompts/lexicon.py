"""From a merchant's words, Korean or English, to a scene and a text style of the catalogues.

Every catalogue entry brings its own search words. A Korean word matches at the beginning of an 어절, so that
particles (카페에서, 나무로) do not matter; an English one matches whole words and their plurals. What stands after
``no``, ``without`` or before ``말고``, ``없이``, ``빼고`` counts against.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from generation.studio.scenes import scenes
from generation.studio.styles import styles

_TOKEN: Final = re.compile(r"[0-9a-z']+|[가-힣]+")
_NOT_BEFORE: Final = frozenset({"no", "not", "without", "never"})
_NOT_AFTER: Final = ("말고", "없이", "빼고", "제외", "아닌", "싫")
NAME_WEIGHT: Final = 3.0
"""An entry called by its own name outweighs a match of single search words."""
RARE_WEIGHT: Final = 1.0
"""Weight of a word that names one entry only; shared by n entries it counts 1/n."""
ORDER_WEIGHT: Final = 0.005
"""Entries list their most telling words first; this decides between equals."""
MOOD_WEIGHT: Final = 0.3


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    mood: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    negated: bool


def scene_for(prompt: str) -> str | None:
    """Key of the scene that the prompt speaks of, None when it speaks of none."""
    return _best(
        prompt,
        [
            _Entry(s.key, (s.name_ko, s.name_en), tuple(s.words), tuple(_TOKEN.findall(_plain(s.mood))))
            for s in scenes().values()
        ],
    )


def style_for(prompt: str) -> str | None:
    """Key of the text style that the prompt speaks of, None when it speaks of none."""
    return _best(prompt, [_Entry(s.key, (s.name_ko, s.name_en), tuple(s.words)) for s in styles().values()])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _tokens(prompt: str) -> list[_Token]:
    found = _TOKEN.findall(_plain(prompt))
    tokens = []
    for index, text in enumerate(found):
        before = found[index - 1] if index else ""
        after = found[index + 1] if index + 1 < len(found) else ""
        negated = before in _NOT_BEFORE or after.startswith(_NOT_AFTER)
        tokens.append(_Token(text, negated))
    return tokens


def _matches(token: str, word: str) -> bool:
    if word.isascii():
        return token in (word, word + "s", word + "es")
    return token.startswith(word)


def _count(tokens: Sequence[_Token], phrase: str) -> int:
    """How often a search word, or phrase, occurs: -1 for each time it is negated."""
    words = _TOKEN.findall(_plain(phrase))
    total = 0
    for start in range(len(tokens) - len(words) + 1):
        window = tokens[start : start + len(words)]
        if words and all(_matches(token.text, word) for token, word in zip(window, words, strict=True)):
            total += -1 if any(token.negated for token in window) else 1
    return max(-1, min(1, total))


def _best(prompt: str, entries: Sequence[_Entry]) -> str | None:
    tokens = _tokens(prompt)
    shared = _sharing(entry.words for entry in entries)
    scores = {
        entry.key: NAME_WEIGHT * max((_count(tokens, name) for name in entry.names), default=0)
        + sum(
            (RARE_WEIGHT / shared[_plain(word)] - ORDER_WEIGHT * place) * _count(tokens, word)
            for place, word in enumerate(entry.words)
        )
        + sum(MOOD_WEIGHT * _count(tokens, word) for word in entry.mood if word not in entry.words)
        for entry in entries
    }
    key = max(scores, key=lambda name: scores[name], default=None)
    return key if key is not None and scores[key] > 0 else None


def _sharing(vocabularies: Iterable[Iterable[str]]) -> dict[str, int]:
    """How many entries use each word."""
    counts: dict[str, int] = {}
    for words in vocabularies:
        for word in {_plain(word) for word in words}:
            counts[word] = counts.get(word, 0) + 1
    return counts
