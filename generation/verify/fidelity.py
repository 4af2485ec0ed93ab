"""Is the product in the finished picture still the merchant's product, pixel for pixel?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from generation.types import Coverage, Picture

EROSION_PX: Final = 2
"""The outline mixes with the scene by design; it is left out of the comparison."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Differences in steps of 1/255 over ``pixels`` compared pixels (the largest of the three channels);
    both 0 where none could be."""

    max_difference: int
    pixels: int


def fidelity(final: Picture, product: Picture, covered: Coverage) -> Fidelity:
    """Compare the finished RGB picture with the RGBA product layer of the same size.

    Compared is where the layer is fully opaque, eroded by ``EROSION_PX``, and ``covered`` is exactly zero.
    """
    matte = (product[..., 3] == 255).astype(np.uint8)
    square = np.ones((2 * EROSION_PX + 1, 2 * EROSION_PX + 1), np.uint8)
    inside = cv2.erode(matte, square, borderType=cv2.BORDER_CONSTANT, borderValue=1).astype(bool)
    compared = inside & (covered <= 0.0)
    pixels = int(compared.sum())
    if pixels == 0:
        return Fidelity(0, 0)
    difference = np.abs(final[compared].astype(np.int16) - product[compared][:, :3].astype(np.int16))
    return Fidelity(int(difference.max()), pixels)
