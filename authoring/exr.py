"""Reading what Blender rendered."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def read_exr(path: Path) -> NDArray[np.float32]:
    """A float picture as linear RGB; one channel comes back three times."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise FileNotFoundError(path)
    color = pixels[..., 2::-1] if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, 2)
    return np.ascontiguousarray(color, np.float32)


def read_exr_alpha(path: Path) -> NDArray[np.float32]:
    """A float picture as premultiplied linear RGBA."""
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise FileNotFoundError(path)
    return np.ascontiguousarray(pixels[..., [2, 1, 0, 3]], np.float32)
