from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.cutout import edges, seam
from tests.generation.cutout.known import (
    GROUNDS,
    SIDE,
    disc,
    error_over,
    ground,
    guessed,
    photographed,
    ring_with_stem,
    shaded,
)

ORANGE = (196, 112, 50)
LEFT_OF_ERROR = {"white": 0.5, "wood": 0.75, "teal": 0.5, "black": 0.5}
"""Share of the edge's error that may be left; brown grain of like colour says less about an orange edge."""


@pytest.mark.parametrize("name", GROUNDS)
def test_the_edge_comes_out_better_than_a_matte_taken_at_its_word(name: str) -> None:
    colors, coverage = shaded(ORANGE), ring_with_stem()
    photo, matte = photographed(colors, coverage, ground(name)), guessed(coverage)
    untold = np.dstack([photo, np.round(matte * 255).astype(np.uint8)])
    ours = edges.layered(photo, matte)
    assert error_over(ours, colors, coverage) < LEFT_OF_ERROR[name] * error_over(untold, colors, coverage)


@pytest.mark.parametrize("name", ["white", "teal", "black"])
def test_the_edges_colours_are_the_products_own(name: str) -> None:
    colors, coverage = shaded(ORANGE), ring_with_stem()
    cut = edges.layered(photographed(colors, coverage, ground(name)), guessed(coverage))
    mixed = (cut[..., 3] > 40) & (cut[..., 3] < 255) & (coverage > 0.1)
    assert mixed.sum() > 500
    assert np.abs(cut[..., :3][mixed] - colors[mixed]).mean() < 9


@pytest.mark.parametrize("name", GROUNDS)
def test_holes_and_thin_parts_stay(name: str) -> None:
    colors, coverage = shaded(ORANGE), ring_with_stem()
    photo = photographed(colors, coverage, ground(name))
    alpha = edges.layered(photo, edges.sort_parts(guessed(coverage), photo).coverage)[..., 3]
    assert alpha[300, 256] == 0
    assert alpha[coverage == 1].mean() > 250
    stem = (coverage == 1) & (np.arange(SIDE) < 160)[:, None]
    assert stem.sum() > 200 and alpha[stem].min() > (100 if name == "wood" else 200)


def test_it_finds_the_edge_that_a_blurred_matte_only_hints_at() -> None:
    coverage = disc((256, 256), 120)
    photo = photographed(shaded(ORANGE), coverage, ground("white"))
    found, _, _ = seam.resolved(photo, cv2.GaussianBlur(coverage, (0, 0), 3))
    blurred = np.abs(cv2.GaussianBlur(coverage, (0, 0), 3) - coverage).sum()
    assert np.abs(found - coverage).sum() < 0.4 * blurred


def test_smoke_keeps_its_coverage_and_takes_its_own_colour() -> None:
    smoke = cv2.GaussianBlur(disc((256, 256), 90), (0, 0), 30) * np.float32(0.6)
    photo = photographed(shaded((235, 235, 238)), smoke, ground("black"))
    cut = edges.layered(photo, smoke)
    assert np.abs(cut[..., 3] / 255.0 - smoke).max() < 0.03
    dense = smoke > 0.3
    assert np.abs(cut[..., :3][dense] - shaded((235, 235, 238))[dense]).mean() < 20


def test_a_matte_taken_at_its_word_is_not_told_anew() -> None:
    coverage = ring_with_stem()
    matte = guessed(coverage)
    photo = photographed(shaded(ORANGE), coverage, ground("teal"))
    alpha = edges.layered(photo, matte, keep_coverage=True)[..., 3]
    assert np.abs(alpha / 255.0 - matte).max() <= 5.5 / 255
