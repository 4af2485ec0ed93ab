"""Picnic: gingham on summer grass, a basket and ripe peaches, sun dappled by a tree."""

from __future__ import annotations

import math

import numpy as np

from authoring.kit import garden, gobos, harvest, lights, rooms, shapes, surfaces, tabletops
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level

CARD = SceneCard(
    key="picnic-cloth",
    name_ko="피크닉",
    name_en="Picnic cloth",
    words=(
        "피크닉, 소풍, 나들이, 체크, 깅엄, 돗자리, 잔디, 풀밭, 공원, 야외, 바구니, 과일, 복숭아, 샌드위치, 도시락,"
        " 김밥, 여름, 봄,"
        " picnic, gingham, check, grass, park, outdoor, basket, fruit, peach,"
        " sandwich, lunch box, lemonade, summer, sunny"
    ),
    mood="sunny, playful, fresh",
    headline_ink="light",
    season="summer",
    views={
        "angle": View(44, 10, 60, 0.6, (0, 0.5, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.04, 0.6, 0.16)),
        "eye": View(10, 9.2, 60, 0.42, (0, 0, 1.3), headline=(0.18, 0.06, 0.64, 0.22)),
    },
)

LAWN = ("#4d7a2a", "#6a9638", "#86ab48", "#3c6424")


def _cloth(rng: np.random.Generator) -> None:
    """The cloth: nearly flat where the product stands, rippled by the grass elsewhere."""
    n = 240
    u, v = np.meshgrid(np.linspace(-4.3, 4.3, n), np.linspace(-6.0, 2.55, n))
    away = harvest.smoothstep(1.2, 3.0, np.hypot(u, v))
    ripple = 0.05 * harvest.fractal_noise(rng, (n, n), (5, 5), 4) * away
    sag = -0.10 * harvest.smoothstep(1.9, 2.5, v) - 0.1 * harvest.smoothstep(3.7, 4.3, np.abs(u))
    wave = 0.05 * harvest.value_noise(rng, (n, n), (3, 3))
    c, s = math.cos(0.1), math.sin(0.1)
    points = np.dstack([(u + wave) * c - (v + wave) * s, (u + wave) * s + (v + wave) * c, ripple + sag])
    gingham = surfaces.textured(
        tabletops.gingham(), 6.0, turn=-0.1, relief=0.006, shine=0.08, sheen=0.2, gain=0.95
    )
    shapes.grid_sheet(points, gingham, 0.012)


def _on_lawn(rng: np.random.Generator) -> tuple[float, float]:
    while True:
        x, y = rng.uniform(-8, 8), 2.2 + 7.5 * rng.random() ** 1.6
        if y > 2.45 + 0.1 * x or abs(x) > 4.3:
            return x, y


def _far_lawn(rng: np.random.Generator) -> tuple[float, float]:
    y = rng.uniform(9, garden.BACK)
    return rng.uniform(-0.55, 0.55) * (y + 14), y


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    card = rooms.card_for(CARD.views["eye"], garden.BACK, 0.0)
    rooms.hang(card, garden.picture(card, SEED), 0.75)
    lights.sky("#dcebff", 0.36)
    shapes.ground(20, -12, garden.BACK, surfaces.plain("#3f5a24", 0.9), -0.22)
    _cloth(rng)
    harvest.grass(rng, 26000, _on_lawn, (0.3, 0.75), LAWN)
    if view == "eye":  # blurred, so few and long blades do
        harvest.grass(rng, 16000, _far_lawn, (0.7, 1.5), LAWN)
    x, y = (2.5, 2.0) if view == "eye" else (2.7, 1.95)
    harvest.wicker_basket((x, y, 0.0), (1.15, 0.85), 0.85)
    for k, (dx, dy, dz) in enumerate(
        ((-0.5, -0.2, 0.72), (0.15, -0.25, 0.74), (-0.15, 0.25, 0.82), (0.6, 0.1, 0.75))
    ):
        harvest.peach((x + dx, y + dy, dz), (0.3 * (-1) ** k, -0.3, 1), 0.98, k)
    harvest.peach((-1.95, 1.2, 0.3), (0.5, -0.3, 1), 0.85, 7)
    harvest.peach((-2.6, 0.95, 0.31), (-0.3, -0.5, 1), 0.9, 8)
    harvest.peach((-2.25, 1.75, 0.3), (0.2, 0.4, 1), 0.88, 9)
    heading = (0.70, -0.30, -0.64)
    key = lights.sun(heading, 11.0, 1.1, (1, 0.92, 0.78))
    gobos.hang(harvest.dapple(rng, 34, (0.2, 0.1, 1.7)), heading, 9)
    lights.softbox((3, -6, 6), (0, 0, 0.5), (5, 4), 150, (0.95, 1, 0.95))
    return Setting(
        key=key,
        receivers=(level(0, 0.12),),
        roughness=0.85,
        product_height=2.0,
        product_width=2.4,
        exposure=0.05,
    )
