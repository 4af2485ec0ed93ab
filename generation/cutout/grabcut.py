"""GrabCut finds the product when there are no weights (Rother, Kolmogorov, Blake 2004; OpenCV's).

It believes that the frame's border is background and separates by colour, so it wants a product that
stands apart from what it lies on.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from generation.types import Coverage, Picture

WORKING_SIDE: Final = 480
"""Pixels of the longer side; enough for colour models, and below a second."""
BORDER: Final = 0.03
"""Of the shorter side: the strip that is background for sure."""
CORE: Final = 0.34
"""Of width and height: half the axis of the middle ellipse that is probably product."""
ROUNDS: Final = 6
SOFTENING_SIGMA: Final = 0.8
"""Pixels, at the working size: turns the yes or no of each pixel into an edge."""


def matte_of(photo: Picture, side: int = WORKING_SIDE) -> Coverage:
    """The raw matte of an RGB photo, its longer side at most ``side`` px. The same photo gives the same matte."""
    scale = min(1.0, side / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = _first_guess(small.shape[0], small.shape[1])
    cv2.setRNGSeed(0)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, mask, (0, 0, 0, 0), background, foreground, ROUNDS, cv2.GC_INIT_WITH_MASK)
    product = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(product, 5), (0, 0), SOFTENING_SIGMA), np.float32)


def _first_guess(height: int, width: int) -> Picture:
    mask = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    centre, axes = (width // 2, height // 2), (round(width * CORE), round(height * CORE))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, int(cv2.GC_PR_FGD), -1)
    strip = max(1, round(min(height, width) * BORDER))
    mask[:strip] = mask[-strip:] = cv2.GC_BGD
    mask[:, :strip] = mask[:, -strip:] = cv2.GC_BGD
    return mask
