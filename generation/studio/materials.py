"""How each sculpted text style looks: relief, colour, gloss and walls. One entry a style.

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
Studio: TypeAlias = Literal["metal", "chrome", "foil", "softbox"]
Texture: TypeAlias = Literal["smooth", "wood", "clay", "cocoa", "frost"]


@dataclass(frozen=True, slots=True)
class Material:
    """``reflectance``: at normal incidence. ``depth_of_tint``: how much a metal's colour deepens where it
    reflects darkness. ``crown``: how far each line's faces lean back at its top and forward at its foot, as
    a slope, so that a flat face still catches a sweep of the studio. ``puff``: share of the inflated height
    in the relief. ``crinkle``: height of the foil's pleats, ``seam``: depth of the crease along its welded
    rim. ``rim``: darkening along the outline. ``softness``: how far light creeps round into the shade.
    ``opacity``: of the face's middle; its rims are solid. ``latitude``: how much darker and how much brighter
    than by itself it may be exposed to stand off from a ground, and still be what it is."""

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
    seam: float = 0.0
    rim: float = 0.0
    depth_of_tint: float = 0.0
    highlight: float = 2.0
    exposure: float = 1.0
    wall_gloss: float = 0.0
    softness: float = 0.0
    opacity: float = 1.0
    latitude: tuple[float, float] = (0.5, 1.6)
    texture: Texture = "smooth"
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
FOIL_SHEEN: Final = 0.12
"""Diffuse share of a foil's colour: printed film scatters a little."""
_PLASTIC_RED: Final = linear("#ee2233")
_CLAY_PEACH: Final = linear("#f58467")
_COCOA: Final = linear("#5b2f1a")
_MILK: Final = linear("#935636")
_ICE: Final = linear("#b9e4f7")
_DEEP_ICE: Final = linear("#7fcdf4")

_GOLD: Final = Material(
    profile="chamfer", studio="metal", reflectance=(1.0, 0.60, 0.17), albedo=BLACK, roughness=0.05,
    bevel=0.045, puff=0.10, crown=0.46, depth=0.095, smooth=0.006, depth_of_tint=0.95, highlight=2.2,
    exposure=1.25, wall=(0.30, 0.11, 0.014), wall_gloss=0.55, latitude=(0.30, 1.3),
)  # fmt: skip


def _foil(
    color: Rgb, tint: float, exposure: float, latitude: tuple[float, float], *, dyeable: bool = False
) -> Material:
    return Material(
        profile="balloon", studio="foil", reflectance=color, albedo=_scaled(color, FOIL_SHEEN), roughness=0.04,
        bevel=0.06, puff=1.2, crown=0.12, crinkle=0.0045, seam=0.007, rim=0.5, depth=0.035, smooth=0.010,
        depth_of_tint=tint, highlight=3.0, exposure=exposure, wall=_scaled(color, 0.16), wall_gloss=0.4,
        latitude=latitude, dyeable=dyeable,
    )  # fmt: skip


_MATERIALS: Final[dict[str, Material]] = {
    "gold": _GOLD,
    "rose-gold": replace(
        _GOLD, reflectance=(1.0, 0.53, 0.41), depth_of_tint=1.0, wall=(0.30, 0.075, 0.05), exposure=1.2,
        latitude=(0.33, 1.3),
    ),
    "chrome": replace(
        _GOLD, studio="chrome", reflectance=(0.93, 0.94, 0.97), roughness=0.02, puff=0.16, crown=0.52,
        depth_of_tint=0.35, exposure=1.15, wall=(0.075, 0.085, 0.12), wall_gloss=1.1,
        latitude=(0.26, 1.7),
    ),
    "foil": _foil(linear("#ff5f78"), 0.78, 1.6, (0.55, 3.0), dyeable=True),
    "foil-gold": _foil((1.0, 0.55, 0.12), 0.9, 1.35, (0.40, 1.8)),
    "foil-silver": _foil((0.84, 0.90, 0.98), 0.9, 1.3, (0.36, 1.45)),
    "plastic": Material(
        profile="round", studio="softbox", reflectance=(0.05, 0.05, 0.05), albedo=_PLASTIC_RED,
        roughness=0.07, bevel=0.075, puff=0.5, crown=0.10, depth=0.105, smooth=0.009, highlight=5.0,
        exposure=1.35, wall=_scaled(_PLASTIC_RED, 0.36), wall_gloss=0.10, latitude=(0.5, 3.0),
        dyeable=True,
    ),
    "clay": Material(
        profile="round", studio="softbox", reflectance=(0.015, 0.015, 0.015), albedo=_CLAY_PEACH,
        roughness=0.55, bevel=0.11, puff=0.55, crown=0.06, depth=0.10, smooth=0.014, highlight=0.15,
        exposure=1.2, wall=_scaled(_CLAY_PEACH, 0.46), softness=0.45, latitude=(0.5, 1.6),
        texture="clay", dyeable=True,
    ),
    "wood": Material(
        profile="round", studio="softbox", reflectance=(0.035, 0.035, 0.035), albedo=(1.0, 1.0, 1.0),
        roughness=0.28, bevel=0.028, crown=0.10, depth=0.10, smooth=0.005, highlight=0.7, exposure=1.3,
        wall=linear("#5a3319"), latitude=(0.36, 1.7), texture="wood",
    ),
    "chocolate": Material(
        profile="round", studio="softbox", reflectance=(0.05, 0.045, 0.04), albedo=_COCOA, roughness=0.10,
        bevel=0.085, puff=0.45, crown=0.14, depth=0.10, smooth=0.012, highlight=2.6, exposure=1.35,
        wall=_scaled(_COCOA, 0.40), wall_gloss=0.25, softness=0.2, latitude=(0.5, 2.6),
        texture="cocoa",
    ),
    "ice": Material(
        profile="chamfer", studio="softbox", reflectance=(0.16, 0.18, 0.20), albedo=_ICE, roughness=0.05,
        bevel=0.05, puff=0.22, crown=0.20, depth=0.085, smooth=0.006, highlight=4.5, exposure=1.2,
        wall=linear("#3f9fd0"), wall_gloss=0.6, softness=0.6, opacity=0.92, latitude=(0.42, 1.5),
        texture="frost",
    ),
}  # fmt: skip

_FOR_GROUND: Final[dict[tuple[str, bool], Material]] = {
    ("ice", True): replace(_MATERIALS["ice"], albedo=_DEEP_ICE, wall=linear("#1f74ad")),
    ("chocolate", False): replace(_MATERIALS["chocolate"], albedo=_MILK, wall=_scaled(_MILK, 0.34)),
    ("wood", False): replace(_MATERIALS["wood"], albedo=(1.35, 1.35, 1.30), wall=linear("#6f4524")),
    ("wood", True): replace(_MATERIALS["wood"], albedo=(0.84, 0.66, 0.52), wall=linear("#40220f")),
}

_DYES: Final = {
    "gold": "#f2a31f", "golden": "#f2a31f", "silver": "#d3d6dc", "pink": "#ff5470", "rose": "#f0857c",
    "red": "#ee2233", "coral": "#ff6b57", "orange": "#ff8a1f", "yellow": "#ffd02e", "green": "#1fa653",
    "mint": "#62d9b4", "blue": "#2b6df0", "navy": "#24396f", "purple": "#8a4be0", "lavender": "#b79cf2",
    "brown": "#7a4a2b", "black": "#26262b", "white": "#f4f1ea", "cream": "#f6e6c8",
}  # fmt: skip


def dye(prompt: str) -> Rgb | None:
    """The first colour that the English ``prompt`` names, linear RGB."""
    for word in re.findall(r"[a-z]+", prompt.lower()):
        if word in _DYES:
            return linear(_DYES[word])
    return None


def material(style_key: str, prompt: str = "", *, on_light: bool | None = None) -> Material:
    """The material of a sculpted style; a dyeable one takes the colour that the English ``prompt`` names, and
    woods, chocolates and ice are chosen to stand off from a ground that is light or not (None: not known).

    Raises ``StyleUnknown``.
    """
    try:
        plain = _MATERIALS[style_key]
    except KeyError:
        raise StyleUnknown(f"no material for {style_key!r}", style=style_key) from None
    if on_light is not None and (style_key, on_light) in _FOR_GROUND:
        return _FOR_GROUND[style_key, on_light]
    color = dye(prompt) if plain.dyeable else None
    return _dyed(plain, color) if color else plain


def _dyed(plain: Material, color: Rgb) -> Material:
    if plain.profile == "balloon":
        for metal in ("gold", "silver"):
            if color == linear(_DYES[metal]):
                return _MATERIALS[f"foil-{metal}"]
        return replace(plain, reflectance=color, albedo=_scaled(color, FOIL_SHEEN), wall=_scaled(color, 0.16))
    wall = plain.wall[0] / max(plain.albedo[0], 1e-3)
    return replace(plain, albedo=color, wall=_scaled(color, wall))
