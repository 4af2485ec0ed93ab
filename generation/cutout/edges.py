"""From a network's raw matte to a clean cut-out: which parts count, how the edge runs, what colour it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.cutout import inside, seam
from generation.cutout.inside import CORE
from generation.types import Box, Coverage, Picture

HAZE: Final = 0.12
"""Coverage up to which a raw matte means nothing; the rest is stretched to 0..1, which pulls the edge in
by a fraction of a pixel, where the background's light shines through."""
SMALLEST_PART: Final = 0.02
"""Of the largest part's area: smaller ones are crumbs, not products."""
SOLID: Final = 250
"""Alpha (0..255) from which a pixel is wholly product and keeps the photo's colour to the bit."""
CLEAR: Final = 4
"""Alpha (0..255) up to which a pixel is not product."""
STEEPEST: Final = 2.0
"""How much an enlarged matte's soft edge is steepened at most. A guided filter was tried instead: where
product and table have like colours (a red saucer on brown wood) it frays the outline along the grain."""
MARGIN: Final = 12
"""Pixels at that scale, kept around the product while its edge is worked on."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """A matte with only what counts (``coverage``, at the raw matte's size), the product's share of the
    frame (``area``, 0..1), and how sure the outline is (``confidence``, 0..1)."""

    coverage: Coverage
    area: float
    confidence: float


def sort_parts(raw: Coverage, photo: Picture | None = None) -> Sorted:
    """Drop haze and crumbs, keep every product and every real hole, make the inside solid.

    ``photo`` (RGB, any size, the same field of view) tells real holes from lettering and glints that merely
    look like the ground; without it the matte alone is judged.
    """
    stretched = np.clip((raw - HAZE) / (1.0 - HAZE), 0.0, 1.0).astype(np.float32)
    kept = stretched * _near_parts(stretched)
    seen = None if photo is None else _at_size_of(raw, photo)
    whole = inside.filled(kept, seen)
    core = whole >= CORE
    return Sorted(whole, float(core.mean()), _confidence(kept, core))


def _at_size_of(matte: Coverage, photo: Picture) -> Picture:
    size = (matte.shape[1], matte.shape[0])
    return (
        photo
        if photo.shape[:2] == matte.shape
        else np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    )


def _near_parts(matte: Coverage) -> Coverage:
    """1 where a pixel hangs together with a part that is large enough, else 0."""
    cores, labels, stats, _ = cv2.connectedComponentsWithStats((matte >= CORE).astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    if cores == 1:
        return np.zeros_like(matte)
    large = areas >= SMALLEST_PART * areas.max()
    count, regions = cv2.connectedComponents((matte > 0).astype(np.uint8))
    wanted = np.zeros(count, np.float32)
    wanted[regions[large[labels]]] = 1.0
    return np.asarray(wanted[regions], np.float32)


def _confidence(matte: Coverage, core: NDArray[np.bool_]) -> float:
    """How thin the uncertain seam is, in pixels a pixel of outline: a crisp matte has about two.

    An outline that runs along the frame's border counts against it: the product is cut off there, or
    it is no product at all.
    """
    area = int(core.sum())
    if area == 0:
        return 0.0
    binary = core.astype(np.uint8)
    outline = area - int(cv2.erode(binary, np.ones((3, 3), np.uint8)).sum())
    uncertain = int(((matte > 0.1) & (matte < 0.9)).sum())
    seam = uncertain / max(outline, 1)
    at_border = int(sum(side.sum() for side in (binary[0], binary[-1], binary[:, 0], binary[:, -1])))
    crisp = float(np.clip(1.0 - (seam - 2.0) / 12.0, 0.0, 1.0))
    inside_frame = 1.0 - 0.6 * min(1.0, at_border / (outline + at_border))
    return crisp * inside_frame


def layered(photo: Picture, matte: Coverage, *, keep_coverage: bool = False) -> Picture:
    """The cut-out as RGBA at the photo's size. ``photo`` is RGB; ``matte`` has any size and is fitted to it.

    The edge's coverage is told anew from the photo, unless ``keep_coverage`` takes the matte at its word.
    Alpha of ``SOLID`` and more becomes 255 and keeps the photo's colours exactly; on the edge, and a little
    beyond it, the colours are the estimated foreground's; the rest is black and clear.
    """
    height, width = photo.shape[:2]
    fitted = _fitted(matte, width, height)
    out = np.zeros((height, width, 4), np.uint8)
    box = _box_around(fitted, MARGIN * seam.shrink_of(height, width))
    if box is None:
        return out
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    window, prior = np.ascontiguousarray(photo[rows, columns]), np.ascontiguousarray(fitted[rows, columns])
    coverage, colours, mixed = seam.resolved(window, prior, keep_coverage=keep_coverage)
    alpha = snapped(np.round(coverage * 255.0).astype(np.uint8))
    picture = np.where(alpha[..., None] == 255, window, np.uint8(0))
    solid = alpha[mixed][:, None] == 255
    picture[mixed] = np.where(solid, picture[mixed], np.round(colours * 255.0).astype(np.uint8))
    out[rows, columns, :3] = picture
    out[rows, columns, 3] = alpha
    return out


def _fitted(matte: Coverage, width: int, height: int) -> Coverage:
    if matte.shape == (height, width):
        return matte
    growth = max(width / matte.shape[1], height / matte.shape[0])
    way = cv2.INTER_CUBIC if growth > 1.0 else cv2.INTER_AREA
    resized = cv2.resize(matte, (width, height), interpolation=way)
    steeper = (resized - 0.5) * float(np.clip(growth, 1.0, STEEPEST)) + 0.5
    return np.asarray(np.clip(steeper, 0.0, 1.0), np.float32)


def _box_around(matte: Coverage, margin: float) -> Box | None:
    present = matte > 0
    columns, rows = np.flatnonzero(present.any(axis=0)), np.flatnonzero(present.any(axis=1))
    if rows.size == 0:
        return None
    room = int(np.ceil(margin))
    left, top = max(0, int(columns[0]) - room), max(0, int(rows[0]) - room)
    right = min(matte.shape[1], int(columns[-1]) + 1 + room)
    bottom = min(matte.shape[0], int(rows[-1]) + 1 + room)
    return Box(left, top, right - left, bottom - top)


def snapped(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The alpha (0..255) with nearly solid pixels made solid and nearly clear ones clear."""
    out = alpha.copy()
    out[alpha >= SOLID] = 255
    out[alpha <= CLEAR] = 0
    return out
