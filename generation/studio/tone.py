"""From scene-linear light to what a screen shows, and back.

The tone map is AgX (Troy Sobotka) in Benjamin Wrensch's polynomial fit, with a slightly punchier look. Plates
are stored tone mapped with these very constants (``authoring/tone.py`` holds the same) and read by inverting it.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.types import Linear

Display = NDArray[np.float32]
"""``float32`` in 0..1, sRGB, shape ``(height, width, 3)``."""

INSET = np.array(
    [
        [0.842479062, 0.0784336, 0.0792237451],
        [0.0423282423, 0.878468636, 0.0791661275],
        [0.0423756549, 0.0784336, 0.879142974],
    ]
)
OUTSET = np.array(
    [
        [1.196879005, -0.098020881, -0.099029744],
        [-0.052896852, 1.15190313, -0.098961177],
        [-0.052971636, -0.09804345, 1.151073673],
    ]
)
CURVE = (15.5, -40.14, 31.96, -6.868, 0.4298, 0.1191, -0.00232)
STOPS_BELOW, STOPS = 12.47393, 16.5
"""The curve spans ``STOPS`` stops of light, beginning that far below 1.0."""
CONTRAST, SATURATION = 1.18, 1.2
LUMA = np.array([0.2126, 0.7152, 0.0722])
DARKEST = 1e-6

FORWARD_STEPS, INVERSE_STEPS = 4096, 16384

_LOOK = OUTSET @ (SATURATION * np.eye(3) + (1 - SATURATION) * np.outer(np.ones(3), LUMA))


def _forward_table() -> NDArray[np.float32]:
    curve = np.polyval(CURVE, np.linspace(0, 1, FORWARD_STEPS))
    return np.asarray(np.clip(curve, 0, 1) ** CONTRAST, np.float32)


def _inverse_table() -> NDArray[np.float32]:
    """Light by display value: the curve turned round, its contrast taken out and the logarithm undone."""
    position = np.linspace(0, 1, INVERSE_STEPS)
    rising = np.maximum.accumulate(np.clip(np.polyval(CURVE, position), 0, 1) + position * 1e-9)
    stops = np.interp(np.linspace(0, 1, INVERSE_STEPS) ** (1 / CONTRAST), rising, position)
    return np.asarray(np.exp2(stops * STOPS - STOPS_BELOW), np.float32)


_FORWARD, _INVERSE = _forward_table(), _inverse_table()
_SRGB_TO_LINEAR = np.array(
    [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255],
    np.float32,
)


def _mix(pixels: NDArray[np.float32], matrix: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    return np.asarray(cv2.transform(pixels, matrix.astype(np.float32)), np.float32)


def tone_map(light: Linear, exposure: float = 0.0) -> Display:
    """Scene-linear sRGB to display sRGB; ``exposure`` in stops. Exact to half a step of 8 bits."""
    inset = np.maximum(_mix(light, INSET * 2.0**exposure), np.float32(DARKEST))
    per_stop = (FORWARD_STEPS - 1) / STOPS
    position: Any = cv2.log(inset)
    position *= np.float32(per_stop / np.log(2))
    position += np.float32(STOPS_BELOW * per_stop + 0.5)
    np.clip(position, 0, FORWARD_STEPS - 1, out=position)
    shown = _mix(np.take(_FORWARD, position.astype(np.uint16)), _LOOK)
    return np.clip(shown, 0, 1, out=shown)


def scene_light(shown: Display) -> Linear:
    """Display sRGB back to scene-linear: the inverse of ``tone_map`` at exposure 0, up to clipping."""
    curved = _mix(shown, np.linalg.inv(_LOOK))
    curved *= np.float32(INVERSE_STEPS - 1)
    curved += np.float32(0.5)
    np.clip(curved, 0, INVERSE_STEPS - 1, out=curved)
    light = _mix(np.take(_INVERSE, curved.astype(np.uint16)), np.linalg.inv(INSET))
    return np.maximum(light, 0, out=light)


def photo_light(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """An 8-bit sRGB photo in linear light, by the sRGB transfer curve alone (no tone map)."""
    return np.take(_SRGB_TO_LINEAR, picture)
