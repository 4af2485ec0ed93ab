"""Lettering that lies flat: plain colour, sticker, cut paper, ink. What changes is fill, outline and shadow."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from generation.studio import relief
from generation.studio.asset import Painted, drop_shadow, encoded, shifted
from generation.studio.materials import Rgb, dye, linear
from generation.studio.reflections import Floats, floats, smoothstep
from generation.studio.setting import LIGHT_GROUND, Allowance, Setting, is_dark, is_light, luminance
from generation.studio.textures import noise
from generation.types import Coverage, Report

FLAT_LIGHT: Final = linear("#fffdf8")
FLAT_DARK: Final = linear("#1f1b1a")
FLAT_ALLOWANCE: Final = Allowance(margin=0.5)

STICKER_RIM_EM: Final = 0.075
STICKER_ALLOWANCE: Final = Allowance(outline=STICKER_RIM_EM, margin=0.35)
CLOSED_GAP_EM: Final = 0.035
"""Slits between a sticker's letters narrower than twice this would not survive the cutter."""
STICKER_FILL: Final = linear("#f2382c")

PAPER_STEPS_EM: Final = (0.055, 0.105)
"""How far each lower sheet looks out under the lettering."""
PAPER_ALLOWANCE: Final = Allowance(outline=PAPER_STEPS_EM[1], margin=0.4)
PAPER_SHEETS: Final = (linear("#fff6e6"), linear("#f0654f"))
"""From the top; the lowest is navy on a light ground, sky blue on any other."""
PAPER_LOWEST: Final = (linear("#cfe8ef"), linear("#2f4b62"))

INK_ALLOWANCE: Final = Allowance(margin=0.3)
INK_DARK: Final = linear("#16130f")
INK_LIGHT: Final = linear("#fbf6ea")
INK_EDGE_EM: Final = 0.006
"""How far the brush strays from the glyph's outline."""
EMPTY_BRISTLE: Final = 0.62
"""Share of the ink that is missing where the brush ran dry."""


def flat_color(ground: Rgb | None, prompt: str) -> Rgb:
    """The flat style's one colour, linear: what the prompt names, else near-white or near-black by the ground."""
    return dye(prompt) or (FLAT_DARK if is_light(ground) else FLAT_LIGHT)


def flat(setting: Setting, report: Report) -> Painted:
    """One even colour over a soft shadow; dark lettering keeps a faint one, light lettering needs a firm one."""
    color = flat_color(setting.ground, setting.prompt)
    report("shading", 0.5, None)
    strength = 0.45 if luminance(color) < LIGHT_GROUND / 2 else 1.1
    return Painted(_even(setting, color), setting.mask, drop_shadow(setting.mask, setting, strength, 0.7))


def sticker(setting: Setting, report: Report) -> Painted:
    """A die-cut vinyl sticker: bold fill, thick white rim, a narrow shadow and a breath of gloss."""
    fill = dye(setting.prompt) or STICKER_FILL
    if luminance(fill) > 0.7:
        fill = STICKER_FILL
    body = without_holes(outset(setting.mask, STICKER_RIM_EM * setting.em, CLOSED_GAP_EM * setting.em))
    report("shading", 0.5, None)
    top, bottom = encoded(_scaled(fill, 1.12)), encoded(_scaled(fill, 0.86))
    fall = _down_the_lines(setting)
    face = top + (bottom - top) * fall[..., None]
    sheen = smoothstep(0.0, 1.0, 0.5 - np.abs(fall - 0.26) / 0.16) * 0.10
    face = face + (1 - face) * sheen[..., None]
    inner = np.exp(-setting.distance / (0.012 * setting.em)) * 0.14
    face = face * (1 - inner)[..., None]
    edge = body - relief.soft_blur(body, 0.012 * setting.em)
    paper = np.float32(0.995) - 0.16 * np.clip(0.5 - edge * 2, 0, 1) * (body < 0.999)
    color = paper[..., None] + (face - paper[..., None]) * setting.mask[..., None]
    return Painted(floats(color), body, drop_shadow(body, setting, 0.85, 0.42))


def paper(setting: Setting, report: Report) -> Painted:
    """Three sheets of cut paper, each with the shadow of the one above."""
    em = setting.em
    color_named = dye(setting.prompt)
    sheets = (PAPER_SHEETS[0], color_named or PAPER_SHEETS[1], _lowest_sheet(setting))
    middle, lowest = (outset(setting.mask, step * em, CLOSED_GAP_EM * em) for step in PAPER_STEPS_EM)
    lowest = without_holes(lowest)
    # Where the lowest sheet is wide, between words and lines, only an even rim of it looks out.
    rim = PAPER_STEPS_EM[1] - PAPER_STEPS_EM[0]
    middle = np.maximum(without_holes(middle), np.clip(relief.rim_distance(lowest) - rim * em + 0.5, 0, 1))
    shapes = (setting.mask, floats(middle), lowest)
    tooth = _paper_tooth(setting)
    report("shading", 0.5, None)
    color = _even(setting, sheets[2])
    for index in (1, 0):
        lower = _sheet(color, shapes[index], shapes[index + 1], setting)
        color = lower + (encoded(sheets[index]) - lower) * shapes[index][..., None]
        color = color + _cut_edge(shapes[index], setting)[..., None]
    color = np.clip(color * tooth[..., None], 0, 1)
    return Painted(floats(color), shapes[2], drop_shadow(shapes[2], setting, 1.0, 0.6))


def _lowest_sheet(setting: Setting) -> Rgb:
    return PAPER_LOWEST[is_light(setting.ground) or setting.ground is None]


def ink(setting: Setting, report: Report) -> Painted:
    """Brush and ink (먹): dense where the brush is wet, streaks where it ran dry, an edge that breathes."""
    em, shape, rng = setting.em, setting.mask.shape, setting.rng()
    color = dye(setting.prompt) or (INK_LIGHT if is_dark(setting.ground) else INK_DARK)
    report("sculpting", 0.4, None)
    stray = noise(shape, (0.09 * em, 0.09 * em), rng) + 0.45 * noise(shape, (0.025 * em, 0.025 * em), rng)
    signed = setting.distance - _outside_distance(setting.mask)
    edge_px = INK_EDGE_EM * em
    body = np.clip(signed + stray * edge_px * 0.5 + 0.5, 0, 1)
    bristles = _bristles(setting, rng)
    wet = noise(shape, (0.55 * em, 0.45 * em), rng)
    dryness = smoothstep(0.25, 1.7, wet) * smoothstep(0.012 * em, 0.05 * em, setting.distance)
    gaps = smoothstep(0.35, 1.3, bristles + 1.1 * dryness - 0.9) * smoothstep(0.05, 0.6, dryness)
    report("shading", 0.7, None)
    pooled = np.exp(-setting.distance / (0.02 * em))
    depth = np.clip(0.90 + 0.05 * wet + 0.12 * pooled, 0, 1)
    tone_up = encoded(color)
    wash = tone_up + (0.5 - tone_up) * 0.16
    painted = wash + (tone_up - wash) * depth[..., None]
    solid = body * (1 - EMPTY_BRISTLE * gaps)
    return Painted(
        floats(painted), floats(solid), np.zeros(shape, np.float32), _bleeding(floats(body), tone_up, em)
    )


def outset(mask: Coverage, reach_px: float, closed_px: float = 0.0) -> Coverage:
    """The shape grown by ``reach_px`` all round, round corners, antialiased; gaps that are left narrower than
    twice ``closed_px`` are filled."""
    grown = floats(np.clip(reach_px + closed_px + 0.5 - _outside_distance(mask), 0, 1))
    if closed_px == 0:
        return grown
    return floats(np.clip(relief.rim_distance(grown) - closed_px + 0.5, 0, 1))


def without_holes(shape: Coverage) -> Coverage:
    """The shape with what it encloses filled."""
    marks = (shape > 0.5).astype(np.uint8)
    outlines, _ = cv2.findContours(marks, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(marks, outlines, -1, 1, cv2.FILLED)
    outside = cv2.dilate(1 - marks, np.ones((5, 5), np.uint8))
    return np.where(outside > 0, shape, np.float32(1))


def _outside_distance(mask: Coverage) -> Floats:
    """Pixels from the outline, outside the mask; the antialiased edge counts for its share."""
    away = cv2.distanceTransform((mask <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return floats(np.maximum(away - np.where(away <= 1, 0.5 + (mask - 0.5) * (away > 0), 0.5), 0))


def _even(setting: Setting, color: Rgb) -> Floats:
    return floats(np.broadcast_to(encoded(color), (*setting.mask.shape, 3)))


def _scaled(color: Rgb, factor: float) -> Rgb:
    return (color[0] * factor, color[1] * factor, color[2] * factor)


def _down_the_lines(setting: Setting) -> Floats:
    """0 at the top of each line to 1 at its foot."""
    fall = np.zeros((setting.mask.shape[0], 1), np.float32)
    for top, bottom in setting.bands:
        fall[top:bottom, 0] = np.linspace(0, 1, bottom - top)
    return floats(np.broadcast_to(fall, setting.mask.shape))


def _paper_tooth(setting: Setting) -> Floats:
    """Fine fibres and a slow drift, as a factor about 1."""
    em, shape, rng = setting.em, setting.mask.shape, setting.rng()
    fine = noise(shape, (max(1.2, 0.008 * em),) * 2, rng)
    fibre = noise(shape, (0.05 * em, max(1.2, 0.012 * em)), rng)
    return floats(1 + 0.010 * fine + 0.010 * fibre + 0.012 * noise(shape, (0.8 * em, 0.6 * em), rng))


def _sheet(lower: Floats, above: Coverage, below: Coverage, setting: Setting) -> Floats:
    """The lower sheet with the shadow of the one above."""
    em = setting.em
    near = relief.soft_blur(shifted(above, setting, 0.012), 0.010 * em)
    far = relief.soft_blur(shifted(above, setting, 0.034), 0.028 * em)
    return floats(lower * (1 - np.clip(0.34 * near + 0.36 * far, 0, 0.7) * below)[..., None])


def _cut_edge(shape: Coverage, setting: Setting) -> Floats:
    """The thickness of a sheet: light along the edge that faces the light, dark along the other."""
    return floats((shape - shifted(shape, setting, 0.010)) * shape * 0.10)


def _bristles(setting: Setting, rng: np.random.Generator) -> Floats:
    """Noise drawn out along the strokes; deviation about 1."""
    em, shape = setting.em, setting.mask.shape
    half = (max(1, shape[1] // 2), max(1, shape[0] // 2))
    small = floats(cv2.resize(setting.mask, half, interpolation=cv2.INTER_AREA))
    soft = relief.soft_blur(small, 0.045 * em)
    slope_x, slope_y = floats(cv2.Sobel(soft, -1, 1, 0)), floats(cv2.Sobel(soft, -1, 0, 1))
    along_x, along_y = _along(slope_x, slope_y, 0.05 * em)
    grain = noise((half[1], half[0]), (max(1.0, 0.009 * em),) * 2, rng)
    ys, xs = np.mgrid[0 : half[1], 0 : half[0]].astype(np.float32)
    drawn = np.zeros_like(grain)
    for step in np.linspace(-0.10, 0.10, 13) * em:
        drawn += cv2.remap(
            grain, floats(xs + along_x * step), floats(ys + along_y * step), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )  # fmt: skip
    drawn /= drawn.std() + 1e-6
    return floats(cv2.resize(drawn, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def _along(slope_x: Floats, slope_y: Floats, sigma: float) -> tuple[Floats, Floats]:
    """Unit direction of the strokes, from the structure tensor of their blurred mask."""
    xx, yy, xy = (
        relief.soft_blur(floats(each), sigma) for each in (slope_x**2, slope_y**2, slope_x * slope_y)
    )
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return floats(np.cos(angle)), floats(np.sin(angle))


def _bleeding(body: Coverage, color: Floats, em: float) -> Floats:
    """The ink's water in the paper: a faint halo (RGBA, premultiplied)."""
    alpha = relief.soft_blur(body, 0.02 * em) * 0.16
    return floats(np.dstack([color * alpha[..., None], alpha]))
