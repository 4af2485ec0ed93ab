"""Lettering that shines by itself: neon glass and marquee bulbs. Its glow ends before the asset does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from generation.studio import carving, relief
from generation.studio.asset import Painted, drop_shadow, encoded, inked, shifted, tone
from generation.studio.flatwork import outset, without_holes
from generation.studio.materials import Material, Rgb, dye, linear
from generation.studio.reflections import Floats, floats, smoothstep
from generation.studio.setting import Allowance, Setting, is_dark, luminance
from generation.studio.strokes import middle_lines, spread
from generation.types import Coverage, Report

NEON_ALLOWANCE: Final = Allowance(margin=0.85)
NEON_COLOR: Final = linear("#ff2a78")
TUBE_EM: Final = 0.021
"""Half the width of a glass tube."""
CORE_FROM: Final = (0.80, 0.90)
"""How squarely the glass must face the viewer to look white-hot: a double tube, a single one."""
SINGLE_TUBE_BELOW: Final = 3.3
"""Half strokes under this many tube radii have no room for two tubes."""
GLOW_LAYERS: Final = ((0.025, 0.50), (0.08, 0.50), (0.24, 0.85))
"""Blur in em and strength."""
GLOW_DENSEST: Final = 0.74
"""Alpha of the glow: below what counts as lettering when an asset is laid out."""

PLATE_EM: Final = 0.072
"""How far the acrylic plate of a sign looks out around the letters."""
PLATE_BRIDGE_EM: Final = 0.065
"""Half of the widest gap that the plate spans."""
PLATE_ROUNDING_EM: Final = 0.035
PLATE_DENSITY: Final = 0.74
PLATE_GLOW: Final = 0.5
"""Share of the glow that the smoked acrylic shows; beside it, by day, hardly any is seen."""
GLOW_BY_DAY: Final = 0.22
PLATE_BEVEL_EM: Final = 0.016
STAND_OFF_EM: Final = (0.055, 0.028)
"""Offset and blur of the plate's shadow on what it is mounted on."""
STAND_OFF_SHADE: Final = 0.42
PLATE_ROOM_EM: Final = 0.30
"""How far from the letters plate and shadow have ended."""
DENSEST_UNDER: Final = 0.745
"""Alpha of plate, glow and shadow together: below what counts as lettering when an asset is laid out."""

BULB_EM: Final = 0.033
BULB_SPACING_EM: Final = 0.105
BULB_SHARE: Final = 0.62
"""Of half a stroke: a bulb is no larger than this."""
SEAT_SHARE: Final = 0.9
BULB_GLOW_EM: Final = ((0.020, 0.50), (0.08, 0.30))
MARQUEE_GLOW: Final = ((0.06, 0.40), (0.20, 0.75))
LAMP_LIGHT: Final = linear("#ffc36b")
LAMP_SPILL: Final = linear("#ff8a30")
TIN_BY_DAY, TIN_BY_NIGHT = (0.35, 1.0), (1.0, 2.4)
DAY_GROUND: Final = 0.25
"""Linear luminance of a ground from which bulb letters are seen by day."""
SPILL_BY_DAY, LAMP_BY_DAY, BULB_BY_DAY = 0.4, 0.55, 0.85
"""How much of the bulbs' light is seen on the tin by day, how bright they are themselves, and how large: more would
make small letters as light as the ground."""
GILT_EM: Final = 0.018
GILT: Final = linear("#f0b64a")
TIN: Final = Material(
    profile="chamfer", studio="softbox", reflectance=(0.05, 0.05, 0.05), albedo=linear("#c00f1e"),
    roughness=0.2, bevel=0.03, depth=0.11, smooth=0.005, highlight=1.0, exposure=0.62,
    wall=linear("#8a5a18"), wall_gloss=0.6,
)  # fmt: skip
MARQUEE_ALLOWANCE: Final = Allowance(depth=TIN.depth, margin=0.65)


def neon(setting: Setting, report: Report) -> Painted:
    """Glass tubes that follow the letters' outlines.

    Heavy strokes get a tube along each side, slender ones a single tube of their own width. By daylight they are
    mounted on smoked acrylic that is cut to their contour, as sign makers do.
    """
    em, mask = setting.em, setting.mask
    color = _vivid(dye(setting.prompt) or NEON_COLOR)
    report("sculpting", 0.4, None)
    single = setting.half_stroke < SINGLE_TUBE_BELOW * TUBE_EM * em
    radius = setting.half_stroke if single else TUBE_EM * em
    seat = radius if single else 1.25 * radius
    bulge = np.sqrt(np.clip(1 - ((setting.distance - seat) / np.float32(radius)) ** 2, 0, 1)) * (mask > 0)
    glass = floats(np.clip(bulge * 3.0, 0, 1) * mask)
    report("shading", 0.6, None)
    core = floats(smoothstep(CORE_FROM[single], 1.0, bulge))
    near = relief.soft_blur(glass, 0.030 * em)
    light = color * (0.035 + 0.30 * near)[..., None]
    light = light + (color * 1.5) * (glass * (0.35 + 0.65 * bulge))[..., None] + 2.6 * core[..., None]
    shade = drop_shadow(mask, setting, 0.75, 0.6)
    glow = glow_around(glass, color, em, GLOW_LAYERS)
    if setting.ground is not None and not is_dark(setting.ground):
        glow, shade = _mounted(setting, color, glow)
    return Painted(tone(floats(light)), mask, shade, glow)


def _mounted(setting: Setting, color: Floats, glow: Floats) -> tuple[Floats, Coverage]:
    """The acrylic plate with the tubes' glow in it (RGBA, display sRGB, premultiplied), and its shadow."""
    em = setting.em
    around = inked(setting.mask, round(PLATE_ROOM_EM * em))
    near, setting = glow[around], replace(setting, mask=setting.mask[around])
    layer, shadow = glow * np.float32(GLOW_BY_DAY), np.zeros(glow.shape[:2], np.float32)
    plate = _plate(setting)
    soft = relief.soft_blur(plate, PLATE_BEVEL_EM * em)
    facing = shifted(soft, setting, -PLATE_BEVEL_EM) - shifted(soft, setting, PLATE_BEVEL_EM)
    lit = smoothstep(0.97, 0.6, soft) * (0.16 + 0.75 * np.clip(facing, 0, 1))
    smoke = encoded(_tinted(color, 0.006, 0.010))
    polish = 0.5 + 0.5 * encoded(_tinted(color, 0.0, 1.0)) - smoke
    shown = GLOW_BY_DAY + (PLATE_GLOW - GLOW_BY_DAY) * plate
    through = (1 - shown * near[..., 3]) * PLATE_DENSITY * plate
    dense = shown * near[..., 3] + through
    thinned = np.minimum(1, DENSEST_UNDER / np.maximum(dense, 1e-3))
    sign = near * (shown * thinned)[..., None]
    through *= thinned
    for channel in range(3):
        sign[..., channel] += through * (smoke[channel] + polish[channel] * lit)
    sign[..., 3] += through
    offset, blur = STAND_OFF_EM
    shade = relief.soft_blur(shifted(plate, setting, offset), blur * em) * STAND_OFF_SHADE
    room = (DENSEST_UNDER - sign[..., 3]) / (1 - sign[..., 3])
    layer[around], shadow[around] = sign, np.minimum(shade, np.clip(room, 0, 1))
    return floats(layer), floats(shadow)


def _tinted(color: Floats, base: float, share: float) -> Rgb:
    red, green, blue = (base + share * float(part) for part in color)
    return (red, green, blue)


def _plate(setting: Setting) -> Coverage:
    """What a router would cut: the letters' contour with its notches rounded off."""
    em = setting.em
    cut = without_holes(outset(setting.mask, PLATE_EM * em, PLATE_BRIDGE_EM * em))
    soft = relief.soft_blur(cut, PLATE_ROUNDING_EM * em)
    edge = 0.4 / (PLATE_ROUNDING_EM * em)
    return smoothstep(0.5 - edge, 0.5 + edge, soft)


def _vivid(color: Rgb) -> Floats:
    """The hue of a gas discharge: bright, and never grey."""
    values = np.array(color, np.float32)
    return floats(np.maximum(values / max(values.max(), 1e-3), 0.012))


def glow_around(
    source: Coverage, color: Floats, em: float, layers: tuple[tuple[float, float], ...]
) -> Floats:
    """Light in the air around ``source``: RGBA, display sRGB, premultiplied. On a pale ground it also dims
    what is behind, as an eye adapted to the lamp would."""
    strength = np.zeros_like(source)
    for blur, share in layers:
        strength += relief.soft_blur(source, blur * em) * share
    alpha = GLOW_DENSEST * (1 - cv2.exp(-1.6 * strength))
    hue = tone(floats(color * 0.9))
    return floats(np.dstack([hue * alpha[..., None], alpha]))


def marquee(setting: Setting, report: Report) -> Painted:
    """A fairground letter: enamelled tin with a gilt rim, bulbs along the middle of its strokes."""
    em = setting.em
    by_day = setting.ground is None or luminance(setting.ground) > DAY_GROUND
    tin = _tin(setting.prompt, by_day)
    box = carving.paint(setting, tin, lambda name, part, _: report(name, 0.6 * part, None))
    radius = min(BULB_EM * em, BULB_SHARE * setting.half_stroke) * (BULB_BY_DAY if by_day else 1.0)
    spacing = max(BULB_SPACING_EM * em * radius / (BULB_EM * em), 2.6 * radius)
    points = _seated(spread(middle_lines(setting.mask, em), spacing), setting, radius)
    report("shading", 0.75, None)
    bulbs, profile = _bulbs(setting.mask.shape, points, radius)
    color = np.array(LAMP_LIGHT, np.float32) * np.float32(LAMP_BY_DAY if by_day else 1.0)
    seen = SPILL_BY_DAY if by_day else 1.0
    spill = sum(relief.soft_blur(bulbs, blur * em) * share * seen for blur, share in BULB_GLOW_EM)
    rim = GILT_EM * setting.weight * em
    gilt = (smoothstep(1.3 * rim, rim, setting.distance) * (setting.mask > 0))[..., None]
    shade = box.color.max(axis=2, keepdims=True)
    face = (
        box.color
        + (np.minimum(encoded(GILT) * (0.35 + 1.2 * shade), 1) - box.color) * gilt * setting.mask[..., None]
    )
    lit = 1 - (1 - face) * (1 - encoded(LAMP_SPILL) * np.clip(spill, 0, 1)[..., None])
    lamp = _lamp_colors(color)[(profile * 255).astype(np.uint8)]
    painted = lit + (lamp - lit) * bulbs[..., None]
    glow = glow_around(bulbs, color, em, MARQUEE_GLOW)
    return Painted(floats(painted), box.solid, box.shadow, glow)


def _lamp_colors(color: Floats) -> Floats:
    """Display sRGB of a lit bulb, ``(256, 3)``, from its rim to its white-hot middle."""
    facing = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    return tone(floats(color * (0.55 + 1.3 * facing) + 1.7 * smoothstep(0.55, 0.98, facing)))


def _tin(prompt: str, by_day: bool) -> Material:
    """The letters' enamel, exposed so that tin and bulbs together are darker, or lighter, than the ground."""
    return replace(TIN, albedo=dye(prompt) or TIN.albedo, latitude=TIN_BY_DAY if by_day else TIN_BY_NIGHT)


def _seated(points: Floats, setting: Setting, radius: float) -> Floats:
    """The points where a bulb finds room within the letter: not in its corners."""
    columns, rows = np.round(points).astype(int).T
    return floats(points[setting.distance[rows, columns] >= SEAT_SHARE * radius])


def _bulbs(shape: tuple[int, ...], points: Floats, radius: float) -> tuple[Coverage, Floats]:
    """Coverage of the bulbs, and how much each pixel's glass faces the viewer (1 in the middle)."""
    ball = np.zeros(shape[:2], np.uint8)
    for x, y in points:
        center = (round(float(x) * 16), round(float(y) * 16))
        cv2.circle(ball, center, round(radius * 16), 255, -1, cv2.LINE_AA, 4)
    cover = floats(ball) / np.float32(255)
    inner = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    depth = np.clip(inner / radius, 0, 1)
    return cover, floats(np.sqrt(1 - (1 - depth) ** 2))
