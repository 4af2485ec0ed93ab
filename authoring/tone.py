"""The tone map a plate is shipped with. The reader inverts it, so both sides hold the same constants.

AgX after Troy Sobotka, in Benjamin Wrensch's polynomial fit (sixth degree), with a slightly punchier look.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Linear = NDArray[np.float32]

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
STOPS_BELOW, STOPS = 12.47393, 16.5
CURVE = (15.5, -40.14, 31.96, -6.868, 0.4298, 0.1191, -0.00232)
CONTRAST, SATURATION = 1.18, 1.2
LUMA = np.array([0.2126, 0.7152, 0.0722])


def agx(scene: Linear, exposure: float = 0.0) -> Linear:
    """Scene-linear sRGB to display sRGB in 0..1; ``exposure`` in stops."""
    inset = cv2.transform(scene, (INSET * 2.0**exposure).astype(np.float32))
    position = np.clip((np.log2(np.maximum(inset, 1e-6)) + STOPS_BELOW) / STOPS, 0, 1)
    curved = np.clip(np.polyval(CURVE, position), 0, 1).astype(np.float32) ** np.float32(CONTRAST)
    saturate = SATURATION * np.eye(3) + (1 - SATURATION) * np.outer(np.ones(3), LUMA)
    return np.clip(cv2.transform(curved, (OUTSET @ saturate).astype(np.float32)), 0, 1)
