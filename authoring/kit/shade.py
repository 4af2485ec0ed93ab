"""More shadow shapes for ``gobos.hang``: leafy sprays, monstera leaves, arched windows, blinds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from authoring.kit.gobos import FAR, Outline, bar, leaf, opening


def turned(outlines: Sequence[Outline], angle: float) -> list[Outline]:
    """The same outlines turned about the gobo's middle by ``angle`` radians."""
    c, s = math.cos(angle), math.sin(angle)
    return [[(x * c - y * s, x * s + y * c) for x, y in outline] for outline in outlines]


def arched_window(left: float, right: float, bottom: float, spring: float) -> list[Outline]:
    """All dark but one round-headed window; the curve begins at ``spring``."""
    middle, radius = (left + right) / 2, (right - left) / 2
    corners: list[Outline] = []
    for start, end, side in ((math.pi, math.pi / 2, left), (0.0, math.pi / 2, right)):
        arc = [
            (middle + radius * math.cos(t), spring + radius * math.sin(t))
            for t in np.linspace(start, end, 24).tolist()
        ]
        corners.append([*arc, (side, spring + radius)])
    return opening(left, bottom, right, spring + radius) + corners


def mullions(columns: Sequence[float], rows: Sequence[float], width: float) -> list[Outline]:
    """The glazing bars of a window."""
    half = width / 2
    upright = [bar(x - half, -FAR / 2, x + half, FAR / 2) for x in columns]
    return upright + [bar(-FAR / 2, y - half, FAR / 2, y + half) for y in rows]


def blinds(
    half: float, count: int, pitch: float, gap: float, cords: Sequence[float] = (), angle: float = 0.0
) -> list[Outline]:
    """A window ``2 half`` wide behind ``count`` slats every ``pitch`` that leave ``gap`` of light each."""
    middle = count * pitch / 2
    dark = opening(-half, -middle, half, middle)
    dark += [bar(-half, i * pitch - middle + gap, half, (i + 1) * pitch - middle) for i in range(count)]
    dark += [bar(x - 0.02, -middle, x + 0.02, middle) for x in cords]
    return turned(dark, angle)


def spray(
    rng: np.random.Generator,
    x: float,
    y: float,
    angle: float,
    length: float,
    size: float = 0.6,
    width: float = 0.11,
    pairs: int = 9,
    forks: int = 2,
) -> list[Outline]:
    """A leafy branch from its foot at (x, y): alternate leaves on a bending stem, with ``forks`` side twigs."""
    shapes: list[Outline] = []
    step = length / pairs
    bend = rng.normal(0, 0.35)
    for i in range(pairs):
        t = i / pairs
        heading = angle + bend * t + rng.normal(0, 0.06)
        start = (x, y)
        x, y = x + math.cos(heading) * step, y + math.sin(heading) * step
        shapes.append(leaf(*start, heading, step * 1.25, 0.028 * (1.2 - t)))
        for side in (-1, 1) if t > 0.1 else ():
            turn = heading + side * rng.uniform(0.55, 1.15)
            grown = size * rng.uniform(0.7, 1.15) * (1.05 - 0.4 * t)
            shapes.append(leaf(x, y, turn, grown, width * rng.uniform(0.55, 1.1) * grown / size))
        if forks and i in (2, 4):
            side = 1 if (i == 2) == (bend > 0) else -1
            shapes += spray(
                rng,
                x,
                y,
                heading + side * rng.uniform(0.6, 0.9),
                length * 0.5,
                size * 0.85,
                width * 0.85,
                6,
                0,
            )
    return shapes


def monstera(x: float, y: float, angle: float, size: float) -> list[Outline]:
    """A split leaf on its stalk, as fingers around a heart: foot of the blade at (x, y)."""
    shapes: list[Outline] = [
        leaf(x - 1.5 * size * math.cos(angle), y - 1.5 * size * math.sin(angle), angle, 1.55 * size, 0.03)
    ]
    c, s = math.cos(angle), math.sin(angle)
    for i in range(7):
        t = i / 6
        along = size * (0.02 + 0.72 * t)
        reach = size * (0.62 + 0.42 * math.sin(math.pi * (0.25 + 0.62 * t)))
        for side in (-1, 1):
            heading = angle + side * (1.95 - 1.6 * t)
            shapes.append(leaf(x + c * along, y + s * along, heading, reach * (1 - 0.42 * t), 0.085 * size))
    shapes.append(leaf(x - 0.1 * c * size, y - 0.1 * s * size, angle, 1.25 * size, 0.36 * size))
    return shapes
