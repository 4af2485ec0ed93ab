"""Garden table: weathered planks in leaf shade, trees and sunlight melting away behind."""

from __future__ import annotations

import numpy as np

from authoring.kit import foliage, garden, gobos, harvest, kitchen, lights, props, rooms, surfaces, tabletops
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, in_front, level

CARD = SceneCard(
    key="garden-table",
    name_ko="정원 테이블",
    name_en="Garden table",
    words=(
        "정원, 가든, 테이블, 야외, 테라스, 나무, 원목, 빈티지, 초록, 숲, 자연, 싱그러운, 햇살, 나뭇잎,"
        " 유기농, 꿀, 과일청,"
        " garden, table, terrace, outdoor, wood, weathered, rustic, green, bokeh,"
        " forest, nature, fresh, organic, honey, juice, sunlight"
    ),
    mood="fresh, natural, sunlit",
    headline_ink="light",
    views={"eye": View(9.5, 9.2, 60, 0.42, (0, 0, 1.3), headline=(0.18, 0.06, 0.64, 0.22))},
)


def _leaf_near_the_lens(rng: np.random.Generator) -> None:
    """A sprig hanging into the left of the picture, far out of focus."""
    leaf = surfaces.plain("#5f8f3a", 0.45)
    feet, headings, sizes = [], [], []
    for k in range(7):
        feet.append((-1.16 + 0.02 * k, -5.0, 3.15 - 0.13 * k))
        headings.append(((-1) ** k * 0.7 + 0.35, rng.normal(0, 0.3), -0.6))
        sizes.append(0.34 - 0.012 * k)
    in_front(foliage.leaves(feet, headings, sizes, leaf, [(0.2, -1.0, 0.4)] * 7))


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    card = rooms.card_for(CARD.views[view], garden.BACK, 0.0)
    rooms.hang(card, garden.picture(card, 11), 0.72)
    lights.sky("#e3efd8", 0.32)
    grey = tabletops.planks(tabletops.DRIFTWOOD, 5, seed=14)
    wood = surfaces.textured(grey, 5.5, turn=0.03, relief=0.02, shine=0.3, gain=0.82)
    props.table_top(-9, 3.6, 14, wood)
    kitchen.basil(rng, (-2.1, 2.1, 0), 1.15, surfaces.plain("#b9785a", 0.85))
    kitchen.bowl((2.05, 1.95, 0), 0.8, surfaces.glaze("#e9e2d2", 0.35))
    for k, (dx, dy, dz) in enumerate(
        ((-0.3, -0.15, 0.46), (0.3, -0.1, 0.46), (0.0, 0.3, 0.5), (0.02, 0.02, 0.85))
    ):
        harvest.peach((2.05 + dx, 1.95 + dy, dz), (0.4 * (-1) ** k, -0.4, 1), 0.8, k)
    _leaf_near_the_lens(rng)
    heading = (0.72, -0.40, -0.57)
    key = lights.sun(heading, 11.5, 1.1, (1, 0.91, 0.74))
    gobos.hang(harvest.dapple(rng, 30, (0.0, 0.2, 1.4)), heading, 9)
    lights.softbox((3, -6, 5), (0, 0, 0.5), (5, 3), 130, (0.96, 1, 0.94))
    lights.softbox((0, 5, 6), (0, 0, 0.3), (5, 3), 120, (0.9, 1, 0.8))
    return Setting(
        key=key,
        receivers=(level(0, 0.05),),
        roughness=0.6,
        product_height=2.1,
        product_width=2.4,
    )
