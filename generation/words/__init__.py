"""What may be wrong with an ad's words before it is made: hints, which never stand in the way of making it."""

from __future__ import annotations

from generation.words.check import check_words
from generation.words.hints import Hint, Kind, Level, Told, Words

__all__ = ["Hint", "Kind", "Level", "Told", "Words", "check_words"]
