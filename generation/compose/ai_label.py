"""The small label that tells people that a model painted in this picture: a dark pill with white type in a corner.

Laid last, at each format's own shape, where neither product nor words nor the channel's buttons are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np

from generation.compose.logo_setting import rounded
from generation.compose.room import CELL, Room, side_of
from generation.provenance import SourceType
from generation.types import Box, Coverage, Picture, Size
from generation.typography.fonts import default_font
from generation.typography.glyphs import raster

TYPE: Final = 0.025
"""Of the frame's width: 8 px where a phone shows the picture 320 px wide."""
TYPE_IN_STRIP: Final = 0.11
"""Of the frame's height, where that is less: the smallest type that Naver's time board takes (28 px)."""
SMALLEST_TYPE_PX: Final = 9
PAD_ACROSS, PAD_DOWN = 0.62, 0.42
"""Of the type size, around the type."""
MARGIN: Final = 0.025
"""Of the frame's geometric mean side."""
PLATE, PLATE_ALPHA = 20.0, 0.66
"""Dark enough for white type on white paper: 5.7:1 (WCAG 2.2 asks 4.5:1)."""
TYPE_ALPHA: Final = 0.98
CORNERS: Final = ((0, 1), (1, 1), (1, 0), (0, 0))
"""Across and down, the likeliest first: bottom left, as a caption; logos like the bottom right."""
CORNER_COST: Final = 0.01
"""Of the geometric mean side: by so much must a later corner be nearer."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The RGB picture, what the label covers of each pixel, and where it is (None: nowhere was there room, and the
    picture is as it was)."""

    picture: Picture
    covered: Coverage
    box: Box | None = None


def wording(background: SourceType) -> str:
    """What is true of a picture with that background in which a model painted, and no more."""
    if background is SourceType.AI:
        return "AI 생성 이미지"
    return "AI 생성 배경" if background.is_ai else "AI 활용 이미지"


def add_label(
    picture: Picture, product: Picture | None, covered: Coverage, text: str, safe: Box | None
) -> Labelled:
    """Lay the label into the free corner, or as near to one as there is room.

    ``product`` is the RGBA layer of the picture's size, ``covered`` what words and logo cover, ``safe`` the part of
    the frame that the channel leaves free. Repeatable: the same input, the same bytes.
    """
    size = Size(picture.shape[1], picture.shape[0])
    lettering = _lettering(text, size)
    extent = Size(lettering.shape[1], lettering.shape[0])
    box = _place(Room.of(size, product, covered, safe, MARGIN), extent)
    if box is None:
        return Labelled(picture, np.zeros(picture.shape[:2], np.float32))
    plate = rounded(extent, 0.5)
    inside = (slice(box.y, box.bottom), slice(box.x, box.right))
    out = picture.copy()
    mixed = out[inside].astype(np.float32)
    for color, alpha in ((PLATE, PLATE_ALPHA * plate), (255.0, TYPE_ALPHA * lettering)):
        mixed += (color - mixed) * alpha[..., None]
    out[inside] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    laid = np.zeros(picture.shape[:2], np.float32)
    laid[inside] = plate
    return Labelled(out, laid, box)


def _lettering(text: str, size: Size) -> Coverage:
    """The words' coverage on the pill's own rectangle."""
    em = max(SMALLEST_TYPE_PX, floor(min(TYPE * size.width, TYPE_IN_STRIP * size.height)))
    across, down = ceil(PAD_ACROSS * em), ceil(PAD_DOWN * em)
    return raster((text,), default_font().path, em, em, (across, down, across, down)).coverage


def _place(room: Room, extent: Size) -> Box | None:
    """The free place nearest to a corner of the region."""
    region = room.region
    last_x, last_y = region.right - extent.width, region.bottom - extent.height
    if last_x < region.x or last_y < region.y:
        return None
    xs = np.unique(np.r_[np.arange(region.x, last_x, CELL), last_x])
    ys = np.unique(np.r_[np.arange(region.y, last_y, CELL), last_y])
    x, y = np.meshgrid(xs, ys)
    cost = np.min(
        [
            np.hypot(x - (last_x if across else region.x), y - (last_y if down else region.y))
            + rank * CORNER_COST * side_of(room.size)
            for rank, (across, down) in enumerate(CORNERS)
        ],
        axis=0,
    )
    free = room.are_free(xs, ys, extent)
    if not free.any():
        return None
    row, column = np.unravel_index(np.where(free, cost, np.inf).argmin(), cost.shape)
    return Box(int(xs[column]), int(ys[row]), extent.width, extent.height)
