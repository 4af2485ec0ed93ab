"""Bars of days as an SVG: numbers for a template that draws them without style attributes or scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log10

from jobs.usage import Day

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 20, 12, 28
"""Room around the bars for the axes' words."""
GRID_LINES = 4
BAR_SHARE = 0.72
LABEL_EVERY_DAYS = 7
PARTS = ("completed", "active", "stopped", "failed")
"""From the ground up."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    day: Day
    x: str
    width: str
    parts: list[Part]
    label_x: str
    """Empty where the axis names no date."""


@dataclass(frozen=True, slots=True)
class GridLine:
    y: str
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    grid: list[GridLine]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    ground: int = HEIGHT - BOTTOM
    top: int = TOP

    @property
    def words_y(self) -> int:
        return HEIGHT - BOTTOM + 18

    @property
    def numbers_x(self) -> int:
        return LEFT - 8

    @property
    def first(self) -> date:
        return self.bars[0].day.date

    @property
    def last(self) -> date:
        return self.bars[-1].day.date


def chart_of(days: Sequence[Day]) -> Chart:
    """One stacked bar for each day, on a scale that ends at a round number."""
    ceiling = round_above(max((day.figures.total for day in days), default=0))
    room = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    bars = [_bar(day, number, len(days), slot, room / ceiling) for number, day in enumerate(days)]
    lines = [
        GridLine(_px(TOP + room * (1 - part / GRID_LINES)), ceiling * part // GRID_LINES)
        for part in range(GRID_LINES + 1)
    ]
    return Chart(bars, lines)


def round_above(most: int) -> int:
    """The next number that four grid lines part evenly: 4, 8, 20, 40, 80, 200 …"""
    if most <= GRID_LINES:
        return GRID_LINES
    power: int = 10 ** int(log10(most / GRID_LINES))
    return next(GRID_LINES * step * power for step in (1, 2, 5, 10) if GRID_LINES * step * power >= most)


def _bar(day: Day, number: int, count: int, slot: float, scale: float) -> Bar:
    x = LEFT + slot * (number + (1 - BAR_SHARE) / 2)
    from_today = count - 1 - number
    named = from_today % LABEL_EVERY_DAYS == 0
    return Bar(
        day=day,
        x=_px(x),
        width=_px(slot * BAR_SHARE),
        parts=_stack(day, scale),
        label_x=_px(x + slot * BAR_SHARE / 2) if named else "",
    )


def _stack(day: Day, scale: float) -> list[Part]:
    parts = []
    ground = float(HEIGHT - BOTTOM)
    for kind in PARTS:
        height = getattr(day.figures, kind) * scale
        if height:
            ground -= height
            parts.append(Part(kind, _px(ground), _px(height)))
    return parts


def _px(value: float) -> str:
    """A coordinate as text, so that no locale writes it with a comma."""
    return f"{value:.1f}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar of steps, in per cent of its width."""

    name: str
    kind: str
    seconds: float
    x: str
    width: str


def stretches(steps: Sequence[tuple[str, str, float]]) -> list[Stretch]:
    """Steps (name, kind, seconds) side by side, as wide as they are long."""
    whole = sum(seconds for _, _, seconds in steps) or 1.0
    found, x = [], 0.0
    for name, kind, seconds in steps:
        width = 100 * seconds / whole
        found.append(Stretch(name, kind, seconds, f"{x:.2f}%", f"{width:.2f}%"))
        x += width
    return found
