"""Ambient shade at a distance: what a product takes of the surroundings' light from walls, props and far ground.

Away from the foot the stack of slices is more than is needed, and sampling the sky would miss a small product now
and then. So the product is taken for a patchwork in the middle of its stack, each patch seen under the solid angle of
an ellipse as deep as the stack: the form factors of radiosity, smooth everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.irradiance import Irradiance
from generation.studio.optics import Vector
from generation.studio.proxy import Proxy
from generation.types import Linear

Points = NDArray[np.float32]
"""``float32``, ``(n, 3)``: places or unit normals."""

PATCHES = 10
"""Patches along the longer side of the silhouette."""
LEAST_PATCH = 0.05
"""Coverage below which a patch counts for nothing."""
MOST_HIDDEN = 0.9
STEP, OVER_AN_EDGE = 0.05, 0.5
"""From ground lower than the product's own by this much (units), its podium's edge hides part of the product."""
THROWN_ON = 1.15
"""What is taken from one surface is not thrown on to the next either (fitted to references of lit rooms)."""
PANORAMA = (16, 8)
"""The surroundings, as coarse as one product hides them."""
MOST_LOST = 0.94
"""However bright what a product hides: something still comes from around it and off the surfaces nearby."""
BRIGHTEST = 1.5
"""Bounce may lift a surface's ambient light this far above the bare plate's."""


@dataclass(frozen=True)
class Blocker:
    """The patches: places, areas times coverage (square units), their common normal, how deep the product is
    as a share of its width, and how high it stands."""

    places: NDArray[np.float32]
    areas: NDArray[np.float32]
    normal: NDArray[np.float32]
    depth: float
    foot: float
    color: NDArray[np.float32]


def blocker(proxy: Proxy) -> Blocker:
    """The patchwork of a stack of slices."""
    matte = np.max([cut.coverage for cut in proxy.slices], axis=0)
    height, width = matte.shape
    step = max(height, width) / PATCHES
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    coverage = np.asarray(cv2.resize(matte, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    first, middle, last = (proxy.slices[i].plane for i in (0, len(proxy.slices) // 2, -1))
    x, y = np.meshgrid(np.linspace(-0.5, width - 0.5, columns + 1), np.linspace(-0.5, height - 0.5, rows + 1))
    corners = proxy.optics.onto(middle) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    grid = (corners[:3] / corners[3]).T.reshape(rows + 1, columns + 1, 3)
    across = (grid[:-1, 1:] - grid[:-1, :-1] + grid[1:, 1:] - grid[1:, :-1]) / 2
    down = (grid[1:, :-1] - grid[:-1, :-1] + grid[1:, 1:] - grid[:-1, 1:]) / 2
    areas = np.linalg.norm(np.cross(across, down), axis=2) * coverage
    places = (grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:]) / 4
    kept = coverage > LEAST_PATCH
    wide = float(np.linalg.norm(across[kept], axis=1).sum() / rows) if kept.any() else 1.0
    deep = abs(float(last[3] - first[3]))
    return Blocker(
        np.asarray(places[kept], np.float32),
        np.asarray(areas[kept], np.float32),
        np.asarray(middle[:3], np.float32),
        min(deep / max(wide, 1e-6), 1.0),
        float(proxy.place.foot[2]),
        proxy.color,
    )


def lost(points: Points, normals: Points, product: Blocker, panorama: Linear, light: Irradiance) -> Points:
    """The share of ambient light, per channel, that surfaces at ``points`` lose to the product, less what it gives
    them back."""
    hidden, middle = _form_factors(points, normals, product)
    hidden *= np.where(points[:, 2] < product.foot - STEP, np.float32(OVER_AN_EDGE), 1)
    towards = middle - points
    towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-6)
    blocked = _radiance(panorama, towards, light)
    front, back = (light.on(np.asarray(side * product.normal, float)) for side in (1.0, -1.0))
    sees_front = (towards @ product.normal < 0)[:, None]
    given_back = product.color * np.where(sees_front, front, back)
    arriving = np.maximum(light.ambient(normals), 1e-4)
    taken = hidden[:, None] * (THROWN_ON * blocked - given_back) / arriving
    return np.asarray(np.clip(taken, 1 - BRIGHTEST, MOST_LOST), np.float32)


def _form_factors(
    points: Points, normals: Points, product: Blocker
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The cosine-weighted share of its hemisphere that the product hides from each point, and the middle of what it
    sees of the product."""
    hidden = np.zeros(len(points), np.float32)
    middle = np.zeros_like(points)
    thin = np.float32(product.depth**2)
    for place, area in zip(product.places, product.areas, strict=True):
        way = place - points
        squared = np.maximum(np.einsum("ij,ij->i", way, way), area)
        facing = np.maximum(np.einsum("ij,ij->i", way, normals), 0)
        turned = (way @ product.normal) ** 2 / squared
        share = facing * np.sqrt(turned + thin * (1 - turned)) * (area / np.pi) / squared**1.5
        hidden += share
        middle += place * share[:, None]
    middle /= np.maximum(hidden, 1e-9)[:, None]
    return np.minimum(hidden, np.float32(MOST_HIDDEN)), middle


def _radiance(panorama: Linear, directions: Points, light: Irradiance) -> Points:
    """What comes from each direction: the panorama, and below the horizon the key light off the ground."""
    coarse = np.asarray(cv2.resize(panorama, PANORAMA, interpolation=cv2.INTER_AREA), np.float32)
    padded = np.concatenate([coarse[:, -1:], coarse, coarse[:, :1]], axis=1)
    x = (np.arctan2(directions[:, 0], directions[:, 1]) / (2 * np.pi) + 0.5) * PANORAMA[0] + 0.5
    y = np.clip(np.arccos(np.clip(directions[:, 2], -1, 1)) / np.pi * PANORAMA[1] - 0.5, 0, PANORAMA[1] - 1)
    places = np.stack([x, y]).astype(np.float32)[:, None]
    rows = -(-len(directions) // 512)
    wrapped = np.zeros((2, rows * 512), np.float32)
    wrapped[:, : len(directions)] = places[:, 0]
    across, down = wrapped.reshape(2, rows, 512)
    seen = np.asarray(cv2.remap(padded, across, down, cv2.INTER_LINEAR), np.float32)
    below = np.clip(-8 * directions[:, 2:], 0, 1) * light.ground
    return np.asarray(seen.reshape(-1, 3)[: len(directions)] + below, np.float32)


def plane_points(to_plane: Vector, height: int, width: int) -> Points:
    """The points of a plane behind the pixels of a raster, from its 4x3 matrix."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    placed = to_plane @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    return np.asarray((placed[:3] / placed[3]).T, np.float32)
