"""Shadow on what stands near the product but lies on none of the plate's planes: props, folds, steps, mouldings.

The plate keeps the depth of these surfaces. Each pixel of it is a point of the scene, so that "is this point hidden
from that light" is looked up slice by slice as for planes, only point by point (``cv2.remap``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.irradiance import Irradiance
from generation.studio.occlusion import every
from generation.studio.optics import Vector, thrown
from generation.studio.plate import Plate, Rectangle
from generation.studio.proxy import Proxy, Slice
from generation.studio.shade import Blocker, Points, lost
from generation.types import Coverage, Linear, Size

ROW = 512
"""Points are looked up in rows of this length: OpenCV wants pictures, and none too wide."""
SHADE_STRIDE = 3
"""Ambient shade is soft: it is worked out for one depth pixel in so many, each way."""
LIFT = 0.01
"""How far off its surface a point is tested, in units: a surface must not be hidden by what rests on it."""
FILLED = 3
"""Pixels by which the shade is spread over the surfaces' edges before it is enlarged."""
LEAST_KNOWN = 0.05
"""Share of known pixels around one from which its shade is guessed."""


@dataclass(frozen=True)
class Surroundings:
    """Scene points of a frame's depth pixels. ``here`` marks them in the layer, ``(h, w)``."""

    points: Points
    normals: Points
    here: NDArray[np.bool_]

    def thinned(self, stride: int) -> Surroundings:
        """One pixel in ``stride`` each way."""
        index = np.full(self.here.shape, -1)
        index[self.here] = np.arange(len(self.points))
        index = index[::stride, ::stride]
        kept = index[index >= 0]
        return Surroundings(self.points[kept], self.normals[kept], index >= 0)

    def spread(self, values: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
        """Values at the points, ``(n,)`` or ``(n, c)``, as a picture of that size; drawn outwards over
        their edges and 0 elsewhere."""
        layer = np.zeros((*self.here.shape, *values.shape[1:]), np.float32)
        layer[self.here] = values
        known = cv2.GaussianBlur(self.here.astype(np.float32), (0, 0), FILLED / 2)
        blurred = cv2.GaussianBlur(layer, (0, 0), FILLED / 2)
        share = np.maximum(known, LEAST_KNOWN)
        around = blurred / (share if layer.ndim == 2 else share[..., None])
        layer = np.where(self.here if layer.ndim == 2 else self.here[..., None], layer, around)
        return np.asarray(cv2.resize(layer, (size.width, size.height)), np.float32)


def surroundings(plate: Plate, crop: Rectangle) -> Surroundings | None:
    """The points of a plate's depth layer inside ``crop``; ``None`` where there are none."""
    if plate.depth is None:
        return None
    side = plate.depth.layer.shape[0]
    x, y, w, h = (round(value * side) for value in crop)
    stored = plate.depth.layer[y : y + h, x : x + w]
    here = stored > 0
    if not here.any():
        return None
    steps = max(plate.depth.levels - 1, 1)
    inverse = plate.depth.near + (stored.astype(np.float32) - 1) / steps * (
        plate.depth.far - plate.depth.near
    )
    across, down = np.meshgrid((np.arange(x, x + w) + 0.5) / side, (np.arange(y, y + h) + 0.5) / side)
    matrix = np.linalg.inv(plate.optics.projection[:, :3])
    seen = np.stack([across, down, np.ones_like(across)], axis=2) / np.maximum(inverse, 1e-6)[..., None]
    position = np.asarray((seen - plate.optics.projection[:, 3]) @ matrix.T, np.float32)
    normal = _normals(position, here, plate.optics.eye[:3])
    return Surroundings(position[here] + LIFT * normal[here], normal[here], here)


def _normals(position: NDArray[np.float32], here: NDArray[np.bool_], eye: Vector) -> NDArray[np.float32]:
    """Unit normals towards the camera from neighbouring points; straight at the camera along depth's edges."""
    towards = np.asarray(eye - position, np.float32)
    towards /= np.linalg.norm(towards, axis=2, keepdims=True)
    right, below = (np.gradient(position, axis=axis) for axis in (1, 0))
    normal = np.cross(below, right)
    length = np.linalg.norm(normal, axis=2, keepdims=True)
    normal /= np.maximum(length, 1e-9)
    normal *= np.sign((normal * towards).sum(axis=2, keepdims=True))
    inner = cv2.erode(here.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    normal = np.where(inner[..., None], normal, towards)
    smooth = cv2.GaussianBlur(np.asarray(normal, np.float32), (0, 0), 1)
    return np.asarray(smooth / np.maximum(np.linalg.norm(smooth, axis=2, keepdims=True), 1e-6), np.float32)


def hidden_points(
    points: Points, proxy: Proxy, slices: Sequence[Slice], light: Vector
) -> NDArray[np.float32]:
    """How far the product hides a light (direction or place, homogeneous) from each point, ``(n,)``."""
    rows = -(-len(points) // ROW)
    seen = np.zeros(rows * ROW, np.float32)
    placed = np.concatenate([points, np.ones((len(points), 1), np.float32)], axis=1)
    for cut in slices:
        change = np.asarray(proxy.optics.projection @ thrown(light, cut.plane), np.float32)
        x, y, depth = change @ placed.T
        facing = placed @ np.asarray(cut.plane, np.float32)
        ahead = facing * np.float32(cut.plane @ light) < 0
        place = np.full((2, rows * ROW), -10, np.float32)
        np.divide(x, depth, out=place[0, : len(points)], where=ahead)
        np.divide(y, depth, out=place[1, : len(points)], where=ahead)
        across, down = place.reshape(2, rows, ROW)
        one = np.asarray(cv2.remap(cut.coverage, across, down, cv2.INTER_LINEAR), np.float32)
        np.maximum(seen, one.ravel(), out=seen)
    return seen[: len(points)]


def _reached(points: Points, proxy: Proxy, light: Vector, margin: float) -> NDArray[np.bool_]:
    """Which points look through the stack, or nearly, towards a light."""
    height, width = proxy.slices[0].coverage.shape
    found = np.zeros(len(points), bool)
    placed = np.concatenate([points, np.ones((len(points), 1), np.float32)], axis=1)
    for cut in (proxy.slices[0], proxy.slices[len(proxy.slices) // 2], proxy.slices[-1]):
        x, y, depth = np.asarray(proxy.optics.projection @ thrown(light, cut.plane), np.float32) @ placed.T
        with np.errstate(divide="ignore", invalid="ignore"):
            x, y = x / depth, y / depth
        found |= (
            (x > -margin * width)
            & (x < (1 + margin) * width)
            & (y > -margin * height)
            & (y < (1 + margin) * height)
        )
    return found


def key_shadow(
    there: Surroundings, proxy: Proxy, lights: Sequence[Vector], step: int, size: Size
) -> Coverage:
    """The share of the key light's samples that the product hides from the surroundings, frame size."""
    lost = np.zeros(len(there.points), np.float32)
    mean = np.mean(lights, axis=0)
    near = np.flatnonzero(_reached(there.points, proxy, mean, 0.6))
    if len(near):
        points = there.points[near]
        cast = sum(
            hidden_points(points, proxy, every(proxy.slices, step * proxy.fine), light) for light in lights
        )
        lost[near] = cast / np.float32(len(lights))
    return there.spread(lost, size)


def ambient(there: Surroundings, product: Blocker, panorama: Linear, light: Irradiance, size: Size) -> Linear:
    """The share of ambient light that still arrives at the surroundings, per channel, frame size."""
    coarse = there.thinned(SHADE_STRIDE)
    if not len(coarse.points):
        return np.ones((size.height, size.width, 3), np.float32)
    shade = lost(coarse.points, coarse.normals, product, panorama, light)
    return 1 - coarse.spread(shade, size)
