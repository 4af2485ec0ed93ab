"""How brightly a relief is shown: so that its face, not only its shadow, stands off from the ground.

A photographer exposes gold darker on cream paper than on navy velvet; so is each face here, as far as its
material bears it, by the mean colour of what will lie behind.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.studio.asset import tone
from generation.studio.materials import Material, Rgb
from generation.studio.reflections import Floats, floats, smoothstep
from generation.studio.setting import LUMA, luminance
from generation.types import Coverage

WANTED: Final = 3.2
"""Contrast (WCAG 2.2) of the face's weaker part against the ground."""
WEAK_PART: Final = 40.0
"""Percent of the face that may fall short of it: a relief has a light and a dark side."""
PALE_METAL, BRIGHT_ENOUGH = 0.5, 1.33
"""A metal of at least that reflectance (luminance) is shown bright, as one knows gold and silver, wherever it then
stands off by the second: a fine rim of shade does the rest; darker it looks like brass in the dark."""
FLARE: Final = 0.05
STEPS: Final = 11
SAMPLED: Final = 16_000
"""Pixels of the canvas on which exposures are tried."""
GLINT: Final = (1.4, 3.4)
"""Radiance from which a glint keeps its brightness on a face that is exposed darker."""
DEEPENING: Final = 0.30
"""How much of its own hue a coloured face gains with each stop that it is darker."""


def exposure_for(face: Floats, mask: Coverage, look: Material, ground: Rgb | None) -> float:
    """The factor on the face's light (linear, ``(h, w, 3)``) that makes it stand off from ``ground`` (linear
    RGB): the one nearest to 1 that suffices, or the best within the material's latitude, for a pale metal rather a
    bright one; 1 for None."""
    if ground is None:
        return 1.0
    step = max(1, int((mask.size / SAMPLED) ** 0.5))
    sample = face[::step, ::step][mask[::step, ::step] > 0.9]
    if not len(sample):
        return 1.0
    low, high = look.latitude
    tried = [1.0, *(float(gain) for gain in np.geomspace(low, high, STEPS))]
    tried.sort(key=lambda gain: abs(np.log(gain)))
    above, below = zip(
        *(_contrasts(exposed(sample, gain, look), luminance(ground)) for gain in tried), strict=True
    )
    reached = np.maximum(above, below)
    if (reached >= WANTED).any():
        return tried[int(np.argmax(reached >= WANTED))]
    shines = luminance(look.reflectance) >= PALE_METAL and max(above) >= BRIGHT_ENOUGH
    return tried[int(np.argmax(above if shines else reached))]


def exposed(light: Floats, gain: float, look: Material) -> Floats:
    """``light`` (linear, ``(h, w, 3)`` or ``(n, 3)``) shown brighter or darker; darker, glints stay and the hue
    deepens."""
    if gain >= 1:
        return floats(light * np.float32(gain))
    color = np.array(look.albedo if any(look.albedo) else look.reflectance, np.float32)
    hue = np.maximum(color / max(float(color.max()), 1e-3), 0.02) ** np.float32(-DEEPENING * np.log2(gain))
    brightest = np.maximum(np.maximum(light[..., 0], light[..., 1]), light[..., 2])
    lost = 1 - smoothstep(*GLINT, brightest)
    return floats(light - light * lost[..., None] * (1 - np.float32(gain) * hue))


def _contrasts(light: Floats, ground: float) -> tuple[float, float]:
    """Of a face against its ground: as something lighter, and as something darker."""
    shown = tone(light) ** np.float32(2.2) @ np.array(LUMA, np.float32)
    low, high = (float(each) for each in np.percentile(shown, (WEAK_PART, 100 - WEAK_PART)))
    return (low + FLARE) / (ground + FLARE), (ground + FLARE) / (high + FLARE)
