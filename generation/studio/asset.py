"""From painted layers at working size to the headline's RGBA asset."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from generation.studio import relief
from generation.studio.reflections import Floats, floats
from generation.studio.setting import Setting
from generation.types import Box, Coverage, Picture

SHADOW_LAYERS = ((0.022, 0.010, 0.36), (0.08, 0.045, 0.28), (0.16, 0.10, 0.20))
"""Offset and blur in em, and strength, of each layer of the drop shadow: contact first."""
DARKEST_SHADOW = 0.75
BRIGHTEST_LIGHT = 8.0
TONE_STEPS = 8192
BORDER_PX = 2
"""Pixels of the asset along its border that stay empty, so that nothing is ever cut off."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A style's layers at working size, from the top: ``color`` (display sRGB 0..1) where ``solid`` covers;
    ``glow`` (RGBA, display sRGB, premultiplied) around it; ``shadow``, coverage of black, below."""

    color: Floats
    solid: Coverage
    shadow: Coverage
    glow: Floats | None = None


def finish(painted: Painted, setting: Setting) -> tuple[Picture, Coverage, Coverage]:
    """The layers in one, down to the asset's own pixels: (RGBA, coverage of the solid, of the glyphs)."""
    rows, columns = painted.solid.shape
    size = (max(1, round(columns / setting.scale)), max(1, round(rows / setting.scale)))
    under = painted.shadow
    paint = painted.color * painted.solid[..., None]
    if painted.glow is not None:
        under = painted.glow[..., 3] + (1 - painted.glow[..., 3]) * under
        paint += painted.glow[..., :3] * (1 - painted.solid[..., None])
    alpha = painted.solid + (1 - painted.solid) * under
    layers = cv2.resize(np.dstack([alpha, painted.solid, setting.mask]), size, interpolation=cv2.INTER_AREA)
    paint = floats(cv2.resize(paint, size, interpolation=cv2.INTER_AREA))
    frame = _fade_out(layers.shape[:2])
    color = paint / np.maximum(layers[..., :1], 1e-3)
    picture = np.dstack([color, layers[..., 0] * frame]).clip(0, 1) * 255 + 0.5
    return picture.astype(np.uint8), floats(layers[..., 1]), floats(layers[..., 2])


def _fade_out(shape: tuple[int, ...]) -> Floats:
    """1 inside, falling to 0 over the outer pixels of the asset."""
    ramps = []
    for length in shape[:2]:
        to_border = np.minimum(np.arange(length), np.arange(length)[::-1]) - BORDER_PX
        ramps.append(np.clip(to_border / max(6.0, 0.04 * min(shape[:2])), 0, 1))
    return floats(ramps[0][:, None] * ramps[1][None, :])


def ink_box(solid: Coverage) -> Box:
    """The box of what a style's solid covers."""
    rows = np.flatnonzero(solid.max(axis=1) > 0.5)
    columns = np.flatnonzero(solid.max(axis=0) > 0.5)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1))


def inked(mask: Coverage, around_px: int = 0) -> tuple[slice, slice]:
    """The rows and columns that the mask touches, and ``around_px`` more on each side."""
    left, top, width, height = cv2.boundingRect((mask > 0).astype(np.uint8))
    return (
        slice(max(top - around_px, 0), top + height + around_px),
        slice(max(left - around_px, 0), left + width + around_px),
    )


def drop_shadow(body: Coverage, setting: Setting, strength: float = 1.0, reach: float = 1.0) -> Coverage:
    """Coverage of the soft shadow on whatever is behind the letters; ``reach`` scales how far it falls."""
    total = np.zeros_like(body)
    for offset, blur, density in SHADOW_LAYERS:
        moved = shifted(body, setting, offset * reach)
        total += relief.soft_blur(moved, max(0.8, blur * reach * setting.em)) * (density * strength)
    return np.clip(total, 0, DARKEST_SHADOW)


def shifted(layer: Coverage, setting: Setting, offset_em: float) -> Coverage:
    """``layer`` moved along the sweep."""
    x, y = (float(part) * offset_em * setting.em for part in setting.sweep)
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return floats(cv2.warpAffine(layer, move, (layer.shape[1], layer.shape[0])))


def _tone_table() -> Floats:
    light = np.linspace(0, BRIGHTEST_LIGHT, TONE_STEPS)
    rolled = (light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)).clip(0, 1)
    return floats(np.where(rolled <= 0.0031308, 12.92 * rolled, 1.055 * rolled ** (1 / 2.4) - 0.055))


_TONE = _tone_table()


def tone(light: Floats) -> Floats:
    """Linear light to display sRGB 0..1, highlights rolled off (ACES fit by Narkowicz 2015)."""
    steps = light * np.float32((TONE_STEPS - 1) / BRIGHTEST_LIGHT)
    np.clip(steps, 0, TONE_STEPS - 1, out=steps)
    return _TONE[steps.astype(np.uint16)]


def encoded(linear_color: tuple[float, float, float]) -> Floats:
    """A linear colour as display sRGB 0..1, shape ``(3,)``, without any tone curve (IEC 61966-2-1)."""
    values = np.array(linear_color, np.float32).clip(0, 1)
    return floats(np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055))
