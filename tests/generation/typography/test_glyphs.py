from __future__ import annotations

import numpy as np
import pytest

from generation.errors import GlyphMissing
from generation.typography.fonts import DEFAULT_FONT
from generation.typography.glyphs import raster


def test_it_pads_the_ink_as_asked() -> None:
    lettering = raster(("오늘만", "반값"), DEFAULT_FONT, 120, 140, (10, 20, 30, 40))
    height, width = lettering.coverage.shape
    ink = lettering.ink
    assert (ink.x, ink.y) == pytest.approx((10, 20), abs=1)
    assert (width - ink.right, height - ink.bottom) == pytest.approx((30, 40), abs=1)
    assert lettering.coverage.min() == 0 and lettering.coverage.max() == 1


def test_it_centres_each_line_on_its_own_marks() -> None:
    lettering = raster(("오늘만 세일", "1"), DEFAULT_FONT, 120, 140, (8, 8, 8, 8))
    top, bottom = lettering.bands[1]
    columns = np.flatnonzero(lettering.coverage[top:bottom].max(axis=0) > 0.5)
    middle = lettering.ink.x + lettering.ink.width / 2
    assert (columns[0] + columns[-1] + 1) / 2 == pytest.approx(middle, abs=1)


def test_it_refuses_what_the_font_cannot_draw() -> None:
    with pytest.raises(GlyphMissing):
        raster(("반값 😀",), DEFAULT_FONT, 60, 70, (4, 4, 4, 4))
