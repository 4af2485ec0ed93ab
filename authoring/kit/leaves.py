"""Leaves with real outlines and what flowers in spring: maple, ginkgo, petals, cherry branches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from authoring.kit.foliage import Blossom
from authoring.kit.noise import Field, fractal_noise, linear, smoothstep
from authoring.kit.shapes import Point, ball, mesh, tube, twin
from authoring.kit.surfaces import pictured, plain

SIDE = 448
"""Pixels of a leaf's picture; it spans -REACH..REACH of the leaf's own units both ways."""
REACH = 1.15
MAPLE_LOBES = ((0, 1.0), (40, 0.94), (-40, 0.94), (80, 0.78), (-80, 0.78), (121, 0.48), (-121, 0.48))
"""Angle from the tip in degrees and length of a palmate maple's seven lobes."""
Radii = NDArray[np.float64]


def maple_outline(rng: np.random.Generator, angles: Radii) -> Radii:
    """Radius at each angle: pointed lobes, deep sinuses, fine teeth."""
    best = np.full_like(angles, 0.1)
    for degrees, length in MAPLE_LOBES:
        middle = math.radians(degrees * (1 + rng.normal(0, 0.03)))
        off = np.abs(angles - middle) / math.radians(25)
        best = np.maximum(
            best, 0.26 + (length * rng.uniform(0.94, 1.05) - 0.26) * np.maximum(1 - off, 0) ** 1.25
        )
    best = np.where(np.abs(angles) > math.radians(140), np.minimum(best, 0.14), best)
    teeth = 0.03 * np.abs(((angles * 19 / math.pi) % 1) - 0.5) * smoothstep(0.25, 0.5, best)
    return np.asarray(best - teeth, np.float64)


def ginkgo_outline(rng: np.random.Generator, angles: Radii) -> Radii:
    """Radius at each angle of a fan with a cleft in its middle and a wavy edge."""
    wave = 0.025 * np.sin(9 * angles + rng.uniform(0, 6)) + 0.016 * np.sin(23 * angles + rng.uniform(0, 6))
    cleft = rng.uniform(0.18, 0.42) * np.exp(-((np.abs(angles - rng.normal(0, 0.05)) / 0.07) ** 1.2))
    side = 0.16 * (np.abs(angles) / 1.25) ** 4
    return np.asarray(1 + wave - cleft - side, np.float64)


def petal_outline(_rng: np.random.Generator, angles: Radii) -> Radii:
    """Radius at each angle of a cherry petal from its foot: round, notched at its tip."""
    notch = 0.13 * np.exp(-((np.abs(angles) / 0.11) ** 1.3))
    return np.asarray(
        np.cos(angles * 0.9) ** 0.6 * (1 - 0.55 * (np.abs(angles) / 0.75) ** 4) - notch, np.float64
    )


def _blade(angles: Radii, radii: Radii, bend: Any, material: Any, stalk: float, rings: int = 14) -> Any:
    """A leaf from its outline about its foot, lying on z = 0 and pointing along x; ``bend`` gives z."""
    share = np.linspace(0.0, 1.0, rings)[:, None]
    x, y = share * radii * np.cos(angles), share * radii * np.sin(angles)
    z = bend(x, y, share, angles)
    points = np.stack([x, y, z], 2).reshape(-1, 3)
    n = len(angles)
    ids = np.arange(rings * n).reshape(rings, n)
    faces = np.stack([ids[:-1, :-1], ids[:-1, 1:], ids[1:, 1:], ids[1:, :-1]], -1).reshape(-1, 4).tolist()
    vertices = points.tolist()
    if stalk:
        path = np.linspace(0, 1, 9)
        start = len(vertices)
        for t in path:
            middle = np.array([-stalk * t, 0.12 * stalk * t * t, 0.1 * stalk * t * (1 - t) + 0.004])
            wide = 0.014 * (1 + 0.8 * t**4)
            vertices += [(middle + o).tolist() for o in ([0, wide, 0], [0, 0, wide * 1.4], [0, -wide, 0])]
        for i in range(8):
            a = start + 3 * i
            faces += [[a, a + 1, a + 4, a + 3], [a + 1, a + 2, a + 5, a + 4]]
    uvs = [(0.5 + v[0] / REACH / 2, 0.5 + v[1] / REACH / 2) for v in vertices]
    return mesh("leaf", vertices, faces, material, smooth=True, uvs=uvs)


def _pixel(x: float, y: float) -> tuple[int, int]:
    return round((0.5 + x / REACH / 2) * SIDE), round((0.5 - y / REACH / 2) * SIDE)


def _mottled(rng: np.random.Generator, tones: Sequence[str], towards_edge: Field) -> Field:
    """From the heart's tone to the edge's in clouds, with a few brown specks."""
    size = (SIDE, SIDE)
    share = np.clip(towards_edge + 0.22 * fractal_noise(rng, size, (4, 4), 4), 0, 1) * (len(tones) - 1)
    palette = np.array([linear(t) for t in tones])
    color = np.stack([np.interp(share, np.arange(len(tones)), palette[:, c]) for c in range(3)], 2)
    speck = smoothstep(1.25, 1.7, fractal_noise(rng, size, (16, 16), 3))[..., None]
    color = color * (1 - 0.6 * speck) + linear("#5a3318") * 0.6 * speck
    return np.asarray(color * (1 + 0.06 * fractal_noise(rng, size, (70, 70), 3))[..., None], np.float32)


def _grid() -> tuple[Field, Field]:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return (x / SIDE - 0.5) * 2 * REACH, (0.5 - y / SIDE) * 2 * REACH


def _maple_picture(rng: np.random.Generator, tones: Sequence[str]) -> Field:
    x, y = _grid()
    color = _mottled(rng, tones, np.hypot(x, y) * 0.9)
    veins = np.zeros((SIDE, SIDE), np.float32)
    for degrees, length in MAPLE_LOBES:
        turn = math.radians(degrees)
        tip = (length * math.cos(turn), length * math.sin(turn))
        cv2.line(veins, _pixel(0, 0), _pixel(*tip), 1.0, 3, cv2.LINE_AA)
        for share in np.linspace(0.3, 0.85, 6):
            foot = (share * tip[0], share * tip[1])
            for side in (-0.7, 0.7):
                reach = 0.3 * length * (1.1 - share)
                end = (foot[0] + reach * math.cos(turn + side), foot[1] + reach * math.sin(turn + side))
                cv2.line(veins, _pixel(*foot), _pixel(*end), 0.5, 1, cv2.LINE_AA)
    veins = np.asarray(cv2.GaussianBlur(veins, (0, 0), 0.8), np.float32)[..., None] * 0.55
    return np.asarray(color * (1 - veins) + linear(tones[0]) * 1.25 * veins, np.float32)


def _ginkgo_picture(rng: np.random.Generator, tones: Sequence[str]) -> Field:
    x, y = _grid()
    angle = np.arctan2(y, x)
    color = _mottled(rng, tones, np.clip(np.hypot(x, y) * 1.2 - 0.25, 0, 1))
    line = np.interp(angle, np.linspace(-math.pi, math.pi, 720), rng.normal(0, 1, 720))
    return np.asarray(color * (1 + 0.07 * line)[..., None], np.float32)


def _petal_picture(rng: np.random.Generator, tones: Sequence[str]) -> Field:
    x, y = _grid()
    angle = np.arctan2(y, x)
    line = np.interp(angle, np.linspace(-math.pi, math.pi, 260), rng.normal(0, 1, 260))
    share = np.clip(1 - np.hypot(x, y) * 1.3 + 0.05 * line, 0, 1)[..., None]
    return np.asarray(linear(tones[0]) * (1 - share) + linear(tones[1]) * share, np.float32)


class Kind:
    """A few different leaves of one kind, made once and set many times."""

    def __init__(self, originals: list[Any]) -> None:
        self.originals = originals
        for original in originals:
            original.hide_render = True

    def lay(
        self, rng: np.random.Generator, at: Point, size: float, lean: float = 0.25, facing: Point = (0, 0, 1)
    ) -> Any:
        """Put one down, upper side towards ``facing`` give or take ``lean``; returns it."""
        original = self.originals[int(rng.integers(len(self.originals)))]
        up = np.array(facing, float) + rng.normal(0, lean, 3) * (1, 1, 0)
        leaf = twin(original, at, tuple(up), float(rng.uniform(0, 2 * math.pi)), size)
        leaf.hide_render = False
        return leaf


def maples(rng: np.random.Generator, count: int = 7) -> Kind:
    """단풍: crimson, scarlet and orange."""
    tones = (
        ("#f0a23c", "#d9481f", "#b3211b"),
        ("#e8662a", "#c02a1c", "#7e1418"),
        ("#f6c04c", "#e8822c", "#cf4a20"),
        ("#d8542c", "#a81e1c", "#6a1216"),
    )
    angles = np.linspace(-math.pi, math.pi, 241)
    made = []
    for i in range(count):
        curl, roll, turn = rng.uniform(0.05, 0.22), rng.normal(0, 0.12), rng.uniform(0, math.pi)

        def bend(
            x: Any, y: Any, share: Any, angle: Any, c: float = curl, r: float = roll, t: float = turn
        ) -> Any:
            across = x * math.cos(t) + y * math.sin(t)
            lobes = 0.05 * share**1.5 * np.cos(angle * 9)
            return c * (x * x + y * y) + r * across + lobes + 0.05 * share * np.sin(3 * angle + t)

        look = pictured(_maple_picture(rng, tones[i % 4]), 0.55, translucent=0.3, shine=0.35)
        made.append(_blade(angles, maple_outline(rng, angles), bend, look, 0.85))
    return Kind(made)


def ginkgos(rng: np.random.Generator, count: int = 5) -> Kind:
    """은행: clear yellow, some still green at the foot or brown at the edge."""
    tones = (
        ("#f2c530", "#f6cf3c", "#f3bd2b"),
        ("#cdbb3c", "#f0c833", "#eebb30"),
        ("#efc02c", "#edb52a", "#b77a28"),
    )
    angles = np.linspace(-1.25, 1.25, 121)
    made = []
    for i in range(count):
        curl, phase = rng.uniform(0.06, 0.24), rng.uniform(0, 6)

        def bend(x: Any, y: Any, share: Any, angle: Any, c: float = curl, p: float = phase) -> Any:
            return (
                c * (y * y + 0.4 * x * x)
                + 0.045 * share**2 * np.sin(5 * angle + p)
                + 0.004 * np.sin(70 * angle)
            )

        look = pictured(_ginkgo_picture(rng, tones[i % 3]), 0.6, translucent=0.3, shine=0.3)
        made.append(_blade(angles, ginkgo_outline(rng, angles), bend, look, 0.75))
    return Kind(made)


def petals(rng: np.random.Generator, count: int = 4) -> Kind:
    """Fallen cherry petals, cupped."""
    angles = np.linspace(-0.75, 0.75, 41)
    made = []
    for i in range(count):
        cup = rng.uniform(0.25, 0.6)

        def bend(x: Any, y: Any, share: Any, angle: Any, c: float = cup) -> Any:
            return c * (y * y + 0.5 * (x - 0.5) ** 2) - 0.1 * c + 0.03 * share * np.sin(4 * angle)

        tones = (("#fbdde4", "#f3a9bd"), ("#fdeef0", "#f6c3cf"))[i % 2]
        look = pictured(_petal_picture(rng, tones), 0.6, translucent=0.3, shine=0.3)
        made.append(_blade(angles, petal_outline(rng, angles), bend, look, 0.0))
    return Kind(made)


def cherry(rng: np.random.Generator) -> Blossom:
    """벚꽃: near white to soft pink, a rosy heart."""
    looks = [
        plain(c, 0.6, subsurface_weight=0.3, subsurface_scale=0.03) for c in ("#fdf0f2", "#fbe0e7", "#f7ccd8")
    ]
    return Blossom(rng, looks, plain("#d9a35a", 0.6), plain("#e0748f", 0.5), 0.2)


def _cluster(rng: np.random.Generator, at: NDArray[np.float64], blossom: Blossom, size: float) -> list[Any]:
    """Flowers and buds on stalks from one spur."""
    parts: list[Any] = []
    green = plain("#8c8a4c", 0.6)
    for _ in range(int(rng.integers(4, 8))):
        out = rng.normal(0, 1, 3) + np.array([0, -0.7, -0.1])
        out /= np.linalg.norm(out)
        tip = at + out * size * rng.uniform(0.2, 0.34)
        middle = (at + tip) / 2 + np.array([0, 0, 0.04 * size])
        parts.append(tube([tuple(at), tuple(middle), tuple(tip)], 0.008 * size, green, 0.1))
        if rng.random() < 0.16:
            parts.append(ball(0.05 * size, tuple(tip), blossom.bud, (1, 1, 1.3)))
            continue
        flower = blossom.flowers[int(rng.integers(len(blossom.flowers)))]
        spin, scale = rng.uniform(0, 2 * math.pi), size * rng.uniform(0.85, 1.15)
        for part in (flower, blossom.stamens):
            copy = twin(part, tuple(tip), tuple(out + rng.normal(0, 0.25, 3)), spin, scale)
            copy.hide_render = False
            parts.append(copy)
    return parts


def cherry_branch(
    rng: np.random.Generator,
    start: Point,
    heading: Point,
    length: float,
    blossom: Blossom,
    *,
    radius: float = 0.05,
    size: float = 1.0,
    forks: int = 3,
    bare: float = 0.12,
) -> list[Any]:
    """A branch in flower from ``start`` along ``heading``, with ``forks`` twigs; returns its parts."""
    bark = plain("#4b3730", 0.85)
    steps = max(6, round(length / 0.26))
    direction = np.array(heading, float) / np.linalg.norm(heading)
    point = np.array(start, float)
    points = [point]
    for _ in range(steps):
        direction = direction + rng.normal(0, 0.13, 3) * (1, 0.5, 1)
        direction /= np.linalg.norm(direction)
        point = point + direction * length / steps
        points.append(point)
    parts = [tube([tuple(p) for p in points], radius, bark)]
    for i in range(int(bare * steps), steps + 1):
        if rng.random() < 0.72 or i == steps:
            parts += _cluster(rng, points[i], blossom, size)
    for i in sorted(rng.choice(np.arange(2, steps), min(forks, steps - 2), replace=False).tolist()):
        twig = direction + rng.normal(0, 0.75, 3) * (1, 0.3, 1)
        parts += cherry_branch(
            rng,
            tuple(points[i]),
            tuple(twig),
            length * 0.36,
            blossom,
            radius=radius * 0.55,
            size=size,
            forks=0,
            bare=0.3,
        )
    return parts
