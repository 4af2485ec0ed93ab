"""Shadow shapes: flat outlines that stand between the sun and the scene, never seen themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from mathutils import Vector

from authoring.kit.shapes import mesh
from authoring.kit.surfaces import plain

Outline = list[tuple[float, float]]
FAR = 14.0
"""Half the side of a gobo, in units: wider than anything the camera sees."""


def bar(x0: float, y0: float, x1: float, y1: float) -> Outline:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def opening(left: float, bottom: float, right: float, top: float) -> list[Outline]:
    """All dark but one rectangle: a window in a wall."""
    return [
        bar(-FAR, -FAR, left, FAR),
        bar(right, -FAR, FAR, FAR),
        bar(-FAR, top, FAR, FAR),
        bar(-FAR, -FAR, FAR, bottom),
    ]


def leaf(x: float, y: float, angle: float, length: float, width: float) -> Outline:
    t = np.linspace(0, 1, 9)
    half = width * np.sin(np.pi * t**0.8)
    along = np.concatenate([t * length, t[::-1][1:-1] * length])
    across = np.concatenate([half, -half[::-1][1:-1]])
    c, s = math.cos(angle), math.sin(angle)
    return [(float(x + a * c - b * s), float(y + a * s + b * c)) for a, b in zip(along, across, strict=True)]


def frond(
    x: float,
    y: float,
    angle: float,
    length: float = 3.2,
    blade: float = 1.15,
    width: float = 0.085,
    curl: float = 0.5,
    pairs: int = 15,
) -> list[Outline]:
    """A palm frond from its foot at (x, y), ``angle`` its heading, ``curl`` how far it bends."""
    shapes: list[Outline] = []
    step = length / pairs
    for i in range(pairs):
        t = i / pairs
        heading = angle + curl * t
        x, y = x + math.cos(heading) * step, y + math.sin(heading) * step
        size = math.sin(math.pi * (0.18 + 0.8 * t))
        shapes += [leaf(x, y, heading + side * (1.05 - 0.55 * t), blade * size, width) for side in (-1, 1)]
        shapes.append(
            leaf(x - math.cos(heading) * step, y - math.sin(heading) * step, heading, step * 1.2, 0.03)
        )
    return shapes


def lattice(columns: Sequence[float], rows: Sequence[float], bar_width: float = 0.064) -> list[Outline]:
    """띠살: upright bars at ``columns``, level bars at ``rows``."""
    half = bar_width / 2
    upright = [bar(x - half, -FAR / 3, x + half, FAR / 3) for x in columns]
    level = [bar(-FAR / 3, y - half, FAR / 3, y + half) for y in rows]
    return upright + level


def hang(
    shapes: Sequence[Outline], heading: Sequence[float], distance: float, shift: tuple[float, float] = (0, 0)
) -> Any:
    """Hang outlines across the sun's rays, ``distance`` from the origin; ``heading`` is where those go."""
    ray = Vector(heading).normalized()
    turn = ray.to_track_quat("-Z", "Y")
    center, right, up = -ray * distance, turn @ Vector((1, 0, 0)), turn @ Vector((0, 1, 0))
    vertices: list[tuple[float, ...]] = []
    faces = []
    for shape in shapes:
        faces.append(tuple(range(len(vertices), len(vertices) + len(shape))))
        vertices += [tuple(center + right * (a + shift[0]) + up * (b + shift[1])) for a, b in shape]
    thing = mesh("gobo", vertices, faces, plain("#000000", 1.0))
    thing.visible_camera = thing.visible_glossy = thing.visible_diffuse = thing.visible_transmission = False
    return thing
