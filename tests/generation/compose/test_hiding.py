"""Lettering behind the product: a little of it hidden, never a whole syllable."""

from __future__ import annotations

import pytest

from generation.compose import hidden_ink, place_headline, plan_headline, revealed
from generation.compose.hiding import HIDDEN_LEAST, HIDDEN_MOST, HIDDEN_MOST_OF_SYLLABLE
from generation.types import Box, CompositionMode, Picture, TextPosition
from tests.generation.compose.pictures import FONT, backdrop, flat_headline, seated

LINES = ("오늘만 반값",)
BOX = Box(70, 150, 372, 76)


def product(box: Box) -> Picture:
    return seated(backdrop(), box)[1]


def test_it_measures_ink_not_boxes() -> None:
    headline = flat_headline(LINES, BOX)
    assert hidden_ink(product(Box(200, 300, 100, 150)), headline, BOX, LINES, FONT).share == 0.0
    left_half = hidden_ink(product(Box(0, 100, 256, 300)), headline, BOX, LINES, FONT)
    assert 0.4 < left_half.share < 0.6 and left_half.worst > 0.98


def test_it_finds_the_one_syllable_that_is_lost() -> None:
    headline = flat_headline(LINES, BOX)
    first = hidden_ink(product(Box(68, 140, 62, 100)), headline, BOX, LINES, FONT)
    assert first.share < 0.3 and first.worst > 0.9


@pytest.mark.parametrize("shape", [Box(156, 180, 200, 290), Box(200, 120, 110, 380), Box(60, 200, 400, 260)])
@pytest.mark.parametrize("position", list(TextPosition))
@pytest.mark.parametrize("text", ["신메뉴", "오늘만 반값", "겨울 한정 딸기 케이크 출시"])
def test_it_hides_little_and_no_whole_syllable(shape: Box, position: TextPosition, text: str) -> None:
    frame, layer = seated(backdrop(), shape)
    plan = plan_headline(frame, layer, text, FONT, position, CompositionMode.BEHIND, None, None)
    headline = flat_headline(plan.lines, plan.box)
    placed = place_headline(frame, layer, headline, plan.box)
    box = revealed(layer, headline, placed, plan.lines, FONT, None)
    hidden = hidden_ink(layer, headline, box, plan.lines, FONT)
    assert hidden.share <= HIDDEN_MOST + 0.01 and hidden.worst <= HIDDEN_MOST_OF_SYLLABLE + 0.03
    assert abs(box.width / box.height - placed.width / placed.height) < 0.1 * placed.width / placed.height


def test_it_leaves_good_places_alone() -> None:
    layer = product(Box(200, 210, 100, 250))
    headline = flat_headline(LINES, BOX)
    assert hidden_ink(layer, headline, BOX, LINES, FONT).excess == 0.0
    assert revealed(layer, headline, BOX, LINES, FONT, None) == BOX


def test_it_goes_as_far_as_the_product_where_the_plan_stays_away_from_it() -> None:
    layer, far = product(Box(156, 330, 200, 150)), Box(70, 40, 372, 76)
    headline = flat_headline(LINES, far)
    assert hidden_ink(layer, headline, far, LINES, FONT).share == 0.0
    box = revealed(layer, headline, far, LINES, FONT, None)
    hidden = hidden_ink(layer, headline, box, LINES, FONT)
    assert (
        HIDDEN_LEAST - 0.005 <= hidden.share <= HIDDEN_MOST and hidden.worst <= HIDDEN_MOST_OF_SYLLABLE + 0.03
    )
    assert abs(box.x + box.width / 2 - 256) < 40


def test_it_stays_in_the_safe_zone() -> None:
    safe = Box(0, 130, 512, 300)
    layer = product(Box(130, 120, 250, 380))
    box = revealed(layer, flat_headline(LINES, BOX), BOX, LINES, FONT, safe)
    assert box.y >= safe.y and box.bottom <= safe.bottom


def test_it_takes_a_supplied_asset_as_a_whole() -> None:
    layer = product(Box(130, 100, 250, 400))
    headline = flat_headline(LINES, BOX)
    box = revealed(layer, headline, BOX, (), FONT, None)
    assert hidden_ink(layer, headline, box, (), FONT).share <= HIDDEN_MOST + 0.01
