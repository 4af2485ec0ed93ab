"""From a network's raw matte to a clean cut-out: which parts count, how the edge runs, what colour it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.types import Box, Coverage, Picture

CORE: Final = 0.5
"""Coverage from which a pixel belongs to a part's core."""
HAZE: Final = 0.12
"""Coverage up to which a raw matte means nothing; the rest is stretched to 0..1, which pulls the edge in
by a fraction of a pixel, where the background's light shines through."""
SMALLEST_PART: Final = 0.02
"""Of the largest part's area: smaller ones are crumbs, not products."""
PINHOLE: Final = 0.0004
"""Of the product's area: smaller holes are faults of the matte; a cup's handle is fifty times larger."""
DEPTH: Final = 0.02
"""Of the matte's side: how far inside the outline the product is taken for solid."""
SOLID: Final = 250
"""Alpha (0..255) from which a pixel is wholly product and keeps the photo's colour to the bit."""
CLEAR: Final = 4
"""Alpha (0..255) up to which a pixel is not product."""
MODEL_SIDE: Final = 1024
"""Pixels: the scale at which the colours of the edge are estimated."""
STEEPEST: Final = 2.0
"""How much an enlarged matte's soft edge is steepened at most. A guided filter was tried instead: where
product and table have like colours (a red saucer on brown wood) it frays the outline along the grain."""
FAR_RADIUS: Final = 40
NEAR_RADIUS: Final = 5
"""Pixels at that scale: the two windows in which edge colours are looked for."""
MARGIN: Final = 12
"""Pixels at that scale, kept around the product while its edge is worked on."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """A matte with only what counts (``coverage``, at the raw matte's size), the product's share of the
    frame (``area``, 0..1), and how sure the outline is (``confidence``, 0..1)."""

    coverage: Coverage
    area: float
    confidence: float


def sort_parts(raw: Coverage) -> Sorted:
    """Drop haze and crumbs, keep every product and every real hole, make the inside solid."""
    stretched = np.clip((raw - HAZE) / (1.0 - HAZE), 0.0, 1.0).astype(np.float32)
    kept = stretched * _near_parts(stretched)
    solid = _with_solid_inside(kept)
    core = solid >= CORE
    return Sorted(solid, float(core.mean()), _confidence(kept, core))


def _near_parts(matte: Coverage) -> Coverage:
    """1 where a pixel hangs together with a part that is large enough, else 0."""
    cores, labels, stats, _ = cv2.connectedComponentsWithStats((matte >= CORE).astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    if cores == 1:
        return np.zeros_like(matte)
    large = areas >= SMALLEST_PART * areas.max()
    _, regions = cv2.connectedComponents((matte > 0).astype(np.uint8))
    wanted = np.unique(regions[large[labels]])
    return np.isin(regions, wanted).astype(np.float32)


def _with_solid_inside(matte: Coverage) -> Coverage:
    """Pinholes closed; what lies deep inside the outline opaque: products rarely let light through."""
    core = (matte >= CORE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - core, connectivity=4)
    tiny = stats[:, cv2.CC_STAT_AREA] < max(4.0, PINHOLE * float(core.sum()))
    tiny[0] = False
    if count > 1:
        core[tiny[labels]] = 1
    reach = DEPTH * max(matte.shape)
    depth = cv2.distanceTransform(core, cv2.DIST_L2, 3)
    inside = np.clip((depth - 0.5 * reach) / (0.5 * reach), 0.0, 1.0)
    return np.asarray(np.maximum(matte, inside), np.float32)


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


def layered(photo: Picture, matte: Coverage) -> Picture:
    """The cut-out as RGBA at the photo's size. ``photo`` is RGB; ``matte`` has any size and is fitted to it.

    Alpha of ``SOLID`` and more becomes 255 and keeps the photo's colours exactly; on the edge, and a little
    beyond it, the colours are the estimated foreground's; the rest is black and clear.
    """
    height, width = photo.shape[:2]
    fitted = _fitted(matte, width, height)
    out = np.zeros((height, width, 4), np.uint8)
    box = _box_around(fitted, MARGIN * _shrink(height, width))
    if box is None:
        return out
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    window, coverage = np.ascontiguousarray(photo[rows, columns]), np.ascontiguousarray(fitted[rows, columns])
    alpha = snapped(np.round(coverage * 255.0).astype(np.uint8))
    out[rows, columns, :3] = _coloured(window, alpha)
    out[rows, columns, 3] = alpha
    return out


def _shrink(height: int, width: int) -> float:
    return max(1.0, max(height, width) / MODEL_SIDE)


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


def _coloured(photo: Picture, alpha: NDArray[np.uint8]) -> Picture:
    """The photo's colours where alpha is 255, the foreground's on the seam and just outside it, else black.

    Foreground colours after Forte and Pitié 2021, "Approximate Fast Foreground Colour Estimation" (blur
    fusion, two passes). They are smooth, so they are estimated at a reduced size and read at the seam's own
    pixels only: a photo of twelve megapixels costs little more than one of a single megapixel.
    """
    shrink = _shrink(*alpha.shape)
    size = (max(1, round(alpha.shape[1] / shrink)), max(1, round(alpha.shape[0] / shrink)))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    small_alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    seam = _widened(alpha > 0, int(np.ceil(2 * shrink)) + 1) & (alpha < 255)
    model = _read_at(seam, np.dstack(_blur_fusion(small, small_alpha)))
    front, behind = model[:, :3], model[:, 3:]
    weight = alpha[seam].astype(np.float32)[:, None] / 255.0
    seen = photo[seam].astype(np.float32) / 255.0
    front = front + weight * (seen - weight * front - (1.0 - weight) * behind)
    out = np.where(alpha[..., None] == 255, photo, np.uint8(0))
    out[seam] = np.round(np.clip(front, 0.0, 1.0) * 255.0).astype(np.uint8)
    return out


def _read_at(where: NDArray[np.bool_], model: NDArray[np.float32]) -> NDArray[np.float32]:
    """A reduced image's values (k channels), between pixels, at the marked pixels of the full one: ``(n, k)``."""
    rows, columns = np.nonzero(where)
    y = np.clip((rows + 0.5) * (model.shape[0] / where.shape[0]) - 0.5, 0, model.shape[0] - 1)
    x = np.clip((columns + 0.5) * (model.shape[1] / where.shape[1]) - 0.5, 0, model.shape[1] - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    below, beside = np.minimum(top + 1, model.shape[0] - 1), np.minimum(left + 1, model.shape[1] - 1)
    down, along = (y - top).astype(np.float32)[:, None], (x - left).astype(np.float32)[:, None]
    upper = model[top, left] * (1 - along) + model[top, beside] * along
    lower = model[below, left] * (1 - along) + model[below, beside] * along
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _widened(where: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(where.astype(np.uint8), kernel) > 0


def _box(values: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    side = 2 * radius + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)


def _blur_fusion(
    photo: NDArray[np.float32], alpha: Coverage
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Smooth foreground and background colours of the seam: two images like ``photo``."""
    front = behind = photo
    for radius in (FAR_RADIUS, NEAR_RADIUS):
        front_mean = _weighted_mean(front, alpha, radius)
        behind_mean = _weighted_mean(behind, 1.0 - alpha, radius)
        weight = alpha[..., None]
        front = front_mean + weight * (photo - weight * front_mean - (1.0 - weight) * behind_mean)
        front, behind = np.clip(front, 0.0, 1.0), behind_mean
    return front_mean, behind_mean


def _weighted_mean(values: NDArray[np.float32], weight: Coverage, radius: int) -> NDArray[np.float32]:
    total = _box(weight, radius)
    mean = _box(values * weight[..., None], radius) / (total[..., None] + 1e-5)
    return np.asarray(mean, np.float32)
