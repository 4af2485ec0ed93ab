"""Spelling and spacing by a table of known mistakes (``spelling.toml``).

A table rather than a library: kiwipiepy 0.24.1 (Apache-2.0), the one maintained Korean analyser with spacing, wants
another spacing for 61 of 200 correct headlines (소금빵 → 소금 빵, 30% → 30 %, 직송 햇사과 → 직 송햇 사과), takes 145 MB
on disk, 510 MB of memory in each web process and 6 s to load. Headlines are short and full of names; what shops get
wrong in them is a short list, and a list gives a reason.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generation.words.hints import Field, Hint, Kind, Level, Told
from generation.words.patterns import compiled

TABLE = Path(__file__).with_name("spelling.toml")
WAYS = " | "
"""Between several ways to put one mistake right."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One row of the table."""

    wrong: re.Pattern[str]
    right: tuple[str, ...]
    unless: re.Pattern[str] | None
    kind: Kind
    level: Level
    why: Told


@cache
def mistakes() -> tuple[Mistake, ...]:
    """All rows, in the table's order."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(
        Mistake(
            wrong=compiled(wrong),
            right=tuple(right.split(WAYS)),
            unless=compiled(unless[0]) if unless else None,
            kind=Kind(group["kind"]),
            level=Level.NOTE if group.get("gentle") else Level.CHECK,
            why=Told(group["why_ko"], group["why_en"]),
        )
        for group in table["group"]
        for wrong, right, *unless in group["rows"]
    )


def spelling_hints(text: str, field: Field) -> list[Hint]:
    """What is misspelt or wrongly spaced in the text (NFC), from left to right; of hints that overlap the first in
    the table stays."""
    found: list[Hint] = []
    for mistake in mistakes():
        for match in _matches(mistake, text):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(_hint(mistake, match, field))
    return sorted(found, key=lambda hint: hint.start)


def _matches(mistake: Mistake, text: str) -> Iterator[re.Match[str]]:
    excused = [found.span() for found in mistake.unless.finditer(text)] if mistake.unless else []
    for match in mistake.wrong.finditer(text):
        if not any(match.start() < end and start < match.end() for start, end in excused):
            yield match


def _hint(mistake: Mistake, match: re.Match[str], field: Field) -> Hint:
    return Hint(
        kind=mistake.kind,
        level=mistake.level,
        field=field,
        start=match.start(),
        end=match.end(),
        text=match.group(),
        why=mistake.why,
        suggestions=tuple(match.expand(right) for right in mistake.right),
    )
