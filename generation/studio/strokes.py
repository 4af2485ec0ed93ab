"""The middle lines of lettering, and points spread evenly along them: where bulbs and glass tubes go."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.studio.reflections import Floats, floats
from generation.types import Coverage

Marks: TypeAlias = NDArray[np.uint8]
Pixel: TypeAlias = tuple[int, int]
"""(row, column)."""

THINNING_EM_PX = 110
"""Font size at which strokes are thinned: their middle is smooth, and more would only cost time."""
SPUR_STROKES = 1.15
"""A branch shorter than this many half strokes is a corner of the letter, not a stroke."""
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""The neighbours P2..P9 of Zhang and Suen, clockwise from north."""


def middle_lines(mask: Coverage, em: float) -> list[Floats]:
    """The strokes' middle lines: polylines ``(n, 2)`` of (x, y) in pixels of ``mask``."""
    ratio = min(1.0, THINNING_EM_PX / em)
    size = (max(8, round(mask.shape[1] * ratio)), max(8, round(mask.shape[0] * ratio)))
    small = floats(cv2.resize(mask, size, interpolation=cv2.INTER_AREA))
    inside = np.pad((small > 0.5).astype(np.uint8), 1)
    distance = floats(cv2.distanceTransform(inside, cv2.DIST_L2, 5))
    lines = _traced(_thinned(inside))
    kept = [line for line in lines if not _is_spur(line, lines, distance)]
    scale = np.array([mask.shape[1] / size[0], mask.shape[0] / size[1]], np.float32)
    smooth = [_smoothed(floats([(x - 1, y - 1) for y, x in line])) for line in kept]
    return [floats(line * scale + (scale - 1) / 2) for line in smooth]


def spread(lines: list[Floats], spacing: float) -> Floats:
    """Points ``(n, 2)`` about ``spacing`` apart along the lines, their ends included, none closer than 0.72 of it."""
    chosen: list[Floats] = []
    for line in sorted(lines, key=lambda each: -_length(each)):
        for point in _even_points(line, spacing):
            near = floats(chosen) - point if chosen else np.full((1, 2), np.inf, np.float32)
            if float(np.hypot(near[:, 0], near[:, 1]).min()) >= 0.72 * spacing:
                chosen.append(point)
    return floats(chosen).reshape(-1, 2)


def _even_points(line: Floats, spacing: float) -> Floats:
    steps = np.hypot(*np.diff(line, axis=0).T) if len(line) > 1 else np.zeros(0, np.float32)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    if travelled[-1] < 0.5 * spacing:
        return line[len(line) // 2 :][:1]
    count = max(2, round(float(travelled[-1]) / spacing) + 1)
    wanted = np.linspace(0, travelled[-1], count)
    return floats(np.column_stack([np.interp(wanted, travelled, line[:, axis]) for axis in (0, 1)]))


def _length(line: Floats) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum()) if len(line) > 1 else 0.0


def _smoothed(line: Floats) -> Floats:
    """The line without the steps of its pixels; its ends stay."""
    if len(line) < 5:
        return line
    padded = np.pad(line, ((3, 3), (0, 0)), mode="reflect", reflect_type="odd")
    weights = np.array([1, 2, 3, 4, 3, 2, 1], np.float32) / 16
    return floats(np.column_stack([np.convolve(padded[:, axis], weights, "valid") for axis in (0, 1)]))


@cache
def _deletable() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each code of neighbours whether Zhang and Suen (1984) take the pixel away, in either sub-pass."""
    tables = np.zeros((2, 256), np.uint8)
    for code in range(256):
        p = [(code >> bit) & 1 for bit in range(8)]
        changes = sum(p[i] == 0 and p[(i + 1) % 8] == 1 for i in range(8))
        if not (2 <= sum(p) <= 6 and changes == 1):
            continue
        north, east, south, west = p[0], p[2], p[4], p[6]
        tables[0, code] = not (north and east and south) and not (east and south and west)
        tables[1, code] = not (north and east and west) and not (north and south and west)
    return tables[0], tables[1]


def _thinned(inside: Marks) -> Marks:
    kernel = np.zeros((3, 3), np.float32)
    for bit, (down, right) in enumerate(_AROUND):
        kernel[1 + down, 1 + right] = 1 << bit
    shape = inside.copy()
    while True:
        removed = 0
        for table in _deletable():
            codes = cv2.filter2D(shape, cv2.CV_8U, kernel, borderType=cv2.BORDER_CONSTANT)
            gone = np.asarray(cv2.LUT(codes, table), np.uint8) & shape
            removed += int(cv2.countNonZero(gone))
            shape = shape ^ gone
        if removed == 0:
            return shape


def _traced(thin: Marks) -> list[list[Pixel]]:
    """The thin figure as runs of pixels between its ends and crossings; closed rings once round."""
    pixels = {(int(y), int(x)) for y, x in zip(*np.nonzero(thin), strict=True)}
    neighbours = {pixel: _linked(pixel, pixels) for pixel in pixels}
    nodes = {pixel for pixel, around in neighbours.items() if len(around) != 2}
    runs: list[list[Pixel]] = []
    walked: set[tuple[Pixel, Pixel]] = set()
    for start in sorted(nodes):
        if not neighbours[start]:
            runs.append([start])
        for following in neighbours[start]:
            if (start, following) not in walked:
                runs.append(_walk(start, following, neighbours, nodes, walked))
    on_runs = {pixel for run in runs for pixel in run}
    for start in sorted(pixels - on_runs):
        if start not in on_runs:
            ring = _walk(start, neighbours[start][0], neighbours, {start}, walked)
            runs.append(ring)
            on_runs.update(ring)
    return runs


def _linked(pixel: Pixel, pixels: set[Pixel]) -> list[Pixel]:
    """Neighbours in the figure; a diagonal one only where no straight one leads there."""
    y, x = pixel
    straight = [(y + dy, x + dx) for dy, dx in _AROUND[::2] if (y + dy, x + dx) in pixels]
    diagonal = [
        (y + dy, x + dx)
        for dy, dx in _AROUND[1::2]
        if (y + dy, x + dx) in pixels and (y + dy, x) not in pixels and (y, x + dx) not in pixels
    ]
    return straight + diagonal


def _walk(
    start: Pixel,
    following: Pixel,
    neighbours: dict[Pixel, list[Pixel]],
    nodes: set[Pixel],
    walked: set[tuple[Pixel, Pixel]],
) -> list[Pixel]:
    run, before, here = [start], start, following
    while True:
        run.append(here)
        walked.update(((before, here), (here, before)))
        onward = [each for each in neighbours[here] if each != before]
        if here in nodes or not onward:
            return run
        before, here = here, onward[0]


def _is_spur(line: list[Pixel], lines: list[list[Pixel]], distance: Floats) -> bool:
    """Whether a run from a crossing dies in a corner of the letter after less than a stroke's width."""
    ends = (line[0], line[-1])
    free = [sum(end in (other[0], other[-1]) for other in lines) == 1 for end in ends]
    if free[0] == free[1]:
        return False
    crossing = ends[1] if free[0] else ends[0]
    return len(line) < SPUR_STROKES * float(distance[crossing])
