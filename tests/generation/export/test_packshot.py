"""The packshot: pure white, filled, no matter the product's shape."""

from __future__ import annotations

import numpy as np
import pytest

from generation.errors import ProductNotFound
from generation.export import packshot
from generation.types import Cutout, Size


def cutout(width: int, height: int, around: int = 60) -> Cutout:
    """An opaque dark rectangle in a transparent photo whose hidden colours are loud."""
    picture = np.zeros((height + 2 * around, width + 2 * around, 4), np.uint8)
    picture[..., :3] = (255, 0, 255)
    picture[around : around + height, around : around + width] = (40, 90, 60, 255)
    return Cutout(picture, "alpha", 1.0)


@pytest.mark.parametrize("frame", [Size(1000, 1000), Size(750, 1000), Size(1200, 600)])
@pytest.mark.parametrize("shape", [(300, 300), (900, 100), (80, 700), (2200, 1800), (160, 120)])
def test_it_fills_the_frame_on_pure_white(frame: Size, shape: tuple[int, int]) -> None:
    out = packshot(cutout(*shape), frame)
    assert out.shape == (frame.height, frame.width, 3)
    rows, columns = np.nonzero((out < 250).any(axis=-1))
    width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert max(width, height) >= 0.85 * min(frame.width, frame.height)
    assert width <= 0.96 * frame.width and height <= 0.96 * frame.height
    assert abs(width / height / (shape[0] / shape[1]) - 1) < 0.06
    for edge in (out[0], out[-1], out[:, 0], out[:, -1]):
        assert (edge == 255).all()


def test_it_centres_the_product_and_keeps_its_colour() -> None:
    out = packshot(cutout(300, 300), Size(1000, 1000))
    assert tuple(out[500, 500]) == (40, 90, 60)
    rows, columns = np.nonzero((out < 250).any(axis=-1))
    assert abs(rows.min() + rows.max() - 999) <= 2 and abs(columns.min() + columns.max() - 999) <= 2


def test_it_lets_no_hidden_colour_bleed_through_the_edge() -> None:
    out = packshot(cutout(300, 300), Size(1000, 1000)).astype(int)
    assert (out[..., 1] >= out[..., 0] - 1).all()


def test_it_drops_the_haze_of_a_cut_out() -> None:
    hazy = cutout(300, 300)
    hazy.picture[:40, :, 3] = 4
    out = packshot(hazy, Size(1000, 1000))
    assert (out[:30] == 255).all()


def test_it_shades_the_ground_only_when_asked() -> None:
    plain, shaded = (packshot(cutout(300, 200), Size(1000, 1000), shadow=s) for s in (False, True))
    below = slice(808, 840)
    assert (plain[below] == 255).all() and shaded[below].min() < 235


def test_it_refuses_an_empty_cut_out() -> None:
    with pytest.raises(ProductNotFound):
        packshot(Cutout(np.zeros((50, 50, 4), np.uint8), "isnet", 0.0), Size(100, 100))
