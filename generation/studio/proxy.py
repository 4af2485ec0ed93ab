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
from generation.studio.optics import Optics, Vector
from generation.studio.tone import photo_light
from generation.types import Coverage, Picture

SLICES = 13
FINEST, SLICES_PER_THICKNESS = 3, 2.8
"""A thin or hollow thing is cut into up to this many times the slices, so that this many fall within its own
thickness: else each throws a shadow of its own."""
BORDER = 1
"""Empty pixels around each slice's picture."""
RELAXATIONS = 50
"""Jacobi steps on each level of the pyramid."""
COARSEST_SIDE = 20
CONTACT_REACH = 0.05
"""Columns whose lower edge is within this share of the silhouette's height touch the ground."""
HIGHEST_FOOT, GAP_HEIGHT = 0.16, 0.24
"""Of several feet, those seen lower than this share of the height stand, where the outline between them is higher
than that one."""
FOOT_EDGE = 0.03
"""How far up a foot's own outline touches, as a share of the height."""
DEEPEST_STRETCH = 2.0
"""A foot photographed from higher up than the plate's camera is taken for a deeper one, by this much at most."""
SHADE_HEIGHT = 0.22
"""The lowest part of a standing product, as a share of its height, that its own shade darkens."""
SHADE_STANDING, SHADE_LYING = 0.35, 0.45
"""Light left on the underside as the floor sees it; without it, things float in bounce and reflection."""
RIM_LIFT = 0.06
"""How far the rim of a saucer or a plate is off the ground, as a share of its width."""
NOT_A_DISH, A_DISH = 0.85, 0.95
"""The silhouette's share of its convex hull: below, a thing that rests flat; above, a dish with a rim."""
LYING_THICKNESS = 0.8
"""Of the inflated matte's thickness, for something seen from above."""
OUTERMOST = 0.92
"""The highest slice of something lying, as a share of its largest thickness."""


@dataclass(frozen=True, slots=True)
class Slice:
    """``picture`` is premultiplied linear RGB and coverage, ``(h, w, 4)``; ``coverage`` the latter alone."""

    picture: NDArray[np.float32]
    coverage: Coverage
    plane: Vector


@dataclass(frozen=True, slots=True)
class Proxy:
    """The stack. ``optics`` project to the slices' pixels (centres at whole numbers); ``texture`` is the product's
    straight linear colour, as large as a slice; ``color`` its mean."""

    slices: tuple[Slice, ...]
    texture: NDArray[np.float32]
    optics: Optics
    color: NDArray[np.float32]
    place: Place
    fine: int = 1
    """Slices to each usual one."""

    def facing(self, direction: Vector) -> Vector:
        """The normal of the slices' side that is seen when looking along ``direction``."""
        normal = self.slices[0].plane[:3]
        return normal if normal @ direction < 0 else -normal


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
    return np.asarray(np.sqrt(2 * np.maximum(height, 0)), np.float32)


def build_proxy(product: Picture, place: Place, optics: Optics, side: int) -> Proxy:
    """Cut the stack for a product (RGBA, as large as ``place.box``) that is pasted at ``place``.

    ``optics`` are the frame's; ``side`` is the longer side of a slice in pixels.
    """
    box = place.box
    shrink = side / max(box.width, box.height)
    size = (max(8, round(box.width * shrink)), max(8, round(box.height * shrink)))
    small = np.asarray(cv2.resize(_premultiplied(product), size, interpolation=cv2.INTER_AREA), np.float32)
    matte = np.ascontiguousarray(small[..., 3])
    color = np.asarray(small[..., :3] / np.maximum(matte, 1e-3)[..., None], np.float32)
    to_slice = np.array(
        [
            [size[0] / box.width, 0, BORDER - 0.5 - box.x * size[0] / box.width],
            [0, size[1] / box.height, BORDER - 0.5 - box.y * size[1] / box.height],
            [0, 0, 1.0],
        ]
    )
    unit = place.scale * size[0] / box.width
    mean = small[..., :3].sum((0, 1)) / max(float(matte.sum()), 1e-3)
    cut = _lying if place.lying else _standing
    slices = cut(matte, color, unit, place, optics.through(to_slice))
    fine = max(1, len(slices) // SLICES)
    texture = cv2.copyMakeBorder(color, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
    return Proxy(tuple(slices), np.asarray(texture, np.float32), optics.through(to_slice), mean, place, fine)


def _premultiplied(product: Picture) -> NDArray[np.float32]:
    """Linear RGB times coverage, and coverage."""
    alpha = product[..., 3:].astype(np.float32) * np.float32(1 / 255)
    return np.dstack([photo_light(product[..., :3]) * alpha, alpha])


def _slice(matte: Coverage, color: NDArray[np.float32], plane: list[float]) -> Slice:
    picture = np.dstack([color * matte[..., None], matte])
    bordered = np.asarray(
        cv2.copyMakeBorder(picture, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT), np.float32
    )
    return Slice(bordered, np.ascontiguousarray(bordered[..., 3]), np.array(plane))


def _standing(
    matte: Coverage, color: NDArray[np.float32], unit: float, place: Place, optics: Optics
) -> list[Slice]:
    """Upright slices across the view, from the front of the foot backwards.

    The foot's outline tells how far back each column touches the ground; its body is centred half its
    thickness behind that, and each slice ends where its own plane meets the ground.
    """
    ahead = optics.away(place.foot)
    touching, rise = contact(matte, place.rise * matte.shape[0] / place.box.height)
    front = rise / (unit * np.sin(optics.elevation_at(place.foot)))
    thickness = (
        np.asarray(cv2.GaussianBlur(_grounded_thickness(matte, touching), (0, 0), 0.8), np.float32) / unit
    )
    at_foot = thickness[-max(2, round(CONTACT_REACH * matte.shape[0])) :].max(axis=0)
    thickness *= np.clip(front.max() / max(float(at_foot.max()), 1e-6), 1, DEEPEST_STRETCH)
    middle = (front + at_foot)[None]
    above = np.arange(matte.shape[0])[::-1] / (SHADE_HEIGHT * matte.shape[0])
    ramp = np.clip(above, 0, 1)[:, None, None]
    color = np.asarray(
        color * (SHADE_STANDING + (1 - SHADE_STANDING) * ramp * ramp * (3 - 2 * ramp)), np.float32
    )
    rows = np.arange(matte.shape[0], dtype=np.float32)[:, None]
    deepest = float((middle + thickness)[matte > 0.5].max())
    slices = []
    count = SLICES * _fineness(deepest, float(np.median(thickness[matte > 0.5])))
    for depth in (np.arange(count) + 0.5) * (deepest / count):
        inside = np.clip((thickness - np.abs(depth - middle)) * (SLICES / deepest) + 1, 0, 1)
        ground = optics.project(place.foot + ahead * depth)[1] - 1
        inside = matte * inside * np.clip(ground + 1 - rows, 0, 1)
        slices.append(_slice(inside.astype(np.float32), color, [*ahead, -(ahead @ place.foot + depth)]))
    return slices


def _fineness(deepest: float, thickness: float) -> int:
    """How many times the usual slices a stack that deep needs for a thing mostly that thick."""
    needed = SLICES_PER_THICKNESS * deepest / max(thickness, 1e-6)
    return int(np.clip(np.ceil(needed / SLICES), 1, FINEST))


def contact(matte: Coverage, highest: float) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which columns touch the ground, and how many pixels above the lowest each one's foot is seen; the
    others take their neighbours' value. ``highest`` is the rise up to which an outline touches.

    Feet apart from each other (legs, wheels) all stand, the ones seen higher further back.
    """
    height = matte.shape[0]
    solid = matte > 0.5
    filled = solid.any(axis=0)
    lowest = height - 1 - np.argmax(solid[::-1], axis=0)
    rise = (lowest.max(where=filled, initial=0) - lowest).astype(float)
    touching = filled & (rise <= max(1.0, highest, CONTACT_REACH * height))
    ground = np.minimum(rise, max(highest, 0))
    for foot in _feet(np.where(filled, rise, height), height):
        own = float(rise[foot].min())
        standing = foot[rise[foot] <= own + max(1.0, FOOT_EDGE * height)]
        touching[standing] = True
        ground[standing] = own
    columns = np.arange(matte.shape[1])
    return touching, np.interp(columns, columns[touching], ground[touching])


def _feet(rise: NDArray[np.float64], height: int) -> list[NDArray[np.intp]]:
    """The columns of each foot, where there are several: low ends of the outline with a gap between them."""
    low = np.flatnonzero(rise < GAP_HEIGHT * height)
    runs = np.split(low, np.flatnonzero(np.diff(low) > 1) + 1)
    feet = [run for run in runs if len(run) and rise[run].min() < HIGHEST_FOOT * height]
    return feet if len(feet) > 1 else []


def _grounded_thickness(matte: Coverage, touching: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Half thickness in pixels, with the foot kept as thick as what stands on it: the columns that touch the
    ground are drawn down to the last row and mirrored below it before the matte is inflated."""
    height = matte.shape[0]
    filled = np.where(touching, np.maximum.accumulate(matte, axis=0), matte)
    drawn = np.where(np.arange(height)[:, None] >= height // 2, filled, matte)
    mirrored = drawn[::-1] * touching[None]
    return inflate(np.vstack([drawn, mirrored]).astype(np.float32))[:height]


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
    lift = RIM_LIFT * _dishness(matte) * matte.shape[1] / unit
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


def _dishness(matte: Coverage) -> float:
    """0 for what rests flat on the table (a banana, a pair of gloves), 1 for a dish's convex outline."""
    solid = (matte > 0.5).astype(np.uint8)
    outline = np.argwhere(solid)[:, ::-1].astype(np.int32)
    hull = float(cv2.contourArea(cv2.convexHull(outline))) + 0.5 * float(
        cv2.arcLength(cv2.convexHull(outline), True)
    )
    return float(np.clip((solid.sum() / max(hull, 1.0) - NOT_A_DISH) / (A_DISH - NOT_A_DISH), 0, 1))
