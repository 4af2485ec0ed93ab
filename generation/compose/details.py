"""The small lines that belong to a headline: subline, former price, price, discount. Flat and quiet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from generation.compose.layers import Floats3, ground, luminance, soften
from generation.compose.placement import SIDE_MARGIN, TOP_MARGIN
from generation.compose.terrain import FAINT_ALPHA, GAP
from generation.types import Box, Coverage, Picture
from generation.typography.fonts import check_glyphs, face

TEXT_SCALE: Final = 0.044
"""Type of subline and former price, as a fraction of the frame's geometric mean side."""
PRICE_STEP: Final = 1.75
"""The price is this much larger than the lines around it."""
SMALLEST_PX: Final = 14
SHRINKS: Final = (1.0, 0.88, 0.76, 0.66, 0.56)
"""Sizes tried, largest first, until the block fits beside product and headline."""
HEADLINE_GAP: Final = 0.035
"""Between headline and details, as a fraction of the frame's geometric mean side."""
WHITE: Final = (255, 255, 255)
BLACK: Final = (24, 22, 20)
ACCENT: Final = (208, 33, 41)
"""The discount badge: white type on it has a contrast of 5.5."""
WANTED_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: small text."""
LIGHT_GROUND: Final = 0.36
"""Linear luminance from which near-black type suits a ground better than white."""
SCRIMS: Final = (0.0, 0.15, 0.3, 0.45, 0.6, 0.7)


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
class _Piece:
    text: str
    px: int
    struck: bool = False
    badge: bool = False


def add_details(
    picture: Picture,
    product: Picture | None,
    headline_box: Box,
    details: Details,
    font: str,
    safe: Box | None,
) -> tuple[Picture, Coverage]:
    """Set the details near the headline, off the product, on an RGB picture.

    Returns the picture and what the details cover of each pixel. White or near-black by what lies behind, with
    a soft scrim (never over the product) where the contrast falls short. Raises ``GlyphMissing``,
    ``FontUnknown``.
    """
    check_glyphs(font, "".join((details.subline, details.price_before, details.price_now)))
    height, width = picture.shape[:2]
    rows, box = _settled(picture, product, headline_box, details, font, safe)
    if not rows:
        return picture.copy(), np.zeros((height, width), np.float32)
    where = _around(box, width, height)
    under, color = _readable_ground(picture, product, box, where)
    block = np.asarray(_block(rows, font, color), np.float32) / 255.0
    area, alpha = _inside(box, where), block[..., 3:]
    under[area] = under[area] * (1 - alpha) + block[..., :3] * alpha
    covered = np.zeros((height, width), np.float32)
    covered[box.y : box.bottom, box.x : box.right] = block[..., 3]
    out, frame_area = picture.copy(), (slice(where.y, where.bottom), slice(where.x, where.right))
    out[frame_area] = np.clip(under * 255 + 0.5, 0, 255).astype(np.uint8)
    if product is not None:
        kept = (product[..., 3] == 255) & (covered <= 0)
        out[kept] = picture[kept]
    return out, covered


def _around(box: Box, width: int, height: int) -> Box:
    """The window of the frame that the details and their scrim can reach."""
    x, y = max(box.x - box.height, 0), max(box.y - box.height, 0)
    return Box(x, y, min(box.right + box.height, width) - x, min(box.bottom + box.height, height) - y)


def _inside(box: Box, where: Box) -> tuple[slice, slice]:
    y, x = box.y - where.y, box.x - where.x
    return slice(y, y + box.height), slice(x, x + box.width)


def _amount(price: str) -> float | None:
    digits = re.sub(r"[^\d.]", "", price)
    return float(digits) if re.fullmatch(r"\d+(\.\d+)?", digits) else None


def _settled(
    picture: Picture, product: Picture | None, headline: Box, details: Details, font: str, safe: Box | None
) -> tuple[list[list[_Piece]], Box]:
    """The rows at their size and the box they take: the largest that is free, nearest below the headline."""
    height, width = picture.shape[:2]
    side = float(np.sqrt(width * height))
    region = _region(width, height, safe)
    taken = _taken(product, headline, width, height, GAP * side)
    settings = [_rows(details, max(round(TEXT_SCALE * side * shrink), SMALLEST_PX)) for shrink in SHRINKS]
    if not settings[0]:
        return [], region
    extents = [_extent(rows, font) for rows in settings]
    for places in (_below, _above, _anywhere):
        for rows, (w, h) in zip(settings, extents, strict=True):
            for box in places(w, h, headline, region, round(HEADLINE_GAP * side)):
                if _within(box, region) and not taken[box.y : box.bottom, box.x : box.right].any():
                    return rows, box
    # No free place: at the foot of the region, over whatever is there; ``covered`` tells.
    rows, (w, h) = settings[-1], extents[-1]
    x = region.x + (region.width - w) // 2
    return rows, Box(max(x, 0), max(region.bottom - h, 0), w, h)


def _within(box: Box, region: Box) -> bool:
    across = box.x >= region.x and box.right <= region.right
    return across and box.y >= region.y and box.bottom <= region.bottom


def _region(width: int, height: int, safe: Box | None) -> Box:
    x, y = ceil(SIDE_MARGIN * width), ceil(TOP_MARGIN * height)
    right, bottom = width - x, height - y
    if safe is not None:
        x, y, right, bottom = max(x, safe.x), max(y, safe.y), min(right, safe.right), min(bottom, safe.bottom)
    return Box(x, y, right - x, bottom - y)


def _taken(product: Picture | None, headline: Box, width: int, height: int, gap: float) -> Picture:
    """1 where the product, with a gap around it, or the headline is."""
    taken = np.zeros((height, width), np.float32)
    if product is not None:
        taken = (soften((product[..., 3] >= FAINT_ALPHA).astype(np.float32), gap / 2) > 0.02).astype(
            np.float32
        )
        taken = np.maximum(taken, product[..., 3] >= FAINT_ALPHA)
    taken[headline.y : headline.bottom, headline.x : headline.right] = 1.0
    return taken.astype(np.uint8)


def _below(w: int, h: int, headline: Box, region: Box, gap: int) -> Iterator[Box]:
    for x in (headline.x + (headline.width - w) // 2, headline.x, headline.right - w):
        yield Box(x, headline.bottom + gap, w, h)


def _above(w: int, h: int, headline: Box, region: Box, gap: int) -> Iterator[Box]:
    for x in (headline.x + (headline.width - w) // 2, headline.x, headline.right - w):
        yield Box(x, headline.y - gap - h, w, h)


def _anywhere(w: int, h: int, headline: Box, region: Box, gap: int) -> Iterator[Box]:
    """Over the whole region, nearest below the headline first, never closer to it than the gap."""
    centre = headline.x + (headline.width - w) // 2
    xs = np.linspace(region.x, max(region.right - w, region.x), 15).astype(int)
    ys = np.linspace(region.y, max(region.bottom - h, region.y), 25).astype(int)
    spread = [(abs(int(y) - headline.bottom) + abs(int(x) - centre), int(x), int(y)) for x in xs for y in ys]
    for _, x, y in sorted(spread):
        over_or_under = y >= headline.bottom + gap or y + h <= headline.y - gap
        if over_or_under or x >= headline.right + gap or x + w <= headline.x - gap:
            yield Box(x, y, w, h)


def _rows(details: Details, px: int) -> list[list[_Piece]]:
    rows = [[_Piece(details.subline, px)]] if details.subline else []
    prices = []
    if details.discount:
        prices.append(_Piece(details.discount, round(px * 1.05), badge=True))
    if details.price_before:
        prices.append(_Piece(details.price_before, px, struck=bool(details.price_now)))
    if details.price_now:
        prices.append(_Piece(details.price_now, round(px * PRICE_STEP)))
    return [*rows, prices] if prices else rows


def _row_sizes(rows: list[list[_Piece]], font: str) -> list[tuple[float, int]]:
    """Width and height of each row in pixels."""
    return [
        (
            sum(_width(p, font) for p in row) + _space(row) * (len(row) - 1),
            round(max(p.px * (1.5 if p.badge else 1.0) for p in row)),
        )
        for row in rows
    ]


def _row_gap(rows: list[list[_Piece]]) -> int:
    return round(0.45 * rows[0][0].px)


def _extent(rows: list[list[_Piece]], font: str) -> tuple[int, int]:
    """Width and height of the whole block in pixels."""
    sizes = _row_sizes(rows, font)
    height = sum(h for _, h in sizes) + _row_gap(rows) * (len(rows) - 1)
    return ceil(max(w for w, _ in sizes)) + 2, height + 2


def _block(rows: list[list[_Piece]], font: str, color: tuple[int, int, int]) -> Image.Image:
    """The rows as an RGBA picture, centred under each other, each row on one baseline."""
    image = Image.new("RGBA", _extent(rows, font), (*color, 0))
    pen, y = ImageDraw.Draw(image), 0
    for row, (width, height) in zip(rows, _row_sizes(rows, font), strict=True):
        x, baseline = (image.width - width) / 2, y + round(0.86 * height)
        for piece in row:
            _draw(pen, piece, x, baseline, font, color)
            x += _width(piece, font) + _space(row)
        y += height + _row_gap(rows)
    return image


def _space(row: list[_Piece]) -> float:
    return 0.5 * min(piece.px for piece in row)


def _width(piece: _Piece, font: str) -> float:
    return sum(_advances(piece, font)) + (piece.px * 0.9 if piece.badge else 0.0)


def _advances(piece: _Piece, font: str) -> list[float]:
    """Advance of each character; figures all take the widest one's, so that prices stand straight."""
    measured = face(font, piece.px)
    figure = max(measured.getlength(d) for d in "0123456789")
    return [figure if c.isdigit() else measured.getlength(c) for c in piece.text]


def _draw(
    pen: ImageDraw.ImageDraw, piece: _Piece, x: float, baseline: float, font: str, color: tuple[int, int, int]
) -> None:
    measured, width = face(font, piece.px), _width(piece, font)
    middle = baseline - 0.36 * piece.px
    if piece.badge:
        half = 0.72 * piece.px
        pen.rounded_rectangle((x, middle - half, x + width, middle + half), radius=half, fill=ACCENT)
        x += piece.px * 0.45
    fill = (*(WHITE if piece.badge else color), 200 if piece.struck else 255)
    pen_x = x
    for character, advance in zip(piece.text, _advances(piece, font), strict=True):
        offset = (advance - measured.getlength(character)) / 2
        pen.text((pen_x + offset, baseline), character, font=measured, fill=fill, anchor="ls")
        pen_x += advance
    if piece.struck:
        pen.line(
            (x - 2, middle, x + width + 2, middle), fill=(*color, 255), width=max(2, round(piece.px * 0.07))
        )


def _readable_ground(
    picture: Picture, product: Picture | None, box: Box, where: Box
) -> tuple[Floats3, tuple[int, int, int]]:
    """The window (sRGB 0..1) with as much scrim as the type needs, and the type's colour."""
    layers, area = ground(picture, product, where), _inside(box, where)
    mask = np.zeros((where.height, where.width), np.float32)
    mask[area] = 1.0
    cloud = soften(mask, 0.3 * box.height)
    white = float(np.median(luminance(layers.scene + layers.product)[area])) < LIGHT_GROUND
    share = (1.0 - layers.matte)[..., None]
    aim = np.zeros_like(share) if white else share
    seen = layers.scene + layers.product
    for strength in SCRIMS:
        scene = layers.scene + (aim - layers.scene) * (strength * cloud)[..., None]
        seen = np.asarray(scene + layers.product, np.float32)
        worst = float(np.percentile(luminance(seen[area]), 90 if white else 10))
        contrast = 1.05 / (worst + 0.05) if white else (worst + 0.05) / 0.06
        if contrast >= WANTED_CONTRAST:
            break
    return seen, WHITE if white else BLACK
