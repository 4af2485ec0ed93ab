"""Where the headline goes, how it breaks into lines, and where its asset then lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Final

import numpy as np

from generation.compose.block import (
    DETAILS_WIDTH,
    FOOT_WIDTH,
    HEADLINE_GAP,
    PRICE_EM,
    Details,
    extent,
    price_rows,
    subline_rows,
)
from generation.compose.search import BANDS, BESIDE_FROM, STRIP_FROM, Found, Shape, Wish, best_place
from generation.compose.terrain import FAINT_ALPHA, Terrain, survey
from generation.errors import HeadlineTooLong
from generation.types import Box, CompositionMode, Headline, Picture, Size, TextPosition
from generation.typography.lines import SMALLEST_TYPE_PX, break_lines, ink_size, largest_type

SIDE_MARGIN: Final = 0.055
"""Of the frame's width, kept free left and right."""
TOP_MARGIN: Final = 0.065
"""Of the frame's height, kept free above and below."""
ENLARGE_MOST: Final = 1.5
"""A headline asset is never enlarged by more than this: it would look soft."""
TRIAL_TYPE_PX: Final = 100
"""The size at which the shape of a setting is measured."""
SHORTEST_LINE: Final = 0.65
"""Of the widest line's width: below this, a line looks left behind."""
MOST_LINES: Final = 3
WISHED_EM: Final = 0.105
"""Type of a headline that has its room, as a fraction of the frame's geometric mean side."""
ROOM_MOST: Final = 0.3
"""Of the frame's height: no headline makes the product smaller than this would."""
TOGETHER, TOGETHER_BESIDE = 1.5, 1.8
"""What it is worth that the small lines stand right below the headline; beside or under a product they have
no other place."""
ASSET_LINES: Final = 1.4
"""A supplied asset is taken for so many lines of type."""
COVERED_FOOT: Final = 0.1
"""Share of the frame's height covered at the foot from which a price has no place there."""
NO_DETAILS: Final = Details()


@dataclass(frozen=True, slots=True)
class HeadlinePlan:
    """``lines`` as they break, the ``box`` for their ink in frame pixels, and where that is: never ``auto``.
    ``em_px``: the type's size. ``lines`` is empty for a supplied asset, whose type is guessed from its height."""

    lines: tuple[str, ...]
    box: Box
    position: TextPosition
    em_px: float


@dataclass(frozen=True, slots=True)
class _Setting:
    lines: tuple[str, ...]
    shape: Shape
    shortest: float
    """The shortest line's width over the widest's."""
    head: tuple[float, float] = (1.0, 1.0)
    """The lettering's share of the shape's width and height; below it is the details' room."""


def wished_room(text: str, font: str, details: Details, size: Size, priced: bool = False) -> int:
    """How many pixels of the frame's height a headline above or below its product should have, with its sub-line
    and, where it is ``priced``, its price: type of ``WISHED_EM`` in as few lines as the width allows. At most
    ``ROOM_MOST`` of the height."""
    em = WISHED_EM * float(np.sqrt(size.width * size.height))
    wide, room = (1 - 2 * SIDE_MARGIN) * size.width, 0.0
    for lines in break_lines(text, font, MOST_LINES):
        ink = ink_size(lines, font, max(1, round(em)))
        rows = subline_rows(details, font, em, DETAILS_WIDTH * ink.width)
        rows += price_rows(details, font, em, DETAILS_WIDTH * ink.width) if priced else []
        below = HEADLINE_GAP * em + extent(rows, em).height if rows else 0.0
        room = min(1.0, wide / max(ink.width, 1)) * (ink.height + below)
        if ink.width <= wide:
            break
    return round(min(room, ROOM_MOST * size.height))


def price_joins_headline(size: Size, position: TextPosition, safe: Box | None) -> bool:
    """Whether a price stands with the headline: in a wide frame, for a headline at the foot, and where the channel
    covers the foot; else it stands below the product."""
    covered = safe is not None and safe.bottom < (1 - COVERED_FOOT) * size.height
    return size.width >= BESIDE_FROM * size.height or position is TextPosition.BOTTOM or covered


def wished_foot(details: Details, font: str, size: Size, alone: bool) -> int:
    """How many pixels of the frame's height the small lines below a product should have, with the margin: the price,
    and the sub-line too where it stands ``alone``, away from its headline. 0 where the frame is so wide that they
    stand beside the product."""
    if size.width >= BESIDE_FROM * size.height:
        return 0
    em, width = PRICE_EM * float(np.sqrt(size.width * size.height)), FOOT_WIDTH * size.width
    rows = (subline_rows(details, font, em, width) if alone else []) + price_rows(details, font, em, width)
    if not rows:
        return 0
    return round(extent(rows, em).height + HEADLINE_GAP * em + TOP_MARGIN * size.height)


def plan_headline(
    frame: Picture,
    product: Picture | None,
    text: str,
    font: str,
    position: TextPosition,
    mode: CompositionMode,
    hint: Box | None,
    safe: Box | None,
    details: Details = NO_DETAILS,
    kept: Box | None = None,
) -> HeadlinePlan:
    """Find the best place and line breaks for a headline in an RGB frame.

    ``product`` is the RGBA product layer of the frame's size; the box keeps clear of it except in ``behind``,
    where it hides at most about 15 % of the lettering. ``font`` is relative to ``fonts/``. ``hint`` is an
    area the scene keeps calm, ``safe`` the part of the frame the channel leaves free. Only where the product
    leaves no room at all does the box lie on it. Room for the ``details`` that stand with the headline is kept
    below the box, and none of the words stand in the frame's ``kept`` part. Raises ``HeadlineTooLong`` and
    ``FontUnknown``.
    """
    size = Size(frame.shape[1], frame.shape[0])
    joined = price_joins_headline(size, position, safe)
    settings = _settings(text, font, NO_DETAILS if mode is CompositionMode.BEHIND else details, size, joined)
    terrain, wish = survey(frame, product, kept), _wish(frame, position, mode, hint, safe)
    in_cells = _wish_in_cells(wish, terrain, frame)
    found = [(best_place(terrain, setting.shape, in_cells), setting) for setting in settings]
    place, setting = max(found, key=lambda pair: (pair[0].clear, pair[0].score + _worth(pair[1], joined)))
    plan = _plan(setting.lines, _lettering(place, setting, size), terrain, wish.region)
    em = largest_type(plan.lines, font, Size(plan.box.width, plan.box.height)).font_size_px
    if em < SMALLEST_TYPE_PX:
        raise HeadlineTooLong(f"{len(text)} characters in {plan.box.width}x{plan.box.height}")
    return replace(plan, em_px=float(em))


def plan_asset(
    frame: Picture,
    product: Picture | None,
    ink: Size,
    position: TextPosition,
    mode: CompositionMode,
    hint: Box | None,
    safe: Box | None,
    kept: Box | None = None,
) -> HeadlinePlan:
    """As ``plan_headline``, for a supplied asset whose lettering is ``ink`` large."""
    terrain, wish = survey(frame, product, kept), _wish(frame, position, mode, hint, safe)
    place = best_place(terrain, Shape(ink.width / ink.height, 1), _wish_in_cells(wish, terrain, frame))
    return _plan((), place, terrain, wish.region)


def place_headline(frame: Picture, product: Picture | None, headline: Headline, plan_box: Box) -> Box:
    """Where the asset's ink lies inside the plan: its own aspect, centred, never enlarged beyond
    ``ENLARGE_MOST``. Where the plan runs behind the product and the ink is smaller than the plan, the ink
    moves towards the product, so that it still does."""
    ink = headline.ink
    scale = min(plan_box.width / ink.width, plan_box.height / ink.height, ENLARGE_MOST)
    width, height = max(1, round(ink.width * scale)), max(1, round(ink.height * scale))
    slack_x, slack_y = plan_box.width - width, plan_box.height - height
    lean_x, lean_y = _lean_to_product(product, plan_box)
    x, y = plan_box.x + round(slack_x * lean_x), plan_box.y + round(slack_y * lean_y)
    frame_height, frame_width = frame.shape[:2]
    x, y = min(max(x, 0), max(frame_width - width, 0)), min(max(y, 0), max(frame_height - height, 0))
    return Box(x, y, width, height)


def _settings(text: str, font: str, details: Details, frame: Size, joined: bool) -> list[_Setting]:
    """The different ways the text breaks, each with the shape of its ink, by itself and with its details."""
    found = []
    for lines in break_lines(text, font, MOST_LINES):
        ink = ink_size(lines, font, TRIAL_TYPE_PX)
        widths = [ink_size((line,), font, TRIAL_TYPE_PX).width for line in lines]
        width, height = max(ink.width, 1), max(ink.height, 1)
        alone, whole = Size(width, height), _with_details(Size(width, height), details, font, frame, joined)
        for size in dict.fromkeys((alone, whole)):
            head = (width / size.width, height / size.height)
            shape = Shape(size.width / size.height, len(lines), head[1], size != alone)
            found.append(_Setting(lines, shape, min(widths) / width, head))
    if not found:
        raise HeadlineTooLong("nothing to set")
    return found


def _with_details(ink: Size, details: Details, font: str, frame: Size, joined: bool) -> Size:
    """The lettering's size at ``TRIAL_TYPE_PX`` with the rows that stand by it: the sub-line and, ``joined``,
    the price too. Below it; in a strip to its right."""
    em, wideness = float(TRIAL_TYPE_PX), frame.width / frame.height
    rows = subline_rows(details, font, em, DETAILS_WIDTH * ink.width)
    if joined:
        rows += price_rows(details, font, em, DETAILS_WIDTH * ink.width)
    if not rows:
        return ink
    added, gap = extent(rows, em), round(HEADLINE_GAP * em)
    if wideness > STRIP_FROM:
        return Size(ink.width + 2 * gap + added.width, max(ink.height, added.height))
    return Size(max(ink.width, added.width), ink.height + gap + added.height)


def _lettering(place: Found, setting: _Setting, frame: Size) -> Found:
    """The lettering's part of the place, without its details' room."""
    across, down = setting.head
    width, height = place.width * across, place.height * down
    if frame.width > STRIP_FROM * frame.height:
        return replace(place, y=place.y + (place.height - height) / 2, width=width, height=height)
    return replace(place, x=place.x + (place.width - width) / 2, width=width, height=height)


def _worth(setting: _Setting, no_other_place: bool) -> float:
    """What a setting is worth by itself: details by their headline, no line much shorter than the others."""
    together = (TOGETHER_BESIDE if no_other_place else TOGETHER) if setting.shape.with_details else 0.0
    return together - 0.6 * max(SHORTEST_LINE - setting.shortest, 0.0)


def _wish(
    frame: Picture, position: TextPosition, mode: CompositionMode, hint: Box | None, safe: Box | None
) -> Wish:
    height, width = frame.shape[:2]
    margin_x, margin_y = ceil(SIDE_MARGIN * width), ceil(TOP_MARGIN * height)
    region = Box(margin_x, margin_y, width - 2 * margin_x, height - 2 * margin_y)
    return Wish(_common(region, safe) if safe else region, position, mode, hint)


def _common(one: Box, other: Box) -> Box:
    x, y = max(one.x, other.x), max(one.y, other.y)
    return Box(x, y, min(one.right, other.right) - x, min(one.bottom, other.bottom) - y)


def _wish_in_cells(wish: Wish, terrain: Terrain, frame: Picture) -> Wish:
    return Wish(
        _in_cells(wish.region, terrain),
        wish.position,
        wish.mode,
        _in_cells(wish.hint, terrain) if wish.hint else None,
    )


def _in_cells(box: Box, terrain: Terrain) -> Box:
    """The cells that lie wholly inside a box of frame pixels."""
    cell_w, cell_h = terrain.cell
    x, y = ceil(box.x / cell_w), ceil(box.y / cell_h)
    return Box(x, y, max(floor(box.right / cell_w) - x, 1), max(floor(box.bottom / cell_h) - y, 1))


def _plan(lines: tuple[str, ...], place: Found, terrain: Terrain, region: Box) -> HeadlinePlan:
    cell_w, cell_h = terrain.cell
    x, y = ceil(place.x * cell_w), ceil(place.y * cell_h)
    right, bottom = floor((place.x + place.width) * cell_w), floor((place.y + place.height) * cell_h)
    box = Box(x, y, max(right - x, 1), max(bottom - y, 1))
    middle = (box.y + box.height / 2 - region.y) / region.height
    position = next(p for p, (_, high) in BANDS.items() if middle <= high or high == 1.0)
    return HeadlinePlan(lines, box, position, float(box.height) / ASSET_LINES)


def _lean_to_product(product: Picture | None, box: Box) -> tuple[float, float]:
    """0.5, 0.5 (the middle) unless the product reaches into the box: then towards where it does, 0..1."""
    if product is None:
        return 0.5, 0.5
    inside = product[box.y : box.bottom, box.x : box.right, 3] >= FAINT_ALPHA
    rows, columns = np.nonzero(inside)
    if rows.size == 0:
        return 0.5, 0.5
    return float(columns.mean() + 0.5) / box.width, float(rows.mean() + 0.5) / box.height
