"""What lies inside a product's outline: true holes, lettering and glints taken for holes, glass, solid matter.

A network (and a colour model all the more) punches out whatever looks like the ground: bone letters on a packet
before a beige wall, a window's glint on a bottle. The photo tells them apart: through a true hole one sees the
ground itself, as bright as it is around the product or darker for the product's shadow, of the same tint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.cutout.shades import shades_of
from generation.types import Coverage, Picture

CORE: Final = 0.5
"""Coverage from which a pixel belongs to a part's core."""
PINHOLE: Final = 0.0004
"""Of the product's area: smaller holes are faults of the matte; a cup's handle is fifty times larger."""
LARGEST_DOUBT: Final = 0.1
"""Of the product's area: what is larger than this and clear is taken for a hole whatever its colour."""
SAMPLE: Final = 8
"""One in so many pixels of the ground tells the spread of its tint."""
SURELY_CLEAR: Final = 0.02
"""Coverage up to which a pixel is taken for ground."""
TINT: Final = 0.02
"""Of full scale: how far the ground's tint may be missed for noise and bounced light alone."""
JUDGING_SIDE: Final = 512
"""Pixels: the scale at which the ground is judged."""
DEEPEST_SHADOW: Final = 0.35
"""Of the ground's brightness: what is darker, of the ground's tint or not, is no shadow on it."""
DEPTH: Final = 0.02
"""Of the matte's side: how far inside the outline the product is taken for solid."""
SEE_THROUGH: Final = 0.45
SOLID: Final = 0.75
"""Mean coverage around a pixel deep inside: up to the first it is glass or steam and stays as it is, from the
second on it is solid matter of which the network was not quite sure, and in between something of both."""
AROUND: Final = 0.006
"""Of the matte's side: the deviation of the blur which that mean is taken with."""
HAZE_REACH: Final = 0.004
"""Of the matte's side: how far from the outline a soft edge may reach before it counts as a leftover."""
DENSE: Final = 0.25
"""Coverage from which a photo's colours alone may make a pixel more solid."""


def filled(matte: Coverage, photo: Picture | None) -> Coverage:
    """The matte with faults inside its outline mended. ``photo``: RGB, ``uint8``, the same field of view, or
    ``None`` where the matte alone is to be judged."""
    ground = None if photo is None else _Ground.of(photo, matte)
    whole = _without_false_holes(matte, ground)
    if ground is not None:
        whole = np.maximum(whole, ground.least_coverage * np.clip(whole / DENSE, 0.0, 1.0) ** 2)
        whole = _without_haze(whole, ground)
    return _with_solid_inside(np.asarray(whole, np.float32))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the photo says of the ground, at the matte's size.

    ``differs`` (0..1): the photo shows something else than the ground, lit or in shadow; ``differs_around``:
    so much of the neighbourhood does. ``least_coverage``: nothing before this ground can change it as much
    with less. A shadow can darken it, so mere darkness of the ground's own tint counts for nothing.
    """

    differs: Coverage
    differs_around: Coverage
    least_coverage: Coverage

    @classmethod
    def of(cls, photo: Picture, matte: Coverage) -> _Ground | None:
        """``None`` where no ground reaches the photo's border."""
        scale = min(1.0, JUDGING_SIDE / max(matte.shape))
        size = (max(1, round(matte.shape[1] * scale)), max(1, round(matte.shape[0] * scale)))
        seen = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
        known = _outer_ground(np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), np.float32))
        shades = shades_of(seen, known.astype(np.float32))
        if shades is None:
            return None
        expected = shades.at_size(*size)
        level = TINT + cv2.resize(np.sqrt(shades.variance), size, interpolation=cv2.INTER_LINEAR)
        strange, least = _against(
            seen, expected.mean, level, TINT + 2.0 * _spread_of_tint(seen[known][::SAMPLE])
        )
        whole = (matte.shape[1], matte.shape[0])
        around = AROUND * max(size)
        maps = (strange, cv2.GaussianBlur(strange, (0, 0), around), least)
        return cls(*(np.asarray(cv2.resize(part, whole), np.float32) for part in maps))


def _outer_ground(matte: Coverage) -> NDArray[np.bool_]:
    """The clear part of the photo that reaches its border; what is enclosed may be lettering."""
    reach = max(1, round(0.008 * max(matte.shape)))
    taken = cv2.dilate(
        (matte > SURELY_CLEAR).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    )
    _, regions = cv2.connectedComponents(1 - taken)
    rim = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    return np.isin(regions, np.unique(rim[rim > 0]))


def _spread_of_tint(colours: NDArray[np.float32]) -> float:
    """Standard deviation of the ground's tint as such, bright or dark, of full scale; ``colours`` is ``(n, 3)``."""
    light = colours @ np.full(3, 1.0, np.float32)
    tints = colours / np.maximum(light, 0.1)[:, None]
    return float(np.sqrt(tints.var(axis=0).max()) * light.mean())


def _against(
    seen: NDArray[np.float32], expected: NDArray[np.float32], level: Coverage, tint: float
) -> tuple[Coverage, Coverage]:
    """Of each pixel: whether it shows something else than the ground (0 or 1), and its least coverage.

    ``level`` and ``tint`` are how far ground may miss its expected brightness and tint.
    """
    norm = np.maximum(np.einsum("ijk,ijk->ij", expected, expected), np.float32(1e-4))
    lit = np.einsum("ijk,ijk->ij", seen, expected) / norm
    miss = _largest(np.abs(seen - lit[..., None] * expected).astype(np.float32))
    excess = (lit - 1.0) * np.sqrt(norm / 3.0)
    strange = (miss > tint) | (excess > level + TINT) | (lit < DEEPEST_SHADOW)
    change = seen - expected
    slack = level[..., None]
    brighter = _largest(((change - slack) / np.maximum(1.0 - expected, 0.02)).astype(np.float32))
    darker = _largest(((-change - slack) / np.maximum(expected, 0.02)).astype(np.float32))
    least = np.maximum(brighter, darker * np.clip(miss / tint - 1.0, 0.0, 1.0))
    return strange.astype(np.float32), np.clip(least, 0.0, 1.0).astype(np.float32)


def _largest(values: NDArray[np.float32]) -> Coverage:
    """The largest of three channels (an order of magnitude faster than ``max(axis=2)``)."""
    return np.asarray(np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2]), np.float32)


def _without_false_holes(matte: Coverage, ground: _Ground | None) -> Coverage:
    core = (matte >= CORE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - core, connectivity=4)
    if count <= 1:
        return matte
    areas = stats[:, cv2.CC_STAT_AREA]
    outside = np.zeros(count, bool)
    outside[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = True
    outside[labels[core == 1]] = True
    size = float(core.sum())
    false = areas < max(4.0, PINHOLE * size)
    if ground is not None:
        inner = cv2.erode(1 - core, np.ones((3, 3), np.uint8)).astype(bool)
        seen = np.bincount(labels[inner], minlength=count)
        strange = np.bincount(labels[inner & (ground.differs > 0.5)], minlength=count)
        false |= (strange > 0.5 * seen) & (areas < LARGEST_DOUBT * size)
    false &= ~outside
    return _closed(matte, false[labels], (~false)[labels] & (core == 0)) if false.any() else matte


def _closed(matte: Coverage, closing: NDArray[np.bool_], open_: NDArray[np.bool_]) -> Coverage:
    """Solid where ``closing`` is, with its soft rim, as far as that is no rim of what stays open."""
    reach = max(2, round(0.004 * max(matte.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    rim = cv2.dilate(closing.astype(np.uint8), kernel) > 0
    kept = cv2.dilate(open_.astype(np.uint8), kernel) > 0
    return np.where(closing | (rim & ~kept), np.float32(1), matte)


def _without_haze(matte: Coverage, ground: _Ground) -> Coverage:
    """Without the faint leftovers outside the outline in which nothing but the ground is seen, as in a shadow.
    What the outline encloses may be glass, and steam looks like something else than the ground: both stay."""
    side = max(matte.shape)
    count, labels, _, _ = cv2.connectedComponentsWithStats((matte < CORE).astype(np.uint8), connectivity=4)
    if count <= 1:
        return matte
    outside = np.zeros(count, np.uint8)
    outside[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = 1
    outside[0] = 0
    away = cv2.distanceTransform(outside[labels], cv2.DIST_L2, 3) / (HAZE_REACH * side) - 1.0
    return np.asarray(matte * (1.0 - np.clip(away, 0.0, 1.0) * (1.0 - ground.differs_around)), np.float32)


def _with_solid_inside(matte: Coverage) -> Coverage:
    """What lies deep inside the outline opaque, unless so much of it lets light through that it must be glass."""
    side = max(matte.shape)
    body = (matte >= SEE_THROUGH / 2).astype(np.uint8)
    reach = DEPTH * side
    # Where nothing is clear, OpenCV gives the largest float.
    depth = np.minimum(cv2.distanceTransform(body, cv2.DIST_L2, 3), side)
    deep = np.clip(depth / (0.5 * reach) - 1.0, 0.0, 1.0)
    half = cv2.resize(matte, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(cv2.GaussianBlur(half, (0, 0), 0.5 * AROUND * side), matte.shape[::-1])
    solid = np.clip((mean - SEE_THROUGH) / (SOLID - SEE_THROUGH), 0.0, 1.0)
    return np.asarray(matte + (1.0 - matte) * deep * solid, np.float32)
