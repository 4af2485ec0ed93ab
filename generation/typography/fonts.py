"""The font catalogue: which fonts a headline may take and which characters each of them really draws.

Imported by the web process: Pillow only.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from generation.errors import FontUnknown, GlyphMissing

FONTS_DIR = Path(__file__).resolve().parents[2] / "fonts"
DEFAULT_FONT = "NanumSquare/NanumSquareEB.ttf"
PROBE_SIZE_PX = 48
"""Large enough that the thinnest stroke of a comma leaves a mark."""
NEVER_MAPPED = "\U0010ffff"
"""A noncharacter: what a font shows for it is what it shows for every character it lacks."""


@dataclass(frozen=True, slots=True)
class Font:
    """One font file. ``path`` is relative to ``fonts/`` and is what requests call it; ``category`` is one of
    heavy_gothic, gothic, rounded, myeongjo, brush, pen, display; ``weight`` is 100..900."""

    path: str
    family: str
    name_ko: str
    name_en: str
    category: str
    weight: int


@cache
def fonts() -> tuple[Font, ...]:
    """Every font of ``fonts/catalogue.json``, in the order a designer would look through them."""
    entries = json.loads((FONTS_DIR / "catalogue.json").read_text(encoding="utf-8"))
    return tuple(Font(**entry) for entry in entries)


def default_font() -> Font:
    """The font of a headline whose request names none."""
    return font(DEFAULT_FONT)


def font(path: str) -> Font:
    """The catalogued font of that path. Raises ``FontUnknown`` for anything else, on disk or not."""
    for candidate in fonts():
        if candidate.path == path:
            return candidate
    known = ", ".join(font.path for font in fonts())
    raise FontUnknown(f"no font {path!r} in the catalogue", font=path, allowed=known)


def font_file(path: str) -> Path:
    """Where the catalogued font of that path lies. Raises ``FontUnknown``."""
    return FONTS_DIR / font(path).path


@lru_cache(maxsize=64)
def face(path: str, size_px: int) -> ImageFont.FreeTypeFont:
    """The catalogued font opened at a size in pixels per em. Raises ``FontUnknown``.

    The basic layout engine: Hangul headlines need no shaping, and its result is the same on every machine.
    """
    return ImageFont.truetype(str(font_file(path)), size_px, layout_engine=ImageFont.Layout.BASIC)


def ink_bounds(path: str, size_px: int, line: str) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the marks that a line leaves, in pixels from the start of its baseline
    (y downwards); zeros when it leaves none. Raises ``FontUnknown``.

    Pillow's own ``getbbox`` also counts the advance width, which would set lines off centre.
    """
    mask, (left, top) = face(path, size_px).getmask2(line, "L", anchor="ls")
    marks = mask.getbbox()
    if marks is None:
        return (0, 0, 0, 0)
    return (left + marks[0], top + marks[1], left + marks[2], top + marks[3])


def missing_characters(path: str, text: str) -> str:
    """The characters of ``text`` (NFC) that the font does not draw, each once, in order.

    A character mapped to an empty glyph counts as missing: several Korean fonts map all 11,172 syllables
    and draw only those of KS X 1001. Raises ``FontUnknown``.
    """
    font(path)
    characters = dict.fromkeys(unicodedata.normalize("NFC", text))
    return "".join(each for each in characters if not each.isspace() and not _draws(path, each))


def check_glyphs(path: str, text: str) -> None:
    """Raise ``GlyphMissing`` (``characters``, ``font``) when the font can't draw all of ``text``."""
    missing = missing_characters(path, text)
    if missing:
        raise GlyphMissing(f"{path} lacks {missing!r}", characters=" ".join(missing), font=font(path).name_ko)


@lru_cache(maxsize=8192)
def _draws(path: str, character: str) -> bool:
    shape = _shape(path, character)
    return shape[0] is not None and shape != _shape(path, NEVER_MAPPED)


def _shape(path: str, character: str) -> tuple[tuple[int, int, int, int] | None, bytes]:
    probe = face(path, PROBE_SIZE_PX)
    mask = probe.getmask(character)
    return mask.getbbox(), bytes(mask)
