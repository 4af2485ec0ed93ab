"""Step 3: the headline over the picture, in its light, or behind the product."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from generation.compose.layers import (
    Ground,
    Lettering,
    cast_shadow,
    ground,
    lay_asset,
    luminance,
    moved,
    soften,
    to_linear,
    window,
)
from generation.compose.legibility import (
    apply_remedy,
    remedy_for,
    scrim_shape,
    without_shadow,
)
from generation.types import Box, CompositionMode, Coverage, Headline, KeyLight, Picture, Size

TIGHTNESS: Final = {CompositionMode.OVERLAY: 1.0, CompositionMode.BLEND: 0.6, CompositionMode.BEHIND: 1.0}
"""How far the lettering stands off its ground, as ``cast_shadow`` understands it."""
PATTERN_SCALE: Final = 0.014
"""Of the frame's width: the scene's shadows coarser than this fall on blended lettering."""
PATTERN_POWER: Final = 0.75
PATTERN_RANGE: Final = (0.6, 1.45)
AMBIENT_SCALE: Final = 0.08
"""Of the frame's width: over this distance the scene's colour is averaged to tint blended lettering."""
TINT_POWER: Final = 0.45
EXPOSURE_GRAY: Final = 0.30
"""Linear luminance of a scene in which the lettering keeps its own brightness."""
EXPOSURE_POWER: Final = 0.22
GRAIN_MOST: Final = 0.02
OCCLUSION: Final = 0.38
"""How much light the product takes from lettering right behind its outline."""


@dataclass(frozen=True, slots=True)
class Composite:
    """The finished RGB picture, and how much the lettering covers of each pixel of the frame."""

    picture: Picture
    covered: Coverage


def composite(
    frame: Picture,
    product: Picture | None,
    headline: Headline,
    box: Box,
    mode: CompositionMode,
    key: KeyLight | None,
) -> Composite:
    """Lay the headline's ink into ``box`` of an RGB frame.

    ``product`` is the RGBA product layer of the frame's size: no shadow, glow or scrim falls on it, and in
    ``behind`` it is in front of the lettering, its own pixels unchanged. ``blend`` takes the scene's light,
    tint and grain on. ``key`` gives the shadow's direction. Repeatable: the same input, the same bytes.
    """
    height, width = frame.shape[:2]
    where = window(headline, box, Size(width, height))
    under, lettering = ground(frame, product, where), lay_asset(headline, box, where)
    lettering = _kept_off_product(lettering, under, box, where, mode)
    if mode is CompositionMode.BLEND:
        lettering = _in_scene_light(lettering, under, width)
    elif mode is CompositionMode.BEHIND:
        lettering = _shaded_by_product(lettering, under)
    under, lettering = _readable(under, lettering, key, mode, width)
    visible, mixed = _mixed(under, lettering, mode)
    return _put_back(frame, product, where, mixed, visible)


def _kept_off_product(
    lettering: Lettering, under: Ground, box: Box, where: Box, mode: CompositionMode
) -> Lettering:
    """Glow and shadow that come with the asset pass behind the product; only lettering may lie on it."""
    if mode is CompositionMode.BEHIND:
        return lettering
    keep = 1.0 - under.matte
    x, y = box.x - where.x, box.y - where.y
    keep[max(y, 0) : y + box.height, max(x, 0) : x + box.width] = 1.0
    return replace(
        lettering,
        color=lettering.color * keep[..., None],
        alpha=lettering.alpha * keep,
        solid=lettering.solid * keep,
    )


def _in_scene_light(lettering: Lettering, under: Ground, frame_width: int) -> Lettering:
    """Give the lettering the scene's pattern of light, its tint, its exposure and its grain."""
    weight = (1.0 - under.matte).astype(np.float32)
    # The light wanted is soft, so a quarter of the resolution holds all of it.
    scene, free = _quartered(under.scene), _quartered(weight)
    size = (weight.shape[1], weight.shape[0])
    small_pattern = _averaged(luminance(scene), free, PATTERN_SCALE * frame_width / 4)
    small_ambient = _averaged(to_linear(scene), free, AMBIENT_SCALE * frame_width / 4)
    pattern = np.asarray(cv2.resize(small_pattern, size), np.float32)
    ambient = np.asarray(cv2.resize(small_ambient, size), np.float32)
    mean = _mean_where(pattern, lettering.solid)
    gain = np.clip(cv2.pow((pattern + 0.02) / (mean + 0.02), PATTERN_POWER), *PATTERN_RANGE)
    ambient_luminance = ambient @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    tint = cv2.pow((ambient + 0.02) / (ambient_luminance[..., None] + 0.02), TINT_POWER)
    exposure = float(np.clip((mean / EXPOSURE_GRAY) ** EXPOSURE_POWER, 0.72, 1.12))
    alpha = np.maximum(lettering.alpha, 1e-3)[..., None]
    own = to_linear(np.minimum(lettering.color / alpha, 1.0).astype(np.float32))
    lit = cv2.pow(np.clip(own * tint * (gain * exposure)[..., None], 0.0, 1.0), 1 / 2.2)
    lit = lit + _grain(under, weight)[..., None]
    color = np.clip(lit, 0.0, 1.0) * lettering.alpha[..., None]
    return replace(lettering, color=color.astype(np.float32))


def _quartered(values: Coverage) -> Coverage:
    return np.asarray(cv2.resize(values, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.float32)


def _averaged(values: Coverage, weight: Coverage, sigma: float) -> Coverage:
    """Weighted Gaussian mean, so that the product's colours do not bleed into the scene's light."""
    spread = weight if values.ndim == 2 else weight[..., None]
    blurred, total = soften((values * spread).astype(np.float32), sigma), soften(weight, sigma)
    total = total if values.ndim == 2 else total[..., None]
    return np.maximum(blurred / np.maximum(total, 1e-3), 0.0).astype(np.float32)


def _mean_where(values: Coverage, weight: Coverage) -> float:
    return float((values * weight).sum() / max(float(weight.sum()), 1e-6))


def _grain(under: Ground, weight: Coverage) -> Coverage:
    """Noise as strong as the scene's own in its calm parts (Immerkaer 1996, by the median)."""
    gray = (under.scene + under.product) @ np.array([0.299, 0.587, 0.114], np.float32)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6.0
    response = np.abs(cv2.filter2D(gray.astype(np.float32), cv2.CV_32F, mask))[weight > 0.99]
    sigma = min(float(np.median(response)) / 0.6745 if response.size else 0.0, GRAIN_MOST)
    noise = np.random.default_rng(0).standard_normal(gray.shape, dtype=np.float32)
    return (sigma * noise).astype(np.float32)


def _shaded_by_product(lettering: Lettering, under: Ground) -> Lettering:
    """The product stands in front: it darkens the lettering softly along its outline."""
    near = soften(under.matte, 0.10 * lettering.letter_px)
    shade = (1.0 - OCCLUSION * moved(near, 0.0, 0.03 * lettering.letter_px)).astype(np.float32)
    return replace(lettering, color=lettering.color * shade[..., None])


def _readable(
    under: Ground, lettering: Lettering, key: KeyLight | None, mode: CompositionMode, frame_width: int
) -> tuple[Ground, Lettering]:
    """The scene with the headline's shadow on it, and a remedy where the headline would not read."""
    scene = under.scene
    if not lettering.shadowed:
        scene = scene * cast_shadow(lettering, key, TIGHTNESS[mode])[..., None]
    seen, shape = _as_visible(lettering, under, mode), scrim_shape(lettering)
    remedy = remedy_for((scene + under.product).astype(np.float32), seen, shape, frame_width)
    # What the remedy makes of the whole picture, on the scene's share of it only: the product keeps its pixels.
    whole = scene + under.product
    helped = apply_remedy(whole.astype(np.float32), lettering, shape, remedy)
    scene = scene + (helped - whole) * (1.0 - under.matte)[..., None]
    ready = replace(under, scene=np.maximum(scene, 0.0).astype(np.float32))
    return ready, without_shadow(lettering, remedy)


def _as_visible(lettering: Lettering, under: Ground, mode: CompositionMode) -> Lettering:
    if mode is not CompositionMode.BEHIND:
        return lettering
    free = 1.0 - under.matte
    return replace(
        lettering,
        color=lettering.color * free[..., None],
        alpha=lettering.alpha * free,
        solid=lettering.solid * free,
    )


def _mixed(under: Ground, lettering: Lettering, mode: CompositionMode) -> tuple[Coverage, Coverage]:
    """The lettering's visible alpha and the window's colours."""
    left = (1.0 - lettering.alpha)[..., None]
    if mode is CompositionMode.BEHIND:
        free = 1.0 - under.matte
        mixed = under.product + left * under.scene + free[..., None] * lettering.color
        return lettering.alpha * free, mixed
    return lettering.alpha, left * (under.scene + under.product) + lettering.color


def _put_back(
    frame: Picture, product: Picture | None, where: Box, mixed: Coverage, visible: Coverage
) -> Composite:
    """The whole frame with the window set in; untouched product pixels are copied, not computed."""
    rows, columns = slice(where.y, where.bottom), slice(where.x, where.right)
    out, covered = frame.copy(), np.zeros(frame.shape[:2], np.float32)
    part = np.clip(mixed * 255.0 + 0.5, 0, 255).astype(np.uint8)
    if product is not None:
        untouched = (product[rows, columns, 3] == 255) & (visible <= 0.0)
        part[untouched] = frame[rows, columns][untouched]
    out[rows, columns], covered[rows, columns] = part, visible
    return Composite(out, covered)
