"""The layers under the last picture: the headline's asset at its place, the scene, the product, a shadow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.types import Box, Coverage, Headline, KeyLight, Picture, Size

Floats3: TypeAlias = NDArray[np.float32]
"""``float32``, sRGB-encoded 0..1, shape ``(height, width, 3)``."""

LETTER_PER_STROKE: Final = 7.0
"""A headline letter is about this many strokes high (heavy Hangul and Latin alike)."""
REACH: Final = 0.7
"""Of the lettering's height: how far around it shadow and scrim may go."""
SHADOW_ALPHA: Final = 0.76
"""A shadow that comes with an asset is never denser than this."""
SHADOW_DARK: Final = 0.25
SHADOW_SHARE: Final = 0.2
"""Of the lettering's area: from so much dark haze on, it is the asset's own shadow."""
FINE_SIGMA_PX: Final = 5.0
"""Blurs wider than this are computed on a smaller picture."""
SHADE_GAMMA: Final = 1 / 2.2
"""A factor on light is this power of it on sRGB-encoded values, near enough for shade."""
LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True)
class Lettering:
    """The asset as it lies in a window of the frame: colours premultiplied by alpha, both float32 0..1.

    ``solid`` is the lettering itself, without glow and shadow; ``letter_px`` about how high a letter is;
    ``shadowed`` tells that the asset brings a shadow of its own."""

    color: Floats3
    alpha: Coverage
    solid: Coverage
    letter_px: float
    shadowed: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What the lettering meets in the same window. ``scene`` is the scene's own part of the picture
    (already weighted by one minus the matte) and ``product`` the product's (weighted by the matte)."""

    scene: Floats3
    product: Floats3
    matte: Coverage


def window(headline: Headline, box: Box, frame: Size) -> Box:
    """The part of the frame that the asset, its shadow and a scrim can reach."""
    scale = box.width / headline.ink.width
    height, width = headline.picture.shape[:2]
    pad = round(REACH * box.height)
    left = min(round(box.x - headline.ink.x * scale), box.x - pad)
    top = min(round(box.y - headline.ink.y * scale), box.y - pad)
    right = max(round(box.x + (width - headline.ink.x) * scale), box.right + pad)
    bottom = max(round(box.y + (height - headline.ink.y) * scale), box.bottom + pad)
    left, top = max(left, 0), max(top, 0)
    return Box(left, top, min(right, frame.width) - left, min(bottom, frame.height) - top)


def lay_asset(headline: Headline, box: Box, where: Box) -> Lettering:
    """Resample the asset so that its ink fills ``box``, and cut it to the window ``where``."""
    picture, ink = headline.picture, headline.ink
    alpha = picture[..., 3].astype(np.float32) / 255.0
    premultiplied = np.dstack([picture[..., :3].astype(np.float32) / 255.0 * alpha[..., None], alpha])
    sx, sy = box.width / ink.width, box.height / ink.height
    smaller = sx < 1.0
    if smaller:
        # Warping alone would skip source pixels, so the asset is first averaged down to its final size.
        size = (max(1, round(picture.shape[1] * sx)), max(1, round(picture.shape[0] * sy)))
        premultiplied = cv2.resize(premultiplied, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        sx, sy, ink_x, ink_y = 1.0, 1.0, ink.x * sx, ink.y * sy
    else:
        ink_x, ink_y = float(ink.x), float(ink.y)
    placing = np.array(
        [[sx, 0, box.x - where.x - ink_x * sx], [0, sy, box.y - where.y - ink_y * sy]], np.float32
    )
    flags = cv2.INTER_LINEAR if smaller else cv2.INTER_CUBIC
    laid = cv2.warpAffine(premultiplied, placing, (where.width, where.height), flags=flags)
    out_alpha = np.clip(laid[..., 3], 0.0, 1.0).astype(np.float32)
    color = np.clip(laid[..., :3], 0.0, out_alpha[..., None]).astype(np.float32)
    solid = np.clip((out_alpha - SHADOW_ALPHA) / (0.97 - SHADOW_ALPHA), 0.0, 1.0).astype(np.float32)
    return Lettering(color, out_alpha, solid, _letter_height(solid, box), _brings_shadow(color, out_alpha))


def _brings_shadow(color: Floats3, alpha: Coverage) -> bool:
    """Whether a good part of the asset is dark and half transparent."""
    dark = (alpha > 0.06) & (alpha < SHADOW_ALPHA) & (color.max(axis=-1) < SHADOW_DARK * alpha)
    return float(dark.sum()) > SHADOW_SHARE * float((alpha >= SHADOW_ALPHA).sum())


def _letter_height(solid: Coverage, box: Box) -> float:
    """From the mean stroke width, which area over half the outline gives; never more than the box."""
    mask = (solid > 0.5).astype(np.uint8)
    outline = int(mask.sum()) - int(cv2.erode(mask, np.ones((3, 3), np.uint8)).sum())
    stroke = 2.0 * float(mask.sum()) / max(outline, 1)
    return float(np.clip(LETTER_PER_STROKE * stroke, 0.2 * box.height, box.height))


def ground(frame: Picture, product: Picture | None, where: Box) -> Ground:
    """Take the frame apart into scene and product inside the window."""
    rows, columns = slice(where.y, where.bottom), slice(where.x, where.right)
    whole = frame[rows, columns].astype(np.float32) / 255.0
    if product is None:
        empty = np.zeros(whole.shape[:2], np.float32)
        return Ground(whole, np.zeros_like(whole), empty)
    layer = product[rows, columns].astype(np.float32) / 255.0
    matte = np.ascontiguousarray(layer[..., 3])
    front = np.minimum(layer[..., :3] * matte[..., None], whole)
    return Ground(whole - front, front, matte)


def cast_shadow(lettering: Lettering, key: KeyLight | None, tightness: float) -> Coverage:
    """How much of the light reaches the ground behind the letters, as a factor on sRGB values.

    A dark contact line and a soft fall away from the light. ``tightness`` 1 is lettering that stands free
    of its ground, smaller is nearer to it.
    """
    away_x, away_y = _away_from(key)
    reach = lettering.letter_px * tightness
    contact = moved(soften(lettering.solid, 0.035 * reach), 0.025 * reach * away_x, 0.025 * reach * away_y)
    fall = moved(soften(lettering.solid, 0.13 * reach), 0.10 * reach * away_x, 0.10 * reach * away_y)
    light = (1.0 - 0.42 * contact) * (1.0 - 0.46 * fall)
    return np.asarray(cv2.pow(light, SHADE_GAMMA), np.float32)


def _away_from(key: KeyLight | None) -> tuple[float, float]:
    """The shadow's direction in the picture, length 1; light from the upper left where nothing is known."""
    x, y = (key.direction[0], key.direction[1]) if key is not None else (-0.4, 0.9)
    # A shadow thrown upwards looks like a mistake in a headline, so a low light still throws it down a bit.
    x, y = x, max(y, 0.35)
    length = float(np.hypot(x, y))
    return -x / length, y / length


def soften(values: Coverage, sigma: float) -> Coverage:
    """Gaussian blur of a coverage or a picture; ``sigma`` in pixels."""
    if sigma <= 0.3:
        return values
    if sigma <= FINE_SIGMA_PX:
        return cv2.GaussianBlur(values, (0, 0), sigma).astype(np.float32)
    height, width = values.shape[:2]
    ratio = FINE_SIGMA_PX / 2 / sigma
    small = (max(2, round(width * ratio)), max(2, round(height * ratio)))
    shrunk = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(shrunk, (0, 0), FINE_SIGMA_PX / 2, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(blurred, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def moved(values: Coverage, dx: float, dy: float) -> Coverage:
    """Shift by a fraction of a pixel's accuracy; what comes in from outside is empty."""
    by = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    height, width = values.shape[:2]
    return cv2.warpAffine(values, by, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)


def to_linear(encoded: Floats3) -> Floats3:
    """sRGB-encoded to linear light, by the power 2.2 (good enough for light, not for colour management)."""
    return np.asarray(cv2.pow(np.maximum(encoded, 0.0), 2.2), np.float32)


def luminance(encoded: Floats3) -> Coverage:
    """Relative luminance (linear, 0..1) of sRGB-encoded values."""
    return (to_linear(encoded) @ LUMA).astype(np.float32)
