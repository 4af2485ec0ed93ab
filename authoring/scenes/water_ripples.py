"""Ripples: a wet stone just above clear shallow water, rings running out, a web of light on an aqua floor."""

from __future__ import annotations

import numpy as np

from authoring.kit import gobos, lights, nature, rooms, shapes, stone, surfaces, vistas
from authoring.kit.cameras import View
from authoring.kit.noise import linear
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="water-ripples",
    name_ko="물결",
    name_en="Water ripples",
    words=(
        "물결, 물, 수면, 파문, 맑은, 투명한, 촉촉한, 수분, 화장품, 스킨케어, 에센스, 토너, 뷰티, 청량한, 여름,"
        " water, ripples, clear, aqua, hydrating, moisture, cosmetics, skincare, essence, toner, beauty, fresh"
    ),
    mood="pure, fresh, calm",
    headline_ink="dark",
    views={
        "eye": View(12, 9.8, 62, 0.6, (0, 0, 1.25), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(
            44, 10.4, 60, 0.9, (0, 0.45, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.6, 0.17)
        ),
    },
)

TOP = 0.05
"""The wet stone's top above the water: a film, so that stone and water mirror the product as one plane."""
FLOOR = -0.5
WALL = 7.0
RINGS = [(0.0, 0.0, 1.72, 0.02), (3.1, 3.0, 0.0, 0.011), (-3.4, -1.9, 0.0, 0.009)]
POOL = (-7.5, 7.5, -7.5, WALL)


def _floor() -> None:
    light = nature.caustics(POOL, 8, RINGS, 3.2)
    share = np.clip(0.68 + 0.3 * (np.minimum(light, 5.0) - 1), 0.2, 1.35)[..., None]
    albedo = np.clip(linear("#9be2e6") * share, 0, 0.95).astype(np.float32)
    left, right, front, back = POOL
    corners = [(left, front, FLOOR), (right, front, FLOOR), (right, back, FLOOR), (left, back, FLOOR)]
    shapes.quad(corners, surfaces.pictured(albedo, 0.9, shine=0.1))
    card = rooms.card_for(CARD.views["eye"], WALL, spread=0.02, margin=1.6)
    wall = rooms.hang(card, vistas.aqua_wall(card, 4), 1.7)
    wall.visible_shadow = False  # the sun stands behind it


def build(view: str) -> Setting:
    lights.sky("#e2f3f7", 0.7)
    _floor()
    nature.water(POOL, 8, RINGS)
    slab = surfaces.textured(
        stone.slate("#7d8b8c"), 3.2, all_round=True, relief=0.012, shine=0.4, coat=0.9, coat_roughness=0.08
    )
    shapes.cylinder(1.7, TOP - FLOOR, (0, 0, FLOOR), slab, 0.05)
    heading = (0.66, -0.42, -0.55) if view == "eye" else (0.62, -0.5, -0.62)
    key = lights.sun(heading, 11.0, 0.6, (1, 0.95, 0.86))
    gobos.hang(
        gobos.frond(-4.4, 1.6, 0.1, 3.3, 1.3, 0.1, pairs=11)
        + gobos.frond(4.6, 2.4, 3.5, 2.8, 1.2, 0.1, pairs=11),
        heading,
        7,
        (0, 0.6),
    )
    overhead = lights.softbox((-4, 4, 6), (0, 0, 0), (4, 4), 330, (0.95, 0.98, 1))
    overhead.visible_glossy = False  # the rings would mirror it as white patches
    lights.softbox((3, -6, 5), (0, 0, 0.5), (4, 3), 90, (1, 0.97, 0.94))
    return Setting(
        key=key,
        base=(0, 0, TOP),
        receivers=(level(TOP, 0.09),),
        roughness=0.1,
        product_height=2.1,
        product_width=2.3,
        exposure=0.4,
    )
