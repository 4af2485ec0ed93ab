"""The sculpted headline: the font's own shapes as a lit relief with walls, shadow and glow.

A height field over the glyph mask is shaded by looking its normals up in a small lit ball
(``reflections.light_orb``); the walls are the mask swept away from the light. NumPy and OpenCV only.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generation.errors import HeadlineTooLong
from generation.studio import relief
from generation.studio.materials import Material, material
from generation.studio.reflections import ORB_SIZE_PX, Floats, floats, headline_key, light_orb
from generation.types import Box, Coverage, Headline, HeadlineBrief, Picture, Report, Size
from generation.typography.glyphs import Lettering, raster
from generation.typography.lines import LEADING_RATIO, SMALLEST_TYPE_PX, largest_type

SMALLEST_ASSET_PX = 512
"""The asset's longer side is at least this (the contract's promise)."""
SUPERSAMPLING = 2.0
MOST_WORKING_PIXELS = 2_400_000
LEAST_SUPERSAMPLING = 1.0
PERSPECTIVE = 0.16
"""How far the view turns between the middle and the side of the headline: metal needs some."""
SHADOW_LAYERS = ((0.03, 0.016, 0.34), (0.09, 0.05, 0.30), (0.16, 0.10, 0.20))
"""Offset and blur in em, and strength, of each layer of the drop shadow: contact first."""
DARKEST_SHADOW = 0.75
MARGIN_EM = 0.50
"""Room around the lettering: the widest shadow layer's offset and three times its blur."""
BLOOM_SIGMAS_EM = (0.012, 0.04)
BLOOM_STRENGTH = 0.16


@dataclass(frozen=True, slots=True)
class Sculpture:
    """A headline and what it was made from: ``front`` is the coverage of the lettering's front face in the
    asset's own pixels, ``em_px`` the font size it was
    carved at, on a canvas of ``carved`` pixels."""

    headline: Headline
    front: Coverage
    em_px: int
    carved: Size


@dataclass(frozen=True, slots=True)
class _Wall:
    coverage: Coverage
    color: Floats


def sculpt(brief: HeadlineBrief, report: Report) -> Headline:
    """The headline of ``brief`` as an RGBA asset, sized for ``brief.box`` without scaling.

    Letters and walls together fill ``brief.box`` in width or height; shadow and glow lie outside ``ink``.
    The same brief gives the same bytes. Raises ``StyleUnknown``, ``FontUnknown``, ``GlyphMissing`` and
    ``HeadlineTooLong``.
    """
    return sculpture(brief, report).headline


def sculpture(brief: HeadlineBrief, report: Report) -> Sculpture:
    """As ``sculpt``, with the front face for checks."""
    look = material(brief.style, brief.prompt)
    report("glyphs", 0.1, None)
    sweep = _sweep(brief)
    lettering, em, scale = _set_type(brief, look, sweep)
    mask = lettering.coverage

    report("sculpting", 0.3, None)
    distance = relief.rim_distance(mask)
    height = relief.carve(mask, distance, look, em, np.random.default_rng(brief.seed))
    report("shading", 0.55, None)
    mirrored, diffuse = light_orb(look, brief.hints.key, brief.hints.environment)
    face = _shade_face(height, distance, lettering, look, em, mirrored, diffuse)
    wall = _sweep_wall(mask, look, em, sweep, mirrored)
    body = np.maximum(mask, wall.coverage)
    light = wall.color + (face - wall.color) * mask[..., None]
    light += _bloom(light, body, em)
    report("shading", 0.85, None)
    picture, solid, front = _finish(light, body, mask, _shadow(body, em, sweep), scale)
    report("shading", 1.0, None)
    return Sculpture(Headline(picture, _ink_box(solid)), front, round(em), Size(mask.shape[1], mask.shape[0]))


def _sweep(brief: HeadlineBrief) -> Floats:
    """Unit direction (x right, y down) in which walls and shadow run: down, and away from the light."""
    towards = headline_key(brief.hints.key)
    away = np.array([np.clip(-0.75 * towards[0], -0.4, 0.4), 0.94], np.float32)
    return floats(away / np.linalg.norm(away))


def _set_type(brief: HeadlineBrief, look: Material, sweep: Floats) -> tuple[Lettering, float, float]:
    """The lettering at working resolution, its em there, and working pixels per pixel of the asset."""
    grow = max(1.0, SMALLEST_ASSET_PX / max(brief.box.width, brief.box.height))
    box = Size(round(brief.box.width * grow), round(brief.box.height * grow))
    fitted = largest_type(brief.lines, brief.font, box)
    reach = fitted.font_size_px * look.depth
    room = Size(max(1, int(box.width - reach * abs(sweep[0]))), max(1, int(box.height - reach * sweep[1])))
    fitted = largest_type(brief.lines, brief.font, room)
    if fitted.font_size_px < SMALLEST_TYPE_PX * grow:
        raise HeadlineTooLong(f"{brief.lines} in {brief.box}")
    pixels = (fitted.ink.width + fitted.font_size_px) * (fitted.ink.height + fitted.font_size_px)
    wished = min(SUPERSAMPLING, max(LEAST_SUPERSAMPLING, (MOST_WORKING_PIXELS / pixels) ** 0.5))
    em = round(fitted.font_size_px * wished)
    depth = look.depth * em
    margin = round(MARGIN_EM * em)
    side = round(depth * abs(float(sweep[0])))
    padding = (
        margin + (side if sweep[0] < 0 else 0),
        margin,
        margin + (side if sweep[0] > 0 else 0),
        margin + round(depth * float(sweep[1])),
    )
    lettering = raster(brief.lines, brief.font, em, round(em * LEADING_RATIO), padding)
    return lettering, float(em), em / fitted.font_size_px


def _shade_face(
    height: Floats, distance: Floats, lettering: Lettering, look: Material, em: float,
    mirrored: Floats, diffuse: Floats,
) -> Floats:  # fmt: skip
    normal_x, normal_y = relief.facing(height, _crown(lettering, look.crown))
    columns = height.shape[1]
    view_x = (np.arange(columns, dtype=np.float32) / columns - 0.5) * 2 * PERSPECTIVE
    x = (normal_x + view_x[None, :] + 1) * ((ORB_SIZE_PX - 1) / 2)
    y = (1 - normal_y) * ((ORB_SIZE_PX - 1) / 2)
    shine = cv2.remap(mirrored, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    hollow = relief.soft_blur(height, 0.05 * em) - height
    open_sky = np.exp(-np.clip(hollow, 0, None) / (0.05 * em) * 0.8)[..., None]
    face = shine * (0.5 + 0.5 * open_sky)
    if any(look.albedo):
        face += cv2.remap(diffuse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * open_sky
    if look.rim:
        face *= (1 - look.rim * np.exp(-((distance / (0.014 * em)) ** 2)))[..., None]
    face *= look.exposure
    return floats(face)


def _crown(lettering: Lettering, strength: float) -> Floats:
    """Slope upwards per pixel row, a column vector: +strength at the top of a line, -strength at its foot."""
    slope = np.zeros((lettering.coverage.shape[0], 1), np.float32)
    for top, bottom in lettering.bands:
        rows = np.arange(top, bottom, dtype=np.float32)
        slope[top:bottom, 0] = strength * (1 - 2 * (rows - top) / max(bottom - top, 1))
    return slope


def _sweep_wall(mask: Coverage, look: Material, em: float, sweep: Floats, mirrored: Floats) -> _Wall:
    """The side of the letters: the mask swept along ``sweep``, each point lit as the outline it came from."""
    steps = max(2, round(look.depth * em))
    flat = (mask * 255).astype(np.uint8)
    rows, columns = mask.shape
    cover, nearest = flat.copy(), np.full(mask.shape, steps, np.uint8 if steps < 256 else np.uint16)
    for step in range(steps, 0, -1):
        move = np.array([[1, 0, sweep[0] * step], [0, 1, sweep[1] * step]], np.float32)
        moved = cv2.warpAffine(flat, move, (columns, rows), flags=cv2.INTER_LINEAR)
        cv2.max(cover, moved, cover)
        nearest[moved > 127] = step
    travelled = nearest.astype(np.float32)
    lit = _outline_light(mask, look, em, mirrored)
    ys, xs = np.mgrid[0:rows, 0:columns].astype(np.float32)
    color = cv2.remap(
        lit,
        xs - sweep[0] * travelled,
        ys - sweep[1] * travelled,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    fade = 1.15 - 0.75 * travelled / steps
    return _Wall(floats(cover) / np.float32(255), floats(color * fade[..., None]))


def _outline_light(mask: Coverage, look: Material, em: float, mirrored: Floats) -> Floats:
    """Wall colour ``(h, w, 3)`` by the way the nearest outline faces."""
    soft = relief.soft_blur(mask, max(1.5, 0.014 * em))
    out_x, out_y = -cv2.Sobel(soft, -1, 1, 0), cv2.Sobel(soft, -1, 0, 1)
    length = np.hypot(out_x, out_y) + 1e-4
    out_x = relief.soft_blur((out_x / length).astype(np.float32), max(1.0, 0.01 * em))
    out_y = relief.soft_blur((out_y / length).astype(np.float32), max(1.0, 0.01 * em))
    base = np.array(look.wall, np.float32)
    lit = base * (0.9 - 0.45 * out_x + 0.25 * out_y)[..., None]
    x, y = (0.8 * out_x + 1) * ((ORB_SIZE_PX - 1) / 2), (1 - 0.8 * out_y) * ((ORB_SIZE_PX - 1) / 2)
    shine = cv2.remap(mirrored, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return floats(lit + look.wall_gloss * base * shine)


def _bloom(light: Floats, body: Coverage, em: float) -> Floats:
    bright = np.clip(light - 1, 0, 3) * body[..., None]
    quarter = (max(1, bright.shape[1] // 4), max(1, bright.shape[0] // 4))
    small = floats(cv2.resize(bright, quarter, interpolation=cv2.INTER_AREA))
    spread = np.zeros_like(small)
    for sigma in BLOOM_SIGMAS_EM:
        spread += floats(cv2.GaussianBlur(small, (0, 0), max(0.6, sigma * em / 4)))
    grown = cv2.resize(
        spread * BLOOM_STRENGTH, (bright.shape[1], bright.shape[0]), interpolation=cv2.INTER_LINEAR
    )
    return floats(grown)


def _shadow(body: Coverage, em: float, sweep: Floats) -> Coverage:
    """Coverage of the soft drop shadow on whatever is behind the letters."""
    total = np.zeros_like(body)
    for offset, blur, strength in SHADOW_LAYERS:
        move = np.array([[1, 0, sweep[0] * offset * em], [0, 1, sweep[1] * offset * em]], np.float32)
        moved = floats(cv2.warpAffine(body, move, (body.shape[1], body.shape[0])))
        total += relief.soft_blur(moved, blur * em) * strength
    return np.clip(total, 0, DARKEST_SHADOW)


def _finish(
    light: Floats, body: Coverage, mask: Coverage, shadow: Coverage, scale: float
) -> tuple[Picture, Coverage, Coverage]:
    """Tone, shadow below, down to the asset's pixels: (RGBA, coverage of the solid, of its front)."""
    rows, columns = body.shape
    size = (max(1, round(columns / scale)), max(1, round(rows / scale)))
    paint = cv2.resize(_tone(light) * body[..., None], size, interpolation=cv2.INTER_AREA)
    layers = np.dstack([body + (1 - body) * shadow, body, mask])
    alpha, solid, front = cv2.split(cv2.resize(layers, size, interpolation=cv2.INTER_AREA))
    color = paint / np.maximum(alpha, 1e-3)[..., None]
    picture = np.dstack([color, alpha]).clip(0, 1) * 255 + 0.5
    return picture.astype(np.uint8), floats(solid), floats(front)


def _tone(light: Floats) -> Floats:
    """Linear light to display sRGB 0..1, highlights rolled off (ACES fit by Narkowicz 2015)."""
    rolled = (light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)).clip(0, 1)
    table = np.linspace(0, 1, 4097)
    encoded = np.where(table <= 0.0031308, 12.92 * table, 1.055 * table ** (1 / 2.4) - 0.055).astype(
        np.float32
    )
    return floats(encoded[(rolled * 4096 + 0.5).astype(np.uint16)])


def _ink_box(solid: Coverage) -> Box:
    rows = np.flatnonzero(solid.max(axis=1) > 0.5)
    columns = np.flatnonzero(solid.max(axis=0) > 0.5)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1))
