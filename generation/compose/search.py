"""The search for a headline's place: boxes of each possible shape, the best by an art director's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.compose.terrain import Floats, Terrain, box_mean
from generation.types import Box, CompositionMode, TextPosition

WIDTHS: Final = 22
ROWS: Final = 30
COLUMNS: Final = 13
"""How many widths, and per width how many places down and across, are tried."""
SMALLEST: Final = 0.14
"""Of the free region's width: no headline is narrower."""
HIDDEN_MOST: Final = 0.15
"""Of the lettering, by the product, when it stands behind."""
HIDDEN_MOST_OF_LINE: Final = 0.24
HIDDEN_MOST_OF_GLYPH: Final = 0.35
HIDDEN_WISHED: Final = 0.08
"""So much of the lettering should go behind the product, or nobody sees that it does."""
WITH_DETAILS: Final = 1.45
"""So much taller may a headline be with the small lines below it."""
BESIDE_FROM: Final = 1.3
"""Width over height from which a frame has room for a headline beside the product."""
SMALLEST_LETTER: Final = 0.045
"""Of the frame's mean side: below this, lettering had rather stand elsewhere than where it was asked to."""
STRIP_FROM: Final = 2.6
"""From this ratio on small lines stand to the right of the headline."""
COLUMN, COLUMN_LEAST, COLUMN_WISHED = 0.7, 0.62, 0.46
"""Room kept for a headline that is higher than this share of the frame is a column beside the product, of whose width
the headline wants at least such a share; of a wide frame's width it need not want more than the last."""
HIGH_LETTER, HIGH_BESIDE = 0.05, 0.06
"""So much higher than the least may letters be and still gain, of the frame's mean side; more so beside the product."""
POSITION_DRIFT: Final = 2.5
"""What a headline loses that stands away from where in its band it was asked to, by the region's whole height."""
OFF_AXIS: Final = 3.5
"""What a headline loses that stands off the frame's axis by the frame's whole width."""
TALL_BELOW, BALANCE, OPTICAL_MIDDLE = 0.7, 0.9, 0.45
"""In a frame narrower than the first (width over height) a headline stands in the optical middle of its room; what it
loses away from there, by the region's whole height; and where down the room that is."""
PARTS_ACROSS: Final = 6
PROP_COST: Final = 3.0
"""What it costs that the busiest sixth of a box is wholly restless, as a prop is, and the rest is calm."""
OVERLAP_COST: Final = 6.0
"""Where there is no room at all: so much a box that lies wholly on the product loses."""
BANDS: Final = {
    TextPosition.TOP: (0.0, 0.40),
    TextPosition.CENTER: (0.40, 0.60),
    TextPosition.BOTTOM: (0.60, 1.0),
}
"""Where the box's middle has to be, as a fraction of the region's height."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way of setting the headline: width over height of its ink, and how many lines. ``lettering``: the
    headline's own share of that height, where smaller lines stand below it (``with_details``)."""

    aspect: float
    lines: int
    lettering: float = 1.0
    with_details: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the place. ``region`` and ``hint`` are in grid cells."""

    region: Box
    position: TextPosition
    mode: CompositionMode
    hint: Box | None


@dataclass(frozen=True, slots=True)
class Found:
    """The best place of one shape, in grid cells (not whole ones)."""

    x: float
    y: float
    width: float
    height: float
    score: float
    clear: bool
    """Whether it keeps clear of the product (``behind``: hides no more than it may)."""


@dataclass(frozen=True, slots=True)
class _Boxes:
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats

    @property
    def edges(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.x0, self.y0, self.x1, self.y1

    @property
    def width(self) -> Floats:
        return self.x1 - self.x0

    @property
    def height(self) -> Floats:
        return self.y1 - self.y0


def best_place(terrain: Terrain, shape: Shape, wish: Wish) -> Found:
    """The best box of that shape. Not ``clear`` only when no box of any size is."""
    boxes = _candidates(shape, wish.region)
    if wish.mode is CompositionMode.BEHIND:
        forbidden = _hidden_too_much(terrain, shape, boxes)
    else:
        forbidden = box_mean(terrain.blocked, *boxes.edges)
    if terrain.kept is not None:
        forbidden = forbidden + box_mean(terrain.kept, *boxes.edges)
    score = _score(terrain, shape, wish, boxes)
    clear = forbidden <= 0
    if clear.any():
        best = int(np.argmax(np.where(clear, score, -np.inf)))
    else:
        best = int(np.argmax(score - OVERLAP_COST * forbidden))
    return Found(
        float(boxes.x0[best]),
        float(boxes.y0[best]),
        float(boxes.width[best]),
        float(boxes.height[best]),
        float(score[best]),
        bool(clear[best]),
    )


def _candidates(shape: Shape, region: Box) -> _Boxes:
    """Boxes of one shape in sizes from the region's own downwards, spread evenly over it."""
    widest = min(float(region.width), region.height * shape.aspect)
    widths = np.geomspace(widest, min(widest, max(SMALLEST * region.width, 1.0)), WIDTHS)
    rows, columns = np.linspace(0, 1, ROWS), np.linspace(0, 1, COLUMNS)
    w, fy, fx = (a.ravel() for a in np.meshgrid(widths, rows, columns, indexing="ij"))
    h = w / shape.aspect
    x0 = region.x + fx * np.maximum(region.width - w, 0.0)
    y0 = region.y + fy * np.maximum(region.height - h, 0.0)
    return _Boxes(x0, y0, np.minimum(x0 + w, region.right), np.minimum(y0 + h, region.bottom))


def _hidden_too_much(terrain: Terrain, shape: Shape, boxes: _Boxes) -> Floats:
    """How far the product hides more of the lettering than it may: of all, of a line, of any one glyph."""
    excess = box_mean(terrain.product, *boxes.edges) - HIDDEN_MOST
    line = boxes.height / shape.lines
    glyphs = int(np.clip(round(shape.aspect * shape.lines), 1, 24))
    glyph = boxes.width / glyphs
    for row in range(shape.lines):
        y0, y1 = boxes.y0 + row * line, boxes.y0 + (row + 1) * line
        of_line = box_mean(terrain.product, boxes.x0, y0, boxes.x1, y1)
        excess = np.maximum(excess, of_line - HIDDEN_MOST_OF_LINE)
        for column in range(glyphs):
            x0, x1 = boxes.x0 + column * glyph, boxes.x0 + (column + 1) * glyph
            excess = np.maximum(excess, box_mean(terrain.product, x0, y0, x1, y1) - HIDDEN_MOST_OF_GLYPH)
    return np.maximum(excess, 0.0)


def _score(terrain: Terrain, shape: Shape, wish: Wish, boxes: _Boxes) -> Floats:
    score = _confidence(terrain, shape, wish, boxes)
    score = score + _calm(terrain, boxes)
    score = score + _fits_position(terrain, wish, boxes)
    score = score - _off_axis(terrain, wish, boxes)
    if wish.hint is not None:
        weight = 0.5 if wish.position is TextPosition.AUTO else 0.2
        score = score + weight * _share_inside(boxes, wish.hint)
    if wish.mode is CompositionMode.BEHIND:
        return score + _stands_behind(terrain, boxes)
    score = score - PROP_COST * _over_prop(terrain, boxes)
    return score - 0.35 * box_mean(terrain.crowded, *boxes.edges)


def _confidence(terrain: Terrain, shape: Shape, wish: Wish, boxes: _Boxes) -> Floats:
    """Large type reads as confidence: a wide share of the frame, high letters, neither tiny nor a wall."""
    low, high = _wished_widths(terrain, wish)
    share = boxes.width / terrain.size.width
    side = float(np.sqrt(terrain.size.width * terrain.size.height))
    letter = boxes.height * shape.lettering / shape.lines / side
    wide = np.where(share < low, 4.0 * (share - low), 0.4 * (np.minimum(share, high) - low) / (high - low))
    wide = wide - 5.0 * np.maximum(share - high, 0.0)
    higher = HIGH_BESIDE * _beside(terrain)
    high_letters = -22.0 * np.maximum(0.095 - letter, 0.0) - 4.0 * np.maximum(letter - 0.2 - higher, 0.0)
    high_letters = high_letters - 80.0 * np.maximum(SMALLEST_LETTER - letter, 0.0)
    high_letters = high_letters + 4.0 * np.clip(letter - 0.095, 0.0, HIGH_LETTER + higher)
    tallest = _tallest(terrain) * (WITH_DETAILS if shape.with_details else 1.0)
    wall = -5.0 * np.maximum(boxes.height / terrain.size.height - tallest, 0.0)
    return wide + high_letters + wall


def _wished_widths(terrain: Terrain, wish: Wish) -> tuple[float, float]:
    """The share of the frame's width a headline should span; less beside the product in a wide frame."""
    if wish.mode is CompositionMode.BEHIND:
        return 0.66, 0.86
    wideness = terrain.size.width / terrain.size.height
    beside = _beside(terrain)
    strip = float(np.clip((wideness - STRIP_FROM) / 2.0, 0.0, 1.0)) * beside
    least, most = 0.58 - 0.30 * beside + 0.06 * strip, 0.82 - 0.26 * beside + 0.18 * strip
    if wish.hint is not None and wish.hint.height > COLUMN * terrain.size.height:
        column = COLUMN_LEAST * wish.hint.width / terrain.size.width
        least = min(max(least, COLUMN_WISHED), column) if beside == 1.0 else min(least, column)
    return least, most


def _beside(terrain: Terrain) -> float:
    """How far a headline stands beside the product: 1 in a wide frame, 0 without a product."""
    return _wide(terrain) if terrain.product_centre is not None else 0.0


def _wide(terrain: Terrain) -> float:
    """How far a frame is a wide one: from 0 to 1."""
    wideness = terrain.size.width / terrain.size.height
    return float(np.clip((wideness - BESIDE_FROM) / 0.6, 0.0, 1.0))


def _tallest(terrain: Terrain) -> float:
    """How much of the frame's height the headline may take: a third, or two thirds where it stands beside."""
    wideness = terrain.size.width / terrain.size.height
    return float(np.interp(wideness, (1.0, 1.9, 4.0), (0.33, 0.56, 0.74)))


def _calm(terrain: Terrain, boxes: _Boxes) -> Floats:
    mean = box_mean(terrain.light, *boxes.edges)
    spread = np.sqrt(np.maximum(box_mean(terrain.light_squared, *boxes.edges) - mean * mean, 0.0))
    return -1.3 * box_mean(terrain.restless, *boxes.edges) - 1.0 * spread


def _over_prop(terrain: Terrain, boxes: _Boxes) -> Floats:
    """How much more restless the worst of a box's parts across is than the whole: a prop under two letters
    counts, however calm the rest; a pattern all over does not."""
    worst = np.zeros_like(boxes.x0)
    for number in range(PARTS_ACROSS):
        x0, x1 = (boxes.x0 + share / PARTS_ACROSS * boxes.width for share in (number, number + 1))
        worst = np.maximum(worst, box_mean(terrain.restless, x0, boxes.y0, x1, boxes.y1))
    return np.asarray(np.maximum(worst - box_mean(terrain.restless, *boxes.edges), 0.0))


def _fits_position(terrain: Terrain, wish: Wish, boxes: _Boxes) -> Floats:
    """0 in the wished band at its best height, falling away from it. ``auto`` leans upwards a
    little, in a wide frame to the middle, in a tall one to that of the headline's room."""
    region = wish.region
    middle = ((boxes.y0 + boxes.y1) / 2 - region.y) / region.height
    if wish.position is TextPosition.AUTO:
        wideness = terrain.size.width / terrain.size.height
        if wideness < TALL_BELOW and wish.hint is not None:
            wished = (wish.hint.y + OPTICAL_MIDDLE * wish.hint.height - region.y) / region.height
            return -BALANCE * np.abs(middle - wished)
        wide = _wide(terrain)
        return -0.25 * (1.0 - wide) * middle - 1.2 * wide * np.abs(middle - 0.5)
    low, high = BANDS[wish.position]
    outside = np.maximum(np.maximum(low - middle, middle - high), 0.0)
    if wish.position is TextPosition.TOP:
        drift = np.abs((boxes.y0 - region.y) / region.height - 0.03)
    elif wish.position is TextPosition.BOTTOM:
        drift = np.abs((region.bottom - boxes.y1) / region.height - 0.03)
    else:
        drift = np.abs(middle - 0.5)
    return -POSITION_DRIFT * drift - 8.0 * outside


def _off_axis(terrain: Terrain, wish: Wish, boxes: _Boxes) -> Floats:
    """A headline stands on the frame's axis; behind the product, on the product's; beside it, on that of the room
    kept for it."""
    axis, wide = 0.5, terrain.size.width >= BESIDE_FROM * terrain.size.height
    if wide and wish.hint is not None and terrain.product_centre is not None:
        axis = (wish.hint.x + wish.hint.width / 2) / terrain.size.width
    if wish.mode is CompositionMode.BEHIND and terrain.product_centre is not None:
        axis = (terrain.product_centre + 0.5) / 2
    off = np.abs((boxes.x0 + boxes.x1) / 2 / terrain.size.width - axis)
    if not wide:
        return np.asarray(OFF_AXIS * off)
    return np.asarray(np.minimum(1.6 * off, 0.35 + 0.4 * off))


def _stands_behind(terrain: Terrain, boxes: _Boxes) -> Floats:
    """The product should hide a little of the letters, and their feet: over their heads it would look as
    if the lettering lay in front of where the product stands."""
    x0, y0, x1, y1 = boxes.edges
    middle = (y0 + y1) / 2
    hidden = box_mean(terrain.product, x0, y0, x1, y1)
    heads = box_mean(terrain.product, x0, y0, x1, middle)
    feet = box_mean(terrain.product, x0, middle, x1, y1)
    over_heads = np.maximum(heads - feet, 0.0)
    seen = 0.9 * np.clip(hidden / HIDDEN_WISHED, 0.0, 1.0)
    return np.asarray(seen - 1.2 * np.clip(over_heads / 0.1, 0.0, 1.0))


def _share_inside(boxes: _Boxes, hint: Box) -> Floats:
    across = np.minimum(boxes.x1, hint.right) - np.maximum(boxes.x0, hint.x)
    down = np.minimum(boxes.y1, hint.bottom) - np.maximum(boxes.y0, hint.y)
    common = np.maximum(across, 0.0) * np.maximum(down, 0.0)
    return np.asarray(common / np.maximum(boxes.width * boxes.height, 1e-6))
