"""The small lines that belong to a headline: subline, former price, price, discount. Flat and quiet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from generation.compose.layers import ground, luminance, soften
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
WHITE: Final = (255, 255, 255)
BLACK: Final = (24, 22, 20)
ACCENT: Final = (208, 33, 41)
"""The discount badge: white type on it has a contrast of 5.5."""
WANTED_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: small text."""
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
    shape = _block(rows, font, WHITE)
    mask = np.zeros((height, width), np.float32)
    mask[box.y : box.bottom, box.x : box.right] = 1.0
    under, color = _readable_ground(picture, product, mask, box)
    block = np.asarray(_block(rows, font, color) if color != WHITE else shape, np.float32) / 255.0
    out, covered = under, np.zeros((height, width), np.float32)
    part, alpha = out[box.y : box.bottom, box.x : box.right], block[..., 3:]
    out[box.y : box.bottom, box.x : box.right] = part * (1 - alpha) + block[..., :3] * alpha
    covered[box.y : box.bottom, box.x : box.right] = block[..., 3]
    finished = np.clip(out * 255 + 0.5, 0, 255).astype(np.uint8)
    if product is not None:
        kept = (product[..., 3] == 255) & (covered <= 0)
        finished[kept] = picture[kept]
    return finished, covered


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
    rows: list[list[_Piece]] = []
    box = Box(region.x, region.y, 1, 1)
    for shrink in SHRINKS:
        rows = _rows(details, max(round(TEXT_SCALE * side * shrink), SMALLEST_PX))
        if not rows:
            return [], box
        image = _block(rows, font, WHITE)
        for box in _places(image.width, image.height, headline, region, side):
            inside = _within(box, region)
            if inside and not taken[box.y : box.bottom, box.x : box.right].any():
                return rows, box
    # No free place: at the foot of the region, over whatever is there; ``covered`` tells.
    image = _block(rows, font, WHITE)
    x = region.x + (region.width - image.width) // 2
    return rows, Box(max(x, 0), max(region.bottom - image.height, 0), image.width, image.height)


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


def _places(w: int, h: int, headline: Box, region: Box, side: float) -> Iterator[Box]:
    """Below the headline, above it, then anywhere, nearest to it first."""
    gap = round(0.035 * side)
    centre = headline.x + (headline.width - w) // 2
    for y in (headline.bottom + gap, headline.y - gap - h):
        for x in (centre, headline.x, headline.right - w):
            yield Box(x, y, w, h)
    xs = np.linspace(region.x, max(region.right - w, region.x), 15).astype(int)
    ys = np.linspace(region.y, max(region.bottom - h, region.y), 25).astype(int)
    spread = [(abs(int(y) - headline.bottom) + abs(int(x) - centre), int(x), int(y)) for x in xs for y in ys]
    for _, x, y in sorted(spread):
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


def _block(rows: list[list[_Piece]], font: str, color: tuple[int, int, int]) -> Image.Image:
    """The rows as an RGBA picture, centred under each other, each row on one baseline."""
    widths = [sum(_width(p, font) for p in row) + _space(row) * (len(row) - 1) for row in rows]
    heights = [round(max(p.px * (1.5 if p.badge else 1.0) for p in row)) for row in rows]
    gap = round(0.45 * rows[0][0].px)
    image = Image.new("RGBA", (ceil(max(widths)) + 2, sum(heights) + gap * (len(rows) - 1) + 2), (*color, 0))
    pen, y = ImageDraw.Draw(image), 0
    for row, width, height in zip(rows, widths, heights, strict=True):
        x, baseline = (image.width - width) / 2, y + round(0.86 * height)
        for piece in row:
            _draw(pen, piece, x, baseline, font, color)
            x += _width(piece, font) + _space(row)
        y += height + gap
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
    picture: Picture, product: Picture | None, mask: Coverage, box: Box
) -> tuple[Picture, tuple[int, int, int]]:
    """The picture (float 0..1) with as much scrim as the type needs, and the type's colour."""
    height, width = picture.shape[:2]
    layers = ground(picture, product, Box(0, 0, width, height))
    area = (slice(box.y, box.bottom), slice(box.x, box.right))
    light = luminance(layers.scene + layers.product)[area]
    white = float(np.median(light)) < 0.36
    cloud = soften(mask, 0.3 * box.height)
    share = (1.0 - layers.matte)[..., None]
    aim = np.zeros_like(share) if white else share
    scene = layers.scene
    for strength in SCRIMS:
        scene = layers.scene + (aim - layers.scene) * (strength * cloud)[..., None]
        light = luminance((scene + layers.product).astype(np.float32))[area]
        worst = float(np.percentile(light, 90 if white else 10))
        contrast = 1.05 / (worst + 0.05) if white else (worst + 0.05) / 0.06
        if contrast >= WANTED_CONTRAST:
            break
    return (scene + layers.product).astype(np.float32), WHITE if white else BLACK  # type: ignore[return-value]
