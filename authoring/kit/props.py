"""Things that dress a set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from authoring.kit import surfaces
from authoring.kit.noise import fractal_noise, smoothstep
from authoring.kit.shapes import Point, ball, box, cylinder, grid_sheet, lathe, mesh, rounded, tube
from authoring.kit.textures import weave


def moon_jar(at: Point, size: float = 1.0, material: Any = None) -> Any:
    """달항아리: two bowls joined at the belly, not quite round. ``size`` 1 is about 17 cm tall."""
    clay = material or surfaces.glaze("#efebe2", 0.28)
    angles = np.linspace(-1.22, 1.17, 60)
    belly = [(0.95 * math.cos(a) * (1 + 0.012 * math.sin(5 * a)), 0.86 + 0.87 * math.sin(a)) for a in angles]
    profile = [
        (0.001, 0.03),
        (0.34, 0.0),
        (0.36, 0.05),
        *belly,
        (0.37, 1.69),
        (0.385, 1.74),
        (0.36, 1.755),
        (0.33, 1.66),
        (0.5, 1.4),
    ]
    jar = lathe(profile, at, clay, 160)
    jar.scale = (size, size * 1.015, size * 0.99)
    return jar


def lattice_door(
    left: float, right: float, bottom: float, top: float, y: float, timber: Any, paper: Any, columns: int = 7
) -> None:
    """띠살문: a hinged door with upright bars, three bands of level bars, and paper behind."""
    stile, depth = 0.14, 0.13
    middle, width, height = (left + right) / 2, right - left, top - bottom
    for x in (left + stile / 2, right - stile / 2):
        box((x, y, (bottom + top) / 2), (stile, depth, height), timber, 0.012)
    for z in (bottom + stile / 2, top - stile / 2):
        box((middle, y, z), (width - 2 * stile, depth, stile), timber, 0.012)
    inner_width, inner_height = width - 2 * stile, height - 2 * stile
    for i in range(1, columns):
        box(
            (left + stile + inner_width * i / columns, y + 0.02, (bottom + top) / 2),
            (0.034, 0.06, inner_height),
            timber,
            0.006,
        )
    step = inner_width / columns
    for share in (0.12, 0.5, 0.88):
        for k in (-1.5, -0.5, 0.5, 1.5):
            box(
                (middle, y + 0.005, bottom + stile + inner_height * share + k * step),
                (inner_width, 0.05, 0.034),
                timber,
                0.006,
            )
    grid = np.array([[(x, y + 0.07, z) for x in (left, right)] for z in (bottom, top)])
    grid_sheet(grid, paper)


def cup_and_saucer(at: Point, clay: Any, coffee: bool = True, handle: float = 0.4) -> None:
    """A cup about 6 cm tall; ``handle`` is where the handle points, in radians."""
    x, y, z = at
    outer = [(0.02, 0.07), (0.20, 0.07), (0.24, 0.10), (0.36, 0.30), (0.42, 0.58), (0.435, 0.66)]
    inner = [(0.415, 0.665), (0.395, 0.56), (0.34, 0.32), (0.22, 0.14), (0.001, 0.12)]
    lathe(rounded([(0.001, 0.07), *outer, *inner], 0.05, 4), at, clay, 128)
    saucer = [
        (0.001, 0.02),
        (0.25, 0.02),
        (0.30, 0.0),
        (0.34, 0.025),
        (0.55, 0.075),
        (0.66, 0.115),
        (0.665, 0.13),
        (0.55, 0.10),
        (0.33, 0.055),
        (0.001, 0.05),
    ]
    lathe(rounded(saucer, 0.03, 4), at, clay, 128)
    c, s = math.cos(handle), math.sin(handle)
    ring = [(0.36, 0.50), (0.48, 0.56), (0.585, 0.50), (0.575, 0.36), (0.46, 0.26), (0.33, 0.25)]
    tube([(x + r * c, y + r * s, z + h) for r, h in ring], 0.038, clay, taper=0.0)
    if coffee:
        brew = surfaces.plain("#3a1d0e", 0.08)
        crema = surfaces.plain("#a8672f", 0.25)
        lathe([(0.001, 0.545), (0.33, 0.545)], at, brew, 64)
        lathe([(0.29, 0.546), (0.36, 0.548), (0.393, 0.556)], at, crema, 64)


def napkin(
    rng: np.random.Generator,
    at: Point,
    turn: float,
    size: tuple[float, float] = (2.0, 1.7),
    color: str = "#efe5d2",
) -> Any:
    """A linen cloth lying in soft folds; ``at`` is its middle, ``size`` half its sides."""
    n = 260
    u, v = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n))
    broad = 0.5 + 0.5 * np.tanh(2.2 * np.sin(3.1 * u + 1.2 * v + 0.5 * np.sin(2.3 * v)))
    fine = 0.5 + 0.5 * np.sin(5.3 * v - 2.1 * u + 1.1 * np.sin(2 * u))
    edge = np.minimum(1 - np.abs(u), 1 - np.abs(v))
    crumple = fractal_noise(rng, (n, n), (5, 5), 4)
    z = 0.018 + np.clip(0.13 * broad + 0.06 * fine + 0.022 * crumple, 0, None) * smoothstep(0, 0.25, edge)
    x = u * size[0] + 0.03 * fractal_noise(rng, (n, n), (3, 3), 2)
    y = v * size[1] + 0.03 * fractal_noise(rng, (n, n), (3, 3), 2)
    c, s = math.cos(turn), math.sin(turn)
    points = np.dstack([at[0] + x * c - y * s, at[1] + x * s + y * c, at[2] + z])
    cloth = surfaces.textured(weave(color), 1.3, turn=turn, relief=0.006, shine=0.1, sheen=0.25)
    return grid_sheet(points, cloth, 0.02)


def _bean() -> tuple[Any, list[tuple[int, int, int, int]]]:
    around, up = np.linspace(0, 2 * np.pi, 32, endpoint=False), np.linspace(-np.pi / 2, np.pi / 2, 17)
    vertices = []
    for b in up:
        for a in around:
            x, y, z = math.cos(b) * math.cos(a), math.cos(b) * math.sin(a), math.sin(b)
            groove = 0.30 * math.exp(-(((y + 0.08 * math.sin(3 * x)) / 0.10) ** 2)) * (1 - 0.6 * x * x)
            vertices.append((x, y * 0.72, z * (0.55 if z > 0 else 0.75) - (groove if z > 0 else 0)))
    faces = [
        (j * 32 + i, j * 32 + (i + 1) % 32, (j + 1) * 32 + (i + 1) % 32, (j + 1) * 32 + i)
        for j in range(16)
        for i in range(32)
    ]
    return np.array(vertices), faces


def coffee_beans(
    rng: np.random.Generator, heaps: list[tuple[float, float, float, int]], clear: float = 1.45
) -> None:
    """Roasted beans strewn in heaps of (x, y, spread, count), none within ``clear`` of the origin."""
    vertices, faces = _bean()
    roasts = [surfaces.plain(c, 0.33) for c in ("#4a2715", "#5a3019", "#3a1e11")]
    kept: list[tuple[float, float]] = []
    for cx, cy, spread, count in heaps:
        for _ in range(count):
            x, y = cx + rng.normal(0, spread), cy + rng.normal(0, spread)
            if math.hypot(x, y) < clear or any(math.hypot(x - a, y - b) < 0.21 for a, b in kept):
                continue
            kept.append((x, y))
            turn, size = rng.uniform(0, 2 * math.pi), 0.115 * rng.uniform(0.9, 1.12)
            shape = vertices * [1, 1, -1 if rng.random() < 0.35 else 1]
            shape[:, 2] += rng.normal(0, 0.12) * shape[:, 0]
            c, s = math.cos(turn), math.sin(turn)
            placed = (
                np.c_[shape[:, 0] * c - shape[:, 1] * s, shape[:, 0] * s + shape[:, 1] * c, shape[:, 2]]
                * size
            )
            placed[:, 2] -= placed[:, 2].min()
            mesh("bean", placed + np.array([x, y, 0]), faces, roasts[int(rng.integers(3))], smooth=True)


def bud_vase(at: Point, material: Any, height: float = 1.0) -> Any:
    """A small bottle-necked vase."""
    h = height
    body = [
        (0.001, 0),
        (0.20 * h, 0),
        (0.29 * h, 0.18 * h),
        (0.27 * h, 0.42 * h),
        (0.11 * h, 0.66 * h),
        (0.085 * h, 0.86 * h),
        (0.12 * h, h),
        (0.10 * h, h),
        (0.07 * h, 0.86 * h),
        (0.09 * h, 0.6 * h),
    ]
    return lathe(rounded(body, 0.12 * h, 6), at, material, 96)


def pendant_lamp(at: Point, shade: Any, bulb: Any, size: float = 1.0) -> None:
    """A cone shade on a flex, its bulb at ``at``."""
    x, y, z = at
    lathe([(0.05 * size, 1.0 * size), (0.14 * size, 0.8 * size), (0.62 * size, 0.05 * size)], at, shade, 48)
    ball(0.24 * size, (x, y, z + 0.12 * size), bulb)
    tube([(x, y, z + size), (x, y, z + 30)], 0.02 * size, shade, taper=0.0)


def table_top(front: float, back: float, half_width: float, wood: Any, thick: float = 0.28) -> Any:
    """A board whose upper face is z = 0, its edge eased as a joiner would."""
    return box((0, (front + back) / 2, -thick / 2), (2 * half_width, back - front, thick), wood, 0.035)


def stool(at: Point, wood: Any, leg: Any, height: float = 4.5) -> None:
    """A bar stool seen from afar; ``at`` is the middle of its seat."""
    x, y, z = at
    cylinder(1.3, 0.3, (x, y, z - 0.3), wood, 0.1)
    for dx, dy in ((-0.9, -0.9), (0.9, -0.9), (-0.9, 0.9), (0.9, 0.9)):
        tube(
            [(x + dx * 0.8, y + dy * 0.8, z - 0.3), (x + dx * 1.3, y + dy * 1.3, z - height)],
            0.1,
            leg,
            taper=0.0,
        )
