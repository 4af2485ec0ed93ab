"""The shop's logo in a calm corner: small, off the product and the lettering, and always to be seen.

Placed last, by composition itself, so that it is drawn anew at every format's own shape. Nothing of it, its plate
and its shadow included, touches a pixel of the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import cv2
import numpy as np

from generation.compose.layers import soften
from generation.compose.logo_setting import GROUND_SPACE, Drawn, Treatment, around, artwork, readable
from generation.compose.room import Room, side_of
from generation.types import Box, Coverage, Logo, LogoCorner, Picture, Size

WIDEST: Final = 0.14
"""Of the frame's width."""
USUAL_SIDE: Final = 0.105
"""Of the frame's geometric mean side: the side of a square of the logo's area, so that a wordmark and a round sign
weigh the same."""
TALLEST, TALLEST_IN_STRIP = 0.14, 0.26
"""Of the geometric mean side, and of the frame's height."""
ENLARGE_MOST: Final = 1.5
"""A logo's own pixels are never enlarged by more than this: it would look soft."""
SHRINKS: Final = (1.0, 0.88, 0.77, 0.67)
"""Sizes tried, largest first, until the logo fits its corner."""
PLACES: Final = 7
"""Tried across and down where no corner is free."""
SHADOW, SHADOW_SIGMA = 0.22, 0.008
"""Density, and softness as a share of the geometric mean side, of the shadow under a plate or a tile."""
TREATMENT_COST: Final = {
    Treatment.AS_IT_IS: 0.0,
    Treatment.TILE: 0.0,
    Treatment.ONE_COLOR: 0.12,
    Treatment.PLATE: 0.35,
}
RESTLESS_COST, SMALL_COST = 5.0, 1.2
"""What restless ground and lost size cost a corner."""
BIAS: Final = {
    LogoCorner.BOTTOM_RIGHT: 0.0,
    LogoCorner.TOP_LEFT: 0.02,
    LogoCorner.TOP_RIGHT: 0.03,
    LogoCorner.BOTTOM_LEFT: 0.05,
}
"""Where all corners are alike a logo signs the picture, as a name does a letter."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The RGB picture, what the logo and its plate cover of each pixel, where that is (None: there was no room and
    the picture is as it was) and how the logo was set."""

    picture: Picture
    covered: Coverage
    box: Box | None = None
    treatment: Treatment | None = None


def sign(
    picture: Picture, product: Picture | None, covered: Coverage, logo: Logo, safe: Box | None
) -> Signed:
    """Lay the logo into its corner of a finished RGB picture.

    ``product`` is the RGBA layer of the picture's size, ``covered`` what headline and small lines cover, ``safe`` the
    part of the frame that the channel leaves free. The corner asked for comes first, then the others. Repeatable:
    the same input, the same bytes.
    """
    size = Size(picture.shape[1], picture.shape[0])
    room = _Room.of(size, product, covered, safe)
    art = artwork(logo.picture, _extent(logo.picture, size, 1.0))
    best: tuple[float, Box, Drawn] | None = None
    for cost, box in _by_cost(picture, room.places(logo)):
        if best is not None and cost >= best[0]:
            break
        drawn = readable(picture, box, art)
        cost += TREATMENT_COST[drawn.treatment]
        if best is None or cost < best[0]:
            best = (cost, box, drawn)
    if best is None:
        return Signed(picture, np.zeros(picture.shape[:2], np.float32))
    return _laid(picture, product, best[1], best[2])


def _by_cost(picture: Picture, places: Iterator[_Place]) -> list[tuple[float, Box]]:
    """The places with what their ground and size cost, best first; one that settles it stands alone."""
    found: list[tuple[float, Box]] = []
    for place in places:
        if place.is_settled:
            return [(place.cost, place.box)]
        found.append((place.cost + RESTLESS_COST * _restlessness(picture, place.box), place.box))
    return sorted(found, key=lambda pair: pair[0])


def corner_kept(size: Size, product: Picture | None, logo: Logo, safe: Box | None) -> Box | None:
    """The room to keep for a logo whose corner was asked for, before any words are set; None where the product is
    there already, or the corner is to be found."""
    if logo.corner is LogoCorner.AUTO:
        return None
    room = _Room.of(size, product, np.zeros((size.height, size.width), np.float32), safe)
    place = room.in_corner(logo, logo.corner)
    return place.box if place is not None else None


@dataclass(frozen=True, slots=True)
class _Place:
    box: Box
    cost: float
    is_settled: bool = False
    """Whether no other place has to be looked at."""


class _Room(Room):
    """Where a logo may lie."""

    def places(self, logo: Logo) -> Iterator[_Place]:
        """Places off everything, the wished corner first and alone if it is free; then the others, by their looks;
        then, where no corner is free, wherever there is room."""
        found = False
        for corner in _order(logo.corner):
            place = self.in_corner(logo, corner)
            if place is not None:
                found = True
                yield _Place(place.box, place.cost, logo.corner is not LogoCorner.AUTO)
        if not found:
            yield from self._anywhere(logo)

    def in_corner(self, logo: Logo, corner: LogoCorner) -> _Place | None:
        """The largest logo that fits there."""
        for shrink in SHRINKS:
            extent = _extent(logo.picture, self.size, shrink)
            box = _cornered(extent, corner, self.region)
            if self.is_free(box):
                return _Place(box, BIAS[corner] + SMALL_COST * (1.0 - shrink))
        return None

    def _anywhere(self, logo: Logo) -> Iterator[_Place]:
        """As near to the region's edges as there is room: in the middle of a picture a logo looks lost."""
        region = self.region
        for shrink in SHRINKS[1:]:
            extent = _extent(logo.picture, self.size, shrink)
            xs = np.linspace(region.x, max(region.right - extent.width, region.x), PLACES).astype(int)
            ys = np.linspace(region.y, max(region.bottom - extent.height, region.y), PLACES).astype(int)
            inwards = np.minimum(np.arange(PLACES), np.arange(PLACES)[::-1])
            free: dict[int, list[Box]] = {}
            for row, column in np.ndindex(PLACES, PLACES):
                box = Box(int(xs[column]), int(ys[row]), extent.width, extent.height)
                if self.is_free(box):
                    free.setdefault(int(min(inwards[row], inwards[column])), []).append(box)
            if free:
                yield from (_Place(box, 0.0) for box in free[min(free)])
                return


def _extent(logo: Picture, frame: Size, shrink: float) -> Size:
    """The logo's size in the frame: of the usual area, within its bounds, its own aspect."""
    height, width = logo.shape[:2]
    side, aspect = side_of(frame), width / height
    wished = USUAL_SIDE * side * np.sqrt(aspect)
    tallest = min(TALLEST * side, TALLEST_IN_STRIP * frame.height)
    fitted = min(wished, WIDEST * frame.width, tallest * aspect, ENLARGE_MOST * width) * shrink
    return Size(max(1, floor(fitted)), max(1, floor(fitted / aspect)))


def _order(asked: LogoCorner) -> list[LogoCorner]:
    """The corner asked for, the one beside it, the one over or under it, the last."""
    if asked is LogoCorner.AUTO:
        return list(BIAS)
    row, column = asked.value.split("-")
    other_row, other_column = (
        {"top": "bottom", "bottom": "top"}[row],
        {"left": "right", "right": "left"}[column],
    )
    names = (asked.value, f"{row}-{other_column}", f"{other_row}-{column}", f"{other_row}-{other_column}")
    return [LogoCorner(name) for name in names]


def _cornered(extent: Size, corner: LogoCorner, region: Box) -> Box:
    row, column = corner.value.split("-")
    x = region.x if column == "left" else region.right - extent.width
    y = region.y if row == "top" else region.bottom - extent.height
    return Box(x, y, extent.width, extent.height)


def _restlessness(picture: Picture, box: Box) -> float:
    """How much the ground's light varies there (standard deviation, sRGB 0..1), finest grain apart."""
    part = np.ascontiguousarray(picture[around(box, round(GROUND_SPACE * box.height), picture)])
    gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (24, 24), interpolation=cv2.INTER_AREA)
    return float(small.std()) / 255.0


def _laid(picture: Picture, product: Picture | None, box: Box, drawn: Drawn) -> Signed:
    out = picture.copy()
    if drawn.stands_off:
        _cast_shadow(out, box, drawn.alpha)
    inside = (slice(box.y, box.bottom), slice(box.x, box.right))
    mixed = out[inside].astype(np.float32) / 255.0 * (1.0 - drawn.alpha[..., None]) + drawn.color
    out[inside] = np.clip(mixed * 255.0 + 0.5, 0, 255).astype(np.uint8)
    covered = np.zeros(picture.shape[:2], np.float32)
    covered[inside] = drawn.alpha
    if product is not None:
        where = around(box, box.width + box.height, picture)
        kept = (product[where][..., 3] > 0) & (covered[where] <= 0)
        out[where][kept] = picture[where][kept]
    return Signed(out, covered, box, drawn.treatment)


def _cast_shadow(picture: Picture, box: Box, alpha: Coverage) -> None:
    """A soft shadow a little below the plate, in place."""
    sigma = SHADOW_SIGMA * side_of(Size(picture.shape[1], picture.shape[0]))
    reach = ceil(3 * sigma)
    where = around(box, reach, picture)
    dense = np.zeros((where[0].stop - where[0].start, where[1].stop - where[1].start), np.float32)
    y, x = box.y - where[0].start + round(sigma / 2), box.x - where[1].start
    lower = min(y + box.height, dense.shape[0])
    dense[y:lower, x : x + box.width] = alpha[: lower - y]
    shade = 1.0 - SHADOW * soften(dense, sigma)
    picture[where] = np.clip(picture[where] * shade[..., None] + 0.5, 0, 255).astype(np.uint8)
