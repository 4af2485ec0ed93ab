"""Where something small may lie in a finished picture: off product and words, in what the channel leaves free."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.compose.placement import SIDE_MARGIN, TOP_MARGIN
from generation.compose.terrain import FAINT_ALPHA, GAP
from generation.types import Box, Coverage, Picture, Size

Places: TypeAlias = NDArray[np.int64]
"""Pixels from the frame's left or top."""
MARGIN: Final = 0.05
"""Of the geometric mean side, kept free around the frame; in a strip what a headline keeps free."""
LETTERING_GAP: Final = 0.02
"""Of the geometric mean side: what is kept from headline and small lines."""
LETTERING: Final = 0.3
"""Coverage from which a pixel is lettering; below it is a glow, over which something may lie."""
CELL: Final = 4
"""Pixels: room is looked for on a grid so coarse."""


@dataclass(frozen=True, slots=True)
class Room:
    """``taken`` counts cells with product or lettering (summed-area table); ``region`` is the frame without margins."""

    size: Size
    region: Box
    taken: Coverage

    @classmethod
    def of(
        cls, size: Size, product: Picture | None, covered: Coverage, safe: Box | None, margin: float = MARGIN
    ) -> Self:
        side = side_of(size)
        small = (ceil(size.width / CELL), ceil(size.height / CELL))
        taken = _grown(covered, LETTERING, small, LETTERING_GAP * side)
        if product is not None:
            alpha = np.ascontiguousarray(product[..., 3])
            taken = np.maximum(taken, _grown(alpha, FAINT_ALPHA - 1, small, GAP * side))
        return cls(size, _region(size, safe, margin), np.asarray(cv2.integral(taken), np.float32))

    def is_free(self, box: Box) -> bool:
        region = self.region
        if box.x < region.x or box.y < region.y or box.right > region.right or box.bottom > region.bottom:
            return False
        return bool(self.are_free(np.array([box.x]), np.array([box.y]), Size(box.width, box.height))[0, 0])

    def are_free(self, xs: Places, ys: Places, extent: Size) -> NDArray[np.bool_]:
        """Of all boxes of that size inside the region at these lefts and tops, which touch nothing: a row for each
        top."""
        left, right = xs // CELL, np.minimum(-(-(xs + extent.width) // CELL), self.taken.shape[1] - 1)
        top, bottom = ys // CELL, np.minimum(-(-(ys + extent.height) // CELL), self.taken.shape[0] - 1)
        upper, lower = self.taken[top], self.taken[bottom]
        inside = lower[:, right] - upper[:, right] - lower[:, left] + upper[:, left]
        return np.asarray(inside <= 0, np.bool_)


def side_of(size: Size) -> float:
    """The frame's geometric mean side, in pixels."""
    return float(np.sqrt(size.width * size.height))


def _grown(values: Coverage | Picture, above: float, small: tuple[int, int], by: float) -> Picture:
    """1 in the coarse grid's cells in which any value is ``above``, and ``by`` pixels around them."""
    _, marked = cv2.threshold(values, above, 255, cv2.THRESH_BINARY)
    cells = (cv2.resize(marked, small, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    radius = ceil(by / CELL)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(cells, disc), np.uint8)


def _region(size: Size, safe: Box | None, margin: float) -> Box:
    own = margin * side_of(size)
    x, y = round(min(own, SIDE_MARGIN * size.width)), round(min(own, TOP_MARGIN * size.height))
    right, bottom = size.width - x, size.height - y
    if safe is not None:
        x, y, right, bottom = max(x, safe.x), max(y, safe.y), min(right, safe.right), min(bottom, safe.bottom)
    return Box(x, y, right - x, bottom - y)
