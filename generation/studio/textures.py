"""Surfaces that are not plain: wood, clay, chocolate, ice. Procedural, repeatable by seed.

Each gives an albedo, ``(height, width, 3)`` linear, to be multiplied with the material's own, and a relief
``(height, width)`` in pixels to be added to its height.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import cv2
import numpy as np

from generation.studio.materials import Texture, linear
from generation.studio.reflections import Floats, floats, smoothstep
from generation.studio.setting import Setting

Surface: TypeAlias = tuple[Floats, Floats]
"""(albedo, relief)."""


def noise(shape: tuple[int, int], cell: tuple[float, float], rng: np.random.Generator) -> Floats:
    """Smooth noise of deviation 1, whose features are about ``cell`` = (width, height) pixels large."""
    rows, columns = (
        max(4, int(np.ceil(side / max(c, 1.0))) + 3) for side, c in zip(shape, cell[::-1], strict=True)
    )
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    size = (max(shape[1], round(columns * max(cell[0], 1.0))), max(shape[0], round(rows * max(cell[1], 1.0))))
    grown = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)[: shape[0], : shape[1]]
    return floats(grown / (grown.std() + 1e-6))


def _mixed(low: str, high: str, share: Floats) -> Floats:
    """From the colour ``low`` to ``high`` by ``share`` 0..1."""
    first, second = (np.array(linear(color), np.float32) for color in (low, high))
    return floats(first + (second - first) * share[..., None])


def wood(setting: Setting) -> Surface:
    """Walnut cut along the grain: bent growth rings, fine pores, a plank's drift in tone."""
    shape, em, rng = setting.mask.shape, setting.em, setting.rng()
    rows = np.arange(shape[0], dtype=np.float32)[:, None] / em
    bend = noise(shape, (1.5 * em, 0.42 * em), rng) * 0.16 + noise(shape, (0.6 * em, 0.16 * em), rng) * 0.02
    rings = (rows + bend) * 8.0
    early = (rings % 1.0).astype(np.float32)
    late = smoothstep(0.25, 0.92, early) * (1 - smoothstep(0.94, 1.0, early))
    fibre = noise(shape, (0.42 * em, max(1.2, 0.008 * em)), rng)
    pores = np.clip(noise(shape, (0.12 * em, max(1.0, 0.005 * em)), rng) - 1.1, 0, 1.5)
    drift = noise(shape, (1.4 * em, 0.7 * em), rng)
    tone = np.clip(0.56 - 0.30 * late + 0.08 * fibre + 0.09 * drift, 0, 1)
    albedo = _mixed("#4e2510", "#cf8a4b", tone) * (1 - 0.42 * pores)[..., None]
    return floats(albedo), floats(0.0012 * em * (fibre - 2.2 * pores) - 0.002 * em * late)


def clay(setting: Setting) -> Surface:
    """Polymer clay pressed by hand: shallow dents and a fine tooth."""
    shape, em, rng = setting.mask.shape, setting.em, setting.rng()
    dents = noise(shape, (0.16 * em, 0.16 * em), rng) + 0.5 * noise(shape, (0.07 * em, 0.07 * em), rng)
    tooth = noise(shape, (max(1.3, 0.007 * em),) * 2, rng)
    shade = 1 + 0.022 * noise(shape, (0.3 * em, 0.3 * em), rng) + 0.018 * tooth
    return floats(np.repeat(shade[..., None], 3, 2)), floats(0.0042 * em * dents + 0.00045 * em * tooth)


def cocoa(setting: Setting) -> Surface:
    """Tempered chocolate: nearly smooth, with a slow wave from the mould."""
    shape, em, rng = setting.mask.shape, setting.em, setting.rng()
    wave = noise(shape, (0.22 * em, 0.16 * em), rng)
    shade = 1 + 0.05 * noise(shape, (0.5 * em, 0.4 * em), rng)
    return floats(np.repeat(shade[..., None], 3, 2)), floats(0.005 * em * wave)


def frost(setting: Setting) -> Surface:
    """Clear ice with frost: cloudy veins inside, cracks, a tooth of rime towards the rim."""
    shape, em, rng = setting.mask.shape, setting.em, setting.rng()
    cloud = noise(shape, (0.30 * em, 0.22 * em), rng) + 0.6 * noise(shape, (0.11 * em, 0.09 * em), rng)
    crack = np.exp(-((noise(shape, (0.34 * em, 0.26 * em), rng) / 0.05) ** 2))
    crack *= smoothstep(-0.3, 0.8, noise(shape, (0.3 * em, 0.3 * em), rng))
    grains = noise(shape, (max(1.2, 0.010 * em),) * 2, rng)
    rime = np.exp(-setting.distance / (0.026 * em))
    share = np.clip(0.30 + 0.17 * cloud + 0.60 * crack + 0.75 * rime, 0, 1)
    albedo = _mixed("#2a86c8", "#ffffff", floats(share)) * (1 + 0.05 * grains)[..., None]
    bumps = 0.0035 * em * cloud + 0.0012 * em * grains * (0.3 + rime) - 0.004 * em * crack
    return floats(albedo), floats(bumps)


_SURFACES: Final[dict[Texture, Callable[[Setting], Surface]]] = {
    "wood": wood,
    "clay": clay,
    "cocoa": cocoa,
    "frost": frost,
}


def surface(texture: Texture, setting: Setting) -> Surface | None:
    """The surface of that texture on this lettering; None for a smooth one."""
    make = _SURFACES.get(texture)
    return make(setting) if make else None
