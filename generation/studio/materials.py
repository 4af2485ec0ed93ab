"""How each text style looks: relief, colour, gloss and walls. One entry a style.

Lengths are in em (fractions of the font size), colours linear sRGB. The keys are those of
``generation.studio.styles``. A metal has no albedo: all its colour is in its reflection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from generation.errors import StyleUnknown

Rgb: TypeAlias = tuple[float, float, float]
Profile: TypeAlias = Literal["chamfer", "round", "balloon"]
Studio: TypeAlias = Literal["metal", "foil", "softbox"]


@dataclass(frozen=True, slots=True)
class Material:
    """``reflectance``: at normal incidence. ``depth_of_tint``: how much a metal's colour deepens where it
    reflects darkness. ``crown``: how far each line's faces lean back at its top and forward at its foot, as
    a slope, so that a flat face still catches a sweep of the studio. ``puff``: share of the inflated height
    in the relief. ``crinkle``: height of the foil's pleats. ``rim``: darkening along the outline."""

    profile: Profile
    studio: Studio
    reflectance: Rgb
    albedo: Rgb
    roughness: float
    bevel: float
    depth: float
    smooth: float
    wall: Rgb
    puff: float = 0.0
    crown: float = 0.0
    crinkle: float = 0.0
    rim: float = 0.0
    depth_of_tint: float = 0.0
    highlight: float = 2.0
    exposure: float = 1.0
    wall_gloss: float = 0.0
    dyeable: bool = False
    """Whether a colour named in the prompt changes it."""


def linear(hex_color: str) -> Rgb:
    """``#rrggbb`` in sRGB as linear RGB (IEC 61966-2-1)."""
    channels = [int(hex_color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return (red, green, blue)


def _scaled(color: Rgb, factor: float) -> Rgb:
    return (color[0] * factor, color[1] * factor, color[2] * factor)


BLACK: Final[Rgb] = (0.0, 0.0, 0.0)
_FOIL_PINK: Final = linear("#ff5470")
_PLASTIC_RED: Final = linear("#ee2233")

_MATERIALS: Final[dict[str, Material]] = {
    "gold": Material(
        profile="chamfer", studio="metal", reflectance=(1.0, 0.68, 0.23), albedo=BLACK, roughness=0.06,
        bevel=0.05, puff=0.10, crown=0.42, depth=0.095, smooth=0.006, depth_of_tint=0.85, highlight=2.4,
        exposure=1.35, wall=(0.40, 0.17, 0.030), wall_gloss=0.55,
    ),
    "foil": Material(
        profile="balloon", studio="foil", reflectance=_FOIL_PINK, albedo=_scaled(_FOIL_PINK, 0.30),
        roughness=0.05, bevel=0.06, puff=1.15, crown=0.12, crinkle=0.0045, rim=0.35, depth=0.035,
        smooth=0.012, depth_of_tint=0.55, highlight=2.6, exposure=1.6, wall=_scaled(_FOIL_PINK, 0.20),
        wall_gloss=0.4, dyeable=True,
    ),
    "plastic": Material(
        profile="round", studio="softbox", reflectance=(0.05, 0.05, 0.05), albedo=_PLASTIC_RED,
        roughness=0.07, bevel=0.075, puff=0.5, crown=0.10, depth=0.105, smooth=0.009, highlight=5.0,
        exposure=1.35, wall=_scaled(_PLASTIC_RED, 0.36), wall_gloss=0.10, dyeable=True,
    ),
}  # fmt: skip

_DYES: Final = {
    "gold": "#f2a31f", "golden": "#f2a31f", "silver": "#d3d6dc", "pink": "#ff5470", "rose": "#f0857c",
    "red": "#ee2233", "coral": "#ff6b57", "orange": "#ff8a1f", "yellow": "#ffd02e", "green": "#1fa653",
    "mint": "#62d9b4", "blue": "#2b6df0", "navy": "#24396f", "purple": "#8a4be0", "lavender": "#b79cf2",
    "brown": "#7a4a2b", "black": "#26262b", "white": "#f4f1ea", "cream": "#f6e6c8",
}  # fmt: skip


def material(style_key: str, prompt: str = "") -> Material:
    """The material of a style; a dyeable one takes the first colour that the English ``prompt`` names.

    Raises ``StyleUnknown``.
    """
    try:
        plain = _MATERIALS[style_key]
    except KeyError:
        raise StyleUnknown(f"no material for {style_key!r}", style=style_key) from None
    dyes = [_DYES[word] for word in re.findall(r"[a-z]+", prompt.lower()) if word in _DYES]
    return _dyed(plain, linear(dyes[0])) if plain.dyeable and dyes else plain


def _dyed(plain: Material, color: Rgb) -> Material:
    if plain.profile == "balloon":
        return replace(plain, reflectance=color, albedo=_scaled(color, 0.30), wall=_scaled(color, 0.20))
    return replace(plain, albedo=color, wall=_scaled(color, 0.36))
