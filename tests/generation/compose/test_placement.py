"""A headline's place: clear of the product, inside margins and safe zone, large."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.compose import (
    Details,
    HeadlineLook,
    add_details,
    place_headline,
    plan_asset,
    plan_headline,
    wished_foot,
)
from generation.errors import HeadlineTooLong
from generation.export.formats import FORMATS, safe_area
from generation.types import Box, CompositionMode, Headline, Picture, Size, TextPosition
from tests.generation.compose.pictures import FONT, backdrop, flat_headline, seated

OVERLAY, BLEND, BEHIND = CompositionMode
MIDDLE = Box(156, 236, 200, 230)


def hidden_share(product: Picture, box: Box) -> float:
    return float((product[box.y : box.bottom, box.x : box.right, 3] > 0).mean())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    width=st.floats(0.1, 0.62),
    height=st.floats(0.1, 0.72),
    position=st.sampled_from(TextPosition),
    mode=st.sampled_from([OVERLAY, BLEND]),
    frame_size=st.sampled_from([(512, 512), (432, 540), (360, 640), (764, 400), (830, 130)]),
)
def test_it_never_touches_the_product(
    x: float,
    y: float,
    width: float,
    height: float,
    position: TextPosition,
    mode: CompositionMode,
    frame_size: tuple[int, int],
) -> None:
    across, down = frame_size
    w, h = int(width * across), int(height * down)
    frame, product = seated(backdrop(across, down), Box(int(x * (across - w)), int(y * (down - h)), w, h))
    plan = plan_headline(frame, product, "오늘만 반값", FONT, position, mode, None, None)
    assert hidden_share(product, plan.box) == 0.0
    assert plan.box.x >= 0.05 * across and plan.box.right <= 0.95 * across
    assert plan.box.y >= 0.05 * down and plan.box.bottom <= 0.95 * down


@pytest.mark.parametrize("position", [TextPosition.TOP, TextPosition.BOTTOM, TextPosition.CENTER])
def test_it_goes_where_it_is_asked_to(position: TextPosition) -> None:
    plan = plan_headline(backdrop(), None, "오늘만 반값", FONT, position, OVERLAY, None, None)
    assert plan.position is position
    middle = (plan.box.y + plan.box.height / 2) / 512
    low, high = {"top": (0, 0.4), "center": (0.42, 0.58), "bottom": (0.6, 1)}[position]
    assert low < middle < high


@pytest.mark.parametrize("text", ["오늘만 반값", "SUPER SALE", "갓 볶은 원두 최대 30% 할인"])
def test_it_is_large(text: str) -> None:
    frame, product = seated(backdrop(), MIDDLE)
    plan = plan_headline(frame, product, text, FONT, TextPosition.AUTO, OVERLAY, None, None)
    assert 0.55 <= plan.box.width / 512 <= 0.9
    assert 1 <= len(plan.lines) <= 3 and " ".join(plan.lines) == text


def test_it_never_answers_auto_and_finds_the_calm_side() -> None:
    frame = backdrop()
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 255, (25, 52, 3), dtype=np.uint8)
    frame[:250] = np.kron(coarse, np.ones((10, 10, 1), np.uint8))[:, :512]
    plan = plan_headline(frame, None, "오늘만 반값", FONT, TextPosition.AUTO, OVERLAY, None, None)
    assert plan.box.y >= 240 and plan.position is not TextPosition.AUTO


def test_it_follows_the_scenes_hint() -> None:
    hint = Box(30, 330, 450, 150)
    plan = plan_headline(backdrop(), None, "오늘만 반값", FONT, TextPosition.AUTO, OVERLAY, hint, None)
    assert plan.box.y >= 320


def test_it_stays_in_the_safe_zone_of_a_story() -> None:
    size = Size(540, 960)
    safe = safe_area("instagram-story", size)
    for position in TextPosition:
        plan = plan_headline(backdrop(540, 960), None, "오늘만 반값", FONT, position, OVERLAY, None, safe)
        assert plan.box.y >= safe.y and plan.box.bottom <= safe.bottom


def test_it_stands_beside_the_product_in_a_strip_with_type_large_enough() -> None:
    fmt = FORMATS["naver-timeboard"]
    frame, product = seated(backdrop(1660, 260), Box(680, 20, 240, 220))
    text = "갓 볶은 원두 오늘만 반값"
    plan = plan_headline(frame, product, text, FONT, TextPosition.AUTO, OVERLAY, None, None)
    assert plan.box.right <= 680 or plan.box.x >= 920
    assert plan.box.height / len(plan.lines) >= 2 * fmt.type_min_px


def test_a_short_headline_beside_a_narrow_product_fills_the_frame() -> None:
    frame, product = seated(backdrop(1200, 600), Box(930, 60, 160, 480))
    hint = Box(36, 36, 858, 528)
    plan = plan_headline(frame, product, "세일", FONT, TextPosition.AUTO, OVERLAY, hint, None)
    assert plan.box.height >= 0.4 * 600 and plan.box.right < 930


def test_in_a_tall_frame_it_stands_in_the_optical_middle_of_its_room() -> None:
    frame, product = seated(backdrop(540, 960), Box(70, 600, 400, 140))
    hint = Box(32, 135, 476, 420)
    plan = plan_headline(frame, product, "오늘만 반값", FONT, TextPosition.AUTO, OVERLAY, hint, None)
    middle = plan.box.y + plan.box.height / 2
    assert abs(middle - (hint.y + 0.45 * hint.height)) < 0.06 * 960


@pytest.mark.parametrize("position", list(TextPosition))
def test_it_goes_behind_the_product_but_stays_readable(position: TextPosition) -> None:
    frame, product = seated(backdrop(), MIDDLE)
    plan = plan_headline(frame, product, "오늘만 반값", FONT, position, BEHIND, None, None)
    assert hidden_share(product, plan.box) <= 0.17


def test_it_does_reach_behind_the_product() -> None:
    frame, product = seated(backdrop(), MIDDLE)
    plan = plan_headline(frame, product, "오늘만 반값", FONT, TextPosition.AUTO, BEHIND, None, None)
    assert hidden_share(product, plan.box) > 0.02
    assert plan.box.y < MIDDLE.y < plan.box.bottom


def test_it_lies_on_the_product_only_where_there_is_no_room() -> None:
    frame, product = seated(backdrop(), Box(0, 0, 512, 512))
    plan = plan_headline(frame, product, "오늘만 반값", FONT, TextPosition.TOP, OVERLAY, None, None)
    assert plan.position is TextPosition.TOP and plan.box.width > 200


def test_it_keeps_the_merchants_line_breaks() -> None:
    plan = plan_headline(backdrop(), None, "오늘\n만 반값", FONT, TextPosition.TOP, OVERLAY, None, None)
    assert plan.lines[0] == "오늘"


def test_where_a_channel_covers_the_foot_the_price_has_its_room_by_the_headline() -> None:
    size = Size(540, 960)
    safe = safe_area("instagram-story", size)
    frame, product = seated(backdrop(540, 960), Box(200, 420, 140, 340))
    details = Details("이번 주말까지만", "39,000원", "29,900원")
    plan = plan_headline(frame, product, "딱 하루", FONT, TextPosition.AUTO, OVERLAY, None, safe, details)
    _, covered = add_details(frame, product, HeadlineLook(plan.box, plan.em_px), details, FONT, safe)
    rows = np.flatnonzero((covered > 0.5).any(axis=1))
    assert plan.box.bottom < rows.min() and rows.max() < 420
    assert covered[product[..., 3] > 0].max() == 0.0


def test_small_lines_have_room_below_a_product_unless_they_stand_by_the_headline() -> None:
    details = Details("매일 아침 볶는 원두", "12,000원", "6,000원")
    square, wide = Size(1080, 1080), Size(1200, 628)
    assert 0.12 * 1080 < wished_foot(details, FONT, square, False) < 0.2 * 1080
    assert wished_foot(details, FONT, square, True) > wished_foot(details, FONT, square, False) + 40
    assert wished_foot(details, FONT, wide, True) == 0
    assert wished_foot(Details("매일 아침 볶는 원두"), FONT, square, False) == 0


def test_asked_to_the_top_it_stays_there_beside_a_prop_rather_than_go_down_to_calmer_ground() -> None:
    frame, product = seated(backdrop(), Box(160, 300, 200, 170))
    frame[:190, 400:] = np.random.default_rng(3).integers(0, 255, (190, 112, 3), dtype=np.uint8)
    frame[:190, :60] = np.random.default_rng(4).integers(0, 255, (190, 60, 3), dtype=np.uint8)
    plan = plan_headline(frame, product, "갓 구운 아침", FONT, TextPosition.TOP, OVERLAY, None, None)
    assert plan.box.y < 0.14 * 512
    assert plan.box.x >= 60 and plan.box.right <= 400


def test_it_refuses_a_novel() -> None:
    with pytest.raises(HeadlineTooLong):
        plan_headline(backdrop(), None, "오늘만 반값 " * 60, FONT, TextPosition.TOP, OVERLAY, None, None)


def test_it_gives_a_supplied_asset_a_box_of_its_own_shape() -> None:
    frame, product = seated(backdrop(), MIDDLE)
    plan = plan_asset(frame, product, Size(900, 300), TextPosition.TOP, OVERLAY, None, None)
    assert plan.lines == () and abs(plan.box.width / plan.box.height - 3) < 0.2
    assert hidden_share(product, plan.box) == 0.0


@pytest.mark.parametrize(
    "ink", [Box(20, 30, 600, 150), Box(0, 0, 300, 300), Box(5, 5, 60, 20), Box(0, 0, 90, 800)]
)
def test_it_places_the_ink_inside_the_plan_in_its_own_shape(ink: Box) -> None:
    asset = Headline(np.full((900, 700, 4), 255, np.uint8), ink)
    plan = Box(60, 40, 390, 110)
    box = place_headline(backdrop(), None, asset, plan)
    assert box.x >= plan.x and box.y >= plan.y and box.right <= plan.right and box.bottom <= plan.bottom
    assert box.width <= 1.5 * ink.width + 1
    assert abs(box.width / ink.width - box.height / ink.height) < 0.05
    assert abs((box.x + box.right) - (plan.x + plan.right)) <= 1


def test_it_moves_a_smaller_asset_towards_the_product_it_stands_behind() -> None:
    frame, product = seated(backdrop(), Box(200, 250, 100, 200))
    plan = Box(60, 100, 390, 180)
    asset = flat_headline(("반값",), Box(0, 0, 390, 60))
    box = place_headline(frame, product, asset, Box(plan.x, plan.y, 120, plan.height))
    alone = place_headline(frame, None, asset, Box(plan.x, plan.y, 120, plan.height))
    assert box == alone
    assert place_headline(frame, product, Headline(asset.picture, Box(0, 0, 500, 90)), plan).bottom > 255


def test_it_keeps_off_a_prop_where_there_is_calm_room_beside_it() -> None:
    frame, product = seated(backdrop(), MIDDLE)
    bare = plan_headline(frame, product, "신메뉴", FONT, TextPosition.TOP, OVERLAY, None, None).box
    prop = np.random.default_rng(3).integers(0, 255, (200, 60, 3), dtype=np.uint8)
    frame[:200, 70:130] = prop
    plan = plan_headline(frame, product, "신메뉴", FONT, TextPosition.TOP, OVERLAY, None, None).box
    assert bare.x < 130 <= plan.x
