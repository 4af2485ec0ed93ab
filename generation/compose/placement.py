"""Where the headline goes, how it breaks into lines, and where its asset then lies."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np

from generation.compose.search import BANDS, Found, Shape, Wish, best_place
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


@dataclass(frozen=True, slots=True)
class HeadlinePlan:
    """``lines`` as they break, the ``box`` for their ink in frame pixels, and where that is: never ``auto``.
    ``lines`` is empty for a supplied asset."""

    lines: tuple[str, ...]
    box: Box
    position: TextPosition


@dataclass(frozen=True, slots=True)
class _Setting:
    lines: tuple[str, ...]
    shape: Shape
    shortest: float
    """The shortest line's width over the widest's."""


def plan_headline(
    frame: Picture,
    product: Picture | None,
    text: str,
    font: str,
    position: TextPosition,
    mode: CompositionMode,
    hint: Box | None,
    safe: Box | None,
) -> HeadlinePlan:
    """Find the best place and line breaks for a headline in an RGB frame.

    ``product`` is the RGBA product layer of the frame's size; the box keeps clear of it except in ``behind``,
    where it hides at most about 15 % of the lettering. ``font`` is relative to ``fonts/``. ``hint`` is an
    area the scene keeps calm, ``safe`` the part of the frame the channel leaves free. Only where the product
    leaves no room at all does the box lie on it. Raises ``HeadlineTooLong`` and ``FontUnknown``.
    """
    settings = _settings(text, font)
    terrain, wish = survey(frame, product), _wish(frame, position, mode, hint, safe)
    in_cells = _wish_in_cells(wish, terrain, frame)
    found = [(best_place(terrain, setting.shape, in_cells), setting) for setting in settings]
    place, setting = max(found, key=lambda pair: (pair[0].clear, pair[0].score - _widow(pair[1])))
    plan = _plan(setting.lines, place, terrain, wish.region)
    if largest_type(plan.lines, font, Size(plan.box.width, plan.box.height)).font_size_px < SMALLEST_TYPE_PX:
        raise HeadlineTooLong(f"{len(text)} characters in {plan.box.width}x{plan.box.height}")
    return plan


def plan_asset(
    frame: Picture,
    product: Picture | None,
    ink: Size,
    position: TextPosition,
    mode: CompositionMode,
    hint: Box | None,
    safe: Box | None,
) -> HeadlinePlan:
    """As ``plan_headline``, for a supplied asset whose lettering is ``ink`` large."""
    terrain, wish = survey(frame, product), _wish(frame, position, mode, hint, safe)
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


def _settings(text: str, font: str) -> list[_Setting]:
    """The different ways the text breaks, each with the shape of its ink."""
    found = []
    for lines in break_lines(text, font, MOST_LINES):
        ink = ink_size(lines, font, TRIAL_TYPE_PX)
        widths = [ink_size((line,), font, TRIAL_TYPE_PX).width for line in lines]
        shape = Shape(max(ink.width, 1) / max(ink.height, 1), len(lines))
        found.append(_Setting(lines, shape, min(widths) / max(ink.width, 1)))
    if not found:
        raise HeadlineTooLong("nothing to set")
    return found


def _widow(setting: _Setting) -> float:
    """What a line much shorter than the others costs."""
    return 0.6 * max(SHORTEST_LINE - setting.shortest, 0.0)


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
    return HeadlinePlan(lines, box, position)


def _lean_to_product(product: Picture | None, box: Box) -> tuple[float, float]:
    """0.5, 0.5 (the middle) unless the product reaches into the box: then towards where it does, 0..1."""
    if product is None:
        return 0.5, 0.5
    inside = product[box.y : box.bottom, box.x : box.right, 3] >= FAINT_ALPHA
    rows, columns = np.nonzero(inside)
    if rows.size == 0:
        return 0.5, 0.5
    return float(columns.mean() + 0.5) / box.width, float(rows.mean() + 0.5) / box.height
