"""The product taking the scene's light as a whole, and the scene taking the product's colour: both asked for."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.irradiance import Irradiance
from generation.studio.product import Pasted
from generation.studio.tone import photo_light, tone_map
from generation.types import Picture

PAPER = 0.8
"""Albedo of the white sheet whose look in the scene the product's whites are matched to."""
USUAL_PAPER = 0.72
"""Linear light of such a sheet in a well exposed photo."""
MATCHED = 0.6
"""How far the match goes: 1 would take the scene's tint and brightness entirely."""
DARKEST, BRIGHTEST = 0.55, 1.35
"""Bounds of the factor on a channel."""

COLORED = 0.12
"""Saturation from which a pixel tells the product's colour."""
LEAST_COLORED = 0.03
"""Less of the product than this coloured: it counts as neutral, and gets ``WARM``."""
WARM = (0.80, 0.68, 0.55)
"""A warm beige, linear."""
TINT_LIGHTNESS, TINT_CHROMA = 83.0, 34.0
"""The tint, in CIE L*a*b*."""

PAINT_LIGHTNESS, PAINT_CHROMA = (58.0, 90.0), 46.0
"""Bounds of a shop's colour as a painted backdrop, in CIE L*a*b*: a wall darker than this swallows the shadow that
seats the product, one more colourful dyes it."""

Color = NDArray[np.float32]


def matched(product: Pasted, light: Irradiance, exposure: float) -> Pasted:
    """The product in the brightness and tint that a white sheet beside it has; one factor a channel."""
    sheet = light.on(np.array([0.0, -0.96, 0.28])) * np.float32(PAPER)
    shown = (tone_map(sheet[None, None], exposure)[0, 0] * 255 + 0.5).astype(np.uint8)
    factor = np.clip((photo_light(shown) / USUAL_PAPER) ** MATCHED, DARKEST, BRIGHTEST)
    lit = photo_light(product.picture[..., :3]) * factor
    coded = np.where(lit <= 0.0031308, lit * 12.92, 1.055 * np.maximum(lit, 1e-6) ** (1 / 2.4) - 0.055)
    picture = product.picture.copy()
    picture[..., :3] = (np.clip(coded, 0, 1) * 255 + 0.5).astype(np.uint8)
    return replace(product, picture=picture)


def harmonious(cutout: Picture) -> Color:
    """A soft tint for a scene's neutral surfaces in the hue the product has most of, linear RGB."""
    small = cv2.resize(cutout, (64, 64), interpolation=cv2.INTER_AREA)
    solid = small[small[..., 3] > 200][:, :3].astype(np.float32) / 255
    if not len(solid):
        return np.array(WARM, np.float32)
    lab = cv2.cvtColor(solid[None], cv2.COLOR_RGB2LAB)[0]
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    colored = (solid.max(axis=1) - solid.min(axis=1) > COLORED) & (chroma > 8)
    if colored.mean() < LEAST_COLORED:
        return np.array(WARM, np.float32)
    mean = (lab[colored, 1:] * chroma[colored, None]).sum(axis=0)
    a, b = mean / max(float(np.hypot(*mean)), 1e-6) * TINT_CHROMA
    tint = np.clip(cv2.cvtColor(np.array([[[TINT_LIGHTNESS, a, b]]], np.float32), cv2.COLOR_LAB2RGB), 0, 1)
    return np.asarray(photo_light((tint[0, 0] * 255 + 0.5).astype(np.uint8)), np.float32)


def near(color: str) -> Color:
    """The paint nearest to a colour (``#rrggbb``) that a backdrop can have, linear RGB: its own hue, its lightness
    and chroma within ``PAINT_LIGHTNESS`` and ``PAINT_CHROMA``."""
    rgb = np.array([[[int(color[at : at + 2], 16) for at in (1, 3, 5)]]], np.float32) / 255
    lightness, a, b = (float(part) for part in cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0])
    share = min(1.0, PAINT_CHROMA / max(float(np.hypot(a, b)), 1e-6))
    paint = np.array([[[np.clip(lightness, *PAINT_LIGHTNESS), a * share, b * share]]], np.float32)
    coded = np.clip(cv2.cvtColor(paint, cv2.COLOR_LAB2RGB), 0, 1)[0, 0]
    return np.asarray(photo_light((coded * 255 + 0.5).astype(np.uint8)), np.float32)
