"""The headline of step 2: the font's own shapes, set, painted in a style, and brought to the asset's size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from generation.studio import carving, flatwork, lamps
from generation.studio.asset import Painted, finish, ink_box
from generation.studio.materials import material
from generation.studio.setting import Allowance, Setting, is_light, set_type
from generation.types import Coverage, Headline, HeadlineBrief, Report, Size

Painter: TypeAlias = Callable[[Setting, Report], Painted]

_PAINTED: Final[dict[str, tuple[Allowance, Painter]]] = {
    "flat": (flatwork.FLAT_ALLOWANCE, flatwork.flat),
    "sticker": (flatwork.STICKER_ALLOWANCE, flatwork.sticker),
    "paper": (flatwork.PAPER_ALLOWANCE, flatwork.paper),
    "ink": (flatwork.INK_ALLOWANCE, flatwork.ink),
    "neon": (lamps.NEON_ALLOWANCE, lamps.neon),
    "marquee": (lamps.MARQUEE_ALLOWANCE, lamps.marquee),
}
"""The styles that are not carved from a material."""


@dataclass(frozen=True, slots=True)
class Sculpture:
    """A headline and what it was made from: ``front`` is the coverage of the glyphs before any effect, in the
    asset's own pixels, ``em_px`` the font size they were set at, on a canvas of ``carved`` pixels."""

    headline: Headline
    front: Coverage
    em_px: int
    carved: Size


def sculpt(brief: HeadlineBrief, report: Report) -> Headline:
    """The headline of ``brief`` as an RGBA asset, sized for ``brief.box`` without scaling.

    Letters and walls together fill ``brief.box`` in width or height; shadow and glow lie outside ``ink``.
    The same brief gives the same bytes. Raises ``StyleUnknown``, ``FontUnknown``, ``GlyphMissing`` and
    ``HeadlineTooLong``.
    """
    return sculpture(brief, report).headline


def sculpture(brief: HeadlineBrief, report: Report) -> Sculpture:
    """As ``sculpt``, with the glyphs for checks."""
    allowance, paint = painter(brief)
    report("glyphs", 0.1, None)
    setting = set_type(brief, allowance)
    painted = paint(setting, report)
    picture, solid, front = finish(painted, setting)
    report("shading", 1.0, None)
    carved = Size(setting.mask.shape[1], setting.mask.shape[0])
    return Sculpture(Headline(picture, ink_box(solid)), front, round(setting.em), carved)


def painter(brief: HeadlineBrief) -> tuple[Allowance, Painter]:
    """What the style needs around the glyphs, and who paints it. Raises ``StyleUnknown``."""
    if brief.style in _PAINTED:
        return _PAINTED[brief.style]
    on_light = None if brief.ground is None else is_light(brief.ground)
    look = material(brief.style, brief.prompt, on_light=on_light)
    return carving.allowance(look), lambda setting, report: carving.paint(setting, look, report)
