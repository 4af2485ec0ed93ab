"""Subline, prices and discount: near the headline, off the product, readable."""

from __future__ import annotations

import numpy as np
import pytest

from generation.compose import Details, HeadlineLook, add_details, branded, inks_for, plan_headline
from generation.compose.block import block, extent, price_rows, subline_rows
from generation.compose.tones import HOUSE_INKS
from generation.errors import GlyphMissing
from generation.palette import HOUSE_RED
from generation.types import Box, CompositionMode, TextPosition
from generation.verify import fidelity
from tests.generation.compose.pictures import FONT, backdrop, seated

BOX = Box(70, 50, 372, 80)
HEADLINE = HeadlineLook(BOX, 80.0)
FULL = Details("매일 아침 볶는 원두", "12,000원", "6,000원")


@pytest.mark.parametrize(
    ("before", "now", "discount"),
    [
        ("12,000원", "6,000원", "50%"),
        ("₩9,900", "₩6,600", "33%"),
        ("10000", "9999", ""),
        ("6,000원", "12,000원", ""),
        ("", "6,000원", ""),
        ("문의", "6,000원", ""),
        ("0원", "0원", ""),
    ],
)
def test_it_reckons_the_discount_and_never_rounds_it_up(before: str, now: str, discount: str) -> None:
    assert Details("", before, now).discount == discount


@pytest.mark.parametrize(
    "product_box", [Box(156, 300, 200, 180), Box(20, 140, 200, 360), Box(100, 240, 320, 272)]
)
def test_it_keeps_off_the_product_and_the_headline(product_box: Box) -> None:
    frame, product = seated(backdrop(), product_box)
    out, covered = add_details(frame, product, HEADLINE, FULL, FONT, None)
    assert covered.max() > 0.95
    assert covered[product[..., 3] > 0].max() == 0.0
    assert covered[BOX.y : BOX.bottom, BOX.x : BOX.right].max() == 0.0
    assert fidelity(out, product, covered).max_difference == 0


def test_it_tells_what_it_covers_where_there_is_no_room() -> None:
    frame, product = seated(backdrop(), Box(30, 140, 450, 372))
    out, covered = add_details(frame, product, HEADLINE, FULL, FONT, None)
    assert covered[product[..., 3] > 0].max() > 0.9
    assert fidelity(out, product, covered).max_difference == 0


def test_it_stands_below_the_headline_on_its_axis() -> None:
    _, covered = add_details(backdrop(), None, HEADLINE, FULL, FONT, None)
    rows, columns = np.nonzero(covered > 0.5)
    assert rows.min() > BOX.bottom
    assert abs((columns.min() + columns.max()) / 2 - (BOX.x + BOX.right) / 2) < 6


def test_it_stays_in_the_safe_zone() -> None:
    _, covered = add_details(
        backdrop(), None, HeadlineLook(Box(70, 330, 372, 80), 80.0), FULL, FONT, Box(0, 60, 512, 360)
    )
    rows = np.nonzero(covered > 0)[0]
    assert rows.min() >= 60 and rows.max() < 420


@pytest.mark.parametrize("tone", [20, 110, 150, 240])
def test_it_reads_on_any_ground(tone: int) -> None:
    frame = np.full((512, 512, 3), tone, np.uint8)
    out, covered = add_details(frame, None, HEADLINE, Details("매일 아침 볶는 원두"), FONT, None)
    rows, columns = np.nonzero(covered > 0.99)
    letters = (out[rows, columns].astype(float) / 255) ** 2.2
    area = np.s_[rows.min() : rows.max(), columns.min() : columns.max()]
    beside = (out[area][covered[area] == 0].astype(float) / 255) ** 2.2
    light, dark = sorted((letters.mean() + 0.05, beside.mean() + 0.05), reverse=True)
    assert light / dark >= 4.2


def test_sub_line_and_price_keep_apart_on_one_axis_where_the_price_has_no_room_below() -> None:
    """A tall frame whose foot the channel covers: between headline and product there is room for both rows."""
    frame, product = seated(backdrop(540, 960), Box(170, 500, 200, 270))
    headline = HeadlineLook(Box(60, 150, 420, 130), 64.0)
    _, covered = add_details(frame, product, headline, FULL, FONT, Box(0, 135, 540, 633))
    inked = np.flatnonzero((covered > 0.5).any(axis=1))
    rows = np.split(inked, np.flatnonzero(np.diff(inked) > 8) + 1)
    assert len(rows) == 2
    for row in rows:
        columns = np.flatnonzero((covered[row] > 0.5).any(axis=0))
        assert abs((columns[0] + columns[-1]) / 2 - 270) < 6
    assert covered[product[..., 3] > 0].max() == 0.0


def test_it_strikes_the_former_price_only_when_there_is_a_new_one() -> None:
    struck = add_details(backdrop(), None, HEADLINE, Details("", "1,111원", "1,110원"), FONT, None)[1]
    alone = add_details(backdrop(), None, HEADLINE, Details("", "1,111원", ""), FONT, None)[1]

    def longest_run(covered: np.ndarray) -> int:
        best = 0
        for row in covered > 0.9:
            edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
            best = max(best, int((edges[1::2] - edges[::2]).max(initial=0)))
        return best

    assert longest_run(struck) > 3 * longest_run(alone)


def test_it_changes_nothing_without_details() -> None:
    frame = backdrop()
    out, covered = add_details(frame, None, HEADLINE, Details(), FONT, None)
    assert np.array_equal(out, frame) and covered.max() == 0.0


def test_it_refuses_characters_the_font_lacks() -> None:
    with pytest.raises(GlyphMissing):
        add_details(backdrop(), None, HEADLINE, Details("원두 🎉"), FONT, None)


def test_it_sets_sizes_in_steps_of_the_headlines_type() -> None:
    em, wide = 100.0, 10_000.0
    [[words]] = subline_rows(FULL, FONT, em, wide)
    [prices] = price_rows(FULL, FONT, em, wide)
    by_kind = {piece.kind: piece for piece in prices}
    assert [piece.kind for piece in prices] == ["former", "arrow", "price", "badge"]
    assert words.px == pytest.approx(45) and by_kind["price"].px == pytest.approx(62)
    assert by_kind["former"].px < words.px and by_kind["badge"].text == "50%"


def test_its_rows_are_hardly_wider_than_the_headline() -> None:
    [row] = price_rows(FULL, FONT, 100.0, 420.0)
    assert extent([row], 100.0).width <= 1.02 * 420.0


def test_figures_stand_in_columns() -> None:
    ones, eights = (price_rows(Details("", "", price), FONT, 100.0, 9999.0) for price in ("1,111", "8,888"))
    narrow, broad = (extent(rows, 100.0).width for rows in (ones, eights))
    assert narrow > 0.85 * broad


def test_it_centres_rows_by_their_ink() -> None:
    rows = [*subline_rows(FULL, FONT, 80.0, 900.0), *price_rows(FULL, FONT, 80.0, 900.0)]
    alpha = block(rows, 80.0, HOUSE_INKS, True)[..., 3]
    gap = int(np.flatnonzero(alpha.max(axis=1) == 0)[0])
    for part in (alpha[:gap], alpha[gap:]):
        columns = np.flatnonzero(part.max(axis=0) > 40)
        assert abs((columns[0] + columns[-1]) / 2 - (alpha.shape[1] - 1) / 2) <= 1.5


@pytest.mark.parametrize("size", [(1280, 720), (1200, 600), (1080, 1920), (1660, 260)])
@pytest.mark.parametrize("position", list(TextPosition))
def test_it_never_lies_on_the_product_in_any_shape(size: tuple[int, int], position: TextPosition) -> None:
    width, height = size[0] // 2, size[1] // 2
    middle = Box(round(0.4 * width), round(0.35 * height), round(0.24 * width), round(0.5 * height))
    frame, product = seated(backdrop(width, height), middle)
    plan = plan_headline(
        frame, product, "오늘만 반값", FONT, position, CompositionMode.OVERLAY, None, None, FULL
    )
    _, covered = add_details(frame, product, HeadlineLook(plan.box, plan.em_px), FULL, FONT, None)
    assert covered.max() > 0.9
    assert covered[product[..., 3] > 0].max() == 0.0
    assert covered[plan.box.y : plan.box.bottom, plan.box.x : plan.box.right].max() == 0.0


def test_it_takes_the_headlines_tone_where_the_ground_allows_either() -> None:
    frame = np.full((512, 512, 3), 118, np.uint8)
    for color, light in (((250, 245, 235), True), ((30, 26, 24), False)):
        asset = np.full((40, 120, 4), 255, np.uint8)
        asset[..., :3] = color
        look = HeadlineLook(BOX, 80.0, inks_for(asset))
        out, covered = add_details(frame, None, look, Details("원두"), FONT, None)
        assert (float(out[covered > 0.99].mean()) > 128) is light


@pytest.mark.parametrize(
    ("color", "red"), [((225, 170, 60), True), ((200, 200, 205), True), ((40, 90, 200), False)]
)
def test_the_badge_takes_the_headlines_colour_unless_it_turns_grey_or_olive(
    color: tuple[int, int, int], red: bool
) -> None:
    asset = np.full((40, 120, 4), 255, np.uint8)
    asset[..., :3] = color
    accent = inks_for(asset).accent
    assert (accent == HOUSE_RED) is red
    linear = (np.array(accent) / 255) ** 2.2 @ np.array([0.2126, 0.7152, 0.0722])
    assert 1.05 / (linear + 0.05) >= 4.4


@pytest.mark.parametrize("accent", ["#ffe08a", "#0a7a55", "#ffffff", "#000000"])
def test_a_shop_s_accent_goes_under_the_badge_as_deep_as_white_type_needs(accent: str) -> None:
    inks = branded(HOUSE_INKS, accent)
    assert (inks.pale, inks.deep) == (HOUSE_INKS.pale, HOUSE_INKS.deep)
    linear = (np.array(inks.accent) / 255) ** 2.2 @ np.array([0.2126, 0.7152, 0.0722])
    assert 1.05 / (linear + 0.05) >= 4.4
    if accent == "#0a7a55":
        assert inks.accent == (10, 122, 85)
