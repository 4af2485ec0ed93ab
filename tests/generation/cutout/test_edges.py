from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.cutout import edges
from generation.types import Coverage, Picture


def disc(side: int, centre: tuple[float, float], radius: float) -> Coverage:
    """A disc with a seam one pixel wide."""
    y, x = np.mgrid[:side, :side]
    return np.clip(radius - np.hypot(x - centre[0], y - centre[1]) + 0.5, 0, 1).astype(np.float32)


def seen(front: tuple[int, int, int], behind: tuple[int, int, int], alpha: Coverage) -> Picture:
    """A camera's view of a plain product before a plain backdrop: the seam mixes both colours."""
    mixed = np.array(front) * alpha[..., None] + np.array(behind) * (1 - alpha[..., None])
    return np.round(mixed).astype(np.uint8)


def test_it_keeps_every_product_and_drops_crumbs() -> None:
    raw = disc(256, (80, 100), 40) + disc(256, (190, 100), 25) + disc(256, (128, 220), 3)
    parts = edges.sort_parts(raw)
    assert parts.coverage[100, 80] == 1 and parts.coverage[100, 190] == 1
    assert parts.coverage[200:].max() == 0


def test_it_keeps_a_handles_hole_and_closes_a_pinhole() -> None:
    raw = disc(256, (128, 128), 80) - disc(256, (160, 128), 16) - disc(256, (90, 128), 1)
    coverage = edges.sort_parts(raw.clip(0, 1)).coverage
    assert coverage[128, 160] == 0
    assert coverage[128, 90] == 1


def test_it_drops_haze_and_makes_the_inside_solid() -> None:
    raw = np.maximum(disc(256, (128, 128), 60) * 0.8, 0.1)
    coverage = edges.sort_parts(raw).coverage
    assert coverage[10, 10] == 0
    assert coverage[128, 128] == 1


def test_a_crisp_matte_is_surer_than_a_blurred_one_and_one_cut_by_the_frame() -> None:
    crisp = disc(512, (256, 256), 120)
    blurred = cv2.GaussianBlur(crisp, (0, 0), 12)
    cut_off = disc(512, (0, 0), 300)
    sure = edges.sort_parts(crisp).confidence
    assert sure > 0.9
    assert edges.sort_parts(blurred).confidence < 0.2
    assert edges.sort_parts(cut_off).confidence < 0.85 * sure
    assert edges.sort_parts(np.zeros((64, 64), np.float32)).confidence == 0


@pytest.mark.parametrize("backdrop", [(250, 250, 250), (10, 10, 12), (40, 200, 60)])
def test_no_fringe_of_the_old_backdrop_is_left(backdrop: tuple[int, int, int]) -> None:
    front, alpha = (180, 40, 35), cv2.GaussianBlur(disc(300, (150, 150), 90), (0, 0), 1.5)
    out = edges.layered(seen(front, backdrop, alpha), alpha)
    seam = (out[..., 3] > 12) & (out[..., 3] < 255)
    assert seam.sum() > 500
    assert np.abs(out[seam][:, :3].astype(int) - front).max() <= 14
    beyond = (out[..., 3] == 0) & (cv2.dilate(out[..., 3], np.ones((3, 3), np.uint8)) > 0)
    assert np.abs(out[beyond][:, :3].astype(int) - front).max() <= 24


def test_solid_pixels_keep_the_photos_colours_to_the_bit() -> None:
    photo = np.random.default_rng(3).integers(0, 255, (200, 240, 3), np.uint8)
    matte = cv2.GaussianBlur(disc(240, (120, 100), 70)[:200], (0, 0), 2)
    out = edges.layered(photo, matte)
    solid = out[..., 3] == 255
    assert solid.sum() > 10_000
    assert np.array_equal(out[solid][:, :3], photo[solid])
    assert not ((out[..., 3] >= edges.SOLID) & ~solid).any()
    assert not ((out[..., 3] > 0) & (out[..., 3] <= edges.CLEAR)).any()


def test_a_matte_of_another_size_is_fitted_and_its_edge_stays_crisp() -> None:
    photo = np.full((900, 1200, 3), 90, np.uint8)
    matte = cv2.resize(disc(300, (150, 150), 100), (300, 300))
    alpha = edges.layered(photo, matte)[..., 3]
    assert alpha.shape == (900, 1200)
    assert alpha[450, 600] == 255 and alpha[20, 20] == 0
    row = alpha[450]
    assert 1 <= int(((row > 25) & (row < 230)).sum()) <= 8


def test_an_empty_matte_gives_a_clear_picture() -> None:
    assert not edges.layered(np.full((50, 60, 3), 9, np.uint8), np.zeros((50, 60), np.float32)).any()
