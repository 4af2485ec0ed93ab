"""Can the headline be read? Contrast along its edges at the size a phone shows it, and a scrim where it lacks."""

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
SCRIM_STEPS: Final = (0.0, 0.12, 0.22, 0.32, 0.42, 0.52)
SCRIM_REACH: Final = 0.55
"""How far a scrim reaches beyond the lettering, in letter heights (sigma)."""


def edge_contrast(behind: Floats3, letters: Floats3, alpha: Coverage) -> float:
    """WCAG contrast of the lettering against what lies beside it, at the weak part of its edges.

    ``behind`` is the ground, ``letters`` the lettering's own colours, both sRGB 0..1 at viewing size.
    Where nothing of it shows, ``inf``.
    """
    inside = (alpha > 0.5).astype(np.float32)
    near = cv2.dilate(inside, np.ones((5, 5), np.uint8)) * (alpha < 0.25)
    within = _local_mean(luminance(letters), inside)
    beside = _local_mean(luminance(behind), near.astype(np.float32))
    edge = (near > 0) & (cv2.GaussianBlur(inside, (0, 0), 1.5) > 0.05)
    if not edge.any():
        return float("inf")
    light, dark = np.maximum(within, beside)[edge], np.minimum(within, beside)[edge]
    return float(np.percentile((light + FLARE) / (dark + FLARE), WEAK_PART))


def scrim(shaded: Floats3, lettering: Lettering, frame_width: int) -> tuple[Coverage, bool]:
    """How much scrim the headline needs (0..1 by place) and whether it darkens (else it lightens).

    ``shaded`` is the ground with the headline's shadow on it. The weakest scrim that reaches the wanted
    contrast is taken, or the strongest where none does.
    """
    small_ground, small_letters, small_alpha, small_spread = _as_seen(shaded, lettering, frame_width)
    darkens = _letters_are_lighter(small_ground, small_letters, small_alpha)
    strength = SCRIM_STEPS[-1]
    for step in SCRIM_STEPS:
        seen = apply_scrim(small_ground, step * small_spread, darkens)
        if edge_contrast(seen, small_letters, small_alpha) >= WANTED_CONTRAST:
            strength = step
            break
    if strength == 0.0:
        return np.zeros(lettering.alpha.shape, np.float32), darkens
    return (strength * _spread(lettering)).astype(np.float32), darkens


def apply_scrim(ground: Floats3, amount: Coverage, darkens: bool) -> Floats3:
    """Darken keeping the hue, or lighten towards a paler tone of the same place."""
    part = amount[..., None]
    if darkens:
        return (ground * (1.0 - part)).astype(np.float32)
    return (ground + (1.0 - ground) * part).astype(np.float32)


def _spread(lettering: Lettering) -> Coverage:
    """The scrim's shape: a soft cloud around the lines, 1 in the middle of the lettering."""
    reach = lettering.letter_px
    cloud = soften(lettering.solid, SCRIM_REACH * reach)
    return np.clip(cloud / max(float(cloud.max()) * 0.8, 1e-6), 0.0, 1.0).astype(np.float32)


def _as_seen(
    shaded: Floats3, lettering: Lettering, frame_width: int
) -> tuple[Floats3, Floats3, Coverage, Coverage]:
    ratio = min(1.0, VIEW_WIDTH_PX / frame_width)
    height, width = lettering.alpha.shape
    size = (max(8, round(width * ratio)), max(8, round(height * ratio)))

    def seen(values: Floats3 | Coverage) -> Floats3:
        return cv2.resize(values, size, interpolation=cv2.INTER_AREA).astype(np.float32)

    alpha = seen(lettering.alpha)
    letters = seen(lettering.color) / np.maximum(alpha, 1e-3)[..., None]
    return seen(shaded), np.clip(letters, 0.0, 1.0).astype(np.float32), alpha, seen(_spread(lettering))


def _letters_are_lighter(ground: Floats3, letters: Floats3, alpha: Coverage) -> bool:
    """Whether the lettering is lighter than what surrounds it; where they are alike, dark ground suits it."""
    inside = alpha > 0.5
    around = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool) & (alpha < 0.25)
    if not inside.any() or not around.any():
        return True
    own, others = float(luminance(letters)[inside].mean()), float(luminance(ground)[around].mean())
    return own + FLARE >= 0.75 * (others + FLARE)


def _local_mean(values: Coverage, mask: Coverage) -> Coverage:
    weight = cv2.GaussianBlur(mask, (0, 0), 2.0)
    return (cv2.GaussianBlur(values * mask, (0, 0), 2.0) / np.maximum(weight, 1e-4)).astype(np.float32)
