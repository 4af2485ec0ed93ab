"""The colours a picture is made of, to be suggested as a brand's. Imported by the web process: Pillow and NumPy."""

from __future__ import annotations

import colorsys
from typing import Final

import numpy as np
from PIL import Image

from generation.types import Picture

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
