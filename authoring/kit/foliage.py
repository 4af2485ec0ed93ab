"""Leaves, sprigs, branches and blossom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from authoring.kit.shapes import Point, ball, mesh, tube, twin
from authoring.kit.surfaces import plain

PETALS = 5


def leaves(
    feet: Sequence[Point],
    headings: Sequence[Point],
    sizes: Sequence[float],
    material: Any,
    uppers: Sequence[Point] | None = None,
    droop: float = 0.11,
) -> Any:
    """Cupped oval leaves as one mesh, each from its foot along its heading. ``uppers`` says where each
    leaf's upper face looks; up when left out."""
    along, across = np.linspace(0, 1, 9), np.linspace(-1, 1, 5)
    vertices: list[Any] = []
    faces = []
    for foot, towards, size, upper in zip(
        feet, headings, sizes, uppers or [(0.0, 0.0, 1.0)] * len(feet), strict=True
    ):
        heading = np.array(towards, float) / np.linalg.norm(towards)
        side = np.cross(heading, upper)
        side /= np.linalg.norm(side) + 1e-6
        normal = np.cross(side, heading)
        start = len(vertices)
        for a in along:
            half = 0.36 * math.sin(math.pi * a**0.75) ** 0.8 if 0 < a < 1 else 0.0
            for b in across:
                lift = 0.6 * (b * half) ** 2 - droop * a * a
                vertices.append(np.array(foot) + size * (heading * a + side * b * half + normal * lift))
        faces += [
            (start + i * 5 + j, start + i * 5 + j + 1, start + (i + 1) * 5 + j + 1, start + (i + 1) * 5 + j)
            for i in range(8)
            for j in range(4)
        ]
    return mesh("leaves", vertices, faces, material, smooth=True)


def sprig(
    rng: np.random.Generator,
    start: Point,
    heading: float,
    length: float,
    leaf: Any,
    stem: Any,
    size: float = 0.48,
) -> None:
    """A eucalyptus sprig lying along a table."""
    pairs = 12
    x, y, z = start
    points, feet, headings, sizes = [], [], [], []
    for i in range(pairs):
        t = i / (pairs - 1)
        turn = heading + 0.5 * t
        points.append((x, y, z + 0.08 * math.sin(3 * t)))
        for side in (-1, 1):
            feet.append(points[-1])
            spread = turn + side * 1.15
            headings.append((math.cos(spread), math.sin(spread), 0.18 + rng.normal(0, 0.18)))
            sizes.append(size * (1 - 0.5 * t))
        x += math.cos(turn) * length / pairs
        y += math.sin(turn) * length / pairs
    tube(points, 0.025, stem)
    leaves(feet, headings, sizes, leaf)


def twig(
    rng: np.random.Generator,
    start: Point,
    heading: float,
    lean: float,
    length: float,
    leaf: Any,
    stem: Any,
    size: float = 0.4,
    bare: float = 0.25,
) -> None:
    """A twig standing in a vase, leaning by ``lean`` radians towards ``heading`` and more at its tip; its
    leaves stand in crossed pairs above the ``bare`` first share of it."""
    steps = 9
    point = np.array(start, float)
    points, feet, headings, sizes, uppers = [], [], [], [], []
    for i in range(steps):
        t = i / (steps - 1)
        tilt = lean * (0.6 + 0.9 * t)
        along = np.array(
            [math.sin(tilt) * math.cos(heading), math.sin(tilt) * math.sin(heading), math.cos(tilt)]
        )
        points.append(tuple(point))
        across = np.cross(along, [0.0, 1.0, 0.2])
        across /= np.linalg.norm(across)
        other = np.cross(along, across)
        turn = (i % 2) * math.pi / 2 + rng.normal(0.5, 0.35)
        for side in (0.0, math.pi) if t >= bare else ():
            out = across * math.cos(turn + side) + other * math.sin(turn + side)
            feet.append(tuple(point))
            headings.append(tuple(out + along * rng.uniform(0.35, 0.8)))
            uppers.append(tuple(along - 0.5 * out + rng.normal(0, 0.35, 3)))
            sizes.append(size * (1.08 - 0.55 * t) * rng.uniform(0.85, 1.15))
        point = point + along * length / steps
    tube(points, 0.022, stem)
    leaves(feet, headings, sizes, leaf, uppers)


def bush(
    rng: np.random.Generator, at: Point, spread: Point, count: int, size: tuple[float, float], material: Any
) -> None:
    """A cloud of leaves: a pot plant out of focus."""
    angles, climbs = rng.uniform(0, 2 * math.pi, count), rng.uniform(-0.3, 1.3, count)
    feet = np.array(at) + rng.normal(0, 1, (count, 3)) * np.array(spread)
    headings = np.c_[np.cos(angles) * np.cos(climbs), np.sin(angles) * np.cos(climbs), np.sin(climbs)]
    leaves(feet.tolist(), headings.tolist(), rng.uniform(*size, count).tolist(), material)


def _petals(material: Any, radius: float) -> Any:
    """Five round, cupped, slightly notched petals facing +z."""
    rings, spokes = np.linspace(0.14, 1, 7), np.linspace(-1, 1, 9)
    vertices: list[Any] = []
    faces = []
    for petal in range(PETALS):
        turn = petal * 2 * math.pi / PETALS
        start = len(vertices)
        for r in rings:
            half = 0.43 * math.sqrt(max(0.0, 1 - ((r - 0.58) / 0.45) ** 2))
            for s in spokes:
                out = r * (1 - 0.06 * s * s) - (0.07 * (1 - abs(s)) if r > 0.95 else 0)
                across = half * s
                cup = 0.30 * r**2 + 0.10 * s * s * r + (0.02 if petal % 2 else 0)
                x, y = out, across
                vertices.append(
                    (
                        radius * (x * math.cos(turn) - y * math.sin(turn)),
                        radius * (x * math.sin(turn) + y * math.cos(turn)),
                        radius * cup,
                    )
                )
        faces += [
            (start + i * 9 + j, start + i * 9 + j + 1, start + (i + 1) * 9 + j + 1, start + (i + 1) * 9 + j)
            for i in range(6)
            for j in range(8)
        ]
    return mesh("petals", vertices, faces, material, smooth=True)


def _stamens(rng: np.random.Generator, material: Any, radius: float, count: int = 12) -> Any:
    """Fine threads with a bead at each end."""
    vertices: list[Any] = []
    faces = []
    for turn in np.linspace(0, 2 * math.pi, count, endpoint=False):
        lean, reach = rng.uniform(0.25, 0.7), radius * rng.uniform(0.4, 0.6)
        tip = (
            np.array([math.cos(turn) * math.sin(lean), math.sin(turn) * math.sin(lean), math.cos(lean)])
            * reach
        )
        bead = radius * 0.05
        thread = np.array([bead / 3, 0, 0])
        start = len(vertices)
        vertices += [(0, 0, 0), tuple(tip + thread), tuple(tip - thread)]
        faces.append((start, start + 1, start + 2))
        corners = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
        vertices += [tuple(tip + bead * np.array(c)) for c in corners]
        s = start + 3
        faces += [(s + a, s + b, s + c) for a in (0, 1) for b in (2, 3) for c in (4, 5)]
    return mesh("stamens", vertices, faces, material)


class Blossom:
    """Plum blossom: made once, set many times along a branch."""

    def __init__(
        self, rng: np.random.Generator, petals: Sequence[Any], heart: Any, bud: Any, radius: float = 0.12
    ) -> None:
        self.rng, self.radius, self.bud = rng, radius, bud
        self.flowers = [_petals(material, radius) for material in petals]
        self.stamens = _stamens(rng, heart, radius)
        for original in [*self.flowers, self.stamens]:
            original.hide_render = True

    def open(self, at: Point) -> None:
        """A flower that mostly looks towards the camera."""
        facing = (self.rng.normal(0, 0.5), -1.0, 0.35 + self.rng.normal(0, 0.4))
        spin, size = self.rng.uniform(0, 2 * math.pi), self.rng.uniform(0.72, 1.1)
        flower = self.flowers[int(self.rng.integers(len(self.flowers)))]
        for part in (flower, self.stamens):
            twin(part, at, facing, spin, size).hide_render = False

    def closed(self, at: Point) -> None:
        """A bud."""
        ball(self.radius * self.rng.uniform(0.18, 0.3), at, self.bud, (1, 1, 1.25))


def branch(
    rng: np.random.Generator,
    start: Point,
    heading: float,
    length: float,
    radius: float,
    bark: Any,
    blossom: Blossom,
    steps: int = 11,
    forks: int = 1,
) -> None:
    """A crooked branch rising in the picture's plane, with flowers and buds. ``heading`` from the x axis."""
    x, y, z = start
    points = [start]
    for _ in range(steps):
        heading += rng.normal(0, 0.24)
        x, z = x + math.cos(heading) * length / steps, z + math.sin(heading) * length / steps
        points.append((x, y + rng.normal(0, 0.04), z))
    tube(points, radius, bark)
    for point in points[3:]:
        if forks and rng.random() < 0.42:
            fork = heading + rng.choice([-1, 1]) * rng.uniform(0.5, 0.9)
            branch(rng, point, fork, length * 0.38, radius * 0.6, bark, blossom, 5, forks - 1)
        draw = rng.random()
        offset = np.array([rng.normal(0, 0.05), -radius, rng.normal(0, 0.05)])
        beside = tuple(np.array(point) + offset)
        if draw < 0.6:
            blossom.open(beside)
        elif draw < 0.85:
            blossom.closed(tuple(np.array(point) + 0.3 * offset))


def plum_blossom(rng: np.random.Generator) -> Blossom:
    """매화: white to pale pink, yellow at heart, wine-red buds."""
    petals = [
        plain(c, 0.55, subsurface_weight=0.25, subsurface_scale=0.03)
        for c in ("#fdeef0", "#f9d9df", "#f4c3cd")
    ]
    return Blossom(rng, petals, plain("#e7b64a", 0.6), plain("#a83a52", 0.5))
