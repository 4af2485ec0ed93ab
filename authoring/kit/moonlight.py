"""An autumn evening outdoors: hills in layers of mist under a full moon, as a far card."""

from __future__ import annotations

import math

import cv2
import numpy as np

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep, value_noise
from authoring.kit.rooms import Card, defocus

WIDTH = 1400
"""Width of the painted evening, in pixels."""
HILLS = 5


def _moon(rng: np.random.Generator, pixels: int) -> Field:
    """The full moon's disc, ``pixels`` across, brightness about 1 with its seas darker; 0 outside."""
    y, x = (np.mgrid[0:pixels, 0:pixels].astype(np.float32) + 0.5) / pixels * 2 - 1
    r = np.hypot(x, y)
    seas = fractal_noise(rng, (pixels, pixels), (2.6, 2.6), 5, 0.5)
    seas = smoothstep(0.1, 1.4, seas - 0.5 * x)
    disc = np.clip((1 - r) * pixels / 2, 0, 1)
    return np.asarray(disc * (1 - 0.30 * seas) * (1 - 0.12 * r**3), np.float32)


def evening(card: Card, seed: int, moon: tuple[float, float, float], horizon: float) -> Field:
    """The picture of the evening for a card: linear RGB, out of focus. ``moon`` is its middle and radius,
    ``horizon`` the height of the farthest ridge, both in units on the card (x, z)."""
    rng = np.random.default_rng(seed)
    per_unit = WIDTH / (2 * card.half_width)
    height = round((card.top - card.bottom) * per_unit)
    rows = card.top - (np.arange(height, dtype=np.float32) + 0.5) / per_unit
    climb = np.clip((rows - horizon) / (card.top - horizon), 0, 1)[:, None, None]
    dusk, night = linear("#6f6a96"), linear("#131b40")
    sky = dusk * (1 - climb) ** 1.6 * 0.62 + night * (0.5 + 0.4 * (1 - climb))
    sky = sky + linear("#e8a070") * 0.22 * np.exp(-((climb / 0.12) ** 2))
    picture = np.ascontiguousarray(np.broadcast_to(sky, (height, WIDTH, 3)), np.float32)
    clouds = smoothstep(0.3, 1.9, fractal_noise(rng, (height, WIDTH), (9, 3.0), 5, 0.5))[..., None]
    x = (moon[0] + card.half_width) * per_unit
    y = (card.top - moon[1]) * per_unit
    columns, lines = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(height, dtype=np.float32))
    away = np.hypot(columns - x, lines - y) / (moon[2] * per_unit)
    halo = 0.42 * np.exp(-((away / 1.9) ** 2)) + 0.16 * np.exp(-((away / 4.6) ** 2))
    picture += linear("#ffdca0") * halo[..., None]
    picture += clouds * (linear("#56527e") * 0.35 + linear("#ffd9a0") * 0.5 * halo[..., None])
    side = round(2 * moon[2] * per_unit)
    disc = _moon(rng, side)[..., None]
    top, left = round(y - side / 2), round(x - side / 2)
    patch = picture[top : top + side, left : left + side]
    veil = 1 - 0.25 * clouds[top : top + side, left : left + side]
    patch[:] = patch * (1 - (disc > 0)) + linear("#ffe9bd") * disc * 2.6 * veil + patch * (disc > 0) * 0.2
    _hills(rng, picture, (card.top - horizon) * per_unit, per_unit)
    far = card.y - card.eye[1]
    depth = np.full((height, WIDTH), far, np.float32)
    blurred = defocus(picture, depth, card.focus, far, card.spread * WIDTH)
    glare = cv2.GaussianBlur(np.clip(picture - 0.6, 0, None), (0, 0), 60)
    return np.asarray(blurred + 0.35 * glare, np.float32)


def _hills(rng: np.random.Generator, picture: Field, ridge: float, per_unit: float) -> None:
    """Ridge behind ridge, paler and bluer with distance, mist in the valleys; pines along the nearest."""
    height, width = picture.shape[:2]
    lines = np.arange(height, dtype=np.float32)[:, None]
    for i in range(HILLS):
        near = i / (HILLS - 1)
        rough = value_noise(rng, (1, width), (1, 3 + 2 * i)) * (1.7 - 0.5 * near)
        rough = rough + 0.25 * fractal_noise(rng, (1, width), (1, 14), 5, 0.55)
        if i >= HILLS - 2:
            rough = rough + 0.22 * np.abs(fractal_noise(rng, (1, width), (1, 90), 3, 0.7))
        crest = ridge + (i * 1.55 - 0.62 * rough) * per_unit
        body = np.clip(lines - crest, 0, 1)[..., None]
        mist = np.exp(-np.clip(lines - crest, 0, None) / (2.4 * per_unit))[..., None]
        tone = linear("#565a88") * (1 - near) * 0.42 + linear("#10162c") * (0.25 + 0.4 * (1 - near))
        haze = linear("#8f86ae") * 0.30 * (1 - near) ** 1.5
        hill = tone * mist + (tone + haze) * (1 - mist)
        picture[:] = picture * (1 - body) + hill * body


def lanterns(card: Card, picture: Field, seed: int, low: float) -> Field:
    """The picture with a village's warm lamps added, already out of focus, below ``low`` (z on the card)."""
    rng = np.random.default_rng(seed)
    per_unit = WIDTH / (2 * card.half_width)
    sheet = np.zeros_like(picture)
    for _ in range(16):
        x = rng.uniform(0, WIDTH)
        y = (card.top - low) * per_unit + abs(rng.normal(0, 1.4)) * per_unit
        tone = linear("#ffb060") * rng.uniform(6, 20)
        cv2.circle(sheet, (round(x), round(y)), max(1, round(0.045 * per_unit)), tone.tolist(), -1)
    far = card.y - card.eye[1]
    depth = np.full(sheet.shape[:2], far, np.float32)
    blurred = defocus(sheet, depth, card.focus, far, card.spread * math.sqrt(1.6) * WIDTH)
    return np.asarray(picture + blurred, np.float32)
