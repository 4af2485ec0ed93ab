"""From a flat mask to a height field, and from that to the way its surface faces.

Masks and heights are float32 ``(height, width)``; heights in pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from generation.studio.materials import Material
from generation.studio.reflections import Floats, floats, smoothstep
from generation.types import Coverage

INFLATE_PIXELS = 160_000
"""Inflation is smooth, so it is solved on about this many pixels and given its rim back afterwards."""
INFLATE_SWEEPS = 40
LARGEST_BEVEL_SHARE = 0.62
"""Of half a stroke: leaves a flat face on thin type."""
STROKE_PERCENTILE = 96
SEAM_EM = 0.019
"""Where a foil balloon's two sheets are welded: distance of the crease from the outline."""


def soft_blur(field: Floats, sigma: float) -> Floats:
    """Gaussian blur; large sigmas are done on a reduced picture."""
    if sigma < 6:
        return floats(cv2.GaussianBlur(field, (0, 0), sigma))
    factor = int(min(16, sigma // 2.5))
    height, width = field.shape[:2]
    small = cv2.resize(
        field, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    return floats(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def rim_distance(mask: Coverage) -> Floats:
    """Distance in pixels from the outline, inside the mask; the antialiased edge counts for its share."""
    inside = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    edge = np.where(inside <= 1, mask - 0.5, 0.5)
    return floats(np.maximum(inside - 0.5 + edge, 0))


def half_stroke(distance: Floats) -> float:
    """Half the width of the lettering's broad strokes, in pixels."""
    inside = distance[distance > 0]
    return float(np.percentile(inside, STROKE_PERCENTILE)) if inside.size else 1.0


def inflate(mask: Coverage, distance: Floats) -> Floats:
    """Height of a membrane blown up inside the mask: the root of u with laplace(u) = -1, u = 0 outside.

    Cascade of grids with Jacobi sweeps. Solved coarsely as u / distance, which is smooth, so that the fine
    rim stays as smooth as ``distance``.
    """
    factor = max(1.0, (mask.size / INFLATE_PIXELS) ** 0.5)
    size = (round(mask.shape[1] / factor), round(mask.shape[0] / factor))
    coarse_mask = floats(cv2.resize(mask, size, interpolation=cv2.INTER_AREA))
    solved = _solve_poisson(coarse_mask)
    coarse_distance = cv2.resize(distance, size, interpolation=cv2.INTER_AREA) / factor
    weight = np.asarray(coarse_mask > 0.5, np.float32)
    ratio = soft_blur(solved / np.maximum(coarse_distance, 0.35) * weight, 1.2) / np.maximum(
        soft_blur(weight, 1.2), 0.05
    )
    fine = cv2.resize(ratio, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR)
    return floats(np.sqrt(np.maximum(fine * distance * factor, 0)))


def _solve_poisson(mask: Coverage) -> Floats:
    levels = [mask]
    while min(levels[-1].shape) > 24:
        levels.append(floats(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)))
    neighbours = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    u = np.zeros_like(levels[-1])
    for index in range(len(levels) - 1, -1, -1):
        inside = (levels[index] > 0.5).astype(np.float32)
        if u.shape != inside.shape:
            u = floats(cv2.resize(u, inside.shape[::-1], interpolation=cv2.INTER_LINEAR))
        source = inside * np.float32(0.25 * 4.0**index)
        for _ in range(INFLATE_SWEEPS):
            u = floats(cv2.filter2D(u, -1, neighbours, borderType=cv2.BORDER_CONSTANT))
            u *= inside
            u += source
    return floats(u)


def carve(
    mask: Coverage, distance: Floats, material: Material, em: float, rng: np.random.Generator
) -> Floats:
    """The height field of the lettering's front in this material; ``em`` is the font size in pixels."""
    width = max(1.5, min(material.bevel * em, LARGEST_BEVEL_SHARE * half_stroke(distance)))
    rise = np.clip(distance / width, 0, 1)
    if material.profile == "balloon":
        height = floats(0.0)
    elif material.profile == "round":
        height = 0.55 * width * np.sqrt(1 - (1 - rise) ** 2)
    else:
        height = 0.85 * width * rise
    if material.puff:
        height = height + material.puff * inflate(mask, distance)
    height = soft_blur(floats(height), max(0.8, material.smooth * em))
    if material.crinkle:
        height = height + material.crinkle * em * _pleats(distance, em, rng)
    if material.seam:
        weld = (distance - SEAM_EM * em) / (0.45 * SEAM_EM * em)
        height = floats(height - material.seam * em * np.exp(-weld * weld))
    return floats(height)


def _pleats(distance: Floats, em: float, rng: np.random.Generator) -> Floats:
    """Foil's puckers: noise smeared across the seam, strongest next to it, gone on the belly; deviation 1."""
    shape = distance.shape
    half = (shape[1] // 2, shape[0] // 2)
    small = floats(cv2.resize(distance, half, interpolation=cv2.INTER_AREA))
    soft = soft_blur(small, max(1.0, 0.012 * em))
    across_x, across_y = cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)
    length = np.hypot(across_x, across_y) + 1e-4
    across_x, across_y = across_x / length, across_y / length
    noise = soft_blur(rng.standard_normal(small.shape, dtype=np.float32), max(0.8, 0.009 * em))
    ys, xs = np.mgrid[0 : small.shape[0], 0 : small.shape[1]].astype(np.float32)
    smeared = np.zeros_like(small)
    for step in np.linspace(-0.05, 0.05, 11) * em:
        from_x, from_y = floats(xs + across_x * step), floats(ys + across_y * step)
        smeared += floats(cv2.remap(noise, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
    smeared /= smeared.std() + 1e-6
    whole = cv2.resize(smeared, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    near_seam = smoothstep(0, 0.012 * em, distance) * np.exp(-distance / (0.028 * em))
    return floats(whole * near_seam)


def facing(height: Floats, crown: Floats) -> tuple[Floats, Floats]:
    """x (right) and y (up) of the unit normals; ``crown`` is added to the slope upwards."""
    slope_x = -cv2.Scharr(height, -1, 1, 0, scale=1 / 32)
    slope_y = cv2.Scharr(height, -1, 0, 1, scale=1 / 32) + crown
    length = np.sqrt(slope_x * slope_x + slope_y * slope_y + 1)
    return (slope_x / length).astype(np.float32), (slope_y / length).astype(np.float32)
