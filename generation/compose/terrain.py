"""A coarse map of a frame: where the product is, where the picture is calm, how light it is.

Every quantity is kept as an integral image, so that a mean over any box costs four look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.types import Box, Picture, Size

GRID_CELLS: Final = 256 * 256
"""About how many cells a map has, whatever the frame's shape."""
GAP: Final = 0.027
"""Distance kept between headline and product, as a fraction of the frame's geometric mean side."""
BREATHING: Final = 3.0
"""Within this many gaps of the product a headline feels crowded."""
FAINT_ALPHA: Final = 8
"""Product alpha (of 255) from which a pixel counts as product."""
STEEP: Final = 0.10
"""Luminance step per cell (sRGB, 0..1) at which a place counts as fully restless."""

Integral: TypeAlias = NDArray[np.float64]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terrain:
    """Integral images over a grid of ``size`` cells; ``cell``: a cell's width and height in frame pixels."""

    size: Size
    cell: tuple[float, float]
    blocked: Integral
    crowded: Integral
    product: Integral
    restless: Integral
    light: Integral
    light_squared: Integral
    product_centre: float | None
    """Where the product's middle is across the frame, 0..1."""
    kept: Integral | None = None
    """What is kept for something else than words, whatever they do with the product."""


def survey(frame: Picture, product: Picture | None, kept: Box | None = None) -> Terrain:
    """Map an RGB frame (``uint8`` sRGB) and its RGBA product layer of the same size. ``kept``: pixels of the frame
    where no words may stand."""
    height, width = frame.shape[:2]
    scale = min(1.0, float(np.sqrt(GRID_CELLS / (width * height))))
    size = Size(max(1, round(width * scale)), max(1, round(height * scale)))
    gray = cv2.cvtColor(_shrunk(frame, size), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
    matte = np.zeros((size.height, size.width), np.float32)
    touched = np.zeros_like(matte)
    if product is not None:
        alpha = np.ascontiguousarray(product[..., 3])
        matte = _shrunk(alpha, size).astype(np.float32) / 255.0
        touched = (_shrunk((alpha >= FAINT_ALPHA).astype(np.float32), size) > 0).astype(np.float32)
    gap = GAP * float(np.sqrt(size.width * size.height))
    return Terrain(
        size=size,
        cell=(width / size.width, height / size.height),
        blocked=_integral(_grown(touched, gap)),
        crowded=_integral(_grown(touched, gap * BREATHING)),
        product=_integral(matte),
        restless=_integral(_restlessness(gray) * (1.0 - touched)),
        light=_integral(gray),
        light_squared=_integral(gray * gray),
        product_centre=_centre(matte),
        kept=None if kept is None else _integral(_grown(_cells(kept, frame, size), gap)),
    )


def _cells(box: Box, frame: Picture, size: Size) -> NDArray[np.float32]:
    """1 in the cells that the box touches."""
    across, down = size.width / frame.shape[1], size.height / frame.shape[0]
    cells = np.zeros((size.height, size.width), np.float32)
    rows = slice(int(box.y * down), int(np.ceil(box.bottom * down)))
    cells[rows, int(box.x * across) : int(np.ceil(box.right * across))] = 1.0
    return cells


def box_sum(integral: Integral, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Floats:
    """Sums over boxes whose edges are cell numbers; all arguments are arrays of one shape."""
    left, top = np.floor(x0).astype(np.intp), np.floor(y0).astype(np.intp)
    right = np.minimum(np.ceil(x1).astype(np.intp), integral.shape[1] - 1)
    bottom = np.minimum(np.ceil(y1).astype(np.intp), integral.shape[0] - 1)
    above, below = (
        integral[top, right] - integral[top, left],
        integral[bottom, right] - integral[bottom, left],
    )
    return np.asarray(below - above)


def box_mean(integral: Integral, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Floats:
    """Means over boxes, as ``box_sum``."""
    area = (np.ceil(x1) - np.floor(x0)) * (np.ceil(y1) - np.floor(y0))
    return np.asarray(box_sum(integral, x0, y0, x1, y1) / np.maximum(area, 1.0))


def _shrunk(picture: NDArray[np.uint8] | NDArray[np.float32], size: Size) -> NDArray[np.uint8]:
    return cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _grown(mask: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    side = 2 * int(np.ceil(radius)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(mask, disc).astype(np.float32)


def _restlessness(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """0 on an even ground, 1 where edges run; a wide and a fine scale together."""
    fine = _steps(gray)
    wide = _steps(cv2.GaussianBlur(gray, (0, 0), 2.5).astype(np.float32)) * 2.0
    return np.asarray(np.minimum(np.maximum(fine, wide) / STEEP, 1.0), np.float32)


def _steps(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.hypot(across, down).astype(np.float32)


def _integral(values: NDArray[np.float32]) -> Integral:
    return cv2.integral(values, sdepth=cv2.CV_64F).astype(np.float64)


def _centre(matte: NDArray[np.float32]) -> float | None:
    columns = matte.sum(axis=0)
    total = float(columns.sum())
    if total <= 0:
        return None
    return float((columns * (np.arange(columns.size) + 0.5)).sum() / total / columns.size)
