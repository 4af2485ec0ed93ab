"""How bright a surface at the product's place is, by the way it faces: what a product gives back to the scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.studio.optics import Vector
from generation.studio.plate import Key, Stage
from generation.types import Linear

GROUND_SEEN = 0.5
"""Share of the key light on the ground that comes back up to the product; the rest falls in its own shadow."""
NEAR_FOOT = 1.2
"""The ground is measured this far around the foot, in widths of the product."""
LIT = 95.0
"""Percentile of the key light around the foot that counts as fully lit, not shaded by a leaf or a bar."""

Color = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Irradiance:
    """The radiance of a white matt surface by its normal. Of the surroundings only the mean and the first
    moment are kept: ``E / pi = mean + 2 moment . normal`` (Ramamoorthi and Hanrahan 2001, to the first order)."""

    mean: Color
    moment: NDArray[np.float32]
    key: Color
    key_direction: Vector
    ground: Color

    def on(self, normal: Vector) -> Color:
        """Linear RGB on a surface with that unit normal."""
        ambient = np.maximum(self.mean + 2 * (self.moment @ normal), 0)
        key = self.key * max(float(normal @ self.key_direction), 0.0)
        return np.asarray(ambient + key + self.ground * (1 - normal[2]) / 2, np.float32)

    def ambient(self, normals: NDArray[np.float32]) -> NDArray[np.float32]:
        """All but the key light itself, on surfaces with these unit normals, ``(n, 3)``."""
        around = np.maximum(self.mean + 2 * (normals @ self.moment.T), 0)
        return np.asarray(around + self.ground * (1 - normals[:, 2:]) / 2, np.float32)


def irradiance(stage: Stage) -> Irradiance:
    """Measure a stage at the product's place."""
    plate = stage.plate
    mean, moment = _moments(plate.environment)
    lit, ground = _ground(stage)
    key = _key_radiance(plate.key, plate.base) * np.float32(lit)
    return Irradiance(mean, moment, key, plate.key.direction, ground * np.float32(GROUND_SEEN))


def _moments(panorama: Linear) -> tuple[Color, NDArray[np.float32]]:
    height, width = panorama.shape[:2]
    polar = (np.arange(height) + 0.5) / height * np.pi
    heading = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    sine = np.sin(polar)[:, None]
    x, y = sine * np.sin(heading), sine * np.cos(heading)
    z = np.broadcast_to(np.cos(polar)[:, None], x.shape)
    weight = np.broadcast_to(sine, x.shape) / (sine.sum() * width)
    mean = np.einsum("hw,hwc->c", weight, panorama)
    moment = np.einsum("hw,hwc,khw->ck", weight, panorama, np.stack([x, y, z]))
    return np.asarray(mean, np.float32), np.asarray(moment, np.float32)


def _key_radiance(key: Key, base: Vector) -> Color:
    """A white surface that faces the key light."""
    color = np.array(key.color, np.float32)
    if key.place is None or key.axes is None:
        return np.asarray(color * np.float32(key.energy / np.pi), np.float32)
    out = np.cross(*key.axes)
    out /= np.linalg.norm(out)
    reach = float(np.linalg.norm(key.place - base))
    falloff = abs(float(out @ key.direction)) / (np.pi * reach) ** 2
    return np.asarray(color * np.float32(key.energy * falloff), np.float32)


def _ground(stage: Stage) -> tuple[float, Color]:
    """Around the foot: which share of the key light arrives, and what the ground throws back of it."""
    x, y = stage.optics.project(stage.plate.base)
    reach = NEAR_FOOT * stage.plate.product_width * stage.optics.scale_at(stage.plate.base)
    rows = slice(max(0, int(y - reach / 2)), max(1, int(y + reach / 2)))
    columns = slice(max(0, int(x - reach)), max(1, int(x + reach)))
    key, mask = stage.key[rows, columns][::4, ::4], stage.masks[0][rows, columns][::4, ::4]
    on_ground = key[mask > 0.5]
    if not len(on_ground):
        return 1.0, np.zeros(3, np.float32)
    brightness = on_ground.mean(axis=1)
    lit = float(brightness.mean() / max(float(np.percentile(brightness, LIT)), 1e-6))
    return min(lit, 1.0), np.asarray(on_ground.mean(axis=0), np.float32)
