"""How the headline meets the picture: readable, shadowed, and the product's own pixels kept."""

from __future__ import annotations

import numpy as np
import pytest

from generation.compose import composite, place_headline, plan_headline
from generation.compose.legibility import WANTED_CONTRAST, edge_contrast
from generation.types import Box, CompositionMode, KeyLight, TextPosition
from generation.verify import fidelity
from tests.generation.compose.pictures import FONT, backdrop, flat_headline, seated

OVERLAY, BLEND, BEHIND = CompositionMode
PRODUCT = Box(156, 236, 200, 230)
ABOVE = Box(70, 60, 372, 90)
ACROSS = Box(70, 190, 372, 90)


@pytest.mark.parametrize("mode", list(CompositionMode))
@pytest.mark.parametrize("box", [ABOVE, ACROSS, Box(130, 400, 260, 80)])
def test_it_keeps_every_product_pixel_it_does_not_cover(mode: CompositionMode, box: Box) -> None:
    frame, product = seated(backdrop(), PRODUCT)
    made = composite(frame, product, flat_headline(("오늘만 반값",), box, glow=40), box, mode, None)
    result = fidelity(made.picture, product, made.covered)
    assert result.max_difference == 0 and result.pixels > 20_000


def test_it_passes_behind_the_product_without_changing_or_covering_it() -> None:
    frame, product = seated(backdrop(), PRODUCT)
    made = composite(frame, product, flat_headline(("오늘만 반값",), ACROSS), ACROSS, BEHIND, None)
    solid = product[..., 3] == 255
    assert np.array_equal(made.picture[solid], product[solid][:, :3])
    assert made.covered[solid].max() == 0.0
    assert made.covered.max() > 0.99


def test_it_tells_what_of_the_product_the_lettering_covers() -> None:
    frame, product = seated(backdrop(), PRODUCT)
    made = composite(frame, product, flat_headline(("오늘만 반값",), ACROSS), ACROSS, OVERLAY, None)
    changed = (made.picture != frame).any(axis=-1) & (product[..., 3] == 255)
    assert changed.any() and (made.covered[changed] > 0).all()


def test_it_changes_nothing_far_from_the_headline() -> None:
    frame = backdrop()
    made = composite(frame, None, flat_headline(("반값",), ABOVE), ABOVE, OVERLAY, None)
    assert np.array_equal(made.picture[300:], frame[300:])
    assert made.covered[300:].max() == 0.0


def test_it_leaves_no_seam_where_its_window_ends() -> None:
    frame = np.full((512, 512, 3), 200, np.uint8)
    headline = flat_headline(("반값",), ABOVE, color=(215, 210, 205))
    made = composite(frame, None, headline, ABOVE, OVERLAY, None)
    picture = made.picture.astype(int)
    away = np.ones((512, 512), bool)
    away[ABOVE.y - 8 : ABOVE.bottom + 20, ABOVE.x - 8 : ABOVE.right + 8] = False
    assert (picture[~away] < 190).any()
    steps = np.abs(np.diff(picture[..., 0], axis=0))[away[1:] & away[:-1]]
    assert steps.max() <= 4


def test_it_throws_the_shadow_away_from_the_light() -> None:
    frame = np.full((512, 512, 3), 90, np.uint8)
    headline = flat_headline(("반값",), ABOVE)

    def darkening(x: float) -> float:
        key = KeyLight((x, 0.5, 0.7), (1.0, 1.0, 1.0))
        picture = composite(frame, None, headline, ABOVE, OVERLAY, key).picture.astype(float)
        dark = np.maximum(90 - picture[..., 0], 0)
        return float((dark * np.arange(512)).sum() / dark.sum())

    assert darkening(-0.8) > darkening(0.8) + 2


def test_it_adds_no_second_shadow_to_an_asset_that_brings_one() -> None:
    frame = np.full((512, 512, 3), 200, np.uint8)
    plain = flat_headline(("반값",), ABOVE)
    picture = plain.picture.copy()
    haze = picture[..., 3] < 90
    picture[haze] = (0, 0, 0, 90)
    made = composite(frame, None, type(plain)(picture, plain.ink), ABOVE, OVERLAY, None)
    ground = made.picture[ABOVE.y - 10 : ABOVE.y - 4, 200:300].astype(float).mean()
    assert abs(ground - 200 * (1 - 90 / 255)) < 3


@pytest.mark.parametrize("color", [(250, 248, 240), (30, 26, 24)])
def test_it_makes_weak_lettering_readable(color: tuple[int, int, int]) -> None:
    tone = 200 if color[0] > 128 else 70
    frame = np.full((320, 320, 3), tone, np.uint8)
    box = Box(30, 40, 260, 70)
    headline = flat_headline(("반값",), box, color=color)
    made = composite(frame, None, headline, box, OVERLAY, None)
    before = np.where(made.covered[..., None] > 0.5, np.array(color), frame).astype(np.float32) / 255
    after = made.picture.astype(np.float32) / 255
    assert edge_contrast(before, made.covered) < WANTED_CONTRAST < edge_contrast(after, made.covered) + 0.4
    assert edge_contrast(after, made.covered) > edge_contrast(before, made.covered)


def test_it_takes_on_the_scenes_light_when_it_blends() -> None:
    frame = np.zeros((512, 512, 3), np.uint8)
    frame[:, :256], frame[:, 256:] = (190, 120, 60), (60, 38, 20)
    headline = flat_headline(("오늘만 반값",), ABOVE, color=(220, 220, 220))
    blended = composite(frame, None, headline, ABOVE, BLEND, None)
    laid = composite(frame, None, headline, ABOVE, OVERLAY, None)
    letters = laid.covered > 0.99
    left, right = letters.copy(), letters.copy()
    left[:, 226:], right[:, :286] = False, False
    assert abs(float(laid.picture[left].mean()) - float(laid.picture[right].mean())) < 2
    assert float(blended.picture[left].mean()) > float(blended.picture[right].mean()) + 20
    warm = blended.picture[letters].mean(axis=0)
    assert warm[0] > warm[2] + 15


@pytest.mark.parametrize("mode", list(CompositionMode))
def test_it_is_repeatable_and_leaves_its_input_alone(mode: CompositionMode) -> None:
    frame, product = seated(backdrop(), PRODUCT)
    plan = plan_headline(frame, product, "오늘만 반값", FONT, TextPosition.AUTO, mode, None, None)
    headline = flat_headline(plan.lines, plan.box)
    box, kept = place_headline(frame, product, headline, plan.box), frame.copy()
    first, second = (composite(frame, product, headline, box, mode, None) for _ in range(2))
    assert np.array_equal(first.picture, second.picture) and np.array_equal(frame, kept)


def test_it_copes_with_an_asset_larger_than_the_frame() -> None:
    frame = backdrop(200, 200)
    headline = flat_headline(("반값",), Box(0, 0, 700, 300))
    made = composite(frame, None, headline, Box(-50, -20, 300, 130), OVERLAY, None)
    assert made.picture.shape == frame.shape
