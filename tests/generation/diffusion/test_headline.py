from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from generation.diffusion.headline import (
    LEAST_OVERLAP,
    _laid,
    how_checked,
    on_canvas,
    painted_by,
    shows_lettering,
    standing_out,
)
from generation.diffusion.sdxl import GRAIN, Painting
from generation.errors import ReaderMissing
from generation.pictures import INK_ALPHA
from generation.studio.text3d import Sculpture, sculpture
from generation.types import Coverage, HeadlineBrief, Picture, Size
from generation.typography.fonts import default_font

MARBLE = np.array([60, 120, 90], np.uint8)


def brief_of(text: str) -> HeadlineBrief:
    return HeadlineBrief((text,), default_font().path, "plastic", Size(600, 220), seed=1)


@pytest.fixture(scope="module")
def made() -> Sculpture:
    return sculpture(brief_of("오늘만 반값"), lambda *_: None)


class Painter:
    """Paints the start picture's lettering in one colour, moved and shown as the test wants."""

    def __init__(self, *starts: Picture | None) -> None:
        self.starts = starts
        self.seen: list[Painting] = []

    def __call__(self, painting: Painting, start: Picture, outlines: Coverage) -> Picture:
        self.seen.append(painting)
        instead = self.starts[min(len(self.seen), len(self.starts)) - 1]
        base = start if instead is None else instead
        backdrop = base[0, 0].astype(int)
        figure = np.abs(base.astype(int) - backdrop).max(axis=2) > 25
        return np.where(figure[..., None], MARBLE, base).astype(np.uint8)


def nothing(painted: Picture) -> Coverage:
    """A matte that finds no figure: the walls stay sculpted."""
    return np.zeros((64, 64), np.float32)


def everything(painted: Picture) -> Coverage:
    return np.ones((64, 64), np.float32)


def test_walls_take_the_material_where_the_matte_finds_lettering(made: Sculpture) -> None:
    painted = painted_by(Painter(None), everything, made, brief_of("오늘만 반값"))
    before, after = made.headline.picture, painted.picture
    walls = (before[..., 3] >= INK_ALPHA) & (made.front <= 0)
    close = np.abs(after[walls][:, :3].astype(int) - MARBLE).max(axis=1) < 60
    assert walls.sum() > 1000 and close.mean() > 0.5
    around = before[..., 3] < INK_ALPHA
    assert np.array_equal(after[around & (made.front <= 0)], before[around & (made.front <= 0)])
    assert np.array_equal(after[..., 3], before[..., 3])


def test_a_painting_is_laid_inside_the_fonts_own_glyphs(made: Sculpture) -> None:
    painter = Painter(None)
    painted = painted_by(painter, nothing, made, brief_of("오늘만 반값"))
    before, after = made.headline.picture, painted.picture
    assert painted.origin == "painted" and len(painter.seen) == 1
    assert np.array_equal(after[..., 3], before[..., 3])
    outside, inside = made.front <= 0, made.front >= 1
    assert np.array_equal(after[outside], before[outside])
    close = np.abs(after[inside][:, :3].astype(int) - MARBLE).max(axis=1) < 30
    assert close.mean() > 0.85
    assert painted.ink == made.headline.ink


def test_wrong_letters_are_caught_tried_again_and_replaced_by_the_sculpture(made: Sculpture) -> None:
    other, _ = on_canvas(sculpture(brief_of("내일부터 정가"), lambda *_: None).headline.picture, 600)
    canvas, _ = on_canvas(made.headline.picture, 600)
    sabotage = np.full_like(canvas, canvas[0, 0])
    rows, columns = min(other.shape[0], canvas.shape[0]), min(other.shape[1], canvas.shape[1])
    sabotage[:rows, :columns] = other[:rows, :columns]
    painter = Painter(sabotage)
    painted = painted_by(painter, nothing, made, brief_of("오늘만 반값"))
    assert painted.origin == "sculpted" and np.array_equal(painted.picture, made.headline.picture)
    first, second = painter.seen
    assert second.hold > first.hold and second.strength < first.strength


def test_a_second_attempt_that_holds_is_taken(made: Sculpture) -> None:
    canvas, _ = on_canvas(made.headline.picture, 600)
    painter = Painter(np.full_like(canvas, 90), None)
    assert painted_by(painter, nothing, made, brief_of("오늘만 반값")).origin == "painted"
    assert len(painter.seen) == 2


def test_noise_is_no_lettering(made: Sculpture) -> None:
    canvas, _ = on_canvas(made.headline.picture, 600)
    noise = np.random.default_rng(0).integers(0, 256, canvas.shape, np.uint8)
    mask = np.zeros(canvas.shape[:2], np.float32)
    mask[100:200, 100:300] = 1
    assert not shows_lettering(noise, mask, mask, ("오늘만",))


def test_the_canvas_suits_sdxl_and_leaves_a_margin(made: Sculpture) -> None:
    canvas, place = on_canvas(made.headline.picture, 600)
    assert canvas.shape[0] % GRAIN == canvas.shape[1] % GRAIN == 0
    assert place.x > 8 and place.y > 8 and place.right < canvas.shape[1] - 8
    assert np.ptp(canvas[:8]) == 0


def test_a_lost_consonant_is_caught_by_reading_though_the_area_is_right(made: Sculpture) -> None:
    brief = brief_of("오늘만 반값")
    start, place = on_canvas(made.headline.picture, 600)
    glyphs = _laid(made.front, start.shape, place)
    solid = _laid((made.headline.picture[..., 3] >= INK_ALPHA).astype(np.float32), start.shape, place)
    try:
        assert shows_lettering(start, solid, glyphs, brief.lines)
    except ReaderMissing:
        pytest.skip("Tesseract is not installed")
    rows, columns = np.nonzero(glyphs > 0.5)
    last = columns.max() - (columns.max() - columns.min()) // 6
    low = rows.min() + 6 * (rows.max() - rows.min()) // 10
    spoilt = start.copy()
    spoilt[low:, last:] = start[0, 0]
    figure, wanted = standing_out(spoilt), solid > 0.5
    assert (figure & wanted).sum() / (figure | wanted).sum() > LEAST_OVERLAP
    assert not shows_lettering(spoilt, solid, glyphs, brief.lines)


def test_how_paintings_are_checked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert how_checked().startswith(
        "painted headlines are checked by their area alone: Reading headlines back needs"
    )
