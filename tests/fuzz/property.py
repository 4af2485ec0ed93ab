"""One property: what is made up, what must hold of it, and in how much time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Property:
    """``check`` raises when the property does not hold. ``seconds`` of CPU time are allowed for each case; ``share`` is
    how many of a hundred cases, over all families, are spent on it."""

    name: str
    cases: st.SearchStrategy[Any]
    check: Callable[[Any], object]
    seconds: float
    share: int
