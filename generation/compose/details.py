"""Where the small lines of an ad go, and the ground they need: off product and headline, in the safe zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeAlias

import cv2
import numpy as np

from generation.compose.block import (
    DETAILS_WIDTH,
    FOOT_WIDTH,
    HEADLINE_GAP,
    PRICE_EM,
    Details,
    Row,
    block,
    extent,
    price_rows,
    scaled,
    subline_rows,
)
from generation.compose.layers import Floats3, Ground, ground, luminance, soften
from generation.compose.legibility import VIEW_WIDTH_PX, deep_aim, pale_aim
from generation.compose.placement import SIDE_MARGIN, TOP_MARGIN
from generation.compose.search import BESIDE_FROM, STRIP_FROM
from generation.compose.terrain import FAINT_ALPHA, GAP
from generation.compose.tones import HOUSE_INKS, Inks
from generation.types import Box, Coverage, Picture, Size
from generation.typography.fonts import check_glyphs

LOUDEST_EM: Final = 0.135
"""Of the frame's geometric mean side: a larger headline does not make the details louder."""
SMALLEST_SEEN_PX: Final = 8.5
"""No type is smaller than this where the picture is shown ``VIEW_WIDTH_PX`` wide, as far as the frame allows."""
ASIDE: Final = 0.8
"""Of that: what is struck through or in a badge may be so much smaller."""
RELAXED: Final = 0.72
"""Of that, where there is no other place off the product."""
SMALLEST_SHARE: Final = 0.11
"""Of the frame's height: in a strip, type of this size is large enough."""
SHRINKS: Final = (1.0, 0.88, 0.77, 0.67, 0.58, 0.5)
"""Sizes tried, largest first, until the block fits beside product and headline."""
OFF_AXIS: Final = 2.0
"""How much worse a pixel off the headline's axis is than one farther from it along the axis."""
COARSE: Final = 4
"""Room is looked for in cells of so many pixels."""
WANTED_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: small text."""
SAME_TONE_WORTH: Final = 2
"""Steps of ``SCRIMS`` by which the scrim may be stronger for type as light, or as dark, as the headline."""
SCRIMS: Final = (0.0, 0.12, 0.24, 0.36, 0.48, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class HeadlineLook:
    """What the details take from their headline: the box of its ink, its type size and its colours."""

    box: Box
    em_px: float
    inks: Inks = HOUSE_INKS


@dataclass(frozen=True, slots=True)
class _Block:
    rows: list[Row]
    em: float
    box: Box


def add_details(
    picture: Picture,
    product: Picture | None,
    headline: HeadlineLook,
    details: Details,
    font: str,
    safe: Box | None,
    kept: Box | None = None,
) -> tuple[Picture, Coverage]:
    """Set the details near the headline, off the product and what is ``kept``, on an RGB picture.

    Returns the picture and what the details cover of each pixel. Light or dark by what lies behind, with a
    soft scrim (never over the product) where the contrast falls short. Raises ``GlyphMissing``,
    ``FontUnknown``.
    """
    check_glyphs(font, "".join((details.subline, details.price_before, details.price_now)))
    out, covered = picture.copy(), np.zeros(picture.shape[:2], np.float32)
    size = Size(picture.shape[1], picture.shape[0])
    for part in _settled(size, product, headline, details, font, safe, kept):
        out, also = _set(out, product, part, headline.inks)
        covered = np.maximum(covered, also)
    return out, covered


def _set(picture: Picture, product: Picture | None, part: _Block, inks: Inks) -> tuple[Picture, Coverage]:
    height, width = picture.shape[:2]
    box, where = part.box, _around(part.box, width, height)
    under, light = _readable_ground(picture, product, box, where, inks.light)
    drawn = np.asarray(block(part.rows, part.em, inks, light), np.float32) / 255.0
    area, alpha = _inside(box, where), drawn[..., 3:]
    under[area] = under[area] * (1 - alpha) + drawn[..., :3] * alpha
    covered = np.zeros((height, width), np.float32)
    covered[box.y : box.bottom, box.x : box.right] = drawn[..., 3]
    out, frame_area = picture.copy(), (slice(where.y, where.bottom), slice(where.x, where.right))
    out[frame_area] = np.clip(under * 255 + 0.5, 0, 255).astype(np.uint8)
    if product is not None:
        kept = (product[..., 3] == 255) & (covered <= 0)
        out[kept] = picture[kept]
    return out, covered


def _around(box: Box, width: int, height: int) -> Box:
    """The window of the frame that the details and their scrim can reach."""
    x, y = max(box.x - box.height, 0), max(box.y - box.height, 0)
    return Box(x, y, min(box.right + box.height, width) - x, min(box.bottom + box.height, height) - y)


def _inside(box: Box, where: Box) -> tuple[slice, slice]:
    y, x = box.y - where.y, box.x - where.x
    return slice(y, y + box.height), slice(x, x + box.width)


def _settled(
    size: Size,
    product: Picture | None,
    headline: HeadlineLook,
    details: Details,
    font: str,
    safe: Box | None,
    kept: Box | None,
) -> list[_Block]:
    """The details' blocks at their places: sub-line with the headline and price by itself, or all together."""
    side = float(np.sqrt(size.width * size.height))
    em = min(headline.em_px, LOUDEST_EM * side)
    region = _region(size, safe)
    taken = _taken(product, headline.box, size)
    if kept is not None:
        gap = round(GAP * side)
        taken[max(kept.y - gap, 0) : kept.bottom + gap, max(kept.x - gap, 0) : kept.right + gap] = 1
    width = DETAILS_WIDTH * headline.box.width
    own_em, own_width = max(em, PRICE_EM * side), FOOT_WIDTH * region.width
    words, prices = subline_rows(details, font, em, width), price_rows(details, font, em, width)
    quiet, loud = (
        subline_rows(details, font, own_em, own_width),
        price_rows(details, font, own_em, own_width),
    )
    if not words and not prices:
        return []
    near: tuple[Places, ...] = (_right, _below) if size.width > STRIP_FROM * size.height else (_below,)
    one_block: list[list[_Part]] = [[(words + prices, em, near)]]
    two_blocks: list[list[_Part]] = [
        [(words, em, (_below,)), (loud, own_em, (_foot,))],
        [(quiet + loud, own_em, (_foot,))],
        [(words + prices, em, (_below,))],
        [(words, em, (_below,)), (prices, em, (_anywhere,))],
    ]
    together = size.width >= BESIDE_FROM * size.height or _is_low(headline.box, region)
    ways = one_block + two_blocks if together else two_blocks + one_block
    ways.append([(words + prices, em, (_above, _anywhere))])
    for smallest in (_smallest_px(size), RELAXED * _smallest_px(size)):
        free = _Free(region, taken, headline.box, smallest)
        for parts in ways:
            if found := free.all_of(parts):
                return found
    return [_at_foot(words + prices, em, region)]


def _is_low(headline: Box, region: Box) -> bool:
    return headline.y + headline.height / 2 > region.y + 0.55 * region.height


def _smallest_px(size: Size) -> float:
    return min(SMALLEST_SEEN_PX * size.width / VIEW_WIDTH_PX, SMALLEST_SHARE * size.height)


Places: TypeAlias = "Callable[[Size, _Free, int], Iterator[Box]]"
"""Boxes of one size to try, best first; the last argument is the gap to keep, in pixels."""
_Part: TypeAlias = tuple[list[Row], float, tuple[Places, ...]]
"""Rows, the em they follow, and the ways of placing them, best first."""


@dataclass(frozen=True, slots=True)
class _Free:
    """The room there is: ``taken`` is 1 where product or headline are."""

    region: Box
    taken: Picture
    headline: Box
    smallest_px: float

    def all_of(self, parts: list[_Part]) -> list[_Block]:
        """Every part at a place of its own, or nothing. Parts without rows are left out."""
        free, found = self, list[_Block]()
        for rows, em, ways in parts:
            placed = free.place(rows, em, ways)
            if placed:
                free = free.without(placed.box, round(HEADLINE_GAP * placed.em))
                found.append(placed)
            elif rows:
                return []
        return found

    def place(self, rows: list[Row], em: float, ways: tuple[Places, ...]) -> _Block | None:
        """The rows as large as they fit, at the first of the places of the first way that has one."""
        if not rows:
            return None
        for way in ways:
            for shrink in SHRINKS:
                setting = [_grown(scaled(row, shrink), self.smallest_px) for row in rows]
                size = extent(setting, em * shrink)
                for box in way(size, self, round(HEADLINE_GAP * em * shrink)):
                    if self._holds(box):
                        return _Block(setting, em * shrink, box)
        return None

    def _holds(self, box: Box) -> bool:
        region = self.region
        inside = box.x >= region.x and box.right <= region.right and box.y >= region.y
        if not inside or box.bottom > region.bottom:
            return False
        return not self.taken[box.y : box.bottom, box.x : box.right].any()

    def without(self, box: Box, gap: int) -> _Free:
        """The same room with that box taken as well, and ``gap`` pixels around it."""
        taken = self.taken.copy()
        taken[max(box.y - gap, 0) : box.bottom + gap, max(box.x - gap, 0) : box.right + gap] = 1
        return _Free(self.region, taken, self.headline, self.smallest_px)


def _grown(row: Row, smallest_px: float) -> Row:
    """The row with no type below ``smallest_px``; what is struck through or in a badge may be a bit smaller."""
    least = [smallest_px * (1.0 if piece.kind in ("text", "price") else ASIDE) for piece in row]
    return scaled(row, max(1.0, *(px / piece.px for px, piece in zip(least, row, strict=True))))


def _at_foot(rows: list[Row], em: float, region: Box) -> _Block:
    """No free place: at the foot of the region, over whatever is there; ``covered`` tells."""
    setting, setting_em = [scaled(row, SHRINKS[-1]) for row in rows], em * SHRINKS[-1]
    size = extent(setting, setting_em)
    x = region.x + (region.width - size.width) // 2
    box = Box(max(x, 0), max(region.bottom - size.height, 0), size.width, size.height)
    return _Block(setting, setting_em, box)


def _region(size: Size, safe: Box | None) -> Box:
    x, y = ceil(SIDE_MARGIN * size.width), ceil(TOP_MARGIN * size.height)
    right, bottom = size.width - x, size.height - y
    if safe is not None:
        x, y, right, bottom = max(x, safe.x), max(y, safe.y), min(right, safe.right), min(bottom, safe.bottom)
    return Box(x, y, right - x, bottom - y)


def _taken(product: Picture | None, headline: Box, size: Size) -> Picture:
    """1 where the product, with a gap around it, or the headline is."""
    taken = np.zeros((size.height, size.width), np.uint8)
    if product is not None:
        small = (ceil(size.width / COARSE), ceil(size.height / COARSE))
        seen = (product[..., 3] >= FAINT_ALPHA).astype(np.float32)
        seen = (cv2.resize(seen, small, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
        radius = ceil(GAP * float(np.sqrt(size.width * size.height)) / COARSE)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        grown = cv2.dilate(seen, disc)
        taken = np.asarray(
            cv2.resize(grown, (size.width, size.height), interpolation=cv2.INTER_NEAREST), np.uint8
        )
    taken[headline.y : headline.bottom, headline.x : headline.right] = 1
    return taken


def _below(size: Size, free: _Free, gap: int) -> Iterator[Box]:
    yield Box(_centred(size, free), free.headline.bottom + gap, size.width, size.height)


def _above(size: Size, free: _Free, gap: int) -> Iterator[Box]:
    yield Box(_centred(size, free), free.headline.y - gap - size.height, size.width, size.height)


def _right(size: Size, free: _Free, gap: int) -> Iterator[Box]:
    """In a strip: beside the headline, on its middle."""
    head = free.headline
    yield Box(head.right + 2 * gap, head.y + (head.height - size.height) // 2, size.width, size.height)


def _centred(size: Size, free: _Free) -> int:
    """The left edge on the headline's axis, as far as the region lets it."""
    head, region = free.headline, free.region
    x = head.x + (head.width - size.width) // 2
    return int(np.clip(x, region.x, max(region.right - size.width, region.x)))


def _foot(size: Size, free: _Free, gap: int) -> Iterator[Box]:
    """On the headline's axis in the free room below everything, in the middle of that room's height or, in a
    tall room, no farther from what stands above than its own height."""
    region, x = free.region, _centred(size, free)
    column = free.taken[region.y : region.bottom, x : x + size.width].any(axis=1)
    marks = np.flatnonzero(column)
    top = region.y + (int(marks[-1]) + 1 if marks.size else 0)
    slack = region.bottom - top - size.height
    if slack >= 0:
        yield Box(x, top + min(slack // 2, size.height), size.width, size.height)


def _anywhere(size: Size, free: _Free, gap: int) -> Iterator[Box]:
    """Over the whole region, nearest below the headline and on its axis first, never closer to it than the gap."""
    head, region = free.headline, free.region
    centre = head.x + (head.width - size.width) // 2
    xs = np.append(np.linspace(region.x, max(region.right - size.width, region.x), 15).astype(int), centre)
    ys = np.linspace(region.y, max(region.bottom - size.height, region.y), 25).astype(int)
    spread = [
        (abs(int(y) - head.bottom) + OFF_AXIS * abs(int(x) - centre), int(x), int(y)) for x in xs for y in ys
    ]
    for _, x, y in sorted(spread):
        over_or_under = y >= head.bottom + gap or y + size.height <= head.y - gap
        if over_or_under or x >= head.right + gap or x + size.width <= head.x - gap:
            yield Box(x, y, size.width, size.height)


def _readable_ground(
    picture: Picture, product: Picture | None, box: Box, where: Box, wants_light: bool
) -> tuple[Floats3, bool]:
    """The window (sRGB 0..1) with as much scrim as the type needs, and whether the type is light: as the
    headline is (``wants_light``), unless the other needs a clearly weaker scrim."""
    layers, area = ground(picture, product, where), _inside(box, where)
    mask = np.zeros((where.height, where.width), np.float32)
    mask[area] = 1.0
    cloud = soften(mask, 0.3 * box.height)
    steps = {light: _weakest_scrim(layers, area, light) for light in (True, False)}
    light = wants_light if steps[wants_light] <= steps[not wants_light] + SAME_TONE_WORTH else not wants_light
    return _with_scrim(layers, SCRIMS[steps[light]] * cloud, light), light


def _weakest_scrim(layers: Ground, area: tuple[slice, slice], light: bool) -> int:
    """The number of the scrim with which type of that tone reads there; the last where none suffices."""
    part = Ground(layers.scene[area], layers.product[area], layers.matte[area])
    even = np.ones(part.matte.shape, np.float32)
    for number, strength in enumerate(SCRIMS):
        tiles = _tiles(luminance(_with_scrim(part, strength * even, light)))
        worst = float(tiles.max() if light else tiles.min())
        contrast = 1.05 / (worst + 0.05) if light else (worst + 0.05) / 0.06
        if contrast >= WANTED_CONTRAST:
            return number
    return len(SCRIMS) - 1


def _tiles(values: Coverage) -> Coverage:
    """Means over tiles about as large as two letters: the weakest letters decide, not the whole block."""
    height, width = values.shape
    across = max(1, round(width / max(0.5 * height, 24.0)))
    down = max(1, round(height / 40.0))
    return np.asarray(cv2.resize(values, (across, down), interpolation=cv2.INTER_AREA), np.float32)


def _with_scrim(layers: Ground, amount: Coverage, light: bool) -> Floats3:
    share = (1.0 - layers.matte)[..., None]
    whole = layers.scene + layers.product
    aim = deep_aim(whole) if light else pale_aim(whole)
    scene = layers.scene + (aim * share - layers.scene) * amount[..., None]
    return np.asarray(scene + layers.product, np.float32)
