"""Table tops and cloths as painted textures: straight-grained wood, veined marble, gingham, jute, kraft paper."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep, value_noise
from authoring.kit.textures import Texture


@dataclass(frozen=True)
class Figure:
    """How a wood is figured: its three tones from light to dark, pores, how far planks differ, and how
    ``worn`` it is (0 planed, 1 grey and cracked by years outdoors)."""

    light: str
    middle: str
    dark: str
    pores: float = 0.5
    spread: float = 0.10
    worn: float = 0.0


BLACK_WALNUT = Figure("#8d6243", "#5d3c28", "#2c1a11")
SMOKED_OAK = Figure("#5f4634", "#3d2b20", "#1b120d", pores=0.6, spread=0.14)
DRIFTWOOD = Figure("#b9ab98", "#8b7c6a", "#4a3f35", pores=0.7, spread=0.12, worn=1.0)
BEECH = Figure("#dcb88c", "#c79d6e", "#a97c50", pores=0.3, spread=0.05)


def _bands(rng: np.random.Generator, position: Field, density: float) -> Field:
    """Uneven stripes over a position field, about ``density`` a unit; -1..1."""
    knots = rng.uniform(-1, 1, int(density * 8) + 8)
    at = np.clip((position + 3) * density, 0, len(knots) - 1.01)
    low = at.astype(int)
    share = (at - low).astype(np.float32)
    share = share * share * (3 - 2 * share)
    return np.asarray(knots[low] * (1 - share) + knots[low + 1] * share, np.float32)


def _plank(rng: np.random.Generator, figure: Figure, size: tuple[int, int]) -> tuple[Field, Field]:
    """One plank, grain along x: bands of growth around a heart that lies beside it."""
    h, w = size
    v = ((np.arange(h, dtype=np.float32) + 0.5) / h - 0.5)[:, None]
    u = ((np.arange(w, dtype=np.float32) + 0.5) / w - 0.5)[None]
    heart, slope = rng.uniform(-0.75, 0.75), rng.uniform(0.3, 1.1)
    v = v + 0.05 * value_noise(rng, size, (1.5, 3)) + 0.008 * value_noise(rng, size, (5, 12))
    arch = np.sqrt(
        (v - heart) ** 2 + (0.05 + slope * (u - rng.uniform(-0.6, 0.6)) * 0.45) ** 2 + 0.02 * figure.worn
    )
    arch = arch + 0.0025 * fractal_noise(rng, size, (24, 60), 3)
    broad, ring, fine = (_bands(rng, arch, d) for d in (9, 34, 130))
    fibre = fractal_noise(rng, size, (h / 2.5, w / 160), 3, 0.7)
    fibre = fibre / fibre.std()
    pore = smoothstep(1.2, 2.2, value_noise(rng, size, (h / 2, w / 36)))
    cloud = value_noise(rng, size, (1.6, 5))
    tone = np.clip(0.5 + 0.22 * broad + 0.20 * ring + 0.08 * fine + 0.045 * fibre + 0.07 * cloud, 0, 1)
    tone = tone[..., None]
    light, middle, dark = linear(figure.light), linear(figure.middle), linear(figure.dark)
    color = np.where(
        tone < 0.5, light + (middle - light) * (tone * 2), middle + (dark - middle) * (tone * 2 - 1)
    )
    color = color * (1 - figure.pores * (0.4 + 0.6 * tone) * pore[..., None])
    color = color * (1 + figure.spread * rng.standard_normal()) * (1 + 0.03 * fibre[..., None])
    height = 0.05 * fibre - 0.4 * pore - 0.12 * tone[..., 0]
    if figure.worn:
        check = value_noise(rng, size, (h / 7, 2.6)) + 0.3 * value_noise(rng, size, (h / 3, w / 60))
        crack = figure.worn * smoothstep(1.75, 2.35, check)
        color = color * (1 - 0.8 * crack[..., None])
        height = height * (1 + 2 * figure.worn) - 1.6 * crack - 0.5 * figure.worn * ring
    return color.astype(np.float32), height.astype(np.float32)


def planks(figure: Figure, count: int = 4, seed: int = 1, side: int = 2560, gap: float = 1.0) -> Texture:
    """``count`` planks side by side, grain along x; ``gap`` is how deep and dark the joints are."""
    rng = np.random.default_rng(seed)
    albedo, height = np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    edges = np.linspace(0, side, count + 1) + np.r_[0, rng.normal(0, side * 0.012, count - 1), 0]
    for top, bottom in pairwise(edges.astype(int)):
        size = (int(bottom - top), side)
        color, relief = _plank(rng, figure, size)
        rows = np.arange(size[0])
        edge = np.minimum(rows, size[0] - 1 - rows).astype(np.float32)[:, None]
        edge = edge + 0.8 * value_noise(rng, size, (2, 40))
        wide = 2.5 + 5 * figure.worn
        joint = gap * (1 - smoothstep(0, wide, edge))
        albedo[top:bottom] = color * (1 - 0.9 * joint)[..., None]
        height[top:bottom] = relief - 1.6 * gap * (1 - smoothstep(0.5, 2.2 * wide, edge))
    stain = fractal_noise(rng, (side, side), (5, 5), 5)
    albedo = albedo * (1 + 0.035 * stain)[..., None]
    rough = 0.40 + 0.35 * figure.worn - 0.08 * height + 0.05 * stain
    return Texture(
        np.clip(albedo, 0.002, 0.9).astype(np.float32),
        (height - height.mean()).astype(np.float32),
        np.clip(rough, 0.22, 0.95).astype(np.float32),
    )


def _bend(rng: np.random.Generator, field: Field, cells: float, reach: float) -> Field:
    """A field with its coordinates pushed about by ``reach`` (share of the side)."""
    side = field.shape[0]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    dx, dy = (
        reach * side * fractal_noise(rng, (side, side), (cells, cells), 5, 0.55).astype(np.float32)
        for _ in range(2)
    )
    return np.asarray(cv2.remap(field, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))


def marble(seed: int = 31, side: int = 2560) -> Texture:
    """White marble: bold grey veins with soft shoulders, branching hairlines, a breath of ochre."""
    rng = np.random.default_rng(seed)
    size = (side, side)
    ink = np.zeros(size, np.float32)
    for cells, width, depth, reach in (
        ((1.5, 4.0), 0.085, 0.8, 0.035),
        ((2.6, 6.5), 0.034, 0.5, 0.03),
        ((6, 12), 0.03, 0.25, 0.02),
    ):
        field = _bend(rng, fractal_noise(rng, size, cells, 3, 0.4), 3 * cells[0], reach)
        presence = smoothstep(-0.9, 0.5, value_noise(rng, size, (cells[0] * 1.3, cells[1])))
        thick = width * (0.35 + 1.4 * smoothstep(-0.5, 1.5, value_noise(rng, size, (5, 7))))
        away = np.abs(field)
        line = np.exp(-((away / thick) ** 1.2)) + 0.22 * np.exp(-away / (6 * width))
        ink = np.maximum(ink, depth * presence * line)
    clouds = fractal_noise(rng, size, (2.5, 4), 6)
    warm = smoothstep(0.2, 1.6, value_noise(rng, size, (3, 3)))[..., None]
    vein = linear("#6d7178") * (1 - 0.45 * warm) + linear("#9a7c55") * 0.45 * warm
    white = linear("#f1efeb") * (1 + 0.022 * clouds[..., None])
    mix = np.clip(ink + 0.05 * smoothstep(0.3, 1.6, clouds), 0, 0.85)[..., None]
    rough = np.clip(0.16 + 0.03 * clouds + 0.1 * ink, 0.08, 0.4)
    return Texture(
        np.clip(white * (1 - mix) + vein * mix, 0, 0.9).astype(np.float32),
        (-0.2 * ink).astype(np.float32),
        rough.astype(np.float32),
    )


def _plain_weave(
    rng: np.random.Generator, side: int, threads: int, wander: float
) -> tuple[Field, Field, Field]:
    """A plain weave: where the warp lies on top (0/1), how high each point is, and thread numbers' wander."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    a = threads * x + wander * value_noise(rng, (side, side), (threads / 4, 10))
    b = threads * y + wander * value_noise(rng, (side, side), (10, threads / 4))
    across = np.abs(np.sin(np.pi * a)) * (1 + 0.22 * value_noise(rng, (1, side), (1, threads)))
    down = np.abs(np.sin(np.pi * b)) * (1 + 0.22 * value_noise(rng, (side, 1), (threads, 1)))
    over = (np.sin(np.pi * a) * np.sin(np.pi * b) > 0).astype(np.float32)
    height = over * across * (0.6 + 0.4 * down) + (1 - over) * down * (0.6 + 0.4 * across)
    return over, np.asarray(height, np.float32), np.stack([a, b]).astype(np.float32)


def gingham(
    color: str = "#b5382f", white: str = "#f3ece0", checks: int = 12, seed: int = 41, side: int = 2560
) -> Texture:
    """Gingham: dyed and undyed stripes of yarn crossing in a fine plain weave."""
    rng = np.random.default_rng(seed)
    stripe = 22
    over, height, numbers = _plain_weave(rng, side, checks * stripe, 0.12)
    dyed = [(np.floor(n / stripe) % 2 == 0).astype(np.float32) for n in numbers]
    seen = over * dyed[0] + (1 - over) * dyed[1]
    ink = (0.5 * seen + 0.25 * (dyed[0] + dyed[1]))[..., None]
    uneven = 1 + 0.05 * fractal_noise(rng, (side, side), (7, 7), 4)
    shade = (0.72 + 0.28 * np.clip(height, 0, 1.2)) * uneven
    albedo = (linear(color) * ink + linear(white) * (1 - ink)) * shade[..., None]
    return Texture(
        np.clip(albedo, 0.004, 0.9).astype(np.float32), height, np.full((side, side), 0.88, np.float32)
    )


def jute(color: str = "#a57f52", threads: int = 52, seed: int = 43, side: int = 2048) -> Texture:
    """Burlap: coarse, hairy, uneven yarn with gaps between."""
    rng = np.random.default_rng(seed)
    _, height, _ = _plain_weave(rng, side, threads, 0.22)
    hair = fractal_noise(rng, (side, side), (side / 4, side / 14), 2) + fractal_noise(
        rng, (side, side), (side / 14, side / 4), 2
    )
    body = smoothstep(0.15, 0.75, height + 0.05 * hair)
    tone = (1 + 0.10 * hair + 0.10 * fractal_noise(rng, (side, side), (8, 8), 4)) * (0.22 + 0.78 * body)
    albedo = linear(color) * np.clip(tone, 0.05, 1.6)[..., None]
    relief = height + 0.15 * hair
    return Texture(
        np.clip(albedo, 0.003, 0.9).astype(np.float32),
        relief.astype(np.float32),
        np.full((side, side), 0.9, np.float32),
    )


def kraft(color: str = "#b8895c", seed: int = 47, side: int = 2048) -> Texture:
    """Brown wrapping paper: fine ribs, pale and dark flecks of pulp, a few soft creases."""
    rng = np.random.default_rng(seed)
    size = (side, side)
    pulp = fractal_noise(rng, size, (side / 14, side / 5), 3, 0.7)
    flecks = smoothstep(2.1, 2.9, value_noise(rng, size, (side / 9, side / 5)))
    pale = smoothstep(2.2, 3.0, value_noise(rng, size, (side / 5, side / 12)))
    rib = np.sin(np.arange(side, dtype=np.float32) * 2 * np.pi * 110 / side)[:, None]
    clouds = fractal_noise(rng, size, (4, 4), 5)
    crease = np.exp(-np.abs(_bend(rng, fractal_noise(rng, size, (2, 2), 2), 4, 0.02)) / 0.012)
    tone = 1 + 0.035 * pulp + 0.012 * rib + 0.03 * clouds - 0.32 * flecks + 0.2 * pale + 0.05 * crease
    albedo = linear(color) * tone[..., None]
    relief = 0.12 * pulp + 0.10 * rib + 0.5 * crease + 0.5 * clouds
    rough = np.full(size, 0.72, np.float32)
    return Texture(np.clip(albedo, 0.01, 0.9).astype(np.float32), relief.astype(np.float32), rough)
