"""The merchant's brush: what it touches changes, what it does not stays to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from generation.cutout.brush import brushed
from generation.errors import ProductNotFound
from generation.types import Picture

SIZE = 200


def _photo() -> Picture:
    """A red square on grey, with grain, so that a colour made anew is seen to be one."""
    picture = np.full((SIZE, SIZE, 3), 150, np.uint8)
    picture[50:150, 50:150] = (200, 40, 30)
    grain = np.random.default_rng(1).integers(0, 12, picture.shape, np.uint8)
    return picture + grain


def _cut(photo: Picture) -> Picture:
    """The square with a soft rim one pixel wide, its colours another's work."""
    cut = np.zeros((SIZE, SIZE, 4), np.uint8)
    cut[49:151, 49:151] = (11, 22, 33, 90)
    cut[50:150, 50:150, :3] = photo[50:150, 50:150]
    cut[50:150, 50:150, 3] = 255
    return cut


def _strokes(side: int = SIZE) -> Picture:
    return np.zeros((side, side, 4), np.uint8)


def test_strokes_keep_and_erase_and_the_rest_stays_to_the_bit() -> None:
    photo = _photo()
    before = _cut(photo)
    strokes = _strokes()
    strokes[60:80, 40:70] = (0, 0, 0, 255)  # erased, over the left edge
    strokes[100:110, 150:170] = (255, 255, 255, 255)  # kept, beside the right edge
    after = brushed(photo, before, strokes).picture
    assert (after[62:78, 42:68, 3] == 0).all()
    assert (after[102:108, 152:168, 3] == 255).all()
    assert (after[102:108, 152:168, :3] == photo[102:108, 152:168]).all()
    untouched = strokes[..., 3] == 0
    assert (after[untouched] == before[untouched]).all()
    assert (after != before).any()


def test_small_strokes_are_enlarged_and_touch_no_more_than_their_neighbours() -> None:
    photo = _photo()
    before = _cut(photo)
    strokes = _strokes(SIZE // 4)
    strokes[20:26, 20:26] = (0, 0, 0, 255)
    after = brushed(photo, before, strokes).picture
    assert (after[84:100, 84:100, 3] == 0).all()
    rows, columns = np.nonzero((after != before).any(axis=2))
    assert min(rows.min(), columns.min()) >= 76 and max(rows.max(), columns.max()) < 108


def test_half_strokes_leave_half_and_the_last_one_decides() -> None:
    photo = _photo()
    strokes = _strokes()
    strokes[90:110, 90:110] = (0, 0, 0, 128)
    after = brushed(photo, _cut(photo), strokes).picture
    assert abs(int(after[100, 100, 3]) - 127) <= 1


def test_without_a_cut_out_the_product_is_painted_in() -> None:
    photo = _photo()
    strokes = _strokes()
    strokes[50:150, 50:150] = (255, 255, 255, 255)
    made = brushed(photo, None, strokes)
    assert made.method == "brush"
    assert (made.picture[60:140, 60:140, 3] == 255).all() and made.picture[10, 10, 3] == 0


def test_erasing_everything_is_refused() -> None:
    photo = _photo()
    with pytest.raises(ProductNotFound):
        brushed(photo, _cut(photo), np.full((SIZE, SIZE, 4), (0, 0, 0, 255), np.uint8))
