"""A café seen across a table: tall window onto a garden, counter, shelves, lamps, stools, plants."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from authoring.kit import foliage, lights, props, shapes, surfaces
from authoring.kit.noise import Field, linear

BACK = 30.0
"""The back wall's depth in units: three metres behind the table."""
FLOOR = -7.5


def garden(rng: np.random.Generator, size: tuple[int, int] = (420, 300)) -> Field:
    """A bright garden through glass, as it looks out of focus: sky above, sunlit leaves below."""
    width, height = size
    fall = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = np.array([2.5, 2.6, 2.5]) * (1 - fall) + np.array([1.1, 1.35, 0.75]) * fall
    view = np.ascontiguousarray(np.broadcast_to(picture, (height, width, 3)), np.float32)
    greens = [linear(c) for c in ("#5c8a3f", "#96b85e", "#dcec9f", "#3d6634", "#f7f3d0")]
    for _ in range(800):
        tone = greens[int(rng.integers(5))] * rng.uniform(0.7, 2.8)
        at = (int(rng.uniform(0, width)), int(height * np.clip(rng.normal(0.66, 0.24), 0.08, 1)))
        axes = (int(rng.uniform(4, 18)), int(rng.uniform(3, 10)))
        cv2.ellipse(view, at, axes, rng.uniform(0, 180), 0, 360, tone.tolist(), -1)
    return view


def _window(rng: np.random.Generator, left: float, right: float, frame: Any) -> None:
    bottom, top, y = FLOOR + 2.5, 13.0, BACK - 0.1
    shapes.quad(
        [(left, y, bottom), (right, y, bottom), (right, y, top), (left, y, top)],
        surfaces.glow("#ffffff", 1.9, garden(rng)),
    )
    panes = 3
    for i in range(panes + 1):
        x = left + (right - left) * i / panes
        shapes.box((x, y - 0.3, (bottom + top) / 2), (0.34, 0.4, top - bottom), frame)
    for z in (bottom, 3.6, top):
        shapes.box(((left + right) / 2, y - 0.3, z), (right - left, 0.4, 0.34), frame)
    shapes.box(((left + right) / 2, y - 1.0, bottom - 0.2), (right - left + 1, 2.2, 0.4), frame)


def _shelves(
    rng: np.random.Generator, left: float, right: float, heights: tuple[float, ...], wood: Any
) -> None:
    colors = ("#eadcc2", "#b4593b", "#dca561", "#f3eee4", "#6f8262", "#4d6680", "#c69a6b", "#8d5a3a")
    glowing = surfaces.glow("#ffb566", 26)
    for z in heights:
        shapes.box(((left + right) / 2, BACK - 1.1, z), (right - left, 2.0, 0.22), wood)
        x = left + 0.8
        while x < right - 0.8:
            width, height = rng.uniform(0.25, 0.6), rng.uniform(0.8, 2.2)
            ware = surfaces.plain(colors[int(rng.integers(8))], 0.25, gain=rng.uniform(0.75, 1.0))
            shapes.lathe(
                [
                    (width * 0.9, 0),
                    (width, height * 0.6),
                    (width * 0.5, height * 0.8),
                    (width * 0.45, height),
                    (0.001, height),
                ],
                (x, BACK - 1.1, z + 0.11),
                ware,
                24,
            )
            x += 2 * width + rng.uniform(0.1, 1.2)
        for _ in range(5):
            shapes.ball(0.11, (rng.uniform(left, right), BACK - 2.1, z - 0.2), glowing)


def _espresso_machine(x: float, y: float, z: float) -> None:
    """A brass and cream machine with cups on its warming rack, standing at (x, y, z)."""
    cream, brass = surfaces.plain("#e8dcc4", 0.2, coat=0.5), surfaces.metal("#cf9d55", 0.22)
    steel, cup = surfaces.metal("#d8d2c8", 0.16), surfaces.glaze("#f6f1e6", 0.25)
    shapes.box((x, y, z + 0.3), (3.6, 2.4, 0.45), steel, 0.1)
    shapes.box((x, y + 0.55, z + 1.2), (3.3, 1.2, 1.7), cream, 0.25)
    shapes.box((x, y, z + 2.15), (3.7, 2.3, 0.75), cream, 0.3)
    shapes.box((x, y - 1.13, z + 2.15), (3.3, 0.1, 0.22), brass, 0.04)
    for dx in (-1.0, 0.0, 1.0):
        shapes.cylinder(0.3, 0.5, (x + dx, y - 0.75, z + 1.3), steel, 0.06)
        shapes.tube([(x + dx, y - 0.8, z + 1.35), (x + dx, y - 1.9, z + 1.2)], 0.12, brass, taper=0.0)
    for i in range(7):
        for row in range(2):
            shapes.cylinder(0.21, 0.36, (x - 1.4 + 0.46 * i, y - 0.3, z + 2.55 + 0.38 * row), cup, 0.04)


def build(rng: np.random.Generator) -> None:
    """The room, on an empty stage."""
    lights.sky("#ffeedd", 0.45)
    cream = surfaces.plain("#ead6ba", 0.9)
    oak, dark = surfaces.plain("#a8764a", 0.5), surfaces.plain("#3a2a20", 0.5)
    shapes.wall(BACK, 60, FLOOR, 40, cream)
    shapes.ground(60, -10, BACK, surfaces.plain("#b08a66", 0.35), FLOOR)
    shapes.box((12, BACK - 0.3, FLOOR + 3.4), (34, 0.4, 6.8), surfaces.plain("#7d8f78", 0.7))
    _window(rng, -17.5, -3.2, dark)
    _shelves(rng, 1.2, 17, (0.8, 4.2, 7.6), oak)
    shapes.box((9.5, BACK - 6.5, FLOOR + 2.6), (16, 3, 5.2), surfaces.plain("#8e5f3c", 0.4))
    shapes.box((9.5, BACK - 6.5, FLOOR + 5.3), (16.6, 3.6, 0.3), surfaces.plain("#efe4d2", 0.2))
    _espresso_machine(5.6, BACK - 6.5, FLOOR + 5.45)
    for x, y in ((3.2, 17.5), (7.4, 16.5), (12, 17.8)):
        props.stool((x, y, -3.2), oak, dark)
    for x, y in ((-9, 20), (-4.2, 24.5)):
        shapes.cylinder(2.6, 0.25, (x, y, -1.6), oak, 0.08)
        shapes.cylinder(0.2, 5.6, (x, y, FLOOR + 0.3), dark, 0.05)
        props.stool((x + 3.6, y - 1, -3.4), oak, dark, 4.0)
    bulb, shade = surfaces.glow("#ffc27d", 38), surfaces.plain("#2c2520", 0.4)
    for x, y, z in ((2.4, 18, 3.9), (6.4, 20, 4.4), (10.2, 18.5, 4.0), (-1.2, 24, 5.4), (-7.5, 22, 5.0)):
        props.pendant_lamp((x, y, z), shade, bulb, 1.25)
    green = surfaces.plain("#6f9a4b", 0.45)
    foliage.bush(rng, (-1.4, 22.5, -0.4), (0.9, 0.8, 1.9), 320, (1.0, 2.0), green)
    shapes.cylinder(1.1, 3.0, (-1.4, 22.5, FLOOR + 1.4), surfaces.plain("#e9dfcd", 0.6), 0.2)
    foliage.bush(rng, (15.5, 25, 1.0), (1.1, 0.8, 1.8), 200, (1.0, 2.0), green)
    lights.softbox((-10, BACK - 2, 6), (4, 8, -3), (14, 14), 5200, (1, 0.95, 0.87))
    lights.softbox((6, 8, 16), (6, 22, 0), (14, 10), 2600, (1, 0.86, 0.68))
