"""Summer: a frosted slab among ice cubes and crushed ice in cool blue light, lemon, lime and mint."""

from __future__ import annotations

import numpy as np

from authoring.kit import frost, lights, nature, rooms, surfaces, textures, vistas
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="summer-ice",
    name_ko="여름 얼음",
    name_en="Summer ice",
    words=(
        "여름, 얼음, 아이스, 시원한, 차가운, 청량, 레몬, 라임, 민트, 음료, 에이드, 맥주, 빙수, 물방울, 쿨링,"
        " summer, ice, iced, cold, cool, refreshing, lemon, lime, mint, drink, beer, cooling, frost"
    ),
    mood="icy, fresh, thirst-quenching",
    headline_ink="dark",
    season="summer",
    views={"eye": View(10, 9.4, 60, 0.6, (0, 0, 1.32), headline=(0.2, 0.06, 0.6, 0.2))},
)

TOP = 0.16


def _bed(rng: np.random.Generator) -> None:
    ice = frost.Ice(rng)
    nature.snow((-7, 7, -6.5, 6), 9, nature.snow_material(5, 2.0), 0.22)
    for center, spread, count, floor in (
        ((-2.6, 1.0), (0.6, 0.8), 16, 0.2),
        ((2.6, 1.0), (0.6, 0.8), 16, 0.2),
        ((0.0, 2.5), (2.2, 0.5), 26, 0.25),
        ((-3.0, 1.9), (0.6, 0.6), 10, 0.75),
        ((3.0, 1.9), (0.6, 0.6), 10, 0.75),
        ((0.0, 3.3), (2.4, 0.4), 12, 0.6),
        ((-3.0, -1.4), (0.6, 0.6), 6, 0.15),
        ((3.0, -1.6), (0.5, 0.5), 6, 0.15),
    ):
        for x, y in nature.scatter(rng, center, spread, count, 1.95):
            ice.cube(rng, (x, y, floor + float(rng.uniform(0, 0.25))), float(rng.uniform(0.2, 0.36)))


def _garnish(rng: np.random.Generator) -> None:
    frost.citrus_slice(rng, "lemon", (-1.75, 1.15, 0.55), (0.5, -1, 0.45), 0.52)
    frost.citrus_slice(rng, "lime", (-2.4, 0.55, 0.42), (0.1, -1, 0.6), 0.42)
    frost.citrus_slice(rng, "lime", (1.95, 1.0, 0.5), (-0.5, -1, 0.5), 0.42)
    frost.mint(rng, (1.6, 0.75, 0.3), 0.36)
    frost.mint(rng, (-1.45, 1.5, 0.85), 0.34, (0.2, -0.5, 1))


def build(view: str) -> Setting:
    rng = np.random.default_rng(63)
    card = rooms.card_for(CARD.views[view], 28.0, spread=0.024)
    rooms.hang(card, vistas.cold_glow(card, 3), 1.5)
    lights.sky("#d3eaff", 0.7)
    _bed(rng)
    _garnish(rng)
    frosted = surfaces.textured(
        textures.plaster("#b9dcef", seed=14, mottle=0.09),
        2.6,
        relief=0.02,
        shine=0.5,
        coat=0.9,
        coat_roughness=0.1,
        all_round=True,
    )
    slab = nature.lump(rng, frosted, edge=7.0, wobble=0.012, fine=0.006, cells=40)
    frost.drops(rng, 90, (-1.75, 1.75, -1.2, 1.2), TOP - 0.02)
    slab.scale, slab.location = (1.85, 1.35, TOP / 2 + 0.12), (0, 0, TOP / 2 - 0.12)
    key = lights.sun((0.68, -0.45, -0.58), 7.0, 1.0, (1, 0.97, 0.92))
    lights.softbox((-5, 3, 5), (0, 0, 0.5), (3, 5), 420, (0.8, 0.92, 1))
    lights.softbox((4, -5, 5), (0, 0, 0.5), (4, 3), 240, (0.95, 0.98, 1))
    return Setting(
        key=key,
        base=(0, 0, TOP),
        receivers=(level(TOP, 0.05), level(0, 0.12)),
        roughness=0.12,
        product_height=2.0,
        product_width=2.3,
        exposure=0.4,
    )
