from __future__ import annotations

import numpy as np
import pytest

from generation.errors import GlyphMissing
from generation.typography.fonts import DEFAULT_FONT, font, fonts
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


@pytest.mark.parametrize("path", [each.path for each in fonts()])
@pytest.mark.parametrize("emoji", ["😀", "🎉", "❤️‍🔥", "🇰🇷"])
def test_no_font_draws_emoji_and_the_error_names_them(path: str, emoji: str) -> None:
    with pytest.raises(GlyphMissing) as caught:
        raster((f"반값 {emoji}",), path, 60, 70, (4, 4, 4, 4))
    assert emoji[0] in caught.value.context["characters"]
    assert caught.value.context["font"] == font(path).name_ko
