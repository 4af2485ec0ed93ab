"""Colours expected at a pixel, told from the known ones around it: near ones where there are any, else far ones.

A pyramid is averaged down over the known pixels and filled from coarse to fine ("pull-push": Gortler et al. 1996,
"The Lumigraph"), of colours and of their squares, so that it also says how far the known colours stray.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.types import Coverage

FINEST: Final = 4
"""Pixels of the picture a cell of the finest level has, along each side."""
ENOUGH: Final = 0.4
"""Share of known pixels from which a level's own mean needs no coarser one."""


@dataclass(frozen=True, slots=True)
class Shades:
    """Expected colours (``mean``, sRGB 0..1, ``(h, w, 3)``) and how far the known ones stray around them
    (``variance``, mean of the three channels, ``(h, w)``), a ``FINEST``-th of the picture's size."""

    mean: NDArray[np.float32]
    variance: Coverage

    def at_size(self, width: int, height: int) -> Shades:
        """The same, enlarged."""
        size = (width, height)
        mean = cv2.resize(self.mean, size, interpolation=cv2.INTER_LINEAR)
        variance = cv2.resize(self.variance, size, interpolation=cv2.INTER_LINEAR)
        return Shades(np.asarray(mean, np.float32), np.asarray(variance, np.float32))


def shades_of(picture: NDArray[np.float32], known: Coverage) -> Shades | None:
    """What the pixels weighted by ``known`` (0..1, the picture's size) say of all others; ``None`` without any.

    ``picture`` is ``float32`` sRGB 0..1, ``(h, w, 3)``.
    """
    if not known.any():
        return None
    weighed = picture * known[..., None]
    squares = np.einsum("ijk,ijk->ij", weighed, picture) / np.float32(3)
    levels = [np.dstack([_reduced(values, FINEST) for values in (weighed, squares, known)])]
    while min(levels[-1].shape[:2]) > 1:
        last = levels[-1]
        # OpenCV averages areas of four channels at most.
        levels.append(np.dstack([_reduced(last[..., :4], 2), _reduced(last[..., 4], 2)]))
    total = levels[-1].sum(axis=(0, 1))
    filled = np.broadcast_to(total[:4] / total[4], (*levels[-1].shape[:2], 4)).astype(np.float32)
    for level in reversed(levels):
        coarse = cv2.resize(filled, (level.shape[1], level.shape[0]), interpolation=cv2.INTER_LINEAR)
        weight = level[..., 4:]
        own = level[..., :4] / np.maximum(weight, 1e-6)
        share = np.minimum(weight / ENOUGH, 1.0)
        filled = np.asarray(coarse + share * (own - coarse), np.float32)
    mean = np.ascontiguousarray(filled[..., :3])
    variance = np.maximum(filled[..., 3] - np.einsum("ijk,ijk->ij", mean, mean) / 3.0, 0.0)
    return Shades(mean, np.asarray(variance, np.float32))


def _reduced(values: NDArray[np.float32], times: int) -> NDArray[np.float32]:
    size = (max(1, -(-values.shape[1] // times)), max(1, -(-values.shape[0] // times)))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
