"""Regular expressions with names for kinds of Korean syllables, as the tables of ``generation.words`` write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

FIRST, LAST = ord("가"), ord("힣")
FINALS: Final = 28
"""Finals of a syllable block, none among them."""
_FINAL: Final = {"ㄴ": 4, "ㄹ": 8, "ㅁ": 16}
START: Final = r"(?<![가-힣A-Za-z0-9])"
END: Final = r"(?![가-힣A-Za-z0-9])"


def _syllables(finals: set[int]) -> str:
    return (
        "[" + "".join(chr(code) for code in range(FIRST, LAST + 1) if (code - FIRST) % FINALS in finals) + "]"
    )


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """What each name in angle brackets stands for."""
    with_final = set(range(1, FINALS))
    kinds = {f"<{jamo}>": _syllables({number}) for jamo, number in _FINAL.items()}
    return {**kinds, "<받침>": _syllables(with_final), "<모음>": _syllables({0}), "^^": START, "$$": END}


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a table's entry."""
    for name, stands_for in _names().items():
        pattern = pattern.replace(name, stands_for)
    return re.compile(pattern)
