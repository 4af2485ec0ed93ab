from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.studio.reflections import Floats
from generation.studio.relief import rim_distance
from generation.studio.strokes import middle_lines, spread
from generation.types import Coverage
from generation.typography.fonts import fonts
from generation.typography.glyphs import raster

EM = 160


def drawn(paint: str) -> Coverage:
    canvas = np.zeros((200, 240), np.uint8)
    if paint == "bar":
        cv2.rectangle(canvas, (30, 90), (209, 109), 255, -1)
    elif paint == "ring":
        cv2.circle(canvas, (120, 100), 60, 255, 16)
    else:
        cv2.rectangle(canvas, (30, 30), (209, 45), 255, -1)
        cv2.rectangle(canvas, (112, 30), (127, 169), 255, -1)
    return canvas.astype(np.float32) / np.float32(255)


def length(line: Floats) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def test_a_bar_has_one_line_along_its_middle() -> None:
    (line,) = middle_lines(drawn("bar"), EM)
    assert abs(line[:, 1] - 99.5).max() < 2
    assert 150 < length(line) < 185


def test_a_ring_is_followed_all_round() -> None:
    lines = middle_lines(drawn("ring"), EM)
    radii = np.hypot(*(np.vstack(lines) - (120, 100)).T)
    assert radii.min() > 57 and radii.max() < 63
    assert sum(length(line) for line in lines) == pytest.approx(2 * np.pi * 60, rel=0.08)


def test_a_tee_keeps_its_three_arms_and_no_corner() -> None:
    assert len(middle_lines(drawn("tee"), EM)) == 3


def test_points_are_evenly_spread_and_never_crowded() -> None:
    points = spread(middle_lines(drawn("tee"), EM), 20.0)
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= 0.72 * 20
    assert apart.min(axis=1).max() <= 1.5 * 20, "no gap along a stroke"


@pytest.mark.parametrize("path", [each.path for each in fonts()])
def test_the_lines_stay_within_the_letters(path: str) -> None:
    mask = raster(("값싼 빵 50%",), path, EM, EM, (8, 8, 8, 8)).coverage
    distance = rim_distance(mask)
    columns, rows = np.round(np.vstack(middle_lines(mask, EM))).astype(int).T
    assert (distance[rows, columns] > 0).mean() > 0.97
    assert len(columns) > 100
