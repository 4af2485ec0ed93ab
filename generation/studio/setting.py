"""The headline's lettering at working size, with the light that falls on it: what every style starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from generation.errors import HeadlineTooLong
from generation.studio.materials import Rgb
from generation.studio.reflections import Floats, floats, headline_key
from generation.studio.relief import half_stroke, rim_distance
from generation.types import Coverage, HeadlineBrief, SceneHints, Size
from generation.typography.glyphs import raster
from generation.typography.lines import LEADING_RATIO, SMALLEST_TYPE_PX, largest_type

SMALLEST_ASSET_PX = 512
"""The asset's longer side is at least this (the contract's promise)."""
SUPERSAMPLING = 2.0
MOST_WORKING_PIXELS = 1_700_000
LEAST_SUPERSAMPLING = 1.0
SAMPLE_EM_PX = 96
"""Font size at which the weight of a font's strokes is measured."""
HEAVY_HALF_STROKE_EM = 0.055
LEAST_DEPTH_SHARE = 0.5
"""Thin type gets this share of a style's depth: walls wider than the strokes would hide the letters."""


LIGHT_GROUND = 0.36
"""Linear luminance from which dark lettering suits a ground better than light."""
LUMA = (0.2126, 0.7152, 0.0722)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The room a style takes beyond the glyphs, in em: ``depth`` of walls along the sweep and ``outline`` all
    round belong to the ink; ``margin`` is for shadow and glow outside it."""

    depth: float = 0.0
    outline: float = 0.0
    margin: float = 0.5


@dataclass(frozen=True, slots=True)
class Setting:
    """``mask``: coverage of the glyphs, before any effect, at working size; ``distance``: pixels from their
    outline, inside; ``bands``: top and bottom of each line; ``em``: font size, and ``depth``: length of the
    walls, in working pixels; ``half_stroke``: of the broad strokes; ``scale``: working pixels per pixel of
    the asset; ``sweep``: unit direction (x right, y down) in which walls and shadow run."""

    mask: Coverage
    distance: Floats
    bands: tuple[tuple[int, int], ...]
    em: float
    depth: float
    half_stroke: float
    scale: float
    sweep: Floats
    hints: SceneHints
    ground: Rgb | None
    prompt: str
    seed: int

    @property
    def weight(self) -> float:
        """1 for heavy type, less for thin: how much of a relief its strokes can carry."""
        return float(np.clip(self.half_stroke / (HEAVY_HALF_STROKE_EM * self.em), 0.3, 1.0))

    def rng(self) -> np.random.Generator:
        """A fresh generator: the same seed gives the same headline."""
        return np.random.default_rng(self.seed)


def set_type(brief: HeadlineBrief, allowance: Allowance) -> Setting:
    """The lettering of ``brief``, so large that it fills the box together with what the style adds.

    Raises ``FontUnknown``, ``GlyphMissing`` and ``HeadlineTooLong``.
    """
    sweep = _sweep(brief)
    grow = max(1.0, SMALLEST_ASSET_PX / max(brief.box.width, brief.box.height))
    box = Size(round(brief.box.width * grow), round(brief.box.height * grow))
    weight = _stroke_em(brief.lines, brief.font) / HEAVY_HALF_STROKE_EM
    depth = allowance.depth * float(np.clip(weight, LEAST_DEPTH_SHARE, 1.0))
    fitted = largest_type(brief.lines, brief.font, box)
    taken = np.abs(sweep) * depth + 2 * allowance.outline
    wide, high = (max(1, int(v)) for v in np.array([box.width, box.height]) - fitted.font_size_px * taken)
    fitted = largest_type(brief.lines, brief.font, Size(wide, high))
    if fitted.font_size_px < SMALLEST_TYPE_PX * grow:
        raise HeadlineTooLong(f"{brief.lines} in {brief.box}")
    beyond = 2 * fitted.font_size_px * (allowance.margin + allowance.outline)
    pixels = (fitted.ink.width + beyond) * (fitted.ink.height + beyond)
    wished = min(SUPERSAMPLING, max(LEAST_SUPERSAMPLING, (MOST_WORKING_PIXELS / pixels) ** 0.5))
    em = round(fitted.font_size_px * wished)
    around = round((allowance.margin + allowance.outline) * em)
    side, below = round(depth * em * abs(float(sweep[0]))), round(depth * em * float(sweep[1]))
    padding = (
        around + (side if sweep[0] < 0 else 0),
        around,
        around + (side if sweep[0] > 0 else 0),
        around + below,
    )
    lettering = raster(brief.lines, brief.font, em, round(em * LEADING_RATIO), padding)
    distance = rim_distance(lettering.coverage)
    return Setting(
        mask=lettering.coverage,
        distance=distance,
        bands=lettering.bands,
        em=float(em),
        depth=depth * em,
        half_stroke=half_stroke(distance),
        scale=em / fitted.font_size_px,
        sweep=sweep,
        hints=brief.hints,
        ground=brief.ground,
        prompt=brief.prompt,
        seed=brief.seed,
    )


def luminance(color: Rgb) -> float:
    """Of a linear colour, 0..1."""
    return sum(weight * part for weight, part in zip(LUMA, color, strict=True))


def is_light(ground: Rgb | None) -> bool:
    """Whether dark lettering suits the ground better."""
    return ground is not None and luminance(ground) >= LIGHT_GROUND


def is_dark(ground: Rgb | None) -> bool:
    """Whether the ground is so dark that black lettering would drown."""
    return ground is not None and luminance(ground) < LIGHT_GROUND / 2


def _sweep(brief: HeadlineBrief) -> Floats:
    """Down, and away from the light."""
    towards = headline_key(brief.hints.key)
    away = np.array([np.clip(-0.75 * towards[0], -0.4, 0.4), 0.94], np.float32)
    return floats(away / np.linalg.norm(away))


@lru_cache(maxsize=64)
def _stroke_em(lines: tuple[str, ...], font: str) -> float:
    """Half the width of the broad strokes, in em."""
    sample = raster(lines, font, SAMPLE_EM_PX, round(SAMPLE_EM_PX * LEADING_RATIO), (2, 2, 2, 2))
    return half_stroke(rim_distance(sample.coverage)) / SAMPLE_EM_PX
