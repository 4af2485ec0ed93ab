"""Painted textures: albedo, height and roughness of a surface as arrays, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep, value_noise


@dataclass(frozen=True)
class Texture:
    """``albedo`` linear RGB; ``height`` in arbitrary units, 0 on average; ``roughness`` 0..1."""

    albedo: Field
    height: Field
    roughness: Field


@dataclass(frozen=True)
class Timber:
    """How a kind of wood looks: early and late wood, rings across a board, pores, how far boards differ."""

    light: str
    dark: str
    rings: float = 11.0
    pores: float = 0.35
    spread: float = 0.09


OAK = Timber("#d2a878", "#94653a")
PALE_OAK = Timber("#dcbb92", "#a98050", rings=9, pores=0.3, spread=0.07)
WALNUT = Timber("#9a6b47", "#4f301d", rings=10, pores=0.4, spread=0.12)


def _board(rng: np.random.Generator, timber: Timber, size: tuple[int, int]) -> tuple[Field, Field]:
    """One board, grain along x: growth rings cut by a plane that wanders through the trunk."""
    h, w = size
    v = ((np.arange(h, dtype=np.float32) + 0.5) / h - 0.5)[:, None]
    u = ((np.arange(w, dtype=np.float32) + 0.5) / w)[None]
    pith = rng.uniform(-0.9, 0.9) + 0.07 * value_noise(rng, (1, w), (1, 3))
    depth = rng.uniform(0.25, 0.9) + rng.uniform(-0.5, 0.5) * u + 0.06 * value_noise(rng, (1, w), (1, 3))
    radius = np.sqrt((v - pith) ** 2 + depth**2)
    radius = radius + 0.011 * value_noise(rng, size, (3, 6)) + 0.0035 * fractal_noise(rng, size, (10, 26), 3)
    rings = radius * timber.rings * rng.uniform(0.8, 1.25)
    uneven = rings + 0.5 * np.interp(rings.ravel(), np.arange(40), rng.uniform(0, 1, 40)).reshape(size)
    phase = uneven - np.floor(uneven)
    ring = smoothstep(0.05, 0.85, phase) * (1 - smoothstep(0.88, 1.0, phase))
    ring = ring * (0.65 + 0.35 * np.tanh(1 + value_noise(rng, size, (2, 4))))
    fibre = fractal_noise(rng, size, (h / 3, w / 110), 3, 0.7)
    fibre = fibre / fibre.std()
    streak = value_noise(rng, size, (h / 12, w / 500))
    pore = smoothstep(1.3, 2.4, value_noise(rng, size, (h / 2, w / 44))) * (0.3 + 0.7 * ring)
    late = np.clip(0.20 + 0.50 * ring + 0.065 * fibre + 0.07 * streak, 0, 1.1)[..., None]
    color = linear(timber.light) * (1 - late) + linear(timber.dark) * late
    color = color * (1 - timber.pores * pore[..., None])
    color = color * (1 + timber.spread * rng.standard_normal())
    color = color * (1 + 0.06 * value_noise(rng, size, (1.5, 4))[..., None])
    color = color * (1 + np.array([0.035, 0, -0.045]) * rng.standard_normal())
    return color.astype(np.float32), (0.05 * fibre - 0.35 * pore - 0.05 * ring).astype(np.float32)


def boards(timber: Timber, count: int = 6, seed: int = 1, side: int = 2560, gap: float = 1.0) -> Texture:
    """``count`` boards side by side, grain along x; ``gap`` is how deep the joints are (0: one sheet)."""
    rng = np.random.default_rng(seed)
    albedo = np.zeros((side, side, 3), np.float32)
    height = np.zeros((side, side), np.float32)
    edges = np.linspace(0, side, count + 1).astype(int)
    for top, bottom in pairwise(edges):
        size = (int(bottom - top), side)
        color, relief = _board(rng, timber, size)
        rows = np.arange(size[0])
        edge = np.minimum(rows, size[0] - 1 - rows).astype(np.float32)[:, None]
        edge = edge + 0.5 * value_noise(rng, size, (2, 50))
        color = color * (1 - gap * (1 - smoothstep(0, 3.0, edge)) * 0.82)[..., None]
        albedo[top:bottom] = color
        height[top:bottom] = relief - 1.3 * gap * (1 - smoothstep(0.5, 6.0, edge))
    rough = 0.42 - 0.1 * height + 0.05 * fractal_noise(rng, (side, side), (5, 5), 4)
    return Texture(np.clip(albedo, 0.002, 0.95), height, np.clip(rough, 0.2, 0.8).astype(np.float32))


def paper(color: str = "#f6ecd9", seed: int = 9, side: int = 2048, fibres: int = 900) -> Texture:
    """한지: soft clouds and long mulberry fibres."""
    rng = np.random.default_rng(seed)
    strands = np.zeros((side, side), np.float32)
    for _ in range(fibres):
        x, y = rng.uniform(0, side, 2)
        heading = rng.uniform(0, 2 * np.pi)
        points = []
        for _ in range(int(rng.integers(8, 30))):
            heading += rng.normal(0, 0.24)
            x, y = x + 7 * np.cos(heading), y + 7 * np.sin(heading)
            points.append((x, y))
        line = [np.array(points, np.int32)]
        cv2.polylines(
            strands, line, False, float(rng.uniform(0.15, 0.8)), int(rng.integers(1, 3)), cv2.LINE_AA
        )
    strands = np.asarray(cv2.GaussianBlur(strands, (0, 0), 1.2), np.float32)
    clouds = fractal_noise(rng, (side, side), (10, 10), 6)
    albedo = linear(color) * (1 + 0.03 * clouds - 0.07 * strands)[..., None]
    relief = (0.7 * strands + 0.35 * clouds).astype(np.float32)
    return Texture(
        np.clip(albedo, 0, 0.92).astype(np.float32), relief, np.full((side, side), 0.85, np.float32)
    )


def weave(color: str = "#efe5d2", threads: int = 96, seed: int = 3, side: int = 1536) -> Texture:
    """Linen: a plain weave of uneven threads."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    wander = 0.35 * value_noise(rng, (side, side), (24, 24))
    slub = 1 + 0.28 * value_noise(rng, (side, 1), (threads, 1))
    slub_across = 1 + 0.28 * value_noise(rng, (1, side), (1, threads))
    warp = np.abs(np.sin(np.pi * threads * x + wander)) * slub_across
    weft = np.abs(np.sin(np.pi * threads * y + wander)) * slub
    over = np.sin(np.pi * threads * x + wander) * np.sin(np.pi * threads * y + wander) > 0
    height = np.where(over, warp, weft * 0.9).astype(np.float32)
    shade = (0.74 + 0.26 * np.clip(height, 0, 1.3)) * (1 + 0.04 * fractal_noise(rng, (side, side), (6, 6), 4))
    albedo = np.clip(linear(color) * shade[..., None], 0, 0.92).astype(np.float32)
    return Texture(albedo, height, np.full((side, side), 0.9, np.float32))


def plaster(color: str, seed: int = 5, side: int = 1024, mottle: float = 0.03) -> Texture:
    """Hand-trowelled paint: almost one colour, with a shallow relief that catches raking light."""
    rng = np.random.default_rng(seed)
    clouds = fractal_noise(rng, (side, side), (4, 4), 5)
    grain = fractal_noise(rng, (side, side), (60, 60), 4, 0.6)
    albedo = linear(color) * (1 + mottle * clouds)[..., None]
    relief = (0.6 * clouds + 0.25 * grain).astype(np.float32)
    rough = np.clip(0.7 + 0.05 * grain, 0.4, 0.95).astype(np.float32)
    return Texture(np.clip(albedo, 0, 0.93).astype(np.float32), relief, rough)
