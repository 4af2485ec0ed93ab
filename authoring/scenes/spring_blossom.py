"""Spring: cherry branches over a pale table strewn with petals, flowering trees and blue sky far behind."""

from __future__ import annotations

import numpy as np

from authoring.kit import leaves, lights, nature, props, rooms, stage, surfaces, textures, vistas
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="spring-blossom",
    name_ko="봄 벚꽃",
    name_en="Spring blossom",
    words=(
        "봄, 벚꽃, 꽃, 꽃잎, 꽃놀이, 소풍, 피크닉, 분홍, 핑크, 화사한, 설렘, 신학기, 디저트, 화장품, 음료,"
        " spring, cherry blossom, sakura, flowers, petals, pink, picnic, bloom, fresh, romantic"
    ),
    mood="tender, bright, fresh",
    headline_ink="dark",
    season="spring",
    views={
        "eye": View(9, 9.4, 60, 0.45, (0, 0, 1.32), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(
            44, 10.2, 60, 0.8, (0, 0.45, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.6, 0.17)
        ),
    },
)


def _branches(rng: np.random.Generator, view: str) -> None:
    blossom = leaves.cherry(rng)
    if view == "eye":
        leaves.cherry_branch(rng, (-4.4, 1.7, 3.3), (1, 0.05, -0.22), 3.0, blossom, radius=0.075)
        leaves.cherry_branch(rng, (4.3, 2.3, 2.1), (-1, 0.1, 0.02), 1.9, blossom, radius=0.06)
        for part in leaves.cherry_branch(
            rng, (-1.25, -5.6, 1.12), (1, 0.1, 0.16), 0.5, blossom, size=0.6, forks=1
        ):
            stage.in_front(part)
        return
    leaves.cherry_branch(rng, (-3.7, 3.3, 0.4), (1, -0.42, 0.0), 3.0, blossom, radius=0.07, size=1.2)
    leaves.cherry_branch(
        rng, (3.9, -1.0, 0.35), (-1, -0.1, 0.0), 1.8, blossom, radius=0.06, size=1.15, forks=1
    )


def build(view: str) -> Setting:
    rng = np.random.default_rng(31)
    card = rooms.card_for(CARD.views["eye"], 30.0, spread=0.02)
    rooms.hang(card, vistas.blossom_trees(card, 3), 1.7)
    lights.sky("#e6effa", 0.6)
    wood = surfaces.textured(
        textures.boards(textures.Timber("#eddcc8", "#cfb79c", rings=9, pores=0.25, spread=0.03), 5, seed=8),
        5.5,
        turn=1.62,
        relief=0.004,
        shine=0.3,
        coat=0.4,
        coat_roughness=0.2,
        gain=0.84,
    )
    props.table_top(-9, 4.4 if view == "eye" else 9, 12, wood)
    _branches(rng, view)
    fallen = leaves.petals(rng)
    for x, y in nature.scatter(rng, (-1.6, 1.3), (1.5, 1.3), 34, 1.35) + nature.scatter(
        rng, (1.9, -0.9), (1.2, 1.3), 22, 1.35
    ):
        fallen.lay(rng, (x, y, 0.02), float(rng.uniform(0.22, 0.31)), 0.3)
    key = lights.sun((0.7, -0.42, -0.55), 8.0, 1.0, (1, 0.93, 0.84))
    lights.softbox((4, -6, 5), (0, 0, 0.5), (5, 4), 200, (1, 0.95, 0.97))
    return Setting(
        key=key,
        receivers=(level(0, 0.09),),
        roughness=0.22,
        product_height=2.1,
        product_width=2.5,
        exposure=0.15,
    )
