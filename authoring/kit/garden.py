"""A garden far behind, out of focus: painted, since nothing of it is ever seen sharp."""

from __future__ import annotations

import cv2
import numpy as np

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep
from authoring.kit.rooms import Card

BACK = 26.0
"""The garden's depth in units."""
PIXELS = 720


def _disc(radius: float) -> Field:
    """The image of a bright point: an even disc, a little brighter at its rim."""
    n = 2 * int(radius + 2) + 1
    y, x = np.mgrid[0:n, 0:n] - n // 2
    away = np.hypot(x, y)
    rim = 1 + 0.35 * smoothstep(0.75 * radius, radius, away)
    return np.asarray(np.clip(radius - away + 0.7, 0, 1) * rim, np.float32)


def _glints(
    rng: np.random.Generator, view: Field, count: int, top: float, bottom: float, radius: float
) -> None:
    """Sun through leaves: overlapping discs, mostly faint, denser in clumps."""
    height, width = view.shape[:2]
    tones = [linear(c) for c in ("#f4f2a8", "#d9ea86", "#fff6d6", "#b6d86a")]
    clumps = np.c_[rng.uniform(0, width, 14), rng.uniform(top * height, bottom * height, 14)]
    for _ in range(count):
        x, y = clumps[int(rng.integers(14))] + rng.normal(0, [0.09 * width, 0.05 * height])
        disc = _disc(radius * rng.uniform(0.6, 1.1))
        half = disc.shape[0] // 2
        left, up = int(x) - half, int(y) - half
        if left < 0 or up < 0 or left + 2 * half >= width or up + 2 * half >= height:
            continue
        patch = view[up : up + 2 * half + 1, left : left + 2 * half + 1]
        patch += disc[..., None] * tones[int(rng.integers(4))] * rng.uniform(0.08, 0.55) ** 1.3


def picture(card: Card, seed: int, horizon: float = 0.0) -> Field:
    """Trees against the light over a sunlit lawn, as linear RGB on a card; ``horizon`` is the height in units
    at which the lawn ends."""
    rng = np.random.default_rng(seed)
    width = PIXELS
    height = round(PIXELS * (card.top - card.bottom) / (2 * card.half_width))
    line = (card.top - horizon - 1.2) / (card.top - card.bottom)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    crown = fractal_noise(rng, (height, width), (9, 6), 4, 0.55)
    light = smoothstep(-0.9, 1.3, crown + 0.9 * (1 - rows / line))
    shade, sun, air = linear("#2f4a22"), linear("#9dbb55"), linear("#f3f5d8")
    view = shade * (1 - light[..., None]) + sun * light[..., None]
    gap = smoothstep(0.75, 1.9, crown + 1.1 * (0.5 - rows / line))[..., None]
    view = view * (1 - gap) + 1.5 * air * gap
    lawn = smoothstep(line - 0.012, line + 0.02, rows + 0.006 * crown)[..., None]
    stripes = smoothstep(-0.6, 0.9, fractal_noise(rng, (height, width), (40, 5), 3))[..., None]
    grass = linear("#5d8436") * (1 - stripes) + 1.25 * linear("#b4c964") * stripes
    view = np.ascontiguousarray(view * (1 - lawn) + grass * lawn, np.float32)
    view = np.ascontiguousarray(cv2.GaussianBlur(view, (0, 0), 9), np.float32)
    _glints(rng, view, 420, 0.45 * line, 0.95 * line, 17)
    return np.asarray(cv2.GaussianBlur(view, (0, 0), 1.6), np.float32)
