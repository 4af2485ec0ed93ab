"""Colour and noise: the arithmetic under every painted texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = NDArray[np.float32]
"""``float32``, shape ``(height, width)`` or, for colours, ``(height, width, 3)`` in linear light."""


def linear(color: str) -> Field:
    """``#rrggbb`` as linear RGB."""
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)
    low, high = srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4
    return np.where(srgb <= 0.04045, low, high).astype(np.float32)


def value_noise(rng: np.random.Generator, size: tuple[int, int], cells: tuple[float, float]) -> Field:
    """Smooth noise, unit variance at its lattice: about ``cells`` (down, across) features over ``size``."""
    height, width = size
    down, across = cells
    lattice = rng.standard_normal((max(2, int(down)) + 3, max(2, int(across)) + 3)).astype(np.float32)
    wide, tall = width + 2 * int(width / across) + 2, height + 2 * int(height / down) + 2
    grown = cv2.resize(lattice, (wide, tall), interpolation=cv2.INTER_CUBIC)
    top, left = int(height / down), int(width / across)
    return np.asarray(grown[top : top + height, left : left + width], np.float32)


def fractal_noise(
    rng: np.random.Generator,
    size: tuple[int, int],
    cells: tuple[float, float],
    octaves: int = 5,
    gain: float = 0.5,
) -> Field:
    """Octaves of ``value_noise``, each twice as fine and ``gain`` times as strong."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        scaled = (cells[0] * 2**octave, cells[1] * 2**octave)
        if scaled[0] > size[0] or scaled[1] > size[1]:
            break
        total += value_noise(rng, size, scaled) * np.float32(gain**octave)
    return total


def smoothstep(low: float, high: float, x: ArrayLike) -> Field:
    """0 below ``low``, 1 above ``high``, smooth in between."""
    t = np.clip((np.asarray(x, np.float32) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
