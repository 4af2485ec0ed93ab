"""Stone as painted textures: terrazzo, slate, board-marked and polished concrete, limewash."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep, value_noise
from authoring.kit.textures import Texture

TERRAZZO_SIZES = ((0.034, 90), (0.022, 320), (0.012, 1100), (0.006, 3200), (0.003, 5200))
"""Chips from the largest down: radius as a share of the texture's side, and how many are tried."""


def _chip(rng: np.random.Generator, radius: float) -> NDArray[np.float64]:
    """The corners of a crushed stone around the origin: convex, unlike its neighbours."""
    count = int(rng.integers(5, 9))
    angles = np.sort(np.linspace(0, 2 * math.pi, count, endpoint=False) + rng.normal(0, 0.26, count))
    corners = np.c_[np.cos(angles), np.sin(angles)] * rng.uniform(0.72, 1.05, (count, 1)) * radius
    corners[:, 1] *= rng.uniform(0.5, 1.0)
    turn = rng.uniform(0, 2 * math.pi)
    c, s = math.cos(turn), math.sin(turn)
    return np.asarray(corners @ np.array([[c, s], [-s, c]]))


def _byte(color: str) -> NDArray[np.float64]:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], float)


def terrazzo(
    ground: str, chips: Sequence[str], seed: int = 11, side: int = 2048, density: float = 1.0
) -> Texture:
    """Marble chips of every size in cement, ground flat and polished; no two chips overlap."""
    rng = np.random.default_rng(seed)
    picture = np.empty((side, side, 3), np.uint8)
    picture[:] = _byte(ground).astype(np.uint8)
    taken = np.zeros((side, side), np.uint8)
    colors = [_byte(c) for c in chips]
    for share, tries in TERRAZZO_SIZES:
        for _ in range(round(tries * density)):
            radius = share * side * rng.uniform(0.65, 1.2)
            middle = rng.uniform(0, side, 2)
            corners = _chip(rng, radius) + middle
            left, top = np.maximum(np.floor(middle - radius - 3), 0).astype(int)
            right, bottom = np.minimum(np.ceil(middle + radius + 3), side).astype(int)
            room = taken[top:bottom, left:right]
            mark = np.zeros(room.shape, np.uint8)
            cv2.fillPoly(mark, [np.round(corners - (left, top)).astype(np.int32)], 1)
            if (room & mark).any():
                continue
            room |= np.asarray(cv2.dilate(mark, np.ones((5, 5), np.uint8)))
            tone = colors[int(rng.integers(len(colors)))] * rng.uniform(0.88, 1.1) + rng.normal(0, 3, 3)
            fixed = np.round(corners * 16).astype(np.int32)
            cv2.fillPoly(picture, [fixed], np.clip(tone, 0, 255).tolist(), cv2.LINE_AA, 4)
    return _polished(rng, picture, taken)


def _polished(rng: np.random.Generator, picture: NDArray[np.uint8], taken: NDArray[np.uint8]) -> Texture:
    side = picture.shape[0]
    srgb = picture.astype(np.float32) / 255
    albedo = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    stone = cv2.GaussianBlur(taken.astype(np.float32), (0, 0), 1.0)
    marble = fractal_noise(rng, (side, side), (40, 40), 4, 0.6)
    cement = fractal_noise(rng, (side, side), (6, 6), 5)
    shade = 1 + stone * 0.07 * marble + (1 - stone) * 0.025 * cement
    rough = 0.30 - 0.10 * stone + 0.03 * cement
    height = 0.25 * stone + 0.05 * cement
    return Texture(
        np.clip(albedo * shade[..., None], 0, 0.92).astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.clip(rough, 0.12, 0.6).astype(np.float32),
    )


def _terraces(level: Field, layers: float, edge: float) -> Field:
    """Steps with steep edges: what splitting a layered stone leaves."""
    scaled = level * layers
    whole = np.floor(scaled)
    return np.asarray((whole + smoothstep(1 - edge, 1.0, scaled - whole)) / layers, np.float32)


def slate(color: str = "#26292d", seed: int = 17, side: int = 2048) -> Texture:
    """Riven slate: flat terraces with flaked edges, fine grain, bluish and brownish clouds."""
    rng = np.random.default_rng(seed)
    size = (side, side)
    base = fractal_noise(rng, size, (2.5, 4), 5, 0.40)
    ripple = base + 0.22 * value_noise(rng, size, (7, 4))
    steps = _terraces(base, 1.3, 0.07) + 0.22 * _terraces(ripple, 3.5, 0.1)
    fibre = fractal_noise(rng, size, (24, 110), 4, 0.6)
    grain = fractal_noise(rng, size, (150, 150), 3, 0.7)
    height = steps + 0.1 * base + 0.022 * fibre + 0.012 * grain
    clouds = fractal_noise(rng, size, (4, 4), 4)
    tint = 1 + clouds[..., None] * np.array([0.05, 0.0, -0.05], np.float32)
    shade = 1 + 0.10 * fibre + 0.07 * grain + 0.12 * (steps - steps.mean())
    albedo = linear(color) * tint * np.clip(shade, 0.4, 1.8)[..., None]
    rough = 0.40 + 0.06 * fibre + 0.08 * clouds
    return Texture(
        np.clip(albedo, 0.004, 0.5).astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.clip(rough, 0.22, 0.75).astype(np.float32),
    )


def _pores(rng: np.random.Generator, side: int, count: int, sizes: tuple[float, float]) -> Field:
    """Air bubbles at the face of a casting: mostly tiny, a few large."""
    holes = np.zeros((side, side), np.uint8)
    for _ in range(count):
        radius = sizes[0] + (sizes[1] - sizes[0]) * rng.random() ** 6
        at = rng.uniform(0, side, 2) * 16
        axes = np.array([radius, radius * rng.uniform(0.55, 1)]) * 16
        cv2.ellipse(
            holes,
            at.astype(int).tolist(),
            np.maximum(axes, 6).astype(int).tolist(),
            float(rng.uniform(0, 180)),
            0,
            360,
            int(rng.integers(120, 255)),
            -1,
            cv2.LINE_AA,
            4,
        )
    return np.asarray(holes / np.float32(255), np.float32)


def board_marked(
    color: str = "#9a968f",
    boards: int = 9,
    ties: Sequence[tuple[float, float]] = (),
    seed: int = 23,
    side: int = 2560,
) -> Texture:
    """Concrete cast against ``boards`` sawn planks lying level: their grain, their joints, pores, stains.
    ``ties`` are the holes left by the formwork's bolts, as shares of the side."""
    rng = np.random.default_rng(seed)
    size = (side, side)
    rows = np.arange(side, dtype=np.float32)
    edges = np.linspace(0, side, boards + 1) + np.r_[0, rng.normal(0, side * 0.004, boards - 1), 0]
    number = np.clip(np.searchsorted(edges, rows, side="right") - 1, 0, boards - 1)
    proud, tone = rng.normal(0, 1, boards)[number], rng.normal(0, 1, boards)[number]
    wander = 2.0 * value_noise(rng, size, (2, 14)) + 0.8 * value_noise(rng, size, (6, 90))
    joint = np.full(size, 1e6, np.float32)
    for edge in edges[1:-1]:
        joint = np.minimum(joint, np.abs(rows[:, None] + wander - edge))
    fin = 1 - smoothstep(0.5, 3.5, joint)
    fibre = fractal_noise(rng, size, (side / 9, 12), 3, 0.65)
    clouds = fractal_noise(rng, size, (4, 4), 6, 0.55)
    pores = _pores(rng, side, 1900, (1.0, 10.0))
    holes, rims = _tie_holes(side, ties)
    drips = _drips(rng, side, ties)
    shade = 1 + 0.10 * clouds + 0.055 * tone[:, None] + 0.018 * fibre - 0.10 * fin
    shade = shade * (1 - 0.45 * pores) * (1 - 0.72 * holes) * (1 - 0.07 * rims) * (1 - 0.10 * drips)
    warm = 1 + clouds[..., None] * np.array([0.014, 0.0, -0.02], np.float32)
    height = 0.35 * proud[:, None] + 0.07 * fibre + 0.9 * fin + 0.15 * clouds - 1.6 * pores - 5 * holes
    rough = 0.78 - 0.06 * clouds + 0.04 * fibre
    return Texture(
        np.clip(linear(color) * warm * shade[..., None], 0.004, 0.9).astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.clip(rough, 0.5, 0.95).astype(np.float32),
    )


def _tie_holes(side: int, ties: Sequence[tuple[float, float]]) -> tuple[Field, Field]:
    """The holes themselves and the paler cone around each."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    nearest = np.full((side, side), 1e6, np.float32)
    for u, v in ties:
        nearest = np.minimum(nearest, np.hypot(x - u * side, y - v * side))
    radius = side * 0.0085
    return 1 - smoothstep(radius * 0.86, radius, nearest), 1 - smoothstep(radius * 1.1, radius * 1.6, nearest)


def _drips(rng: np.random.Generator, side: int, ties: Sequence[tuple[float, float]]) -> Field:
    """Pale rust runs below each hole."""
    streaks = np.zeros((side, side), np.float32)
    for u, v in ties:
        for _ in range(4):
            x = int(u * side + rng.normal(0, side * 0.004))
            top, length = int(v * side), int(side * rng.uniform(0.05, 0.16))
            fade = np.linspace(1, 0, length, dtype=np.float32)[:, None]
            cut = streaks[top : top + length, max(x - 2, 0) : x + 3]
            cut[:] = np.maximum(cut, fade[: cut.shape[0]] * np.float32(rng.uniform(0.3, 1.0)))
    return np.asarray(cv2.GaussianBlur(streaks, (0, 0), side * 0.0016), np.float32)


def screed(color: str = "#8d8a85", seed: int = 29, side: int = 2048, rough: float = 0.34) -> Texture:
    """A polished concrete floor: clouds, aggregate shining through, hairline cracks, uneven gloss."""
    rng = np.random.default_rng(seed)
    size = (side, side)
    clouds = fractal_noise(rng, size, (3, 3), 6, 0.58)
    grain = fractal_noise(rng, size, (120, 120), 4, 0.7)
    specks = smoothstep(1.5, 2.1, value_noise(rng, size, (190, 190)))
    crack = np.abs(fractal_noise(rng, size, (2.5, 2.5), 5, 0.5))
    crack = (1 - smoothstep(0.0, 0.006, crack)) * smoothstep(0.2, 0.9, value_noise(rng, size, (3, 3)))
    shade = 1 + 0.10 * clouds + 0.035 * grain - 0.16 * specks - 0.35 * crack
    warm = 1 + clouds[..., None] * np.array([0.018, 0.0, -0.025], np.float32)
    roughness = rough + 0.07 * clouds + 0.03 * grain
    height = 0.12 * grain + 0.2 * clouds - 0.5 * crack
    return Texture(
        np.clip(linear(color) * warm * shade[..., None], 0.004, 0.9).astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.clip(roughness, 0.15, 0.8).astype(np.float32),
    )


def limewash(color: str, seed: int = 31, side: int = 2048, mottle: float = 0.06) -> Texture:
    """Lime plaster put on with a broad brush and a float: crossing strokes, soft clouds, sandy grain."""
    rng = np.random.default_rng(seed)
    size = (side, side)
    clouds = fractal_noise(rng, size, (4, 4), 5, 0.55)
    strokes = np.zeros(size, np.float32)
    for turn in (0.6, -0.5, 1.4):
        plain = fractal_noise(rng, size, (36, 5), 3, 0.6)
        spin = cv2.getRotationMatrix2D((side / 2, side / 2), math.degrees(turn), 1.5)
        strokes += cv2.warpAffine(plain, spin, (side, side)) * smoothstep(
            -0.4, 1, value_noise(rng, size, (5, 5))
        )
    grain = fractal_noise(rng, size, (180, 180), 3, 0.7)
    pits = smoothstep(1.9, 2.5, value_noise(rng, size, (170, 170)))
    shade = 1 + mottle * clouds + 0.5 * mottle * strokes + 0.012 * grain - 0.08 * pits
    warm = 1 + clouds[..., None] * np.array([0.008, 0.0, -0.012], np.float32)
    height = 0.5 * clouds + 0.35 * strokes + 0.16 * grain - 0.5 * pits
    return Texture(
        np.clip(linear(color) * warm * shade[..., None], 0, 0.93).astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.clip(0.82 + 0.04 * grain, 0.6, 0.95).astype(np.float32),
    )
