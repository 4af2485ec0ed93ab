"""The small lines of an ad as type: sub-line, former price, price, discount, in sizes that follow the headline's.

A row is drawn, cropped to its own ink and centred by it, so that leading and centring are those the eye sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from typing import Final, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from generation.compose.tones import HOUSE_INKS, Inks
from generation.types import Picture, Size
from generation.typography.fonts import face, font, fonts, missing_characters

SUBLINE_STEP: Final = 0.45
PRICE_STEP: Final = 0.62
FORMER_STEP: Final = 0.38
BADGE_STEP: Final = 0.36
"""Type sizes as fractions of the headline's em."""
UNIT_STEP: Final = 0.74
"""Of the price's own size: its currency, as Korean price tags set it."""
HEADLINE_GAP: Final = 0.42
"""From the headline's ink to the details' ink, in the headline's em."""
ROW_GAP: Final = 0.34
"""Between the ink of two rows, in the headline's em."""
PRICE_EM: Final = 0.115
"""Of the frame's geometric mean side: so large at least is the em that small lines below the product follow."""
FOOT_WIDTH: Final = 0.8
"""Of the free region's width: how wide a row below the product may be."""
DETAILS_WIDTH: Final = 1.12
"""Rows may be so much wider than the headline's ink."""
NARROWEST: Final = 0.6
"""A row wider than the headline is set smaller, down to this part of its step."""
QUIET_WEIGHT: Final = 700
"""The small lines take the family's face of this weight or the next lighter one."""
DRAWN_LARGER: Final = 3
"""Rows are drawn this much larger and averaged down: the badge's outline is smooth then."""
FORMER_ALPHA: Final = 225
PILL_PADDING: Final = 0.55
PILL_HEIGHT: Final = 1.55
"""The badge, in its own type size."""
CAP_MIDDLE: Final = 0.36
"""Middle of a figure above its baseline, in em."""
WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Details:
    """What stands by the headline; an empty text is left out. Prices are written as the merchant did."""

    subline: str = ""
    price_before: str = ""
    price_now: str = ""

    @property
    def discount(self) -> str:
        """``50%`` when both prices are numbers and the price fell by one percent or more, else empty."""
        before, now = _amount(self.price_before), _amount(self.price_now)
        percent = int((1 - now / before) * 100 + 1e-9) if before and now is not None else 0
        return f"{percent}%" if 0 < percent < 100 else ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one size on a row. ``kind``: ``text``, ``price``, ``former`` (struck through), ``arrow`` or
    ``badge``."""

    text: str
    px: float
    font: str
    kind: str = "text"


Row: TypeAlias = tuple[Piece, ...]


def _amount(price: str) -> float | None:
    digits = re.sub(r"[^\d.]", "", price)
    return float(digits) if re.fullmatch(r"\d+(\.\d+)?", digits) else None


def subline_rows(details: Details, path: str, em: float, width: float) -> list[Row]:
    """The sub-line for a headline of that em and ink width in pixels, or nothing."""
    if not details.subline:
        return []
    return [_within((Piece(details.subline, SUBLINE_STEP * em, _quiet(path, details.subline)),), width)]


def price_rows(details: Details, path: str, em: float, width: float) -> list[Row]:
    """The price row, or nothing: former price, arrow, price, discount."""
    row: list[Piece] = []
    if details.price_before and details.price_now:
        quiet = _quiet(path, details.price_before)
        row.append(Piece(details.price_before, FORMER_STEP * em, quiet, "former"))
        row.append(Piece("", FORMER_STEP * em, quiet, "arrow"))
    price = details.price_now or details.price_before
    if price:
        row.append(Piece(price, PRICE_STEP * em, path, "price"))
    if details.discount:
        row.append(Piece(details.discount, BADGE_STEP * em, path, "badge"))
    return [_within(tuple(row), width)] if row else []


def _quiet(path: str, text: str) -> str:
    """A calmer face of the same family for small lines, where it draws ``text``."""
    own = font(path)
    calmer = [f for f in fonts() if f.family == own.family and f.weight <= min(QUIET_WEIGHT, own.weight)]
    best = max(calmer, key=lambda f: f.weight, default=own).path
    return path if missing_characters(best, text) else best


def _within(row: Row, width: float) -> Row:
    """The row no wider than ``width``, as far as ``NARROWEST`` lets it shrink."""
    return scaled(row, max(min(1.0, width / _row_width(row)), NARROWEST))


def scaled(row: Row, factor: float) -> Row:
    """The row with all its type ``factor`` times as large."""
    return tuple(replace(piece, px=piece.px * factor) for piece in row)


def extent(rows: list[Row], em: float) -> Size:
    """Width and height of the rows' ink together, in pixels."""
    drawn = [_drawn(row, HOUSE_INKS, True).size for row in rows]
    return Size(max(w for w, _ in drawn), sum(h for _, h in drawn) + _gap(em) * (len(rows) - 1))


def block(rows: list[Row], em: float, inks: Inks, light: bool) -> Picture:
    """The rows as an RGBA picture of ``extent``, centred under each other; ``light`` type is for dark ground."""
    size = extent(rows, em)
    image, y = Image.new("RGBA", (size.width, size.height), (*inks.text(light), 0)), 0
    for row in rows:
        drawn = _drawn(row, inks, light)
        image.paste(drawn, ((size.width - drawn.width) // 2, y))
        y += drawn.height + _gap(em)
    return np.asarray(image, np.uint8)


def _gap(em: float) -> int:
    return round(ROW_GAP * em)


@lru_cache(maxsize=64)
def _drawn(row: Row, inks: Inks, light: bool) -> Image.Image:
    """One row on one baseline, RGBA, cropped to its ink."""
    large = scaled(row, DRAWN_LARGER)
    highest = max(piece.px for piece in large)
    size = (ceil(_row_width(large) + highest), ceil(2.6 * highest))
    image = Image.new("RGBA", size, (*inks.text(light), 0))
    pen, x, baseline = ImageDraw.Draw(image), 0.5 * highest, 1.6 * highest
    for index, piece in enumerate(large):
        x += _space_before(large, index)
        _draw(pen, piece, x, baseline, CAP_MIDDLE * highest, inks, light)
        x += _width(piece)
    cropped = image.crop(image.getbbox() or (0, 0, DRAWN_LARGER, DRAWN_LARGER))
    return cropped.resize(
        (ceil(cropped.width / DRAWN_LARGER), ceil(cropped.height / DRAWN_LARGER)), Image.Resampling.BOX
    )


def _row_width(row: Row) -> float:
    return sum(_space_before(row, index) + _width(piece) for index, piece in enumerate(row))


def _space_before(row: Row, index: int) -> float:
    if index == 0:
        return 0.0
    return (0.55 if row[index].kind == "badge" else 0.38) * min(piece.px for piece in row)


def _width(piece: Piece) -> float:
    if piece.kind == "arrow":
        return 0.85 * piece.px
    return sum(a for _, _, a in _glyphs(piece)) + (
        2 * PILL_PADDING * piece.px if piece.kind == "badge" else 0
    )


def _glyphs(piece: Piece) -> list[tuple[str, float, float]]:
    """Each character with its size and advance. Figures all take the widest one's advance, so that prices
    stand straight; a price's currency is smaller than its figures."""
    out = []
    figure = max(_length(piece.font, piece.px, digit) for digit in "0123456789")
    for character in piece.text:
        unit = piece.kind == "price" and not (character.isdigit() or character in ",. ")
        px = piece.px * (UNIT_STEP if unit else 1.0)
        out.append((character, px, figure if character.isdigit() else _length(piece.font, px, character)))
    return out


def _length(path: str, px: float, character: str) -> float:
    return face(path, max(1, round(px))).getlength(character)


def _draw(
    pen: ImageDraw.ImageDraw,
    piece: Piece,
    x: float,
    baseline: float,
    row_middle: float,
    inks: Inks,
    light: bool,
) -> None:
    """``row_middle``: how far above the baseline the middle of the row's largest figures is."""
    width, ink = _width(piece), inks.text(light)
    if piece.kind == "arrow":
        _arrow(pen, x, baseline - CAP_MIDDLE * piece.px, width, piece.px, (*ink, FORMER_ALPHA))
        return
    if piece.kind == "badge":
        middle, half = baseline - row_middle, PILL_HEIGHT / 2 * piece.px
        pen.rounded_rectangle((x, middle - half, x + width, middle + half), radius=half, fill=inks.accent)
        x, baseline, ink = x + PILL_PADDING * piece.px, middle + CAP_MIDDLE * piece.px, WHITE
    fill = (*ink, FORMER_ALPHA if piece.kind == "former" else 255)
    start = x
    for character, px, advance in _glyphs(piece):
        offset = (advance - _length(piece.font, px, character)) / 2
        pen.text((x + offset, baseline), character, fill, face(piece.font, max(1, round(px))), "ls")
        x += advance
    if piece.kind == "former":
        middle, over = baseline - CAP_MIDDLE * piece.px, 0.08 * piece.px
        pen.line((start - over, middle, x + over, middle), (*ink, 255), max(2, round(0.075 * piece.px)))


def _arrow(
    pen: ImageDraw.ImageDraw, x: float, y: float, width: float, px: float, fill: tuple[int, int, int, int]
) -> None:
    stroke, head, end = max(2, round(0.085 * px)), 0.2 * px, x + width - 0.06 * px
    pen.line((x + 0.06 * px, y, end, y), fill, stroke)
    pen.line((end - head, y - head, end, y, end - head, y + head), fill, stroke, joint="curve")
