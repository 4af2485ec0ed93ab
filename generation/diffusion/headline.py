"""Step 2: a material painted onto the sculpted headline by SDXL, held by the font's outlines.

What comes back is painted strictly inside the sculpture: on the glyphs that the font draws, and on their walls where
the painting's own matte finds lettering, so that front and walls are of one material. Alpha and shadow stay the
sculpture's, so no painting can misspell. One that lost the lettering is thrown away all the same: its material would
lie across the glyphs like a stencil over a photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from generation.diffusion.assembly import Assembly
from generation.diffusion.flux import Span
from generation.diffusion.sdxl import GRAIN, Painting
from generation.errors import ReaderMissing
from generation.pictures import INK_ALPHA
from generation.prompts.rules import in_english, optimize
from generation.studio.styles import TextStyle, style, styles
from generation.studio.text3d import Sculpture, sculpture
from generation.types import Box, Coverage, Headline, HeadlineBrief, Picture, Report, Size
from generation.verify.reading import Passage, read, what_is_missing

LONGER_SIDE: Final = 1024
"""Pixels of the canvas's longer side: what SDXL was trained at."""
LEAST_LONGER_SIDE: Final = 512
MARGIN: Final = 0.06
"""Of the canvas's longer side, kept free around the lettering so that a backdrop can be told from it."""
BACKDROP: Final = 150
"""The canvas behind the lettering, an 8-bit grey."""
STEPS: Final = 24
STRENGTH: Final = 0.6
HOLDS: Final = (0.8, 1.2)
"""How firmly the outlines hold the first and the second attempt; the second also starts from less noise."""
SECOND_STRENGTH: Final = 0.45
LEAST_OVERLAP: Final = 0.7
"""Intersection over union of what stands out in the painting with the lettering it should show."""
STUDIO_LIGHT: Final = "3D lettering, studio lighting, plain grey background, sharp, high detail"
UNWANTED: Final = "misspelled, extra letters, blurry, noise, cropped, watermark"

Painter = Callable[[Painting, Picture, Coverage], Picture]
Matter = Callable[[Picture], Coverage]
"""Finds the figure in a picture (RGB): coverage 0..1 of any size."""


def paint_headline(assembly: Assembly, brief: HeadlineBrief, report: Report) -> Headline:
    """The headline in the brief's material: painted, or sculpted where two paintings lost the lettering.

    Raises what ``studio.text3d.sculpt`` raises.
    """

    def sculpting(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
        report(sub_step, 0.3 * fraction, preview)

    made = sculpture(brief, sculpting)

    def paint(painting: Painting, start: Picture, outlines: Coverage) -> Picture:
        span = Span(report, "painting", 0.3, 0.95)
        return assembly.with_room(lambda: assembly.sdxl.paint(painting, start, outlines, span))

    def matte(painted: Picture) -> Coverage:
        return assembly.with_room(lambda: assembly.matting.matte(painted))

    return painted_by(paint, matte, made, brief)


def painted_by(paint: Painter, matte: Matter, made: Sculpture, brief: HeadlineBrief) -> Headline:
    """The sculpted headline with the painter's material on its glyphs and, where the matte finds lettering, on its
    walls; or as it was where the check fails twice."""
    asset = made.headline.picture
    start, place = on_canvas(asset, max(brief.box.width, brief.box.height))
    glyphs = _laid(made.front, start.shape, place)
    solid = _laid((asset[..., 3] >= INK_ALPHA).astype(np.float32), start.shape, place)
    outlines = cv2.Canny((glyphs * 255).astype(np.uint8), 100, 200).astype(np.float32) / np.float32(255)
    first = Painting(
        material_prompt(brief),
        ", ".join(filter(None, (in_english(brief.negative_prompt), UNWANTED))),
        STEPS,
        strength=STRENGTH,
        hold=HOLDS[0],
        seed=brief.seed,
    )
    for painting in (first, replace(first, hold=HOLDS[1], strength=SECOND_STRENGTH)):
        painted = paint(painting, start, outlines)
        if shows_lettering(painted, solid, glyphs, brief.lines):
            picture = _in_the_material(asset, painted, made.front, matte(painted), place)
            return replace(made.headline, picture=picture, origin="painted")
    return made.headline


def material_prompt(brief: HeadlineBrief) -> str:
    """The words for the lettering: the merchant's, else the style's own material."""
    return f"{in_english(brief.prompt) or _own_words(style(brief.style))}, {STUDIO_LIGHT}"


def preset_prompts() -> list[str]:
    """The prompts of every style chosen by its name alone, and what all of them keep away from."""
    return [*(f"{_own_words(each)}, {STUDIO_LIGHT}" for each in styles().values()), UNWANTED]


def _own_words(chosen: TextStyle) -> str:
    return optimize(chosen.name_en).text_model_prompt


def how_checked() -> str:
    """What a painting is compared by on this machine, for the worker's first lines."""
    missing = what_is_missing()
    return (
        f"painted headlines are checked by their area alone: {missing}"
        if missing
        else ("painted headlines are checked by their area and by reading them")
    )


def on_canvas(asset: Picture, shown: int) -> tuple[Picture, Box]:
    """The RGBA asset on a plain backdrop whose sides SDXL takes, and where it lies there. ``shown`` is how many
    pixels its longer side will have in the frame: no more need to be painted."""
    longer = min(LONGER_SIDE, max(LEAST_LONGER_SIDE, shown))
    height, width = asset.shape[:2]
    room = 1 - 2 * MARGIN
    factor = longer * room / max(width, height)
    inner = Size(max(1, round(width * factor)), max(1, round(height * factor)))
    border = round(MARGIN * longer)
    whole = Size(_up(inner.width + 2 * border), _up(inner.height + 2 * border))
    place = Box(
        (whole.width - inner.width) // 2, (whole.height - inner.height) // 2, inner.width, inner.height
    )
    weight = asset[..., 3:].astype(np.float32) / 255
    flat = asset[..., :3] * weight + BACKDROP * (1 - weight)
    sized = cv2.resize(flat, (inner.width, inner.height), interpolation=cv2.INTER_AREA)
    canvas = np.full((whole.height, whole.width, 3), BACKDROP, np.uint8)
    canvas[place.y : place.bottom, place.x : place.right] = np.clip(sized + 0.5, 0, 255).astype(np.uint8)
    return canvas, place


def shows_lettering(painted: Picture, solid: Coverage, glyphs: Coverage, lines: tuple[str, ...]) -> bool:
    """Whether what stands out in a painting is the lettering: its area, and where Tesseract is, its words.

    What Tesseract makes of the glyphs themselves is the measure: some fonts it cannot read.
    """
    figure = standing_out(painted)
    wanted = solid > 0.5
    both, either = int((figure & wanted).sum()), int((figure | wanted).sum())
    if not either or both / either < LEAST_OVERLAP:
        return False
    try:
        meant, seen = (_misread(mask, lines) for mask in (glyphs > 0.5, figure & (glyphs > 0.5)))
    except ReaderMissing:
        return True
    return seen <= meant


def standing_out(painted: Picture) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """What differs from the backdrop, which is what the border shows: by colour, parted by Otsu's threshold."""
    lab = cv2.cvtColor(painted, cv2.COLOR_RGB2LAB).astype(np.float32)
    edge = np.concatenate([lab[:8].reshape(-1, 3), lab[-8:].reshape(-1, 3)])
    away = np.linalg.norm(lab - np.median(edge, axis=0), axis=2)
    scaled = np.clip(away * 2, 0, 255).astype(np.uint8)
    _, mask = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(mask > 0)


def _misread(mask: np.ndarray[tuple[int, int], np.dtype[np.bool_]], lines: tuple[str, ...]) -> int:
    """How many letters Tesseract reads differently from what is meant in a mask of the lettering."""
    paper = np.where(mask[..., None], np.uint8(0), np.uint8(255)).repeat(3, axis=2)
    if not mask.any():
        return len("".join(lines))
    rows, columns = np.nonzero(mask)
    left, top = int(columns.min()), int(rows.min())
    box = Box(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)
    return read(Passage(paper, box, (0, 0, 0), lines)).distance


def _laid(mask: Coverage, shape: tuple[int, ...], place: Box) -> Coverage:
    """A mask of the asset's size, on the canvas."""
    canvas = np.zeros(shape[:2], np.float32)
    sized = cv2.resize(mask, (place.width, place.height), interpolation=cv2.INTER_AREA)
    canvas[place.y : place.bottom, place.x : place.right] = sized
    return canvas


def _in_the_material(
    asset: Picture, painted: Picture, glyphs: Coverage, matte: Coverage, place: Box
) -> Picture:
    """The asset with the painting's colours where the glyphs are, and on walls that the painting's matte covers; its
    alpha is untouched. ``matte`` covers the whole painting."""
    height, width = asset.shape[:2]
    part = painted[place.y : place.bottom, place.x : place.right]
    sized = cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    found = cv2.resize(matte, (painted.shape[1], painted.shape[0]), interpolation=cv2.INTER_LINEAR)
    found = cv2.resize(found[place.y : place.bottom, place.x : place.right], (width, height))
    share = np.maximum(glyphs, found * (asset[..., 3] >= INK_ALPHA))[..., None]
    picture = asset.copy()
    picture[..., :3] = np.clip(sized * share + asset[..., :3] * (1 - share) + 0.5, 0, 255).astype(np.uint8)
    return picture


def _up(side: int) -> int:
    return -(-side // GRAIN) * GRAIN
