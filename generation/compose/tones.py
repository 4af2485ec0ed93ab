"""Colours of the small lines, taken from the headline's own, so that an ad speaks with one voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from generation.palette import HOUSE_RED, Rgb, badge_ground, luminance, rgb_of
from generation.types import Picture

SOLID_ALPHA: Final = 217
"""Alpha (of 255) from which a pixel of the asset is lettering."""
LIGHT_TINT, DARK_TINT = 0.10, 0.16
"""How much of the headline's colour goes into near-white and near-black type."""
LIGHT_FROM: Final = 0.12
"""Linear luminance from which a headline counts as light."""
PALE, DEEP = np.array([252, 251, 249], np.float32), np.array([26, 23, 21], np.float32)
COLORFUL: Final = 0.28
"""Saturation (HSV) from which the headline's colour serves for the badge; else the house red does."""


@dataclass(frozen=True, slots=True)
class Inks:
    """Near-white type, near-black type, and the badge's ground; white reads on ``accent``. ``light``: the
    headline itself is rather light."""

    pale: Rgb
    deep: Rgb
    accent: Rgb
    light: bool = True

    def text(self, light: bool) -> Rgb:
        return self.pale if light else self.deep


HOUSE_INKS: Final = Inks((252, 251, 249), (26, 23, 21), HOUSE_RED)


def inks_for(asset: Picture) -> Inks:
    """The inks that go with a headline asset (RGBA)."""
    solid = asset[..., 3] >= SOLID_ALPHA
    if not solid.any():
        return HOUSE_INKS
    color = np.median(asset[solid][:, :3], axis=0).astype(np.float32)
    return Inks(
        _rgb(PALE + (color - PALE) * LIGHT_TINT),
        _rgb(DEEP + (color - DEEP) * DARK_TINT),
        _accent(color),
        luminance(color.tolist()) > LIGHT_FROM,
    )


def branded(inks: Inks, accent: str) -> Inks:
    """The same inks with a shop's own colour (``#rrggbb``) under the badge, as deep as white type on it needs."""
    return replace(inks, accent=badge_ground(rgb_of(accent)))


def _accent(color: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Rgb:
    """The headline's colour, darkened until white reads on it."""
    highest, lowest = float(color.max()), float(color.min())
    if highest < 1 or (highest - lowest) / highest < COLORFUL or _turns_olive(color):
        return HOUSE_RED
    return badge_ground(color.tolist())


def _turns_olive(color: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bool:
    """Gold and yellow darken to olive: red goes better with them."""
    red, green, blue = color
    return bool(red >= green > blue and (green - blue) > 0.45 * (red - blue))


def _rgb(color: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Rgb:
    red, green, blue = (int(np.clip(round(float(c)), 0, 255)) for c in color)
    return red, green, blue
