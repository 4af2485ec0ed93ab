"""Can the headline be read? Contrast along its edges as a phone shows it, and a scrim where it lacks."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from generation.compose.layers import Floats3, Lettering, luminance, soften
from generation.types import Coverage

VIEW_WIDTH_PX: Final = 320
"""How wide a feed shows the picture on a small phone."""
WANTED_CONTRAST: Final = 2.6
"""WCAG asks 3:1 for large type of one flat colour; shaded lettering has darker and lighter sides of its own,
and a shadow that outlines it, so most of the edge at 2.6 reads as well."""
WEAK_PART: Final = 35.0
"""Percentile of the edge that must reach the contrast: a highlight may touch a light spot here and there."""
FLARE: Final = 0.05
"""Light that a screen reflects, in the contrast formula of WCAG 2.2."""
COLOR_WORTH: Final = 1 / 40
"""Contrast that a step of colour (CIE Lab a and b) adds: red on beige reads at equal luminance."""
DARKER_STEPS: Final = (0.0, 0.1, 0.18, 0.26, 0.34)
LIGHTER_STEPS: Final = (0.0, 0.08, 0.15, 0.22)
"""A pale cloud around letters soon looks like fog, a dark one passes for shade."""
PALE_TINT: Final = 0.35
"""How much of the ground's own hue a lightening keeps."""
SCRIM_REACH: Final = 0.55
"""How far a scrim reaches beyond the lettering, in letter heights (sigma)."""


def edge_contrast(seen: Floats3, solid: Coverage) -> float:
    """Contrast of the lettering against what lies beside it, at the weak part of its edges: that of WCAG 2.2,
    and what a difference in colour adds.

    ``seen`` is the finished picture (sRGB 0..1) at viewing size, ``solid`` the lettering's coverage.
    Where nothing of it shows, ``inf``.
    """
    inside = (solid > 0.5).astype(np.float32)
    near = (cv2.dilate(inside, np.ones((5, 5), np.uint8)) * (solid < 0.2)).astype(np.float32)
    light = luminance(seen)
    within, beside = _local_mean(light, inside), _local_mean(light, near)
    edge = (near > 0) & (cv2.GaussianBlur(inside, (0, 0), 1.5) > 0.05)
    if not edge.any():
        return float("inf")
    lab = cv2.cvtColor(np.clip(seen, 0.0, 1.0).astype(np.float32), cv2.COLOR_RGB2LAB).astype(np.float32)
    apart = [_local_mean(lab[..., c], inside) - _local_mean(lab[..., c], near) for c in (1, 2)]
    color = np.hypot(apart[0], apart[1])[edge] * COLOR_WORTH
    lighter, darker = np.maximum(within, beside)[edge], np.minimum(within, beside)[edge]
    return float(np.percentile((lighter + FLARE) / (darker + FLARE) + color, WEAK_PART))


def scrim(shaded: Floats3, lettering: Lettering, shape: Coverage, frame_width: int) -> tuple[Coverage, bool]:
    """How much scrim the headline needs (0..1 by place) and whether it darkens (else it lightens).

    ``shaded`` is the ground with the headline's shadow on it, ``shape`` where a scrim may lie (0..1). The
    weakest scrim that reaches the wanted contrast is taken, or the strongest where none does.
    """
    ratio = min(1.0, VIEW_WIDTH_PX / frame_width)
    small_ground, color, alpha, solid, small_shape = (
        _as_seen(values, ratio)
        for values in (shaded, lettering.color, lettering.alpha, lettering.solid, shape)
    )
    darkens = _letters_are_lighter(small_ground, color, solid)
    steps = DARKER_STEPS if darkens else LIGHTER_STEPS
    strength = steps[-1]
    for step in steps:
        under = apply_scrim(small_ground, step * small_shape, darkens)
        seen = (under * (1.0 - alpha)[..., None] + color).astype(np.float32)
        if edge_contrast(seen, solid) >= WANTED_CONTRAST:
            strength = step
            break
    return (strength * shape).astype(np.float32), darkens


def apply_scrim(ground: Floats3, amount: Coverage, darkens: bool) -> Floats3:
    """Darken keeping the hue, or lighten towards a paler tone of the same place."""
    part = amount[..., None]
    aim = 0.0 if darkens else 1.0
    return np.asarray(ground + (aim - ground) * part, np.float32)


def pale_aim(ground: Floats3) -> Floats3:
    """What a scrim lightens towards: a pale tone of the ground's own hue, never plain white."""
    mean = ground.reshape(-1, 3).mean(axis=0)
    tint = 1.0 - PALE_TINT * (1.0 - mean / max(float(mean.max()), 1e-3))
    return np.broadcast_to(tint.astype(np.float32), ground.shape)


def scrim_shape(lettering: Lettering) -> Coverage:
    """A soft cloud around the lines, 1 in the middle of the lettering, gone before the window ends."""
    cloud = soften(lettering.solid, SCRIM_REACH * lettering.letter_px)
    dense = np.clip(cloud / max(float(cloud.max()) * 0.8, 1e-6), 0.0, 1.0)
    return np.asarray(dense * _fade(lettering.solid), np.float32)


def _fade(solid: Coverage) -> Coverage:
    """1 on the lettering's box, falling smoothly to 0 at the window's edges."""
    factors = []
    for axis in (1, 0):
        marks = np.nonzero(solid.max(axis=axis) > 0.5)[0]
        length = solid.shape[1 - axis]
        if marks.size == 0:
            return np.ones_like(solid)
        where = np.arange(length, dtype=np.float32)
        before = np.clip(where / max(float(marks[0]), 1.0), 0.0, 1.0)
        after = np.clip((length - 1 - where) / max(float(length - 1 - marks[-1]), 1.0), 0.0, 1.0)
        ramp = np.minimum(before, after)
        factors.append(ramp * ramp * (3.0 - 2.0 * ramp))
    return np.asarray(factors[0][:, None] * factors[1][None, :], np.float32)


def _as_seen(values: Floats3 | Coverage, ratio: float) -> Floats3:
    height, width = values.shape[:2]
    size = (max(8, round(width * ratio)), max(8, round(height * ratio)))
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _letters_are_lighter(ground: Floats3, color: Floats3, solid: Coverage) -> bool:
    """Whether the lettering is lighter than what surrounds it; where they are alike, dark ground suits it."""
    inside = solid > 0.5
    around = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & (solid < 0.2)
    if not inside.any() or not around.any():
        return True
    own, others = float(luminance(color)[inside].mean()), float(luminance(ground)[around].mean())
    return own + FLARE >= 0.75 * (others + FLARE)


def _local_mean(values: Coverage, mask: Coverage) -> Coverage:
    weight = cv2.GaussianBlur(mask, (0, 0), 2.0)
    means = cv2.GaussianBlur(values * mask, (0, 0), 2.0) / np.maximum(weight, 1e-4)
    return np.asarray(means, np.float32)
