"""How a logo is set so that it shows: as it is, in one colour, or on a plate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from generation.compose.layers import Floats3, luminance
from generation.compose.legibility import FLARE, edge_contrast
from generation.compose.tones import DEEP, PALE
from generation.types import Box, Coverage, Picture, Size

FINE: Final = 2
"""Of its largest size in the frame: so large the logo is kept while its places are compared."""
WANTED_CONTRAST: Final = 3.0
"""WCAG 2.2, 1.4.11: graphics. Below it the logo is set in one colour or on a plate. Hue adds hardly anything to it:
a logo is small, and red on blue of one lightness flickers."""
ONE_COLOR: Final = 14.0
"""Mean distance (CIE Lab) from its median colour up to which a logo counts as of one colour."""
OPAQUE_SHARE, SIGN_SHARE = 0.98, 0.6
"""Of a logo's rectangle that is covered: from the first on it is a tile with a ground of its own, from the second
on a sign that may bring one."""
SEEN_PART: Final = 6.0
"""Percentage of a sign that its marks, or its ground, have at least."""
TILE_ROUND, PLATE_ROUND, PLATE_PAD = 0.1, 0.22, 0.16
"""Of the shorter side: how far corners are rounded, and what a plate leaves around its logo."""
PLATE_ALPHA: Final = 0.94
JUDGED_PX: Final = 96
"""A logo is judged at this size, about twice what a phone shows of it."""
GROUND_SPACE: Final = 0.35
"""Of the logo's height: how far around it its ground is judged."""


class Treatment(StrEnum):
    """How the logo is set so that it shows."""

    AS_IT_IS = "as-it-is"
    TILE = "tile"
    ONE_COLOR = "one-color"
    PLATE = "plate"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A logo ready to be laid: colour premultiplied by alpha (sRGB 0..1), and its alpha."""

    color: Floats3
    alpha: Coverage
    treatment: Treatment

    @property
    def stands_off(self) -> bool:
        return self.treatment in (Treatment.PLATE, Treatment.TILE)


def artwork(logo: Picture, largest: Size) -> Floats3:
    """The logo as it is worked with: premultiplied RGBA, sRGB 0..1, no larger than ``FINE`` times its largest use."""
    premultiplied = logo.astype(np.float32) / 255.0
    premultiplied[..., :3] *= premultiplied[..., 3:]
    return _resized(
        premultiplied,
        Size(min(FINE * largest.width, logo.shape[1]), min(FINE * largest.height, logo.shape[0])),
    )


def readable(picture: Picture, box: Box, art: Floats3) -> Drawn:
    """The logo for that box, set in the mildest way in which it shows there."""
    own = _resized(art, Size(box.width, box.height))
    if float(own[..., 3].mean()) >= OPAQUE_SHARE:
        return _tile(own)
    if _brings_its_ground(own):
        return Drawn(own[..., :3], own[..., 3], Treatment.TILE)
    if _contrast(picture, box, own) >= WANTED_CONTRAST:
        return Drawn(own[..., :3], own[..., 3], Treatment.AS_IT_IS)
    if _is_of_one_color(own):
        inks = [_inked(own, ink) for ink in (PALE, DEEP)]
        best = max(inks, key=lambda inked: _contrast(picture, box, inked))
        if _contrast(picture, box, best) >= WANTED_CONTRAST:
            return Drawn(best[..., :3], best[..., 3], Treatment.ONE_COLOR)
    return _plate(art, Size(box.width, box.height))


def _resized(art: Floats3, extent: Size) -> Floats3:
    """Averaged down to that size, or enlarged."""
    how = cv2.INTER_AREA if extent.width < art.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(art, (extent.width, extent.height), interpolation=how), np.float32)


def _contrast(picture: Picture, box: Box, drawn: Floats3) -> float:
    """Of the logo's outline against the picture around it, as of a headline's lettering."""
    where = around(box, max(4, round(GROUND_SPACE * box.height)), picture)
    seen = picture[where].astype(np.float32) / 255.0
    y, x = box.y - where[0].start, box.x - where[1].start
    inside = (slice(y, y + box.height), slice(x, x + box.width))
    seen[inside] = seen[inside] * (1.0 - drawn[..., 3:]) + drawn[..., :3]
    solid = np.zeros(seen.shape[:2], np.float32)
    solid[inside] = drawn[..., 3]
    shrink = JUDGED_PX / max(box.width, box.height)
    if shrink < 1.0:
        small = (round(seen.shape[1] * shrink), round(seen.shape[0] * shrink))
        seen = np.asarray(cv2.resize(seen, small, interpolation=cv2.INTER_AREA), np.float32)
        solid = np.asarray(cv2.resize(solid, small, interpolation=cv2.INTER_AREA), np.float32)
    return edge_contrast(seen, solid, letter_px=0.0)


def _brings_its_ground(drawn: Floats3) -> bool:
    """Whether this is a sign whose marks stand on a shape of its own: what lies around it does not matter."""
    solid = drawn[..., 3] > 0.9
    if float(drawn[..., 3].mean()) < SIGN_SHARE or not solid.any():
        return False
    dark, light = np.percentile(luminance(drawn[..., :3])[solid], (SEEN_PART, 100 - SEEN_PART))
    return bool((light + FLARE) / (dark + FLARE) >= WANTED_CONTRAST)


def _is_of_one_color(drawn: Floats3) -> bool:
    solid = drawn[..., 3] > 0.9
    if not solid.any():
        return False
    colors = (drawn[solid][:, :3] / drawn[solid][:, 3:]).astype(np.float32)
    lab = cv2.cvtColor(np.clip(colors, 0, 1)[None], cv2.COLOR_RGB2LAB)[0]
    return float(np.linalg.norm(lab - np.median(lab, axis=0), axis=1).mean()) <= ONE_COLOR


def _inked(drawn: Floats3, ink: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Floats3:
    alpha = drawn[..., 3:]
    return np.asarray(
        np.dstack([np.broadcast_to(ink / 255.0, (*alpha.shape[:2], 3)) * alpha, alpha]), np.float32
    )


def _tile(own: Floats3) -> Drawn:
    """A logo that brings its own ground, its corners rounded."""
    shape = rounded(Size(own.shape[1], own.shape[0]), TILE_ROUND)
    return Drawn(own[..., :3] * shape[..., None], own[..., 3] * shape, Treatment.TILE)


def _plate(art: Floats3, extent: Size) -> Drawn:
    """The logo on a pale or a deep plate as large as the box, whichever shows it better."""
    pad = round(PLATE_PAD * min(extent.width, extent.height))
    inner = Size(max(1, extent.width - 2 * pad), max(1, extent.height - 2 * pad))
    height, width = art.shape[:2]
    scale = min(inner.width / width, inner.height / height)
    own = _resized(art, Size(max(1, round(width * scale)), max(1, round(height * scale))))
    y, x = (extent.height - own.shape[0]) // 2, (extent.width - own.shape[1]) // 2
    box = Box(x, y, own.shape[1], own.shape[0])
    grounds = [
        np.broadcast_to(ink.astype(np.uint8), (extent.height, extent.width, 3)) for ink in (PALE, DEEP)
    ]
    ground = max(grounds, key=lambda plain: _contrast(np.asarray(plain), box, own))
    shape = rounded(extent, PLATE_ROUND) * PLATE_ALPHA
    color = ground.astype(np.float32) / 255.0 * shape[..., None]
    alpha = shape.copy()
    inside = (slice(y, box.bottom), slice(x, box.right))
    color[inside] = color[inside] * (1.0 - own[..., 3:]) + own[..., :3]
    alpha[inside] = alpha[inside] * (1.0 - own[..., 3]) + own[..., 3]
    return Drawn(np.asarray(color, np.float32), np.asarray(alpha, np.float32), Treatment.PLATE)


def rounded(extent: Size, radius_share: float) -> Coverage:
    """A rectangle with round corners that fills the extent, its edge one pixel soft."""
    radius = radius_share * min(extent.width, extent.height)
    y, x = np.mgrid[: extent.height, : extent.width].astype(np.float32) + np.float32(0.5)
    across = np.maximum(np.abs(x - extent.width / 2) - (extent.width / 2 - radius), 0.0)
    down = np.maximum(np.abs(y - extent.height / 2) - (extent.height / 2 - radius), 0.0)
    return np.asarray(np.clip(radius - np.hypot(across, down) + 0.5, 0.0, 1.0), np.float32)


def around(box: Box, by: int, picture: Picture) -> tuple[slice, slice]:
    rows = slice(max(box.y - by, 0), min(box.bottom + by, picture.shape[0]))
    return rows, slice(max(box.x - by, 0), min(box.right + by, picture.shape[1]))
