"""A bright kitchen far behind a counter, and what stands on the counter: boards, bowls, herbs, lemons."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from authoring.kit import foliage, harvest, lights, shapes, surfaces, tabletops
from authoring.kit.shapes import Point, bevel, box, lathe, mesh, rounded, tube

BACK = 28.0
"""The back wall's depth in units."""
FLOOR = -9.0


def _cupboards(left: float, right: float, front: Any, steel: Any) -> None:
    """Base units with shadow gaps and bar handles."""
    count = max(1, round((right - left) / 5.5))
    wide = (right - left) / count
    for i in range(count):
        x = left + (i + 0.5) * wide
        box((x, BACK - 3.2, FLOOR + 4.2), (wide - 0.15, 6, 7.6), front, 0.06)
        box((x, BACK - 6.35, FLOOR + 7.1), (wide * 0.4, 0.12, 0.16), steel)


def _shelf_ware(rng: np.random.Generator, left: float, right: float, z: float) -> None:
    tones = ("#f4efe6", "#dfe4e0", "#c9a06a", "#8ea089", "#efe0c8", "#b9c7cc")
    x = left
    while x < right:
        r, h = rng.uniform(0.4, 0.9), rng.uniform(0.8, 2.2)
        profile = [(0.001, 0), (0.8 * r, 0), (r, 0.6 * h), (0.85 * r, h), (0.75 * r, h), (0.001, 0.3 * h)]
        lathe(profile, (x, BACK - 1.3, z), surfaces.plain(tones[int(rng.integers(6))], 0.3), 32)
        x += 2 * r + rng.uniform(0.3, 1.6)


def build(rng: np.random.Generator) -> None:
    """The room, on an empty stage: a window over the sink, white units, oak shelves, two lamps."""
    lights.sky("#f4f8ff", 0.8)
    shapes.wall(BACK, 60, FLOOR, 40, surfaces.plain("#eee9e0", 0.8))
    shapes.ground(60, -10, BACK, surfaces.plain("#cbb291", 0.4), FLOOR)
    front, steel = surfaces.plain("#c3cfc6", 0.4), surfaces.metal("#c79b56", 0.3)
    oak = surfaces.plain("#c59a69", 0.5)
    _cupboards(-30, 30, front, steel)
    box((0, BACK - 3.3, FLOOR + 8.3), (60, 6.6, 0.5), surfaces.plain("#f6f4f0", 0.2), 0.05)
    garden = np.zeros((64, 64, 3), np.float32)
    fall = np.linspace(0, 1, 64)[:, None, None]
    garden[:] = np.array([3.2, 3.5, 3.6]) * (1 - fall) + np.array([1.5, 2.1, 1.0]) * fall
    garden *= 1 + 0.35 * rng.standard_normal((64, 64, 1)).astype(np.float32)
    shapes.quad(
        [(-14, BACK - 0.2, 2), (-3, BACK - 0.2, 2), (-3, BACK - 0.2, 13), (-14, BACK - 0.2, 13)],
        surfaces.glow("#ffffff", 1.5, np.clip(garden, 0, 9)),
    )
    white = surfaces.plain("#f5f2ec", 0.4)
    for x in (-14, -8.5, -3):
        box((x, BACK - 0.4, 7.5), (0.4, 0.5, 11), white)
    for z in (2, 8, 13):
        box((-8.5, BACK - 0.4, z), (11.4, 0.5, 0.4), white)
    for z in (3.6, 8.2):
        box((8.5, BACK - 1.3, z), (15, 2.2, 0.35), oak, 0.04)
        _shelf_ware(rng, 2.2, 15, z + 0.2)
    green = surfaces.plain("#7fae55", 0.5)
    foliage.bush(rng, (-1.2, BACK - 3, 2.0), (0.8, 0.7, 1.0), 220, (0.8, 1.6), green)
    lathe([(0.001, 0), (0.9, 0), (1.1, 1.6), (1.0, 1.6)], (-1.2, BACK - 3, FLOOR + 8.5), white, 40)
    tap = [(-8.5, BACK - 3, -0.5), (-8.5, BACK - 3, 2.6), (-8.5, BACK - 4.2, 3.2), (-8.5, BACK - 4.8, 2.0)]
    tube(tap, 0.16, steel, 0.0)
    shade, bulb = surfaces.plain("#f1ece2", 0.5), surfaces.glow("#ffdfae", 14)
    for x in (3.5, 10.5):
        lathe([(0.1, 1.8), (0.3, 1.6), (1.5, 0.0)], (x, 18, 6.5), shade, 48)
        shapes.ball(0.55, (x, 18, 6.6), bulb)
        tube([(x, 18, 8.3), (x, 18, 30)], 0.06, steel, 0.0)
    lights.softbox((-8, BACK - 2, 8), (2, 6, -3), (12, 12), 6200, (0.96, 0.98, 1))
    lights.softbox((4, 6, 18), (4, 22, 0), (16, 12), 3600, (1, 0.97, 0.92))


def cutting_board(at: Point, size: tuple[float, float], turn: float, upright: bool = False) -> Any:
    """A beech board with a handle; ``upright`` leans it back against whatever stands behind."""
    width, height = size
    corner, neck, grip = 0.22, 0.2 * width, 0.55
    outline = [(-width / 2, 0), (width / 2, 0), (width / 2, height), (neck, height + 0.12)]
    outline += [
        (neck * 0.75, height + grip),
        (-neck * 0.75, height + grip),
        (-neck, height + 0.12),
        (-width / 2, height),
    ]
    closed = [((outline[-1][0] + outline[0][0]) / 2, height / 2), *outline, (-width / 2, height / 2)]
    edge = rounded(closed, corner, 7)
    n = len(edge)
    thick = 0.16
    vertices = [(x, y, z) for z in (0, thick) for x, y in edge]
    faces: list[Any] = [tuple(range(n, 2 * n)), tuple(range(n))[::-1]]
    faces += [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
    beech = tabletops.planks(tabletops.BEECH, 3, seed=12, side=1536, gap=0.12)
    wood = surfaces.textured(beech, 2.6, turn=math.pi / 2, relief=0.003, shine=0.3)
    board = bevel(mesh("board", vertices, faces, wood), 0.035)
    board.location = at
    board.rotation_euler = (math.radians(79), 0, turn) if upright else (0, 0, turn)
    return board


def bowl(at: Point, radius: float, clay: Any) -> None:
    """A wide stoneware bowl with a small foot."""
    r = radius
    outer = [
        (0.001, 0.03),
        (0.4 * r, 0.0),
        (0.42 * r, 0.06 * r),
        (0.75 * r, 0.22 * r),
        (0.96 * r, 0.5 * r),
        (r, 0.66 * r),
    ]
    inner = [(0.975 * r, 0.67 * r), (0.92 * r, 0.5 * r), (0.7 * r, 0.26 * r), (0.001, 0.12 * r)]
    lathe(rounded(outer + inner, 0.06 * r, 5), at, clay, 160)


def bowl_of_lemons(at: Point, radius: float, clay: Any) -> None:
    """Five lemons in a bowl, one of them on top."""
    bowl(at, radius, clay)
    x, y, z = at
    size = radius * 0.9
    for i, (a, r, h, lean) in enumerate(
        (
            (0.3, 0.5, 0.52, (1, 0.4, 0.3)),
            (1.9, 0.48, 0.5, (0.3, 1, 0.35)),
            (3.4, 0.5, 0.54, (-1, 0.5, 0.2)),
            (5.0, 0.5, 0.5, (0.7, -0.7, 0.3)),
            (4.2, 0.12, 0.88, (-0.8, -0.4, 0.25)),
        )
    ):
        harvest.lemon(
            (x + r * radius * math.cos(a), y + r * radius * math.sin(a), z + h * radius), lean, size, i
        )


def lemon_half(at: Point, facing: Point, size: float = 1.0) -> None:
    """Half a lemon, its cut face towards ``facing``."""
    rim, flesh = (
        surfaces.plain("#f6efcf", 0.5),
        surfaces.plain("#f3d667", 0.18, coat=0.5, subsurface_weight=0.2),
    )
    half = [(r, z) for r, z in harvest.LEMON if z <= 0.0]
    coat = surfaces.textured(harvest.skin(("#f3c51c", "#f7d545"), 9, 1.0), 1.7, relief=0.012, all_round=True)
    parts = [lathe(half, (0, 0, 0), coat, 64), lathe([(0.345, 0.0), (0.001, 0.004)], (0, 0, 0), rim, 64)]
    vertices: list[Point] = []
    faces: list[Any] = []
    for k in range(9):
        middle = 2 * math.pi * (k + 0.5) / 9
        arc = [middle + d for d in np.linspace(-0.29, 0.29, 8)]
        start = len(vertices)
        vertices += [(0.035 * math.cos(middle), 0.035 * math.sin(middle), 0.012)]
        vertices += [(0.285 * math.cos(a), 0.285 * math.sin(a), 0.016) for a in arc]
        faces.append(tuple(range(start, start + 9)))
    parts.append(mesh("segments", vertices, faces, flesh))
    for part in parts:
        part.rotation_mode = "QUATERNION"
        shapes.twin(part, at, facing, 0.4, size)
        part.hide_render = True


def basil(rng: np.random.Generator, at: Point, size: float, pot: Any) -> None:
    """A pot of basil: crowded cupped leaves over a clay pot."""
    x, y, z = at
    wall = [
        (0.001, 0),
        (0.36, 0),
        (0.47, 0.62),
        (0.52, 0.64),
        (0.53, 0.8),
        (0.48, 0.8),
        (0.46, 0.66),
        (0.001, 0.66),
    ]
    lathe(rounded([(r * size, h * size) for r, h in wall], 0.02, 4), at, pot, 96)
    stem = surfaces.plain("#6f9440", 0.5)
    feet, headings, sizes, uppers = [], [], [], []
    for _ in range(16):
        a, lean = rng.uniform(0, 6.28), rng.uniform(0.0, 0.55)
        tip = np.array([math.cos(a) * math.sin(lean), math.sin(a) * math.sin(lean), math.cos(lean)])
        root = np.array([x, y, z + 0.66 * size]) + 0.22 * size * np.array([math.cos(a), math.sin(a), 0])
        length = size * rng.uniform(0.5, 1.05)
        tube(
            [tuple(root), tuple(root + tip * length * 0.5 + [0, 0, 0.03]), tuple(root + tip * length)],
            0.016,
            stem,
        )
        for level in (0.45, 0.75, 1.0):
            for k in range(4 if level > 0.9 else 2):
                turn = a + k * (1.57 if level > 0.9 else 3.14) + level * 2 + rng.normal(0, 0.3)
                out = np.array([math.cos(turn), math.sin(turn), rng.uniform(0.0, 0.6)])
                feet.append(tuple(root + tip * length * level))
                headings.append(tuple(out))
                sizes.append(size * rng.uniform(0.26, 0.46))
                uppers.append(tuple(np.array([0, 0, 1.0]) + rng.normal(0, 0.2, 3)))
    for k, tone in enumerate(("#4f8a2c", "#69a63c", "#3f7526")):
        part = slice(k, None, 3)
        leaf = surfaces.plain(tone, 0.36, coat=0.2, subsurface_weight=0.15, subsurface_scale=0.04)
        foliage.leaves(feet[part], headings[part], sizes[part], leaf, uppers[part], 0.3)
