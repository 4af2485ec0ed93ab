"""Lettering as a phone shows it, 320 px wide: measured before and after on bright, dark and busy grounds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.compose import composite
from generation.compose.layers import lay_asset
from generation.compose.legibility import WANTED_CONTRAST, busyness, edge_contrast, rim_contrast
from generation.studio.styles import styles
from generation.studio.text3d import sculpt
from generation.types import Box, CompositionMode, Coverage, Headline, HeadlineBrief, Picture, Size
from tests.generation.compose.pictures import FONT, flat_headline

VIEW = 320
BOX = Box(30, 40, 260, 70)
WHITE, BLACK, MIDDLE = (250, 249, 246), (28, 25, 23), (150, 128, 104)
SHADED_CONTRAST = 2.25
"""What the weak third of the edge of modelled lettering reaches on every ground: it has sides of its own."""


def plain(color: tuple[int, int, int]) -> Picture:
    return np.broadcast_to(np.array(color, np.uint8), (VIEW, VIEW, 3)).copy()


def checked(low: int = 60, high: int = 215, cell: int = 7) -> Picture:
    """A hard pattern as fine as strokes."""
    y, x = np.mgrid[:VIEW, :VIEW] // cell
    tone = np.where((x + y) % 2, high, low)
    return np.repeat(tone[..., None], 3, axis=2).astype(np.uint8)


GROUNDS = {"bright": plain((236, 230, 220)), "dark": plain((38, 30, 26)), "busy": checked()}


def contrast(picture: Picture, covered: Coverage) -> float:
    return edge_contrast(picture.astype(np.float32) / 255, covered)


def shown(ground: Picture, color: tuple[int, int, int]) -> tuple[float, float, Picture]:
    """Contrast of flat lettering laid on as it is, and as composed; and the composed picture."""
    headline = flat_headline(("반값",), BOX, color=color)
    made = composite(ground, None, headline, BOX, CompositionMode.OVERLAY, None)
    bare = np.where(made.covered[..., None] > 0.5, np.array(color, np.uint8), ground)
    return contrast(bare, made.covered), contrast(made.picture, made.covered), made.picture


@pytest.mark.parametrize("ground", list(GROUNDS))
@pytest.mark.parametrize("color", [WHITE, BLACK, MIDDLE])
def test_it_reads_on_every_ground(ground: str, color: tuple[int, int, int]) -> None:
    before, after, _ = shown(GROUNDS[ground], color)
    assert after >= WANTED_CONTRAST - 0.1
    assert after >= min(before, WANTED_CONTRAST)


@pytest.mark.parametrize(("ground", "color"), [("bright", WHITE), ("dark", BLACK)])
def test_it_helps_lettering_that_would_drown(ground: str, color: tuple[int, int, int]) -> None:
    before, after, _ = shown(GROUNDS[ground], color)
    assert before < 1.4 and after > 2 * before


def test_it_leaves_a_ground_alone_on_which_the_lettering_reads() -> None:
    _, _, picture = shown(GROUNDS["dark"], WHITE)
    away = picture[:30]
    assert np.array_equal(away, GROUNDS["dark"][:30])


def test_it_wants_more_on_a_busy_ground() -> None:
    solid = np.zeros((VIEW, VIEW), np.float32)
    solid[100:140, 60:260] = 1.0
    calm = busyness(GROUNDS["bright"].astype(np.float32) / 255, solid)
    busy = busyness(GROUNDS["busy"].astype(np.float32) / 255, solid)
    assert calm < 0.01 < 0.15 < busy


def test_colour_alone_counts_for_less_in_small_letters() -> None:
    """Red on an orange of the same luminance."""
    solid = np.zeros((VIEW, VIEW), np.float32)
    solid[100:140, 60:260] = 1.0
    seen = np.where(solid[..., None] > 0, np.array((196, 20, 40)), np.array((150, 84, 60))) / 255
    large, small = (edge_contrast(seen.astype(np.float32), solid, px) for px in (48.0, 22.0))
    assert 1.1 < small < large - 0.3


def test_its_shade_keeps_the_grounds_hue() -> None:
    warm = plain((232, 196, 150))
    _, _, picture = shown(warm, WHITE)
    beside = picture[BOX.bottom + 2 : BOX.bottom + 8, 100:220].reshape(-1, 3).astype(float)
    assert beside.mean() < warm.mean() - 4
    red, _, blue = beside.mean(axis=0)
    assert red / blue >= 232 / 150


def test_it_never_lays_a_box() -> None:
    """From the letters outwards the ground returns without a step."""
    _, _, picture = shown(GROUNDS["bright"], WHITE)
    column = picture[BOX.bottom + 6 :, VIEW // 2].astype(int).mean(axis=-1)
    assert np.abs(np.diff(column)).max() <= 4
    assert abs(column[-1] - GROUNDS["bright"][0, 0].mean()) <= 1


@pytest.mark.parametrize("style", list(styles()))
def test_every_style_reads_on_every_ground(style: str) -> None:
    brief = HeadlineBrief(("오늘만 반값",), FONT, style, Size(BOX.width, BOX.height))
    headline = sculpt(brief, lambda *_: None)
    for name, ground in GROUNDS.items():
        made = composite(ground, None, headline, BOX, CompositionMode.OVERLAY, None)
        letters = np.where(made.covered > 0.9, made.covered, 0).astype(np.float32)
        rimmed = [cv2.dilate(letters, np.ones((side, side), np.uint8)) for side in (1, 3, 5)]
        ways = [contrast(made.picture, solid) for solid in rimmed] + [own_border(headline)]
        assert max(ways) >= SHADED_CONTRAST, (style, name, ways)


def own_border(headline: Headline) -> float:
    """Contrast of the asset's letters with the border it brings, as shown 320 px wide."""
    laid = lay_asset(headline, BOX, Box(0, 0, VIEW, VIEW))
    return rim_contrast(laid.color, laid.solid, laid.letter_px)


@pytest.mark.parametrize("tone", [(104, 98, 88), (60, 44, 32), (22, 18, 30)])
def test_it_gives_no_white_outline_where_shade_does_nearly_as_well(tone: tuple[int, int, int]) -> None:
    """Chocolate on dark ground: its edges are dark because they are round, its faces stand off."""
    ground = plain(tone)
    red, green, blue = ((value / 255) ** 2.2 for value in tone)
    headline = sculpt(
        HeadlineBrief(("반값",), FONT, "chocolate", Size(BOX.width, BOX.height), ground=(red, green, blue)),
        lambda *_: None,
    )
    made = composite(ground, None, headline, BOX, CompositionMode.OVERLAY, None)
    around = cv2.dilate((made.covered > 0.5).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    beside = made.picture[around & (made.covered < 0.05)].mean(axis=-1)
    assert np.percentile(beside, 95) < ground.mean() + 12


def test_a_stickers_border_needs_no_shade() -> None:
    ground = GROUNDS["bright"]
    headline = sculpt(HeadlineBrief(("반값",), FONT, "sticker", Size(BOX.width, BOX.height)), lambda *_: None)
    made = composite(ground, None, headline, BOX, CompositionMode.OVERLAY, None)
    assert own_border(headline) >= WANTED_CONTRAST
    assert np.array_equal(made.picture[:24], ground[:24])


def test_a_letters_shaded_side_is_no_border() -> None:
    for style in ("gold", "wood", "paper"):
        headline = sculpt(HeadlineBrief(("반값",), FONT, style, Size(BOX.width, BOX.height)), lambda *_: None)
        assert own_border(headline) == 1.0, style


def test_light_relief_on_pale_ground_gets_a_rim_and_no_cloud() -> None:
    """Half a letter away from the lettering, the ground has lost next to nothing."""
    ground = GROUNDS["bright"]
    headline = sculpt(
        HeadlineBrief(("반값",), FONT, "foil-silver", Size(BOX.width, BOX.height)), lambda *_: None
    )
    made = composite(ground, None, headline, BOX, CompositionMode.OVERLAY, None)
    far = cv2.distanceTransform((made.covered < 0.02).astype(np.uint8), cv2.DIST_L2, 5) > 24
    lost = ground.astype(int)[far] - made.picture.astype(int)[far]
    assert far.any() and lost.min() >= 0 and lost.max() <= 0.16 * 236


def test_the_rim_of_silver_on_sand_is_fine() -> None:
    """Three pixels away from letters 200 high, nothing of it is left."""
    sand = (205, 190, 165)
    red, green, blue = ((value / 255) ** 2.2 for value in sand)
    box = Box(90, 120, 780, 210)
    ground = np.broadcast_to(np.array(sand, np.uint8), (960, 960, 3)).copy()
    headline = sculpt(
        HeadlineBrief(
            ("오늘만 반값",), FONT, "foil-silver", Size(box.width, box.height), ground=(red, green, blue)
        ),
        lambda *_: None,
    )
    made = composite(ground, None, headline, box, CompositionMode.OVERLAY, None)
    away = cv2.distanceTransform((made.covered <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    dark = made.picture.mean(axis=-1) < 0.5 * np.mean(sand)
    assert dark[(away > 0) & (away <= 1)].mean() > 0.5
    assert dark[(away > 2) & (away <= 3)].mean() < 0.25
