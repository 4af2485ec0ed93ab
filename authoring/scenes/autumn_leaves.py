"""Autumn: maple and ginkgo leaves on old boards in low golden sun, a glowing wood far behind."""

from __future__ import annotations

import numpy as np

from authoring.kit import gobos, leaves, lights, nature, props, rooms, stage, surfaces, textures, vistas
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="autumn-leaves",
    name_ko="가을 낙엽",
    name_en="Autumn leaves",
    words=(
        "가을, 낙엽, 단풍, 은행잎, 단풍잎, 황금빛, 노을, 나무, 따뜻한, 수확, 커피, 차, 밤, 감, 등산,"
        " autumn, fall, leaves, maple, ginkgo, golden, sunset, wood, warm, harvest, coffee, tea, rustic"
    ),
    mood="golden, mellow, nostalgic",
    headline_ink="dark",
    season="autumn",
    views={
        "eye": View(9, 9.4, 60, 0.42, (0, 0, 1.32), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(
            44, 10.2, 60, 0.8, (0, 0.45, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.6, 0.17)
        ),
    },
)


def _strew(rng: np.random.Generator, view: str) -> None:
    maple, ginkgo = leaves.maples(rng), leaves.ginkgos(rng)
    heaps = (
        ((-2.4, 1.9), (0.7, 0.8), 17),
        ((2.5, 1.7), (0.6, 0.8), 14),
        ((0.2, 3.2), (2.2, 0.5), 16),
        ((2.6, -1.2), (0.5, 0.6), 5),
        ((-2.7, -0.9), (0.4, 0.6), 5),
    )
    for center, spread, count in heaps:
        for i, (x, y) in enumerate(nature.scatter(rng, center, spread, count, 1.55)):
            kind, size = (
                (maple, rng.uniform(0.42, 0.62)) if rng.random() < 0.6 else (ginkgo, rng.uniform(0.38, 0.5))
            )
            kind.lay(rng, (x, y, 0.04 + 0.02 * (i % 5)), float(size), 0.28)
    if view == "eye":
        for x, z, size in ((-0.95, 1.22, 0.24), (1.02, 1.16, 0.2)):
            stage.in_front(maple.lay(rng, (x, -5.4, z), size, 0.3, (0.2, -1, 0.6)))


def build(view: str) -> Setting:
    rng = np.random.default_rng(44)
    card = rooms.card_for(CARD.views["eye"], 30.0, spread=0.02)
    rooms.hang(card, vistas.autumn_wood(card, 3), 1.5)
    lights.sky("#ffe6c4", 0.35)
    old = textures.Timber("#8d6b4d", "#4c3726", rings=13, pores=0.55, spread=0.16)
    wood = surfaces.textured(
        textures.boards(old, 6, seed=27),
        5.4,
        turn=1.52,
        relief=0.012,
        shine=0.35,
        coat=0.2,
        coat_roughness=0.3,
    )
    props.table_top(-9, 4.6 if view == "eye" else 9, 12, wood)
    _strew(rng, view)
    heading = (-0.8, -0.44, -0.36) if view == "eye" else (-0.78, -0.44, -0.46)
    key = lights.sun(heading, 9.5, 1.0, (1, 0.74, 0.42))
    blots = [
        gobos.leaf(float(x), float(y), float(t), 0.8, 0.28)
        for x, y, t in zip(
            rng.normal(-3.2, 1.2, 34), rng.normal(0.4, 1.9, 34), rng.uniform(0, 6.3, 34), strict=True
        )
    ]
    gobos.hang([*blots, gobos.bar(2.9, -8, 3.6, 8)], heading, 8, (0, 0.2))
    lights.softbox((-4, -6, 5), (0, 0, 0.5), (5, 4), 150, (1, 0.92, 0.84))
    return Setting(
        key=key,
        receivers=(level(0, 0.12),),
        roughness=0.3,
        product_height=2.1,
        product_width=2.5,
        exposure=0.25,
    )
