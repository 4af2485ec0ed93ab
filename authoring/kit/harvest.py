"""From field and market: coffee beans, a sack, wheat, bunny tails, fruit, wicker, grass, leaf shadows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from authoring.kit import gobos, surfaces
from authoring.kit.noise import fractal_noise, linear, smoothstep, value_noise
from authoring.kit.shapes import Point, grid_sheet, lathe, mesh, tube, twin
from authoring.kit.tabletops import jute
from authoring.kit.textures import Texture, plaster

BEAN = 0.1
"""Half a bean's length in units."""
CELL = 0.03
"""Grid on which a heap's height is kept, in units."""

Spot = Callable[[np.random.Generator], tuple[float, float]]


def _quads(rows: int, around: int) -> list[tuple[int, int, int, int]]:
    return [
        (
            j * around + i,
            j * around + (i + 1) % around,
            (j + 1) * around + (i + 1) % around,
            (j + 1) * around + i,
        )
        for j in range(rows - 1)
        for i in range(around)
    ]


def _bean(rng: np.random.Generator, material: Any) -> Any:
    """A roasted bean, its flat creased side up: a bent seam, an egg's outline, a rounded back."""
    around, rows = 40, 23
    bend, wide = rng.uniform(-0.12, 0.12), rng.uniform(0.66, 0.76)
    vertices = []
    for b in np.linspace(-math.pi / 2, math.pi / 2, rows):
        for a in np.linspace(0, 2 * math.pi, around, endpoint=False):
            x, y, z = math.cos(b) * math.cos(a), math.cos(b) * math.sin(a), math.sin(b)
            seam = math.exp(-(((y - bend * math.sin(2.6 * x)) / 0.085) ** 2)) * (1 - x**6)
            lips = math.exp(-(((abs(y) - 0.2) / 0.16) ** 2)) * (1 - x * x)
            top = 0.30 * z - 0.30 * seam * z**0.5 + 0.07 * lips if z > 0 else 0.62 * z
            vertices.append((x * (1 + 0.05 * y), y * wide * (1 - 0.10 * x), top))
    thing = mesh("bean", np.array(vertices) * BEAN, _quads(rows, around), material, smooth=True)
    thing.hide_render = True
    return thing


def beans(rng: np.random.Generator, count: int, spot: Spot, base: float = 0.0) -> None:
    """Strew ``count`` roasted beans at places drawn by ``spot``; where many fall they heap up. ``base`` is the
    ground's height."""
    roasts = [
        surfaces.plain(c, r, coat=0.25) for c, r in (("#4b2a18", 0.34), ("#3a1f12", 0.3), ("#5a341e", 0.4))
    ]
    kinds = [_bean(rng, roast) for roast in roasts for _ in range(2)]
    heights: dict[tuple[int, int], float] = {}
    reach = range(-3, 4)
    disc = [(i, j) for i in reach for j in reach if i * i + j * j <= 9]
    for _ in range(count):
        x, y = spot(rng)
        cell = (round(x / CELL), round(y / CELL))
        under = [heights.get((cell[0] + i, cell[1] + j), base) for i, j in disc]
        low = 0.6 * max(under) + 0.4 * sum(under) / len(under)
        piled = low > base + 0.02
        tilt = 0.55 if piled else 0.16
        up = 1.0 if rng.random() < 0.55 else -1.0
        facing = (rng.normal(0, tilt), rng.normal(0, tilt), up)
        at = (x, y, low + BEAN * (0.62 if up > 0 else 0.36))
        thing = twin(
            kinds[int(rng.integers(len(kinds)))], at, facing, rng.uniform(0, 6.28), rng.uniform(0.86, 1.1)
        )
        thing.hide_render = False
        for i, j in disc:
            heights[cell[0] + i, cell[1] + j] = low + BEAN * 0.85


def sack(rng: np.random.Generator, at: Point, size: float = 1.0) -> float:
    """An open burlap sack, its rim rolled outwards, slumped; returns how high its beans should start."""
    n = 160
    profile = np.array(
        [
            (0.7, 0.0),
            (0.98, 0.06),
            (1.08, 0.4),
            (1.05, 0.8),
            (0.93, 1.1),
            (0.9, 1.25),
            (0.98, 1.33),
            (1.06, 1.27),
            (1.09, 1.12),
            (1.05, 1.04),
            (0.97, 1.06),
        ]
    )
    s = np.linspace(0, 1, 70)
    knots = np.linspace(0, 1, len(profile))
    r, z = np.interp(s, knots, profile[:, 0]), np.interp(s, knots, profile[:, 1])
    kernel = np.ones(5) / 5
    r, z = (np.convolve(np.pad(v, 2, "edge"), kernel, "valid") for v in (r, z))
    turn = np.linspace(0, 2 * math.pi, n + 1)
    lump = fractal_noise(rng, (70, n), (4, 9), 4)
    pleat = value_noise(rng, (1, n), (1, 26))
    dent = 0.035 * lump + 0.03 * pleat * smoothstep(0.35, 0.8, s)[:, None]
    fade = np.minimum(1, np.minimum(np.arange(n), n - np.arange(n)) / 8)
    dent = np.c_[dent * fade, (dent * fade)[:, :1]]
    radius = (r[:, None] + dent) * size
    height = (z[:, None] + 0.5 * dent * s[:, None]) * size
    points = np.dstack([at[0] + radius * np.cos(turn), at[1] + radius * np.sin(turn), at[2] + height])
    cloth = surfaces.textured(jute(), 2.6, relief=0.02, shine=0.1, sheen=0.2, all_round=True)
    grid_sheet(points, cloth, 0.02)
    inside = surfaces.plain("#2a170d", 0.8)
    lathe([(0.001, 1.02 * size), (0.95 * size, 0.98 * size)], at, inside, 48)
    return float(at[2] + 1.02 * size)


def crumpled(
    rng: np.random.Generator, at: Point, size: tuple[float, float], turn: float, cloth: Any, lift: float = 0.2
) -> Any:
    """A cloth thrown down: long soft folds that fork and die away, its hem wavering. ``size`` is half its sides."""
    n = 300
    v, u = np.meshgrid(np.linspace(-1, 1, n), np.linspace(-1, 1, n), indexing="ij")
    bend = 0.5 * fractal_noise(rng, (n, n), (2, 2), 3)
    ridges = np.zeros((n, n))
    for heading, pitch, share in ((0.5, 2.3, 1.0), (-0.35, 3.4, 0.55), (1.3, 4.6, 0.3)):
        phase = pitch * (u * math.cos(heading) + v * math.sin(heading)) * 2 + bend * 2.2 + rng.uniform(0, 6)
        fold = (1 - np.abs(np.sin(phase))) ** 2.2
        ridges += share * fold * smoothstep(-0.6, 0.9, value_noise(rng, (n, n), (3, 3)))
    edge = np.minimum(1 - np.abs(u), 1 - np.abs(v))
    z = lift * ridges * (0.35 + 0.65 * smoothstep(0, 0.3, edge)) + 0.008 * fractal_noise(
        rng, (n, n), (14, 14), 3
    )
    x = size[0] * u + 0.06 * fractal_noise(rng, (n, n), (3, 3), 3)
    y = size[1] * v + 0.06 * fractal_noise(rng, (n, n), (3, 3), 3)
    c, s = math.cos(turn), math.sin(turn)
    points = np.dstack([at[0] + x * c - y * s, at[1] + x * s + y * c, at[2] + 0.012 + np.clip(z, 0, None)])
    return grid_sheet(points, cloth, 0.015)


def wheat(rng: np.random.Generator, foot: Point, heading: float, length: float, size: float = 1.0) -> None:
    """An ear of wheat lying down, beards spread: ``foot`` is the cut end of its stalk."""
    straw, grain = surfaces.plain("#c9a25c", 0.55), surfaces.plain("#d3ab62", 0.5)
    steps = 16
    x, y, z = foot
    points = []
    for i in range(steps + 1):
        turn = heading + 0.22 * (i / steps) ** 2
        points.append((x, y, z + 0.05 * math.sin(2 * i / steps)))
        x, y = x + math.cos(turn) * length / steps, y + math.sin(turn) * length / steps
    tube(points, 0.018 * size, straw, 0.3)
    kernel = lathe(
        [(0.001, 0), (0.045, 0.05), (0.052, 0.11), (0.03, 0.2), (0.001, 0.25)], (0, 0, 0), grain, 12
    )
    kernel.hide_render = True
    rows = 11
    for k in range(rows):
        t = 0.72 + 0.28 * k / rows
        at = np.array(points[min(steps, int(t * steps))]) * (1 - (t * steps) % 1)
        at = at + np.array(points[min(steps, int(t * steps) + 1)]) * ((t * steps) % 1)
        along = heading + 0.3
        for side in (-1, 0, 1):
            spread = along + side * 0.42
            out = (math.cos(spread), math.sin(spread), 0.12 + (0.45 if side == 0 else 0.0))
            copy = twin(
                kernel, at + np.array([0, 0, 0.03]), out, rng.uniform(0, 6), size * rng.uniform(0.85, 1.1)
            )
            copy.hide_render = False
            beard = spread + rng.normal(0, 0.06)
            tip = (
                at
                + np.array([math.cos(beard), math.sin(beard), 0.10 + rng.uniform(0, 0.16)])
                * rng.uniform(0.6, 0.95)
                * size
            )
            tube(
                [tuple(at + np.array([0, 0, 0.04])), tuple((at + tip) / 2 + [0, 0, 0.05]), tuple(tip)],
                0.0045,
                straw,
                0.6,
            )


def bunny_tail(rng: np.random.Generator, foot: Point, heading: float, length: float) -> None:
    """A dried hare's-tail grass lying down: a soft oval head of a thousand fine hairs."""
    straw, fluff = surfaces.plain("#c8b084", 0.6), surfaces.plain("#eadfc8", 0.8)
    direction = np.array([math.cos(heading), math.sin(heading), 0.0])
    tip = np.array(foot) + direction * length
    side = np.array([-direction[1], direction[0], 0])
    middle = np.array(foot) + direction * length / 2 + side * 0.12
    tube([foot, tuple(middle), tuple(tip)], 0.014, straw, 0.2)
    vertices: list[NDArray[np.float64]] = []
    faces = []
    for _ in range(1500):
        t, a = rng.uniform(0, 1), rng.uniform(0, 2 * math.pi)
        girth = 0.12 * math.sin(math.pi * min(1, t * 0.9 + 0.08)) ** 0.6
        out = side * math.cos(a) + np.array([0, 0, 1.0]) * math.sin(a)
        root = tip + direction * (t * 0.5) + out * girth * 0.6 + np.array([0, 0, 0.12])
        hair = root + (out * 0.6 + direction * rng.uniform(0.5, 1.1) + rng.normal(0, 0.2, 3)) * rng.uniform(
            0.07, 0.14
        )
        across = np.cross(hair - root, rng.normal(0, 1, 3))
        across *= 0.0035 / (np.linalg.norm(across) + 1e-9)
        start = len(vertices)
        vertices += [root - across, root + across, hair]
        faces.append((start, start + 1, start + 2))
    mesh("fluff", np.array(vertices), faces, fluff)


def skin(colors: Sequence[str], seed: int, pores: float = 0.0, side: int = 768) -> Texture:
    """A fruit's skin: colours running into one another, dimples as deep as ``pores``."""
    rng = np.random.default_rng(seed)
    blush = smoothstep(-1.0, 1.0, fractal_noise(rng, (side, side), (2, 2), 4))[..., None]
    albedo = linear(colors[0]) * (1 - blush) + linear(colors[-1]) * blush
    dimple = value_noise(rng, (side, side), (90, 90)) * pores
    fleck = smoothstep(2.0, 2.8, value_noise(rng, (side, side), (60, 60)))[..., None]
    albedo = (
        albedo * (1 - 0.12 * fleck) * (1 + 0.03 * fractal_noise(rng, (side, side), (12, 12), 3)[..., None])
    )
    rough = np.full((side, side), 0.42, np.float32)
    return Texture(np.clip(albedo, 0.003, 0.9).astype(np.float32), dimple.astype(np.float32), rough)


def fruit(
    profile: Sequence[tuple[float, float]],
    at: Point,
    lean: Point,
    texture: Texture,
    size: float,
    spin: float = 0.0,
) -> Any:
    """A fruit turned from its profile, its axis along ``lean``; not quite round."""
    coat = surfaces.textured(texture, 1.7, relief=0.012, shine=0.5, all_round=True)
    original = lathe(profile, (0, 0, 0), coat, 64)
    original.hide_render = True
    thing = twin(original, at, lean, spin, size)
    thing.scale = (size, size * 0.95, size)
    return thing


LEMON = [
    (0.001, -0.46),
    (0.07, -0.45),
    (0.1, -0.40),
    (0.2, -0.34),
    (0.31, -0.2),
    (0.345, 0.0),
    (0.31, 0.2),
    (0.2, 0.34),
]
LEMON += [(0.11, 0.41), (0.085, 0.47), (0.05, 0.51), (0.001, 0.52)]
PEACH = [
    (0.001, -0.33),
    (0.12, -0.35),
    (0.28, -0.26),
    (0.37, -0.08),
    (0.385, 0.06),
    (0.33, 0.23),
    (0.2, 0.33),
    (0.09, 0.33),
]
PEACH += [(0.03, 0.28), (0.001, 0.26)]


def lemon(at: Point, lean: Point, size: float = 1.0, seed: int = 1) -> Any:
    """A lemon; ``at`` is its middle."""
    return fruit(LEMON, at, lean, skin(("#f3c51c", "#f7d545"), seed, 0.35), size)


def peach(at: Point, lean: Point, size: float = 1.0, seed: int = 1) -> Any:
    """A ripe peach: yellow under a red blush, matt; ``at`` is its middle."""
    return fruit(PEACH, at, lean, skin(("#f0b25a", "#c9402f"), seed), size, seed)


def wicker_basket(at: Point, radii: tuple[float, float], height: float) -> None:
    """An oval basket: canes woven in and out of upright stakes, a braided rim."""
    cane = surfaces.textured(plaster("#b07a42", 4, 512, 0.16), 0.8, relief=0.01, shine=0.35, all_round=True)
    x, y, z = at
    stakes, rows = 40, max(4, int(height / 0.095))
    for k in range(rows):
        level = z + 0.06 + (height - 0.1) * k / (rows - 1)
        flare = 0.86 + 0.14 * k / (rows - 1)
        ring = []
        for i in range(stakes * 4 + 1):
            a = 2 * math.pi * i / (stakes * 4)
            weave = 0.035 * math.cos(stakes / 2 * a + math.pi * k)
            ring.append(
                (
                    x + (radii[0] * flare + weave) * math.cos(a),
                    y + (radii[1] * flare + weave) * math.sin(a),
                    level,
                )
            )
        tube(ring, 0.052, cane, 0.0)
    for i in range(stakes):
        a = 2 * math.pi * (i + 0.5) / stakes
        c, s = math.cos(a), math.sin(a)
        tube(
            [
                (x + radii[0] * f * c, y + radii[1] * f * s, z + h)
                for f, h in ((0.86, 0.0), (0.93, height / 2), (1.0, height))
            ],
            0.03,
            cane,
            0.0,
        )
    for strand in range(3):
        rim = []
        for i in range(241):
            a = 2 * math.pi * i / 240
            w = 26 * a + strand * 2 * math.pi / 3
            r = 0.05 * math.cos(w)
            rim.append(
                (
                    x + (radii[0] + r) * math.cos(a),
                    y + (radii[1] + r) * math.sin(a),
                    z + height + 0.05 * math.sin(w),
                )
            )
        tube(rim, 0.055, cane, 0.0)


def grass(
    rng: np.random.Generator, count: int, spot: Spot, length: tuple[float, float], colors: Sequence[str]
) -> None:
    """Blades of grass at places drawn by ``spot``, bent over by their own weight."""
    for color in colors:
        share = count // len(colors)
        vertices = np.zeros((share, 9, 3))
        for k in range(share):
            x, y = spot(rng)
            a, reach, bow = rng.uniform(0, 2 * math.pi), rng.uniform(*length), rng.uniform(0.15, 0.9)
            out, across = np.array([math.cos(a), math.sin(a), 0]), np.array([-math.sin(a), math.cos(a), 0])
            for i, t in enumerate((0, 0.35, 0.65, 0.87)):
                middle = np.array([x, y, 0]) + reach * (
                    out * bow * t * t + np.array([0, 0, t * (1 - 0.35 * bow * t)])
                )
                half = 0.024 * (1 - t * t) + 0.004
                vertices[k, 2 * i], vertices[k, 2 * i + 1] = middle - across * half, middle + across * half
            vertices[k, 8] = np.array([x, y, 0]) + reach * (out * bow + np.array([0, 0, 1 - 0.35 * bow]))
        faces = [
            tuple(k * 9 + i for i in face)
            for k in range(share)
            for face in ((0, 1, 3, 2), (2, 3, 5, 4), (4, 5, 7, 6), (6, 7, 8))
        ]
        mesh("grass", vertices.reshape(-1, 3), faces, surfaces.plain(color, 0.5), smooth=True)


def dapple(
    rng: np.random.Generator, count: int, clear: tuple[float, float, float], reach: float = 4.5
) -> list[gobos.Outline]:
    """Outlines of a tree's leaves in clumps, open within ``clear`` (x, y, radius): sun through a crown."""
    outlines: list[gobos.Outline] = []
    for _ in range(count):
        x, y = rng.uniform(-reach, reach, 2)
        if math.hypot(x - clear[0], y - clear[1]) < clear[2] * rng.uniform(0.75, 1.25):
            continue
        for _ in range(int(rng.integers(3, 8))):
            dx, dy = rng.normal(0, 0.32, 2)
            size = rng.uniform(0.35, 0.7)
            outlines.append(gobos.leaf(x + dx, y + dy, rng.uniform(0, 6.28), size, 0.3 * size))
    return outlines
