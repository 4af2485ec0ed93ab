"""The merchant's brush: strokes over a cut-out that keep or erase, and leave all else to the bit as it was."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.cutout import edges, require_product, seam
from generation.cutout.inside import CORE
from generation.types import Coverage, Cutout, Picture


def brushed(photo: Picture, cut: Picture | None, strokes: Picture) -> Cutout:
    """``cut`` (RGBA, of the photo's size; None where nothing was found yet) as the strokes change it.

    ``strokes`` is RGBA of any size over the whole photo: alpha tells how much of a pixel was painted, red whether
    it was kept (255) or erased (0). A small one is enlarged, so that a brush need not work on all of the photo's
    pixels. Raises ``ProductNotFound`` when next to nothing is left.
    """
    height, width = photo.shape[:2]
    before = np.zeros((height, width, 4), np.uint8) if cut is None else cut
    painted, kept = _at_size(strokes, width, height)
    touched = painted > 0
    matte = before[..., 3].astype(np.float32) / np.float32(255) * (1 - painted) + kept
    require_product(float((matte >= CORE).mean()))
    picture = before.copy()
    if touched.any():
        rows, columns = _window(touched, round(edges.MARGIN * seam.shrink_of(height, width)))
        fresh = edges.layered(
            np.ascontiguousarray(photo[rows, columns, :3]),
            np.ascontiguousarray(matte[rows, columns]),
            keep_coverage=True,
        )
        picture[rows, columns] = np.where(touched[rows, columns, None], fresh, before[rows, columns])
    return Cutout(picture, "brush", 1.0)


def _at_size(strokes: Picture, width: int, height: int) -> tuple[Coverage, Coverage]:
    """How much of each pixel of the photo was painted, and how much of it is kept by that."""
    painted = strokes[..., 3].astype(np.float32) / np.float32(255)
    kept = painted * (strokes[..., 0].astype(np.float32) / np.float32(255))
    large = cv2.resize(np.dstack([painted, kept]), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[..., 0]), np.ascontiguousarray(large[..., 1])


def _window(touched: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """The rows and columns around what was painted: an edge's colours are told from both of its sides."""
    rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )
