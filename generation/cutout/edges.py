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
GUIDE_SIDE: Final = 1024
"""Pixels: the scale at which the colour models of the edge are fitted."""
GUIDE_RADIUS: Final = 5
"""Pixels at that scale: the window of the guided filter."""
GUIDE_EPSILON: Final = 3e-4
"""Variance (0..1 colours) below which the photo's texture does not move the edge."""
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


def layered(photo: Picture, matte: Coverage, *, refine: bool) -> Picture:
    """The cut-out as RGBA at the photo's size. ``photo`` is RGB; ``matte`` has any size and is fitted to it.

    ``refine`` lets the edge follow the photo's own contours. Alpha of ``SOLID`` and more becomes 255 and
    keeps the photo's colours exactly; on the edge, and a little beyond it, the colours are the estimated
    foreground's; the rest is black and clear.
    """
    height, width = photo.shape[:2]
    fitted = _fitted(matte, width, height)
    out = np.zeros((height, width, 4), np.uint8)
    box = _box_around(fitted, MARGIN * _shrink(height, width))
    if box is None:
        return out
    rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
    window, coverage = np.ascontiguousarray(photo[rows, columns]), np.ascontiguousarray(fitted[rows, columns])
    edge = _Edge(window, coverage)
    alpha = _alpha(edge.followed() if refine else coverage)
    out[rows, columns, :3] = edge.coloured(alpha)
    out[rows, columns, 3] = alpha
    return out


def _shrink(height: int, width: int) -> float:
    return max(1.0, max(height, width) / GUIDE_SIDE)


def _fitted(matte: Coverage, width: int, height: int) -> Coverage:
    if matte.shape == (height, width):
        return matte
    way = cv2.INTER_CUBIC if width > matte.shape[1] else cv2.INTER_AREA
    return np.clip(cv2.resize(matte, (width, height), interpolation=way), 0.0, 1.0).astype(np.float32)


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


def _alpha(coverage: Coverage) -> NDArray[np.uint8]:
    return snapped(np.round(coverage * 255.0).astype(np.uint8))


class _Edge:
    """The seam between product and background in one window of a photo.

    Models of it are fitted at a reduced size and read back only at the seam's own pixels, so that a
    photo of twelve megapixels costs little more than one of a single megapixel.
    """

    def __init__(self, photo: Picture, coverage: Coverage) -> None:
        self.photo, self.coverage = photo, coverage
        shrink = _shrink(*coverage.shape)
        size = (max(1, round(coverage.shape[1] / shrink)), max(1, round(coverage.shape[0] / shrink)))
        self.reach = int(np.ceil(2 * shrink)) + 1
        self.small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
        self.small_coverage = np.asarray(cv2.resize(coverage, size, interpolation=cv2.INTER_AREA), np.float32)

    def followed(self) -> Coverage:
        """The coverage, moved to the photo's contours: guided filter (He, Sun, Tang 2010), with its
        coefficients fitted at the reduced size (He, Sun 2015)."""
        slope, offset = _guided_filter(self.small, self.small_coverage)
        seam = _widened((self.coverage > 0.02) & (self.coverage < 0.98), self.reach)
        read = self._read_at(seam, np.dstack([slope, offset]))
        colour = self.photo[seam].astype(np.float32) / 255.0
        out = self.coverage.copy()
        out[seam] = np.clip((read[:, :3] * colour).sum(axis=1) + read[:, 3], 0.0, 1.0)
        return out

    def coloured(self, alpha: NDArray[np.uint8]) -> Picture:
        """The window's colours: the photo's where alpha is 255, the foreground's on the seam and just
        outside it, black elsewhere. Foreground colours after Forte and Pitié 2021, "Approximate Fast
        Foreground Colour Estimation" (blur fusion, two passes)."""
        small_alpha = cv2.resize(alpha, self.small.shape[1::-1], interpolation=cv2.INTER_AREA)
        near, far = _blur_fusion(self.small, small_alpha.astype(np.float32) / 255.0)
        seam = _widened(alpha > 0, self.reach) & (alpha < 255)
        read = self._read_at(seam, np.dstack([near, far]))
        weight = alpha[seam].astype(np.float32)[:, None] / 255.0
        front, behind = read[:, :3], read[:, 3:]
        seen = self.photo[seam].astype(np.float32) / 255.0
        front = front + weight * (seen - weight * front - (1.0 - weight) * behind)
        out = np.where(alpha[..., None] == 255, self.photo, np.uint8(0))
        out[seam] = np.round(np.clip(front, 0.0, 1.0) * 255.0).astype(np.uint8)
        return out

    def _read_at(self, where: NDArray[np.bool_], model: NDArray[np.float32]) -> NDArray[np.float32]:
        """The model's values (reduced size, k channels) at the window's marked pixels: shape ``(n, k)``."""
        rows, columns = np.nonzero(where)
        row_scale = model.shape[0] / where.shape[0]
        column_scale = model.shape[1] / where.shape[1]
        y, x = (rows + 0.5) * row_scale - 0.5, (columns + 0.5) * column_scale - 0.5
        top = np.clip(np.floor(y).astype(np.intp), 0, max(0, model.shape[0] - 2))
        left = np.clip(np.floor(x).astype(np.intp), 0, max(0, model.shape[1] - 2))
        down = np.clip(y - top, 0.0, 1.0).astype(np.float32)[:, None]
        along = np.clip(x - left, 0.0, 1.0).astype(np.float32)[:, None]
        below, beside = np.minimum(top + 1, model.shape[0] - 1), np.minimum(left + 1, model.shape[1] - 1)
        upper = model[top, left] * (1 - along) + model[top, beside] * along
        lower = model[below, left] * (1 - along) + model[below, beside] * along
        return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _widened(where: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(where.astype(np.uint8), kernel) > 0


def _box(values: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    side = 2 * radius + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)


def _guided_filter(guide: NDArray[np.float32], matte: Coverage) -> tuple[NDArray[np.float32], Coverage]:
    """The matte around each pixel as ``slope . colour + offset``: shapes ``(h, w, 3)`` and ``(h, w)``."""
    mean_guide, mean_matte = _box(guide, GUIDE_RADIUS), _box(matte, GUIDE_RADIUS)
    covariance = _box(guide * matte[..., None], GUIDE_RADIUS) - mean_guide * mean_matte[..., None]
    seam = _widened((matte > 0.02) & (matte < 0.98), 2 * GUIDE_RADIUS)
    variance = np.empty((int(seam.sum()), 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            product = _box(guide[..., i] * guide[..., j], GUIDE_RADIUS)
            spread = product - mean_guide[..., i] * mean_guide[..., j]
            variance[:, i, j] = variance[:, j, i] = spread[seam]
    variance += GUIDE_EPSILON * np.eye(3, dtype=np.float32)
    slope = np.zeros_like(guide)
    slope[seam] = np.linalg.solve(variance, covariance[seam][..., None])[..., 0]
    offset = mean_matte - (slope * mean_guide).sum(axis=2)
    return _box(slope, GUIDE_RADIUS), _box(offset, GUIDE_RADIUS)


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
