"""Light at second hand: ground that lies in the product's shadow no longer lights the wall behind it.

One bounce of radiosity between the surfaces in the frame: what the first pass took from each (or gave it) is missing
from (or added to) what it throws on to the others. Surfaces outside the frame are not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.irradiance import Irradiance
from generation.studio.optics import Optics
from generation.studio.plate import Stage
from generation.studio.shade import Points, plane_points
from generation.studio.surroundings import Surroundings
from generation.types import Coverage, Linear

PIXELS = 2200
"""Pixels in which the frame is looked at."""
SOURCES = 240
"""Of these, the ones that changed most throw their change on to the others."""
GRAZING = 0.08
"""Least cosine between a surface and the view: beyond, a pixel's surface is too long to be one place."""
LEAST_SEEN = 0.6
"""A pixel belongs to a plane from this coverage on."""


@dataclass(frozen=True)
class _Relief:
    """The surfaces behind a coarse raster's pixels. ``here`` marks the known ones; the rest are one row each."""

    points: Points
    normals: Points
    areas: NDArray[np.float32]
    here: NDArray[np.bool_]


def missing(
    stage: Stage, there: Surroundings | None, change: Linear, covered: Coverage, light: Irradiance
) -> Linear:
    """The share by which each surface's ambient light changes at second hand (negative where it darkens), frame size.

    ``change`` is what the first pass did to the stage's light, ``covered`` the product's own coverage: the ground
    behind it throws nothing past it.
    """
    size = stage.size
    shrink = np.sqrt(PIXELS / (size.width * size.height))
    width, height = max(2, round(size.width * shrink)), max(2, round(size.height * shrink))
    relief = _relief(stage, there, width, height)
    share = np.zeros((height, width, 3), np.float32)
    if relief is None:
        return np.zeros((size.height, size.width, 3), np.float32)
    small = cv2.resize(change * (1 - covered)[..., None], (width, height), interpolation=cv2.INTER_AREA)
    thrown = np.asarray(small, np.float32)[relief.here] * relief.areas[:, None]
    strongest = np.argsort(np.abs(thrown).sum(axis=1))[-SOURCES:]
    arriving = np.zeros_like(relief.points)
    for source in strongest:
        way = relief.points[source] - relief.points
        squared = np.maximum(np.einsum("ij,ij->i", way, way), relief.areas[source])
        facing = np.maximum(np.einsum("ij,ij->i", way, relief.normals), 0)
        leaving = np.maximum(-(way @ relief.normals[source]), 0)
        arriving += (facing * leaving / squared**2)[:, None] * (thrown[source] / np.float32(np.pi))
    share[relief.here] = arriving / np.maximum(light.ambient(relief.normals), 1e-4)
    return np.asarray(cv2.resize(share, (size.width, size.height)), np.float32)


def _relief(stage: Stage, there: Surroundings | None, width: int, height: int) -> _Relief | None:
    points = np.zeros((height, width, 3), np.float32)
    normals = np.zeros((height, width, 3), np.float32)
    here = np.zeros((height, width), bool)
    to_frame = np.diag([stage.size.width / width, stage.size.height / height, 1.0])
    to_frame[:2, 2] = to_frame[0, 0] / 2, to_frame[1, 1] / 2
    if there is not None:
        index = np.full(there.here.shape, -1, np.int32)
        index[there.here] = np.arange(len(there.points))
        small = cv2.resize(index, (width, height), interpolation=cv2.INTER_NEAREST)
        here = small >= 0
        points[here], normals[here] = there.points[small[here]], there.normals[small[here]]
    for plane, mask in zip(stage.plate.receivers, stage.masks, strict=True):
        on = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA) > LEAST_SEEN
        placed = plane_points(stage.optics.onto(plane) @ to_frame, height, width).reshape(height, width, 3)
        outwards = plane[:3] / np.linalg.norm(plane[:3]) * np.sign(plane @ stage.optics.eye)
        points[on], normals[on] = placed[on], outwards
        here |= on
    if not here.any():
        return None
    rays = np.linalg.inv(stage.optics.projection[:, :3]) @ to_frame
    middle = rays @ np.array([width / 2, height / 2, 1.0])
    angle = float(np.linalg.norm(np.cross(rays[:, 0], rays[:, 1])) / (middle @ middle))
    return _Relief(
        points[here], normals[here], _areas(points[here], normals[here], stage.optics, angle), here
    )


def _areas(points: Points, normals: Points, optics: Optics, angle: float) -> NDArray[np.float32]:
    """Surface behind each pixel, in square units; ``angle`` is the solid angle of one in the middle of the frame."""
    view = np.asarray(optics.eye[:3], np.float32) - points
    squared = np.einsum("ij,ij->i", view, view)
    cosine = np.einsum("ij,ij->i", view, normals) / np.sqrt(squared)
    return np.asarray(angle * squared / np.maximum(cosine, GRAZING), np.float32)
