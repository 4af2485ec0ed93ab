"""Far views as blurred cards: the sea, blossoming trees, autumn woods, a snowy forest.

Each function paints a landscape for a ``Card`` sharp and in linear light, throws it out of focus, and returns the
picture for ``rooms.hang``. Heights are the card's own: units above the table, at the card's depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from authoring.kit.noise import Field, fractal_noise, linear, smoothstep
from authoring.kit.rooms import Card, defocus

PIXELS = 900
"""Width of a painted card."""
VIVID = 1.45
"""Saturation of a card: the tone curve takes much of it away again."""


class Canvas:
    """A card's picture while it is painted, with the depth of what was painted where."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.scale = PIXELS / (2 * card.half_width)
        height = round((card.top - card.bottom) * self.scale)
        self.far = card.y - card.eye[1]
        self.picture: Field = np.zeros((height, PIXELS, 3), np.float32)
        self.depth: Field = np.full((height, PIXELS), self.far, np.float32)
        rows, columns = np.mgrid[0:height, 0:PIXELS].astype(np.float32)
        self.x, self.z = columns / self.scale - card.half_width, card.top - rows / self.scale

    def at(self, x: float, z: float) -> tuple[int, int]:
        """The pixel of a point on the card."""
        return round((x + self.card.half_width) * self.scale), round((self.card.top - z) * self.scale)

    def fade(self, stops: Sequence[tuple[float, str, float]], where: Field | None = None) -> None:
        """Fill from below upwards with ``(height, colour, brightness)`` stops, where ``where`` is 1."""
        heights = [stop[0] for stop in stops]
        tones = np.array([linear(color) * gain for _, color, gain in stops])
        fill = np.stack([np.interp(self.z, heights, tones[:, c]) for c in range(3)], 2).astype(np.float32)
        weight = np.ones_like(self.z)[..., None] if where is None else where[..., None]
        self.picture = np.asarray(self.picture * (1 - weight) + fill * weight, np.float32)

    def blot(
        self, x: float, z: float, size: tuple[float, float], turn: float, tone: Field, depth: float
    ) -> None:
        """One flat ellipse; ``size`` are its half axes in units."""
        axes = (max(1, round(size[0] * self.scale)), max(1, round(size[1] * self.scale)))
        cv2.ellipse(self.picture, self.at(x, z), axes, turn, 0, 360, tone.tolist(), -1)
        cv2.ellipse(self.depth, self.at(x, z), axes, turn, 0, 360, depth, -1)

    def stroke(self, points: Sequence[tuple[float, float]], width: float, tone: Field, depth: float) -> None:
        """A trunk or a bough."""
        line = [np.array([self.at(x, z) for x, z in points], np.int32)]
        thick = max(1, round(width * self.scale))
        cv2.polylines(self.picture, line, False, tone.tolist(), thick, cv2.LINE_AA)
        cv2.polylines(self.depth, line, False, depth, thick)

    def blurred(self, vivid: float = VIVID) -> Field:
        """The picture out of focus, as far as the card says."""
        radius = self.card.spread * PIXELS
        light = defocus(self.picture, self.depth, self.card.focus, self.far, radius)
        grey = light.mean(2, keepdims=True)
        return np.asarray(np.maximum(grey + vivid * (light - grey), 0), np.float32)


@dataclass(frozen=True)
class Foliage:
    """The crowns of a wood: leaf tones with their share of the light, the size of a leaf in units."""

    tones: tuple[tuple[str, float], ...]
    leaf: float = 0.22
    leaves: int = 260
    lit: tuple[float, float] = (0.7, 0.7)
    """The direction the light comes from, to the right and up: leaves on that side of a crown are brighter."""


def _crown(
    rng: np.random.Generator, canvas: Canvas, x: float, z: float, radius: float, kind: Foliage, depth: float
) -> None:
    places = rng.normal(0, 0.45, (kind.leaves, 2)) * np.array([1.15, 0.85])
    light = places @ np.array(kind.lit)
    for (a, b), lit in sorted(zip(places.tolist(), light.tolist(), strict=True), key=lambda p: p[1]):
        color, gain = kind.tones[int(rng.integers(len(kind.tones)))]
        tone = linear(color) * gain * float(np.clip(1 + 0.75 * lit + rng.normal(0, 0.2), 0.3, 2.6))
        size = kind.leaf * rng.uniform(0.5, 1.4)
        canvas.blot(
            x + a * radius, z + b * radius, (size, size * 0.6), rng.uniform(0, 180), np.asarray(tone), depth
        )


def _wood(
    rng: np.random.Generator,
    canvas: Canvas,
    crowns: Sequence[tuple[float, float, float, float]],
    kind: Foliage,
) -> None:
    """Crowns of (x, z, radius, depth), the farthest first."""
    for x, z, radius, depth in sorted(crowns, key=lambda c: -c[3]):
        _crown(rng, canvas, x, z, radius, kind, depth)


def _clouds(rng: np.random.Generator, canvas: Canvas, base: float, gain: float) -> None:
    shape = fractal_noise(rng, canvas.z.shape, (7, 3), 5, 0.55)
    cover = smoothstep(0.2, 1.6, shape) * smoothstep(base, base + 3, canvas.z)
    canvas.picture += (gain * cover)[..., None].astype(np.float32)


def seaside(card: Card, seed: int, horizon: float = 1.6) -> Field:
    """A bright lagoon: pale sky, deep turquoise far out, aqua shallows, a line of surf, sun on the water."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(card)
    canvas.fade([(horizon, "#e9f3f2", 1.25), (horizon + 2.5, "#c4e2f0", 1.15), (horizon + 9, "#86bde2", 1.0)])
    _clouds(rng, canvas, horizon, 0.35)
    sea = (canvas.z < horizon).astype(np.float32)
    canvas.fade(
        [
            (horizon - 8, "#f1e3c6", 0.95),
            (horizon - 6.4, "#e4e6d2", 0.95),
            (horizon - 5.6, "#a6dcd2", 0.95),
            (horizon - 3.4, "#4fc0c4", 0.9),
            (horizon - 1.2, "#1f9db4", 0.85),
            (horizon, "#2787ab", 0.85),
        ],
        sea,
    )
    chop = fractal_noise(rng, canvas.z.shape, (90, 12), 4, 0.7)
    canvas.picture *= (1 + 0.16 * chop * sea)[..., None].astype(np.float32)
    for base, width in ((horizon - 5.7, 0.3), (horizon - 4.5, 0.14), (horizon - 3.6, 0.08)):
        wander = np.interp(canvas.x[0], np.linspace(-25, 25, 24), rng.normal(0, 0.22, 24))
        foam = np.exp(-(((canvas.z - base - wander[None]) / width) ** 2)) * np.clip(0.75 + 0.5 * chop, 0, 1)
        canvas.picture += (0.85 * foam)[..., None].astype(np.float32) * linear("#f4fbfa")
    for _ in range(420):
        x, z = rng.normal(5.0, 6.0), horizon - 0.15 - abs(rng.normal(0, 1.7))
        glint = linear("#fff4dc") * rng.uniform(4, 30)
        canvas.blot(x, z, (0.05, 0.025), 0, np.asarray(glint), canvas.far)
    return canvas.blurred()


def _crowns(
    rng: np.random.Generator,
    canvas: Canvas,
    count: int,
    heights: tuple[float, float],
    radii: tuple[float, float],
    gap: float,
) -> list[tuple[float, float, float, float]]:
    """Crowns spread over the card, sparser within ``gap`` of the middle."""
    out = []
    half = canvas.card.half_width
    for _ in range(count):
        x = float(rng.uniform(-half, half))
        z = float(rng.uniform(*heights)) + 0.3 * max(0.0, abs(x) - gap) - 1.5 * max(0.0, 1 - abs(x) / gap)
        out.append((x, z, float(rng.uniform(*radii)), canvas.far * float(rng.uniform(0.75, 1.1))))
    return out


def blossom_trees(card: Card, seed: int) -> Field:
    """Cherry trees in full flower under a clear blue sky."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(card)
    canvas.fade(
        [
            (-9, "#a9c48a", 0.8),
            (-4.5, "#cfdcae", 0.95),
            (-3.5, "#e6eff5", 1.0),
            (3, "#b9daf3", 1.1),
            (11, "#86bdec", 1.05),
        ]
    )
    pinks = Foliage(
        (("#f6c6d2", 0.85), ("#fbdfe5", 0.95), ("#eea9bd", 0.75), ("#fff1f3", 1.1), ("#d98aa3", 0.55)),
        0.2,
        240,
    )
    bark = linear("#5b4640") * 0.8
    for x in (-10.5, -5.6, 6.8, 11.5):
        bend = rng.normal(0, 0.6, 4)
        path = [(x + bend[0], -8.0), (x + bend[1] * 0.6, -4.0), (x + bend[2], 0.5), (x + 1.2 * bend[3], 5.0)]
        canvas.stroke(path, rng.uniform(0.5, 0.8), np.asarray(bark), canvas.far)
    _wood(rng, canvas, _crowns(rng, canvas, 46, (-2.6, 5.0), (1.5, 2.6), 5.0), pinks)
    for _ in range(70):
        tone = linear("#fff6f2") * rng.uniform(3, 9)
        canvas.blot(rng.uniform(-14, 14), rng.normal(0.6, 2.8), (0.06, 0.06), 0, np.asarray(tone), canvas.far)
    return canvas.blurred()


def autumn_wood(card: Card, seed: int) -> Field:
    """Maples and ginkgos in low sun, seen against the light."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(card)
    canvas.fade(
        [
            (-9, "#8a5a2c", 0.45),
            (-4.5, "#b98240", 0.6),
            (-2, "#f3cf8e", 1.0),
            (3, "#ffe9bd", 1.5),
            (11, "#f6dcae", 1.3),
        ]
    )
    glow = np.exp(-((canvas.x - 5) ** 2 / 60 + (canvas.z - 5.5) ** 2 / 22))
    canvas.picture += (1.6 * glow)[..., None].astype(np.float32) * linear("#ffdf9e")
    golds = Foliage(
        (
            ("#e0912c", 0.8),
            ("#c4481f", 0.8),
            ("#f2bb45", 1.1),
            ("#8c3a1c", 0.5),
            ("#b0562a", 0.7),
            ("#ffd676", 1.3),
        ),
        0.24,
        200,
    )
    bark = linear("#3a2819") * 0.6
    for x in (-11.8, -7.4, -3.6, 4.6, 9.3, 12.6):
        path = [(x, -9.0), (x + rng.normal(0, 0.3), 0.0), (x + rng.normal(0, 0.5), 10.0)]
        canvas.stroke(path, rng.uniform(0.35, 0.8), np.asarray(bark), canvas.far * 1.05)
    _wood(rng, canvas, _crowns(rng, canvas, 40, (-1.5, 7.5), (1.4, 2.5), 4.5), golds)
    for _ in range(110):
        tone = linear("#ffe6b0") * rng.uniform(4, 16)
        place = (rng.uniform(-14, 14), rng.normal(2.6, 3.0))
        canvas.blot(*place, (0.07, 0.07), 0, np.asarray(tone), canvas.far)
    return canvas.blurred(1.12)


def _fir(
    rng: np.random.Generator, canvas: Canvas, x: float, foot: float, height: float, depth: float
) -> None:
    """A fir under snow: dark below each bough, white upon it."""
    haze = float(np.clip(depth / canvas.far - 0.7, 0, 1))
    dark, snow = linear("#3f5a66") * 0.5, linear("#eaf1fb") * 0.95
    air = linear("#cfdcec") * 0.9
    for step in np.linspace(0, 1, 26):
        z, reach = foot + height * step, 0.3 * height * (1 - step) ** 0.85 + 0.06
        for _ in range(7):
            a = float(rng.uniform(-1, 1))
            for tone, drop in ((dark, -0.12), (snow, 0.06)):
                mixed = tone * (1 - haze) + air * haze
                mixed = mixed * (1 + 0.25 * a)
                size = (0.34 * reach * rng.uniform(0.6, 1.2) + 0.08, 0.07 + 0.05 * reach)
                place = (x + a * reach, z - 0.45 * abs(a) * reach + drop)
                canvas.blot(*place, size, -18 * a, np.asarray(mixed), depth)


def snowy_forest(card: Card, seed: int) -> Field:
    """Firs deep in snow at a cold day's end, the last sun low between them."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(card)
    canvas.fade(
        [
            (-9, "#b9cbe2", 0.75),
            (-4, "#d3deee", 0.85),
            (-1.5, "#f5d9c3", 1.1),
            (2.5, "#dfe0ee", 1.0),
            (11, "#a3bddf", 0.85),
        ]
    )
    glow = np.exp(-((canvas.x - 5.5) ** 2 / 30 + (canvas.z - 0.6) ** 2 / 9))
    canvas.picture += (1.8 * glow)[..., None].astype(np.float32) * linear("#ffc98f")
    trees = [
        (float(x), float(rng.uniform(7, 12)), 1.25) for x in np.linspace(-15, 15, 19) + rng.normal(0, 0.5, 19)
    ]
    trees += [(x, h, 0.9) for x, h in ((-12.5, 15.0), (-8.2, 11.0), (8.8, 10.5), (12.2, 15.0))]
    for x, height, depth in trees:
        low = 0.62 if depth > 1 and abs(x) < 5 else 1.0
        _fir(rng, canvas, x, -6.0, height * low, canvas.far * depth)
    for _ in range(60):
        tone = linear("#ffe2bf") * rng.uniform(4, 14)
        place = (5.5 + rng.normal(0, 4.0), 0.4 + rng.normal(0, 1.6))
        canvas.blot(*place, (0.07, 0.07), 0, np.asarray(tone), canvas.far)
    return canvas.blurred()


def cold_glow(card: Card, seed: int) -> Field:
    """Cool blue air with soft discs of light in it, paler to the upper left."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(card)
    canvas.fade([(-9, "#7fb6dd", 0.6), (-3, "#a9d4ee", 0.85), (3, "#cfe8f6", 1.05), (11, "#8fc3e6", 0.9)])
    glow = np.exp(-((canvas.x + 4) ** 2 / 70 + (canvas.z - 3) ** 2 / 40))
    canvas.picture += (0.6 * glow)[..., None].astype(np.float32)
    for _ in range(90):
        tone = linear("#eaf7ff") * rng.uniform(2, 12)
        place = (rng.uniform(-14, 14), -2.5 + abs(rng.normal(0, 2.2)))
        canvas.blot(*place, (0.06, 0.06), 0, np.asarray(tone), canvas.far)
    return canvas.blurred()


def aqua_wall(card: Card, seed: int) -> Field:
    """A pale aqua wall behind a pool: lighter to the upper left, a web of light from the water dancing on it."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(card)
    canvas.fade([(-2, "#6fbcc4", 0.7), (0.3, "#8ed2d6", 0.85), (2.5, "#bfe6e6", 1.0), (6, "#d9f0ee", 1.05)])
    glow = np.exp(-((canvas.x + 2) ** 2 / 16 + (canvas.z - 3.2) ** 2 / 8))
    web = 1 - np.abs(fractal_noise(rng, canvas.z.shape, (16, 9), 2, 0.5))
    light = glow * (0.28 + 0.5 * smoothstep(0.6, 1.0, web) * smoothstep(0.0, 2.0, canvas.z))
    canvas.picture += light[..., None].astype(np.float32) * linear("#f2fffb")
    return canvas.blurred(1.3)
