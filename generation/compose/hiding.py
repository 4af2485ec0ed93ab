"""Lettering behind a product: how much of its ink is hidden, and the nearest place where it still reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.compose.placement import SIDE_MARGIN, TOP_MARGIN
from generation.pictures import INK_ALPHA
from generation.types import Box, Coverage, Headline, Picture
from generation.typography.fonts import ink_bounds
from generation.typography.lines import ink_size, leading

HIDDEN_MOST: Final = 0.12
"""Of the lettering's ink, by the product."""
HIDDEN_MOST_OF_SYLLABLE: Final = 0.24
"""A syllable that loses more reads as another one: its final consonant is what goes first."""
HIDDEN_LEAST: Final = 0.03
"""With less of it hidden nobody sees that the lettering stands behind."""
EXCESS_COST: Final = 60.0
"""What each share of ink hidden beyond the most costs, in boxes that the lettering is moved by."""
UNHIDDEN_COST: Final = 100.0
"""What each share of ink missing to that least costs: no way to the product is too far."""
SEARCH_WIDTH: Final = 256
"""The frame's width in the search, in cells."""
SCALES: Final = (1.0, 0.93, 0.86, 0.79, 0.72, 0.65, 0.58)
SHIFTS: Final = 13
"""Places tried across and down at each scale."""
TRIAL_PX: Final = 100


@dataclass(frozen=True, slots=True)
class Hidden:
    """Shares of ink behind the product, 0..1: of all the lettering, and of the syllable that loses most."""

    share: float
    worst: float

    @property
    def excess(self) -> float:
        return max(self.share - HIDDEN_MOST, 0.0) + max(self.worst - HIDDEN_MOST_OF_SYLLABLE, 0.0)


def hidden_ink(product: Picture, headline: Headline, box: Box, lines: tuple[str, ...], font: str) -> Hidden:
    """How much of a headline whose ink lies in ``box`` is behind the product (RGBA, the frame's size).

    ``lines`` is empty for a supplied asset: then the lettering counts as one syllable.
    """
    cells = _Cells(product, headline, lines, font)
    return cells.hidden(*cells.ink(box))


def revealed(
    product: Picture,
    headline: Headline,
    box: Box,
    lines: tuple[str, ...],
    font: str,
    safe: Box | None,
) -> Box:
    """``box``, or the nearest one of its shape where the product hides some of it, but no more than it may: first
    moved, then smaller too. Stays inside the margins and ``safe``. Where no place is good enough, the least bad one."""
    cells = _Cells(product, headline, lines, font)
    planned = cells.hidden(*cells.ink(box))
    if planned.excess == 0.0 and planned.share >= HIDDEN_LEAST:
        return box
    region = _region(product, safe)
    best, lowest = box, float("inf")
    for scale in SCALES:
        for tried in _around(box, scale, region):
            hidden = cells.hidden(*cells.ink(tried))
            cost = EXCESS_COST * hidden.excess + _distance(box, tried)
            cost += UNHIDDEN_COST * max(HIDDEN_LEAST - hidden.share, 0.0)
            if cost < lowest:
                best, lowest = tried, cost
    return best


def _distance(box: Box, other: Box) -> float:
    across = abs(other.x + other.width / 2 - box.x - box.width / 2) / box.width
    down = abs(other.y + other.height / 2 - box.y - box.height / 2) / box.height
    return 1.2 * across + 0.5 * down + 2.0 * (1.0 - other.width / box.width)


def _around(box: Box, scale: float, region: Box) -> Iterator[Box]:
    width, height = round(box.width * scale), round(box.height * scale)
    spare_x, spare_y = max(region.width - width, 0), max(region.height - height, 0)
    for y in np.linspace(region.y, region.y + spare_y, 2 * SHIFTS):
        for x in np.linspace(region.x, region.x + spare_x, SHIFTS):
            yield Box(round(float(x)), round(float(y)), width, height)


def _region(product: Picture, safe: Box | None) -> Box:
    height, width = product.shape[:2]
    x, y = ceil(SIDE_MARGIN * width), ceil(TOP_MARGIN * height)
    right, bottom = width - x, height - y
    if safe is not None:
        x, y, right, bottom = max(x, safe.x), max(y, safe.y), min(right, safe.right), min(bottom, safe.bottom)
    return Box(x, y, right - x, bottom - y)


class _Cells:
    """The frame at ``SEARCH_WIDTH`` cells: the product's matte, and the lettering at any size."""

    def __init__(self, product: Picture, headline: Headline, lines: tuple[str, ...], font: str) -> None:
        self.scale = min(1.0, SEARCH_WIDTH / product.shape[1])
        alpha = np.ascontiguousarray(product[..., 3])
        size = (round(alpha.shape[1] * self.scale), round(alpha.shape[0] * self.scale))
        self.matte = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        area = headline.ink
        solid = headline.picture[area.y : area.bottom, area.x : area.right, 3] >= INK_ALPHA
        self.solid = solid.astype(np.float32)
        self.syllables = _syllables(lines, font)
        self._inked: dict[tuple[int, int], tuple[Coverage, NDArray[np.int32]]] = {}

    def ink(self, box: Box) -> tuple[Coverage, NDArray[np.int32], Coverage]:
        """The ink, the number of each cell's syllable, and the matte over it."""
        width, height = max(1, round(box.width * self.scale)), max(1, round(box.height * self.scale))
        if (width, height) not in self._inked:
            ink = cv2.resize(self.solid, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
            self._inked[width, height] = ink, _numbered(self.syllables, width, height)
        ink, numbers = self._inked[width, height]
        x, y = round(box.x * self.scale), round(box.y * self.scale)
        over = np.zeros((height, width), np.float32)
        x0, y0 = max(x, 0), max(y, 0)
        part = self.matte[y0 : max(y + height, 0), x0 : max(x + width, 0)]
        over[y0 - y : y0 - y + part.shape[0], x0 - x : x0 - x + part.shape[1]] = part
        return ink, numbers, over

    def hidden(self, ink: Coverage, numbers: NDArray[np.int32], over: Coverage) -> Hidden:
        behind = ink * over
        total = float(ink.sum())
        if not behind.any() or total <= 0:
            return Hidden(0.0, 0.0)
        whole = np.bincount(numbers.ravel(), ink.ravel())
        lost = np.bincount(numbers.ravel(), behind.ravel(), whole.size)
        marked = whole > 0.002 * total
        return Hidden(float(behind.sum()) / total, float((lost[marked] / whole[marked]).max(initial=0.0)))


def _syllables(lines: tuple[str, ...], font: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of every character as fractions of the whole ink, each line centred."""
    if not lines:
        return []
    whole, found = ink_size(lines, font, TRIAL_PX), []
    top = min(ink_bounds(font, TRIAL_PX, line)[1] + leading(TRIAL_PX) * i for i, line in enumerate(lines))
    for index, line in enumerate(lines):
        left, above, right, below = ink_bounds(font, TRIAL_PX, line)
        start = (whole.width - (right - left)) / 2 - left
        y0, y1 = above + leading(TRIAL_PX) * index - top, below + leading(TRIAL_PX) * index - top
        for end, character in enumerate(line, 1):
            if character.isspace():
                continue
            x1 = ink_bounds(font, TRIAL_PX, line[:end])[2]
            x0 = x1 - (ink_bounds(font, TRIAL_PX, character)[2] - ink_bounds(font, TRIAL_PX, character)[0])
            found.append(
                ((start + x0) / whole.width, y0 / whole.height, (start + x1) / whole.width, y1 / whole.height)
            )
    return found


def _numbered(boxes: list[tuple[float, float, float, float]], width: int, height: int) -> NDArray[np.int32]:
    """The number of each cell's syllable, counted from 1; 0 between them."""
    numbers = np.zeros((height, width), np.int32)
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        rows = slice(max(round(y0 * height), 0), max(round(y1 * height), 1))
        numbers[rows, max(round(x0 * width), 0) : max(round(x1 * width), 1)] = number
    return numbers
