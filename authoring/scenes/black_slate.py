"""Black slate: riven stone, wet and dark, a hard rim of light from behind and thin lines of gold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from authoring.kit import lights, sets, shapes, stone, surfaces
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level

CARD = SceneCard(
    key="black-slate",
    name_ko="블랙 슬레이트 럭셔리",
    name_en="Black slate",
    words=(
        "블랙, 검정, 럭셔리, 고급, 프리미엄, 슬레이트, 석판, 돌, 향수, 시계, 주얼리, 위스키, 와인, 골드, 어두운, 밤,"
        " black, dark, luxury, premium, slate, stone, perfume, watch, jewelry, whisky, gold, moody"
    ),
    mood="dark, precious, dramatic",
    headline_ink="light",
    views={
        "eye": View(9.5, 10.0, 68, 0.7, (0, 0, 1.3), headline=(0.17, 0.06, 0.66, 0.2)),
        "angle": View(
            40, 10.8, 64, 1.1, (0, 0.5, 0.3), crop=0.88, foot=0.68, headline=(0.27, 0.05, 0.46, 0.16)
        ),
    },
)

TOP, BACK = 0.3, 9.0


def _gold_seam(rng: np.random.Generator, gold: Any) -> None:
    """A crack mended with gold, over the slab's near corner and down its edge."""
    across = np.linspace(0, 1, 16)
    x = -2.15 + 1.5 * across + np.cumsum(rng.normal(0, 0.035, 16))
    y = 0.15 - 1.5 * across**1.4 + np.cumsum(rng.normal(0, 0.03, 16))
    shapes.tube([(*p, TOP - 0.004) for p in zip(x, y, strict=True)], 0.016, gold, 0.3)


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    lights.sky("#1a2028", 0.05)
    wet = surfaces.textured(
        stone.slate("#24272b"),
        5.2,
        all_round=True,
        relief=0.03,
        shine=0.45,
        coat=0.8,
        coat_roughness=0.08 if view == "eye" else 0.24,
    )
    still = 0.05 if view == "eye" else 0.4
    floor = surfaces.plain("#08090a", 0.6, coat=0.9 if view == "eye" else 0.35, specular_ior_level=0.0)
    floor.node_tree.nodes["Principled BSDF"].inputs["Coat Roughness"].default_value = still
    shapes.ground(20, -14, BACK, floor)
    shapes.wall(BACK, 20, -1, 16, surfaces.plain("#0b0c0e", 0.7))
    sets.riven(rng, (2.1, 1.45), TOP, (0, 0.15, 0), wet)
    sets.riven(rng, (0.62, 1.0), 0.3, (-1.95, 2.45, 0.98), wet, (math.pi / 2, 0, 0.16))
    sets.riven(rng, (0.5, 1.36), 0.34, (1.78, 2.7, 1.34), wet, (math.pi / 2, 0, -0.2))
    gold = surfaces.metal("#e8b45c", 0.16)
    if view == "eye":
        sets.ring(1.32, 0.02, (0, 2.1, 0.0), gold)
    _gold_seam(rng, gold)

    power = 2200 if view == "eye" else 1100
    key = lights.window_key((3.6, 3.9, 4.6), (0, 0, 0.6), (1.2, 1.8), power, (1, 0.86, 0.66))
    lights.softbox((-4.6, 2.6, 2.8), (0, 0, 0.8), (0.7, 3.2), 520, (0.66, 0.8, 1))
    lights.softbox((-3.5, -5, 5), (0, 0, 0.8), (3, 3), 60, (0.9, 0.94, 1))
    lights.softbox((0.1, BACK - 1.6, 0.3), (0.1, BACK, 1.5), (1.6, 0.3), 130, (1, 0.72, 0.44))
    lights.softbox((0, 1.0, 7.0), (0, 1.6, 0), (4.5, 0.8), 40, (1, 0.93, 0.84))
    return Setting(
        key=key,
        base=(0, 0, TOP),
        receivers=(level(TOP, 0.05), level(0)),
        roughness=0.1,
        product_height=2.2,
        product_width=2.5,
        exposure=0.1,
    )
