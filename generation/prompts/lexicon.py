"""From a merchant's words, Korean or English, to a scene and a text style of the catalogues.

Every catalogue entry brings its own search words; how they meet Korean endings, compounds and negations is
``generation.prompts.korean``'s matter. What the merchant does not want counts against.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from generation.prompts.korean import TOKEN, Token, matches, plain, tokens
from generation.studio.scenes import default_scene, scenes
from generation.studio.styles import styles

NAME_WEIGHT: Final = 3.0
"""An entry called by its own name outweighs a match of single search words."""
RARE_WEIGHT: Final = 1.0
"""Weight of a word that names one entry only; shared by n entries it counts 1/n."""
ORDER_WEIGHT: Final = 0.005
"""Entries list their most telling words first; this decides between equals."""
MOOD_WEIGHT: Final = 0.3
LETTERING_WORDS: Final = (
    "글자",
    "글씨",
    "문구",
    "텍스트",
    "타이포",
    "text",
    "letter",
    "lettering",
    "headline",
    "typography",
)


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    mood: tuple[str, ...] = ()


def scene_for(prompt: str) -> str | None:
    """Key of the scene that the prompt speaks of, None when it speaks of none."""
    return _best(
        prompt,
        [
            _Entry(s.key, (s.name_ko, s.name_en), tuple(s.words), tuple(TOKEN.findall(plain(s.mood))))
            for s in scenes().values()
        ],
    )


def scene_chosen(named: str, prompt: str) -> str:
    """Key of the scene that an ad is set in: the one named, else the one its prompt speaks of, else the usual one."""
    return named or scene_for(prompt) or default_scene().key


def style_for(prompt: str) -> str | None:
    """Key of the text style that the prompt speaks of, None when it speaks of none."""
    return _best(prompt, [_Entry(s.key, (s.name_ko, s.name_en), tuple(s.words)) for s in styles().values()])


def style_in_wish(prompt: str) -> str | None:
    """As ``style_for``, for a wish about the whole picture: unless it speaks of the lettering, words that also
    describe a scene (a wooden table, neon streets) don't choose the style."""
    if any(_count(tokens(prompt, ()), word) > 0 for word in LETTERING_WORDS):
        return style_for(prompt)
    of_scenes = {plain(word) for each in scenes().values() for word in each.words}
    return _best(
        prompt,
        [
            _Entry(s.key, (), tuple(word for word in s.words if plain(word) not in of_scenes))
            for s in styles().values()
        ],
    )


def _count(found: Sequence[Token], phrase: str) -> int:
    """How often a search word, or phrase, occurs: -1 for each time it is negated."""
    words = TOKEN.findall(plain(phrase))
    total = 0
    for start in range(len(found) - len(words) + 1):
        window = found[start : start + len(words)]
        if words and all(matches(token.text, word) for token, word in zip(window, words, strict=True)):
            total += -1 if any(token.negated for token in window) else 1
    return max(-1, min(1, total))


def _best(prompt: str, entries: Sequence[_Entry]) -> str | None:
    shared = _sharing(entry.words for entry in entries)
    found = tokens(prompt, shared)
    scores = {
        entry.key: NAME_WEIGHT * max((_count(found, name) for name in entry.names), default=0)
        + sum(
            (RARE_WEIGHT / shared[plain(word)] - ORDER_WEIGHT * place) * _count(found, word)
            for place, word in enumerate(entry.words)
        )
        + sum(MOOD_WEIGHT * _count(found, word) for word in entry.mood if word not in entry.words)
        for entry in entries
    }
    key = max(scores, key=lambda name: scores[name], default=None)
    return key if key is not None and scores[key] > 0 else None


def _sharing(vocabularies: Iterable[Iterable[str]]) -> dict[str, int]:
    """How many entries use each word."""
    counts: dict[str, int] = {}
    for words in vocabularies:
        for word in {plain(word) for word in words}:
            counts[word] = counts.get(word, 0) + 1
    return counts
