"""Things on a desk: a notebook, books, a brass lamp, a pen, a stoneware cup."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from authoring.kit import surfaces
from authoring.kit.noise import fractal_noise, value_noise
from authoring.kit.shapes import Point, ball, box, lathe, mesh, rounded, tube
from authoring.kit.textures import Texture, plaster


def _turned(thing: Any, turn: float) -> Any:
    thing.rotation_euler = (0, 0, turn)
    return thing


def _leaves_of_paper(seed: int) -> Any:
    """The cut edge of a block of pages: fine lines, a little uneven."""
    rng = np.random.default_rng(seed)
    lines = 1 + 0.10 * value_noise(rng, (1024, 256), (300, 3)) + 0.04 * value_noise(rng, (1024, 256), (60, 2))
    tone = np.clip(lines[..., None] * np.array([0.80, 0.73, 0.60]), 0, 0.9).astype(np.float32)
    page = Texture(tone, lines.astype(np.float32), np.full(lines.shape, 0.9, np.float32))
    return surfaces.textured(page, 1.0, upright=True, relief=0.004, shine=0.1)


def cover(color: str, seed: int = 3) -> Any:
    """Book cloth or leather: one colour with a fine grain."""
    return surfaces.textured(plaster(color, seed, 1024, 0.05), 1.2, relief=0.006, shine=0.35, all_round=True)


def book(at: Point, size: tuple[float, float, float], turn: float, color: str, seed: int = 3) -> float:
    """A hardback lying flat, its spine at the near edge; ``at`` is the middle of its underside.
    Returns the height of its top."""
    width, depth, thick = size
    x, y, z = at
    board = 0.035
    cloth = cover(color, seed)
    c, s = math.cos(turn), math.sin(turn)

    def put(dx: float, dy: float, dz: float, dims: Point, material: Any, edge: float) -> None:
        _turned(box((x + dx * c - dy * s, y + dx * s + dy * c, z + dz), dims, material, edge), turn)

    put(0, 0, board / 2, (width, depth, board), cloth, 0.012)
    put(0, 0, thick - board / 2, (width, depth, board), cloth, 0.012)
    put(0, -depth / 2 + 0.02, thick / 2, (width, 0.04, thick - 0.01), cloth, 0.015)
    put(0, 0.0, thick / 2, (width - 0.09, depth - 0.06, thick - 2 * board), _leaves_of_paper(seed), 0.0)
    return z + thick


def notebook(at: Point, turn: float, color: str = "#2b3632", size: tuple[float, float] = (1.5, 2.1)) -> float:
    """A leather notebook with an elastic band round it; returns the height of its top."""
    top = book(at, (size[0], size[1], 0.2), turn, color, 11)
    c, s = math.cos(turn), math.sin(turn)
    dx = size[0] * 0.36
    band = surfaces.plain("#15100d", 0.6)
    _turned(
        box((at[0] + dx * c, at[1] + dx * s, at[2] + 0.1), (0.07, size[1] + 0.012, 0.212), band, 0.006), turn
    )
    return top


def pen(at: Point, turn: float, barrel: Any, trim: Any) -> None:
    """A fountain pen lying down; ``at`` is its middle."""
    profile = [(0.001, -0.66), (0.035, -0.65), (0.06, -0.5), (0.068, 0.0), (0.068, 0.05)]
    cap = [(0.072, 0.05), (0.074, 0.4), (0.062, 0.62), (0.03, 0.68), (0.001, 0.685)]
    for points, material in ((profile, barrel), (cap, barrel), ([(0.076, 0.05), (0.076, 0.1)], trim)):
        part = lathe(points, (at[0], at[1], at[2] + 0.076), material, 48)
        part.rotation_euler = (math.pi / 2, 0, turn)
    clip = [(0.0, 0.62, 0.15), (0.0, 0.5, 0.165), (0.0, 0.2, 0.155)]
    c, s = math.cos(turn), math.sin(turn)
    tube([(at[0] + v * s, at[1] - v * c, at[2] + h) for _, v, h in clip], 0.014, trim, 0.2)


def brass_lamp(at: Point, height: float, reach: tuple[float, float], brass: Any, lit: Any) -> None:
    """A desk lamp: a weighted foot, a bent stem and a domed shade hanging ``reach`` (x, y) from it."""
    x, y, z = at
    foot = [(0.001, 0.13), (0.2, 0.13), (0.62, 0.07), (0.66, 0.05), (0.66, 0.0)]
    lathe(rounded(foot, 0.03, 5), at, brass, 128)
    dx, dy = reach
    bend = [(x, y, z + 0.1), (x, y, z + 0.5 * height), (x, y, z + 0.92 * height)]
    bend += [
        (x + dx * f, y + dy * f, z + height * (1 + 0.10 * math.sin(math.pi * f))) for f in (0.2, 0.5, 0.8)
    ]
    bend += [(x + dx, y + dy, z + height)]
    tube(bend, 0.05, brass, taper=0.0)
    dome = [(0.05, 0.05), (0.11, 0.02), (0.13, -0.12), (0.3, -0.2), (0.52, -0.42), (0.62, -0.72)]
    shell = [*dome, (0.635, -0.74), (0.615, -0.74), (0.5, -0.44), (0.28, -0.23)]
    lathe(rounded(shell, 0.05, 5), (x + dx, y + dy, z + height), brass, 128)
    ball(0.17, (x + dx, y + dy, z + height - 0.5), lit)
    ball(0.075, (x, y, z + 0.93 * height), brass)


def tumbler(at: Point, clay: Any, inside: Any, radius: float = 0.4, height: float = 0.78) -> None:
    """A handleless stoneware cup, slightly wider at its rim, filled to a finger below it."""
    r = radius
    wall = [(0.001, 0.02), (0.72 * r, 0.0), (0.82 * r, 0.05), (0.95 * r, 0.5 * height), (r, height)]
    wall += [(0.96 * r, height + 0.012), (0.9 * r, height - 0.03), (0.85 * r, 0.4 * height)]
    lathe(rounded(wall, 0.05, 5), at, clay, 128)
    lathe([(0.001, 0.84 * height), (0.905 * r, 0.84 * height)], at, inside, 64)


def page(
    at: Point, size: tuple[float, float], turn: float, material: Any, lift: float = 0.12, waves: float = 0.035
) -> Any:
    """A loose sheet with torn edges, its far corner curling up by ``lift``, its sides buckled by ``waves``."""
    n = 160
    rng = np.random.default_rng(17)
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, n), np.linspace(-0.5, 0.5, n))
    curl = np.clip(u + v - 0.45, 0, None) ** 2 * 4 + 0.5 * np.clip(-u - v - 0.7, 0, None) ** 2
    ragged = 0.012 * fractal_noise(rng, (n, n), (9, 9), 4)
    x = u * size[0] * (1 + 2 * ragged * np.abs(u)) - 0.2 * curl
    y = v * size[1] * (1 + 2 * ragged.T * np.abs(v)) - 0.2 * curl
    away = np.clip(2 * np.hypot(u, v) - 0.35, 0, 1)
    buckled = waves * away * np.abs(fractal_noise(rng, (n, n), (3, 3), 3))
    height = 0.006 + buckled + lift * curl
    c, s = math.cos(turn), math.sin(turn)
    points = np.dstack([at[0] + x * c - y * s, at[1] + x * s + y * c, at[2] + height])
    ids = np.arange(n * n).reshape(n, n)
    faces = np.stack([ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]], -1).reshape(-1, 4)
    return mesh("page", points.reshape(-1, 3), faces, material, smooth=True)
