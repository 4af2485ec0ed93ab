"""What a picture is measured by: its size, its mean colour, where the lettering of a headline asset is."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.types import Box, Picture, Size

INK_ALPHA: Final = 217
"""Alpha (of 255) from which a pixel of a headline asset is lettering rather than shadow or glow."""


def size_of(picture: Picture) -> Size:
    return Size(picture.shape[1], picture.shape[0])


def mean_color(picture: Picture, box: Box) -> tuple[float, float, float]:
    """Mean linear RGB of what lies in ``box`` (by the power 2.2: good enough to choose dark or light type)."""
    part = picture[max(box.y, 0) : box.bottom : 4, max(box.x, 0) : box.right : 4, :3].astype(np.float32)
    red, green, blue = (float(mean) for mean in ((part / 255) ** 2.2).reshape(-1, 3).mean(axis=0))
    return (red, green, blue)


def ink_box(asset: Picture) -> Box:
    """The box of the lettering in a headline asset, without its shadow and glow."""
    rows, columns = np.nonzero(asset[..., 3] >= INK_ALPHA)
    if not len(rows):
        return Box(0, 0, asset.shape[1], asset.shape[0])
    left, top = int(np.min(columns)), int(np.min(rows))
    return Box(left, top, int(np.max(columns)) - left + 1, int(np.max(rows)) - top + 1)
