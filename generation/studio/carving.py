"""Sculpted lettering: a lit relief over the glyphs, with walls, shadow and bloom.

A height field over the glyph mask is shaded by looking its normals up in a small lit ball
(``reflections.light_orb``); the walls are the mask swept away from the light. NumPy and OpenCV only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from generation.studio import relief
from generation.studio.asset import Painted, drop_shadow, inked, tone
from generation.studio.exposure import exposed, exposure_for
from generation.studio.materials import Material, Studio
from generation.studio.reflections import ORB_SIZE_PX, Floats, floats, light_orb, smoothstep
from generation.studio.setting import Allowance, Setting
from generation.studio.strokes import Marks
from generation.studio.textures import surface
from generation.types import Coverage, Report

PERSPECTIVE = 0.16
"""How far the view turns between the middle and the side of the headline: metal needs some."""
BLOOM_SIGMAS_EM = (0.012, 0.04)
BLOOM_STRENGTH = 0.16
DARK_LIFT: Final[dict[Studio, float]] = {"chrome": 0.38, "metal": 0.30, "foil": 0.14, "softbox": 0.0}
SLENDER_EM = (0.03, 0.095)
"""Half strokes: up to the first the full lift, from the second none."""
GAP_SHADE = 0.85
"""How much of the light is lost in a gap as narrow as the strokes around it: gaps must read as gaps."""


def allowance(look: Material) -> Allowance:
    """The room its walls and shadow take."""
    return Allowance(depth=look.depth)


def paint(setting: Setting, look: Material, report: Report) -> Painted:
    """The lettering carved from this material and lit from the scene's key direction."""
    report("sculpting", 0.3, None)
    mask, em = setting.mask, setting.em
    look = _scaled_to(setting.weight, look)
    height = relief.carve(mask, setting.distance, look, em, setting.rng())
    texture = surface(look.texture, setting)
    if texture is not None:
        height += texture[1] * np.clip(setting.distance / (0.01 * em), 0, 1)
    report("shading", 0.55, None)
    mirrored, diffuse = light_orb(look, setting.hints.key, setting.hints.environment)
    mirrored = _lifted(mirrored, look, setting.half_stroke / em)
    face = _shade_face(height, setting, look, mirrored, diffuse, None if texture is None else texture[0])
    gain = exposure_for(face, mask, look, setting.ground)
    if gain != 1:
        inside = inked(mask)
        face[inside] = exposed(face[inside], gain, look)
    cover, wall = _sweep_wall(setting, look, mirrored)
    wall *= np.float32(min(gain, 1.0))
    light = wall + (face - wall) * mask[..., None]
    body = np.maximum(mask, cover)
    light += _bloom(light, body, em)
    report("shading", 0.85, None)
    solid = body if look.opacity == 1 else _glazed(body, setting, look)
    return Painted(tone(light), solid, drop_shadow(body, setting))


def _scaled_to(weight: float, look: Material) -> Material:
    """Thin strokes have less room for a foil's dark rim, crease and pleats."""
    return replace(look, rim=look.rim * weight, seam=look.seam * weight, crinkle=look.crinkle * weight)


def _lifted(mirrored: Floats, look: Material, half_stroke_em: float) -> Floats:
    """A dark reflection across slender strokes seems to break them: there the darkest tones are lifted."""
    slender = 1 - float(np.clip((half_stroke_em - SLENDER_EM[0]) / (SLENDER_EM[1] - SLENDER_EM[0]), 0, 1))
    return floats(
        np.maximum(mirrored, floats(look.reflectance) * np.float32(slender * DARK_LIFT[look.studio]))
    )


def _shade_face(
    height: Floats, setting: Setting, look: Material, mirrored: Floats, diffuse: Floats, albedo: Floats | None
) -> Floats:
    em = setting.em
    normal_x, normal_y = relief.facing(height, _crown(setting, look.crown))
    columns = height.shape[1]
    view_x = (np.arange(columns, dtype=np.float32) / columns - 0.5) * 2 * PERSPECTIVE
    x = (normal_x + view_x[None, :] + 1) * ((ORB_SIZE_PX - 1) / 2)
    y = (1 - normal_y) * ((ORB_SIZE_PX - 1) / 2)
    hollow = relief.soft_blur(height, 0.05 * em) - height
    open_sky = cv2.exp(np.clip(hollow, 0, None) * np.float32(-0.8 / (0.05 * em)))
    shade = open_sky
    if look.rim:
        shade = shade * (1 - look.rim * cv2.exp(-((setting.distance / np.float32(0.014 * em)) ** 2)))
    face = floats(cv2.remap(mirrored, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    face *= (shade * np.float32(0.5 * look.exposure) + np.float32(0.5 * look.exposure))[..., None]
    if any(look.albedo):
        scattered = floats(cv2.remap(diffuse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        scattered *= (shade * np.float32(look.exposure))[..., None]
        if albedo is not None:
            scattered *= albedo
        face += scattered
    return face


def _crown(setting: Setting, strength: float) -> Floats:
    """Slope upwards per pixel row, a column vector: +strength at the top of a line, -strength at its foot."""
    slope = np.zeros((setting.mask.shape[0], 1), np.float32)
    for top, bottom in setting.bands:
        rows = np.arange(top, bottom, dtype=np.float32)
        slope[top:bottom, 0] = strength * (1 - 2 * (rows - top) / max(bottom - top, 1))
    return slope


def _sweep_wall(setting: Setting, look: Material, mirrored: Floats) -> tuple[Coverage, Floats]:
    """The side of the letters: the mask swept along ``sweep``, each point lit as the outline it came from.

    Returns its coverage and its light.
    """
    mask, sweep = setting.mask, setting.sweep
    flat = (mask * 255).astype(np.uint8)
    cover = _swept(flat, sweep, setting.depth)
    travelled = _travelled(flat, sweep, setting.depth)
    lit = _outline_light(mask, look, setting.em, mirrored)
    rows, columns = np.arange(mask.shape[0], dtype=np.float32), np.arange(mask.shape[1], dtype=np.float32)
    color = cv2.remap(
        lit,
        columns[None, :] - sweep[0] * travelled,
        rows[:, None] - sweep[1] * travelled,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    crowded = relief.soft_blur(mask, 0.045 * setting.em)
    fade = (1.15 - 0.75 / max(setting.depth, 1.0) * travelled) * (
        1 - GAP_SHADE * smoothstep(0.30, 0.72, crowded)
    )
    return floats(cover) / np.float32(255), floats(color * fade[..., None])


def _swept(shape: Marks, sweep: Floats, length: float) -> Marks:
    """The shape drawn along ``sweep`` by ``length`` pixels: each move doubles what the last one drew."""
    drawn, reach, steps = shape.copy(), 0.0, 1.0
    while reach < length:
        step = min(steps, length - reach)
        cv2.max(drawn, _moved(drawn, sweep, step), drawn)
        reach, steps = reach + step, steps + step
    return drawn


def _travelled(shape: Marks, sweep: Floats, length: float) -> Floats:
    """How far each point lies from the shape, against ``sweep``, in pixels; solved at half size."""
    half = (max(1, shape.shape[1] // 2), max(1, shape.shape[0] // 2))
    small = np.asarray(cv2.resize(shape, half, interpolation=cv2.INTER_AREA), np.uint8)
    steps = max(1, round(length / 2))
    drawn, inside = small.copy(), np.zeros(small.shape, np.float32)
    for _ in range(steps):
        cv2.max(drawn, _moved(drawn, sweep, 1.0), drawn)
        cv2.accumulate(drawn, inside)
    away = 2 * np.minimum(np.float32(steps + 1) - inside * np.float32(1 / 255), np.float32(steps))
    return floats(cv2.resize(away, (shape.shape[1], shape.shape[0]), interpolation=cv2.INTER_LINEAR))


def _moved(shape: Marks, sweep: Floats, step: float) -> Marks:
    move = np.array([[1, 0, sweep[0] * step], [0, 1, sweep[1] * step]], np.float32)
    return np.asarray(cv2.warpAffine(shape, move, (shape.shape[1], shape.shape[0])), np.uint8)


def _outline_light(mask: Coverage, look: Material, em: float, mirrored: Floats) -> Floats:
    """Wall colour ``(h, w, 3)`` by the way the nearest outline faces."""
    soft = relief.soft_blur(mask, max(1.5, 0.014 * em))
    out_x, out_y = -cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)
    length = cv2.magnitude(out_x, out_y) + np.float32(1e-4)
    out_x = relief.soft_blur(floats(out_x / length), max(1.0, 0.01 * em))
    out_y = relief.soft_blur(floats(out_y / length), max(1.0, 0.01 * em))
    base = np.array(look.wall, np.float32)
    lit = base * (0.9 - 0.45 * out_x + 0.25 * out_y)[..., None]
    if look.wall_gloss:
        x, y = (0.8 * out_x + 1) * ((ORB_SIZE_PX - 1) / 2), (1 - 0.8 * out_y) * ((ORB_SIZE_PX - 1) / 2)
        shine = cv2.remap(mirrored, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        lit = lit + shine * (look.wall_gloss * base)
    return floats(lit)


def _bloom(light: Floats, body: Coverage, em: float) -> Floats:
    quarter = (max(1, light.shape[1] // 4), max(1, light.shape[0] // 4))
    small = np.clip(floats(cv2.resize(light, quarter, interpolation=cv2.INTER_AREA)) - 1, 0, 3)
    small *= floats(cv2.resize(body, quarter, interpolation=cv2.INTER_AREA))[..., None]
    spread = np.zeros_like(small)
    for sigma in BLOOM_SIGMAS_EM:
        spread += relief.soft_blur(small, max(0.6, sigma * em / 4))
    size = (light.shape[1], light.shape[0])
    return floats(cv2.resize(spread * BLOOM_STRENGTH, size, interpolation=cv2.INTER_LINEAR))


def _glazed(body: Coverage, setting: Setting, look: Material) -> Coverage:
    """The face lets some of what is behind through, away from its rims."""
    inner = np.clip(setting.distance / (0.05 * setting.em), 0, 1)
    return floats(body * (1 - (1 - look.opacity) * inner))
