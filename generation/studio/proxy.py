"""The product's stand-in: a stack of flat slices cut from its inflated matte.

The camera that shows the slices is the plate's own, so the stack can never disagree with the picture: whatever
hides a light from the floor is looked up in the very pixels that are pasted.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.framing import Place
from generation.studio.optics import Matrix, Optics, Vector
from generation.studio.tone import photo_light
from generation.types import Coverage, Picture

SLICES = 13
RELAXATIONS = 50
"""Jacobi steps on each level of the pyramid."""
COARSEST_SIDE = 20
CONTACT_REACH = 0.05
"""Columns whose lower edge is within this share of the silhouette's height touch the ground."""
SHADE_HEIGHT = 0.22
"""The lowest part of a standing product, as a share of its height, that its own shade darkens."""
SHADE_STANDING, SHADE_LYING = 0.35, 0.45
"""Light left on the underside as the floor sees it; without it, things float in bounce and reflection."""
RIM_LIFT = 0.06
"""How far the rim of something lying (a saucer, a plate) is off the ground, as a share of its width."""
LYING_THICKNESS = 0.8
"""Of the inflated matte's thickness, for something seen from above."""
OUTERMOST = 0.92
"""The outer slices lie this far out, as a share of the largest thickness."""


@dataclass(frozen=True, slots=True)
class Slice:
    """``picture`` is premultiplied linear RGB and coverage, ``(h, w, 4)``; ``coverage`` the latter alone."""

    picture: NDArray[np.float32]
    coverage: Coverage
    plane: Vector


@dataclass(frozen=True, slots=True)
class Proxy:
    """The stack. ``optics`` project to the slices' pixels; ``color`` is the product's mean, linear;
    ``box`` the silhouette in slice pixels (x, y, width, height)."""

    slices: tuple[Slice, ...]
    optics: Optics
    color: NDArray[np.float32]
    place: Place
    to_slice: Matrix


def inflate(matte: Coverage) -> NDArray[np.float32]:
    """Half thickness in pixels of the matte blown up like a cushion: ``sqrt(2 u)`` with ``laplace u = -1``
    inside and 0 outside, which is exact for a cylinder. Relaxed from coarse to fine."""
    pyramid = [matte]
    while min(pyramid[-1].shape) > COARSEST_SIDE:
        pyramid.append(
            np.asarray(
                cv2.resize(pyramid[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
                np.float32,
            )
        )
    height = np.zeros_like(pyramid[-1])
    mean = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    for level in range(len(pyramid) - 1, -1, -1):
        inside = (pyramid[level] > 0.5).astype(np.float32)
        source = np.float32(4.0**level * 0.25) * inside
        height = np.asarray(cv2.resize(height, inside.shape[::-1]), np.float32) * inside
        for _ in range(RELAXATIONS):
            height = np.asarray(
                cv2.filter2D(height, -1, mean, borderType=cv2.BORDER_CONSTANT),
                np.float32,
            )
            height *= inside
            height += source
    return np.sqrt(2 * np.maximum(height, 0))


def build_proxy(cutout: Picture, place: Place, optics: Optics, side: int) -> Proxy:
    """Cut the stack for a cut-out (RGBA, cropped to its silhouette) that is pasted at ``place``.

    ``optics`` are the frame's; ``side`` is the longer side of a slice in pixels.
    """
    box = place.box
    shrink = side / max(box.width, box.height)
    size = (max(8, round(box.width * shrink)), max(8, round(box.height * shrink)))
    small = np.asarray(
        cv2.resize(_premultiplied(cutout), size, interpolation=cv2.INTER_AREA),
        np.float32,
    )
    matte = np.ascontiguousarray(small[..., 3])
    color = small[..., :3] / np.maximum(matte, 1e-3)[..., None]
    to_slice = np.array(
        [
            [size[0] / box.width, 0, 1 - box.x * size[0] / box.width],
            [0, size[1] / box.height, 1 - box.y * size[1] / box.height],
            [0, 0, 1.0],
        ]
    )
    unit = place.scale * size[0] / box.width
    mean = small[..., :3].sum((0, 1)) / max(float(matte.sum()), 1e-3)
    cut = _lying if place.lying else _standing
    slices = cut(matte, color, unit, place, optics.through(to_slice))
    return Proxy(tuple(slices), optics.through(to_slice), mean, place, to_slice)


def _premultiplied(cutout: Picture) -> NDArray[np.float32]:
    """Linear RGB times coverage, and coverage."""
    alpha = cutout[..., 3:].astype(np.float32) * np.float32(1 / 255)
    return np.dstack([photo_light(cutout[..., :3]) * alpha, alpha])


def _slice(matte: Coverage, color: NDArray[np.float32], plane: list[float]) -> Slice:
    picture = np.dstack([color * matte[..., None], matte])
    bordered = np.asarray(cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT), np.float32)
    return Slice(bordered, np.ascontiguousarray(bordered[..., 3]), np.array(plane))


def _standing(
    matte: Coverage,
    color: NDArray[np.float32],
    unit: float,
    place: Place,
    optics: Optics,
) -> list[Slice]:
    """Upright slices across the view; each ends where its own plane meets the ground."""
    ahead = optics.away(place.foot)
    thickness = cv2.GaussianBlur(_grounded_thickness(matte), (0, 0), 0.8) / unit
    deepest = float(thickness.max())
    above = np.arange(matte.shape[0])[::-1] / (SHADE_HEIGHT * matte.shape[0])
    ramp = np.clip(above, 0, 1)[:, None, None]
    color = color * (SHADE_STANDING + (1 - SHADE_STANDING) * ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
    centre = place.foot + ahead * _foot_depth(matte, thickness)
    rows = np.arange(matte.shape[0], dtype=np.float32)
    slices = []
    for offset in np.linspace(-OUTERMOST, OUTERMOST, SLICES) * deepest:
        inside = np.clip((thickness - abs(offset)) * (SLICES / deepest) + 0.5, 0, 1)
        ground = optics.project(centre + ahead * offset)[1] - 1
        inside = matte * inside * np.clip(ground + 0.5 - rows, 0, 1)[:, None]
        slices.append(_slice(inside.astype(np.float32), color, [*ahead, -(ahead @ centre + offset)]))
    return slices


def _contact_columns(matte: Coverage) -> NDArray[np.bool_]:
    solid = matte > 0.5
    lowest = matte.shape[0] - 1 - np.argmax(solid[::-1], axis=0)
    reach = max(1.0, CONTACT_REACH * matte.shape[0])
    return np.asarray(solid.any(axis=0) & (lowest >= matte.shape[0] - 1 - reach))


def _grounded_thickness(matte: Coverage) -> NDArray[np.float32]:
    """Half thickness in pixels, with the foot kept as thick as what stands on it: the matte is mirrored
    below the columns that touch the ground before it is inflated."""
    height = matte.shape[0]
    mirrored = matte[::-1] * _contact_columns(matte)[None].astype(np.float32)
    return inflate(np.vstack([matte, mirrored]).astype(np.float32))[:height]


def _foot_depth(matte: Coverage, thickness: NDArray[np.float32]) -> float:
    """How far behind the front of the foot its middle is, in scene units."""
    touching = thickness[-max(2, round(CONTACT_REACH * matte.shape[0])) :, _contact_columns(matte)]
    return float(np.quantile(touching, 0.8)) if touching.size else 0.0


def _lying(
    matte: Coverage,
    color: NDArray[np.float32],
    unit: float,
    place: Place,
    optics: Optics,
) -> list[Slice]:
    """Level slices, the widest lowest; the rim a little off the ground."""
    thickness = cv2.GaussianBlur(inflate(matte), (0, 0), 0.8) / unit * LYING_THICKNESS
    deepest = float(thickness.max())
    lift = RIM_LIFT * matte.shape[1] / unit
    color = color * np.float32(SHADE_LYING)
    slices = []
    for level in np.linspace(0, OUTERMOST, SLICES) * deepest:
        inside = matte * np.clip((thickness - level) * (SLICES / deepest) + 0.5, 0, 1)
        slices.append(
            _slice(
                inside.astype(np.float32),
                color,
                [0, 0, 1, -(place.foot[2] + lift + level)],
            )
        )
    return slices
