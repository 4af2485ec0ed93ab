"""The plate's camera: from scene points to the frame's pixels and back onto planes.

Points are homogeneous ``(x, y, z, 1)``, directions ``(x, y, z, 0)``; x points right, y away from the camera,
z up. A plane ``(a, b, c, d)`` holds every point with ``a x + b y + c z + d = 0``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Optics:
    """A camera. ``projection`` is 3x4, to the coordinates of the picture it belongs to; ``eye`` its place,
    homogeneous."""

    projection: Matrix
    eye: Vector

    def project(self, point: Vector) -> Vector:
        """Where a scene point ``(3,)`` or ``(4,)`` is seen: ``(x, y)``."""
        x, y, depth = self.projection @ (np.append(point, 1.0) if point.shape == (3,) else point)
        return np.array([x / depth, y / depth])

    def through(self, change: Matrix) -> Optics:
        """The same camera with ``change`` (3x3) applied to its picture coordinates."""
        return Optics(change @ self.projection, self.eye)

    def away(self, point: Vector) -> Vector:
        """The level unit direction from the camera towards a point."""
        level = np.array([*(point - self.eye[:3])[:2], 0.0])
        return np.asarray(level / np.linalg.norm(level))

    def scale_at(self, point: Vector) -> float:
        """How many picture units one scene unit spans across the view at that point."""
        ahead = self.away(point)
        right = np.array([ahead[1], -ahead[0], 0.0])
        step = 0.01
        return float(np.linalg.norm(self.project(point + right * step) - self.project(point)) / step)

    def elevation_at(self, point: Vector) -> float:
        """How steeply the camera looks down on a point, in radians."""
        reach = self.eye[:3] - point
        return float(np.arcsin(reach[2] / np.linalg.norm(reach)))

    def onto(self, plane: Vector) -> Matrix:
        """4x3: from a picture position to the point of ``plane`` seen there."""
        return thrown(self.eye, plane) @ np.linalg.pinv(self.projection)

    def axes(self) -> Matrix:
        """3x3: rows are right, up and towards the viewer, as directions of the scene."""
        forward = self.projection[2, :3] / np.linalg.norm(self.projection[2, :3])
        right = self.projection[0, :3] - (self.projection[0, :3] @ forward) * forward
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(right, forward), -forward])


def thrown(light: Vector, plane: Vector) -> Matrix:
    """4x4: where the ray from ``light`` (a point, or a direction with last component 0) through a point
    meets ``plane``: ``(plane . light) I - light plane^T``."""
    return np.asarray((plane @ light) * np.eye(4) - np.outer(light, plane))


def frame_change(crop: tuple[float, float, float, float], width: int, height: int) -> Matrix:
    """3x3: from unit coordinates to the pixels of a frame that shows ``crop`` (x, y, width, height)."""
    x, y, w, h = crop
    return np.array([[width / w, 0, -x * width / w], [0, height / h, -y * height / h], [0, 0, 1.0]])
