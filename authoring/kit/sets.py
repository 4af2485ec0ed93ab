"""Built sets: sweeps, slabs, arches, steps, fluted drums and other forms a set builder cuts from board."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from authoring.kit.shapes import Point, bevel, mesh, rounded

Outline = Sequence[tuple[float, float]]
SHARP = math.radians(35)
"""Faces that meet at more than this show an edge."""


def eased(thing: Any, edge: float) -> Any:
    """Shade curves smoothly, keep flat faces flat and ease the edges by ``edge``."""
    thing.data.polygons.foreach_set("use_smooth", [True] * len(thing.data.polygons))
    if edge:
        bevel(thing, edge, 4)
    else:
        thing.data.set_sharp_from_angle(angle=SHARP)
    weighted = thing.modifiers.new("normals", "WEIGHTED_NORMAL")
    weighted.keep_sharp = True
    return thing


def cut_out(
    outline: Outline, depth: float, at: Point, material: Any, edge: float = 0.03, turn: float = 0.0
) -> Any:
    """A board cut to an outline in (x, z), ``depth`` thick towards +y, standing at ``at``; ``turn`` turns it
    about the upright axis through ``at``."""
    points = list(outline)
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
    if twice < 0:
        points.reverse()
    n = len(points)
    vertices = [(x, 0.0, z) for x, z in points] + [(x, depth, z) for x, z in points]
    sides = [(i, n + i, n + (i + 1) % n, (i + 1) % n) for i in range(n)]
    thing = mesh("cut", vertices, [tuple(range(n)), tuple(reversed(range(n, 2 * n))), *sides], material)
    thing.location, thing.rotation_euler = at, (0, 0, turn)
    return eased(thing, edge)


def _arc(center: tuple[float, float], radius: float, start: float, end: float, steps: int = 48) -> list[Any]:
    x, z = center
    return [
        (x + radius * math.cos(t), z + radius * math.sin(t)) for t in np.linspace(start, end, steps).tolist()
    ]


def archway(inner: float, spring: float, rim: float) -> list[tuple[float, float]]:
    """The outline of a round-headed arch: ``inner`` its radius, ``spring`` where the curve begins, ``rim`` how
    broad the frame is."""
    outer = inner + rim
    return [
        (-outer, 0.0),
        *_arc((0, spring), outer, math.pi, 0),
        (outer, 0.0),
        (inner, 0.0),
        *_arc((0, spring), inner, 0, math.pi),
        (-inner, 0.0),
    ]


def tombstone(radius: float, spring: float) -> list[tuple[float, float]]:
    """A solid board with a round head."""
    return [(-radius, 0.0), *_arc((0, spring), radius, math.pi, 0), (radius, 0.0)]


def pierced(
    left: float, right: float, top: float, openings: Sequence[tuple[float, float, float]]
) -> list[tuple[float, float]]:
    """A wall with round-headed openings down to the ground: (middle, radius, spring), from left to right."""
    outline: list[tuple[float, float]] = [(left, 0.0)]
    for middle, radius, spring in openings:
        outline += [
            (middle - radius, 0.0),
            *_arc((middle, spring), radius, math.pi, 0),
            (middle + radius, 0.0),
        ]
    return [*outline, (right, 0.0), (right, top), (left, top)]


def half_disc(radius: float) -> list[tuple[float, float]]:
    """A half circle standing on its straight side."""
    return _arc((0, 0), radius, 0, math.pi, 72)


def quarter_disc(radius: float) -> list[tuple[float, float]]:
    """A quarter circle, its corner at the lower left."""
    return [(0.0, 0.0), *_arc((0, 0), radius, 0, math.pi / 2)]


def stair(count: int, rise: float, going: float) -> list[tuple[float, float]]:
    """The side of a flight of steps that climbs towards +x; its lowest riser is at x = 0."""
    outline: list[tuple[float, float]] = [(0.0, 0.0)]
    for i in range(count):
        outline += [(i * going, (i + 1) * rise), ((i + 1) * going, (i + 1) * rise)]
    return [*outline, (count * going, 0.0)]


def sweep(back: float, radius: float, material: Any, half_width: float = 22, front: float = -16) -> Any:
    """A seamless sweep: a floor that curves up into a wall at ``y = back``."""
    arc = [
        (back - radius + radius * math.sin(t), radius - radius * math.cos(t))
        for t in np.linspace(0, math.pi / 2, 96).tolist()
    ]
    profile = [(front, 0.0), *arc, (back, 24.0)]
    xs = (-half_width, half_width)
    vertices = [(x, y, z) for y, z in profile for x in xs]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    return mesh("sweep", vertices, faces, material, smooth=True)


def fluted(
    radius: float, height: float, at: Point, material: Any, flutes: int = 40, depth: float = 0.05
) -> Any:
    """A drum with rounded ribs all around and an eased rim."""
    segments = flutes * 10
    turns = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    ribs = np.abs(np.sin(turns * flutes / 2)) ** 0.8
    profile = rounded([(0.001, height), (radius, height), (radius, 0)], 0.05, 6)
    vertices = []
    for r, z in profile:
        share = min(1.0, max(0.0, (r / radius - 0.93) / 0.05))
        rim = r - depth * share * (1 - ribs)
        vertices += [(a * math.cos(t), a * math.sin(t), z) for a, t in zip(rim, turns, strict=True)]
    rows = len(profile)
    faces = [
        (
            j * segments + i,
            (j + 1) * segments + i,
            (j + 1) * segments + (i + 1) % segments,
            j * segments + (i + 1) % segments,
        )
        for j in range(rows - 1)
        for i in range(segments)
    ]
    thing = mesh("fluted", vertices, faces, material, smooth=True)
    thing.location = at
    return thing


def ring(radius: float, thick: float, at: Point, material: Any, facing: float = 0.0) -> Any:
    """A hoop standing on the ground, seen from the front; ``facing`` turns it about the upright axis."""
    around, across = 128, 40
    u = np.linspace(0, 2 * math.pi, around, endpoint=False)
    v = np.linspace(0, 2 * math.pi, across, endpoint=False)
    reach = radius + thick * np.cos(v)[None]
    x, z = reach * np.cos(u)[:, None], reach * np.sin(u)[:, None] + radius + thick
    y = np.broadcast_to(thick * np.sin(v)[None], x.shape)
    ids = np.arange(around * across).reshape(around, across)
    right, down = np.roll(ids, -1, 0), np.roll(ids, -1, 1)
    both = np.roll(right, -1, 1)
    faces = np.stack([ids, right, both, down], -1).reshape(-1, 4)
    thing = mesh("ring", np.dstack([x, y, z]).reshape(-1, 3), faces, material, smooth=True)
    thing.location, thing.rotation_euler = at, (0, 0, facing)
    return thing


def riven(
    rng: np.random.Generator,
    half: tuple[float, float],
    thick: float,
    at: Point,
    material: Any,
    turn: Point = (0, 0, 0),
    layers: int = 7,
) -> Any:
    """A slab split from the rock: flat above and below, its edge broken in layers. ``half`` are half its sides
    in x and y, ``at`` the middle of its underside, ``turn`` Euler angles in radians."""
    count = 260
    t = np.linspace(0, 2 * math.pi, count, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    square = (np.abs(c) ** 14 + np.abs(s) ** 14) ** (-1 / 14)
    broad = _around(rng, t, 3, 11) * 0.035
    vertices: list[tuple[float, float, float]] = []
    for z in np.linspace(0, thick, layers + 1)[:-1]:
        chips = _around(rng, t, 9, 36) * 0.01 + np.abs(_around(rng, t, 4, 16)) * 0.03
        shift = rng.uniform(-0.015, 0.03)
        for low in (0.0, thick / layers):
            x = c * square * half[0] + np.sign(c) * (broad - chips + shift) * (np.abs(c) * square > 0.9)
            y = s * square * half[1] + np.sign(s) * (broad - chips + shift) * (np.abs(s) * square > 0.9)
            vertices += [(float(a), float(b), float(z + low)) for a, b in zip(x, y, strict=True)]
    rows = 2 * layers
    faces: list[tuple[int, ...]] = [
        (j * count + i, j * count + (i + 1) % count, (j + 1) * count + (i + 1) % count, (j + 1) * count + i)
        for j in range(rows - 1)
        for i in range(count)
    ]
    faces += [tuple(reversed(range(count))), tuple(range((rows - 1) * count, rows * count))]
    thing = mesh("riven", vertices, faces, material)
    thing.location, thing.rotation_euler = at, tuple(turn)
    return thing


def _around(rng: np.random.Generator, t: Any, low: int, high: int) -> Any:
    """A closed wave of about unit height with frequencies ``low`` to ``high``."""
    total = np.zeros_like(t)
    for k in range(low, high):
        total += np.sin(k * t + rng.uniform(0, 2 * math.pi)) * rng.normal(0, 1)
    return total / math.sqrt((high - low) / 2)
