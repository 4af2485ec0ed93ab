"""Colours of a brand: those its logo is made of, and how deep one has to be under white type. Imported by the web
process: Pillow and NumPy."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from PIL import Image

from generation.types import Picture

Rgb: TypeAlias = tuple[int, int, int]

SIDE: Final = 96
"""Pixels at which colours are counted."""
BIN_BITS: Final = 4
"""Colours that differ in so many low bits only are counted as one."""
LEAST_SHARE: Final = 0.02
"""Of what is to be seen: rarer colours are edges, which mix their neighbours, and noise."""
APART: Final = 48
"""Steps of 1/255 (largest of the channels) between two colours that are told apart."""
GREYISH: Final = 0.16
"""Saturation (HSV) below which a colour tells little of a brand."""
HOUSE_RED: Final[Rgb] = (208, 33, 41)
BADGE_CONTRAST: Final = 4.5
"""White type on the badge: WCAG 2.2, 1.4.3."""
DARKER: Final = 0.96


def colors_of(picture: Picture, most: int = 4) -> list[str]:
    """Up to ``most`` colours of an RGBA picture as ``#rrggbb``: much of it and saturated first, greys last, white
    and black never while there is anything else."""
    image = Image.fromarray(np.ascontiguousarray(picture)).convert("RGBA")
    image.thumbnail((SIDE, SIDE))
    pixels = np.asarray(image)
    solid = pixels[pixels[..., 3] > 200][:, :3]
    if not len(solid):
        return []
    bins, counts = np.unique(solid >> BIN_BITS, axis=0, return_counts=True)
    shares: dict[tuple[int, ...], float] = {}
    for marked, count in zip(bins, counts, strict=True):
        if count >= LEAST_SHARE * len(solid):
            color = np.median(solid[(solid >> BIN_BITS == marked).all(axis=1)], axis=0)
            shares[tuple(int(part) for part in color)] = count / len(solid)
    ranked = sorted(shares, key=lambda color: (-_telling(color, shares[color]), color))
    chosen: list[tuple[int, ...]] = []
    for color in ranked:
        apart = all(max(abs(a - b) for a, b in zip(color, other, strict=True)) > APART for other in chosen)
        if apart:
            chosen.append(color)
    colored = [color for color in chosen if _saturation(color) >= GREYISH]
    return ["#{:02x}{:02x}{:02x}".format(*color) for color in (colored or chosen)[:most]]


def _saturation(color: tuple[int, ...]) -> float:
    red, green, blue = (part / 255 for part in color)
    _, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    return saturation * min(1.0, 3 * value)


def _telling(color: tuple[int, ...], share: float) -> float:
    return share * (0.1 + _saturation(color))


def badge_ground(color: Sequence[float]) -> Rgb:
    """An sRGB colour in steps of 1/255, darkened until white type reads on it."""
    parts = [float(part) for part in color]
    while 1.05 / (luminance(parts) + 0.05) < BADGE_CONTRAST:
        parts = [part * DARKER for part in parts]
    red, green, blue = (round(part) for part in parts)
    return red, green, blue


def luminance(color: Sequence[float]) -> float:
    """Linear luminance (0..1) of an sRGB colour in steps of 1/255, by a gamma of 2.2."""
    red, green, blue = (math.pow(part / 255, 2.2) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb_of(written: str) -> Rgb:
    """``#rrggbb`` as numbers."""
    red, green, blue = (int(written[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def written(color: Rgb) -> str:
    """``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*color)
