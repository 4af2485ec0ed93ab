"""Concrete loft: board-marked walls, a polished floor and the low sun through a big steel window."""

from __future__ import annotations

import numpy as np

from authoring.kit import foliage, gobos, lights, props, shapes, stone, surfaces
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level, upright

CARD = SceneCard(
    key="concrete-loft",
    name_ko="콘크리트 로프트",
    name_en="Concrete loft",
    words=(
        "콘크리트, 로프트, 인더스트리얼, 노출콘크리트, 시멘트, 회색, 모던, 스트릿, 남성, 패션, 신발, 가방, 전자제품,"
        " 공장, 창문, 햇살, concrete, loft, industrial, cement, grey, modern, street, fashion, sneakers, urban"
    ),
    mood="raw, modern, dramatic",
    headline_ink="light",
    views={"eye": View(9.5, 10.2, 66, 0.7, (0, 0, 1.4), headline=(0.27, 0.05, 0.53, 0.17))},
)

WALL, PLINTH = 3.3, 0.36


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    lights.sky("#dfe7f2", 0.42)
    ties = [(u, v) for u in (0.14, 0.46, 0.78) for v in (0.22, 0.55, 0.88)]
    cast = surfaces.textured(
        stone.board_marked("#a3a29f", 7, ties),
        8.2,
        upright=True,
        offset=(0.52, 0.98),
        relief=0.018,
        shine=0.25,
    )
    shapes.wall(WALL, 18, -1, 14, cast)
    floor = surfaces.textured(
        stone.screed("#8f8e8b"), 7.0, relief=0.003, shine=0.4, coat=0.5, coat_roughness=0.16
    )
    shapes.ground(18, -12, WALL + 0.1, floor)
    block = surfaces.textured(
        stone.board_marked("#a9a8a4", 3, seed=41), 3.6, all_round=True, relief=0.006, shine=0.3
    )
    shapes.box((0, 0.2, PLINTH / 2), (3.7, 2.7, PLINTH), block, 0.025)
    shapes.box((-2.05, 2.1, 0.75), (0.95, 0.95, 1.5), block, 0.025)
    props.bud_vase((-2.05, 2.05, 1.5), surfaces.plain("#23211f", 0.45), 0.8)
    leaf, stem = surfaces.plain("#7d7a5a", 0.6), surfaces.plain("#57452f", 0.7)
    for heading, lean, length in ((0.4, 0.42, 1.5), (2.7, 0.3, 1.3), (1.2, 0.12, 1.7)):
        foliage.twig(rng, (-2.05, 2.05, 2.2), heading, lean, length, leaf, stem, 0.3)

    heading = (0.70, 0.46, -0.50)
    key = lights.sun(heading, 9.5, 0.6, (1, 0.92, 0.81))
    columns, rows = np.linspace(-4.3, 1.9, 7).tolist(), np.linspace(-2.4, 3.4, 6).tolist()
    panes = [gobos.bar(x - 0.05, -9, x + 0.05, 9) for x in columns] + [
        gobos.bar(-9, y - 0.05, 9, y + 0.05) for y in rows
    ]
    gobos.hang(gobos.opening(-4.3, -2.4, 1.9, 3.4) + panes, heading, 9)
    lights.softbox((-6, -3, 6), (0, 0, 0.6), (5, 5), 220, (0.9, 0.95, 1))
    lights.softbox((5, -4, 4), (0, 0, 0.6), (3, 3), 60, (1, 0.95, 0.9))
    return Setting(
        key=key,
        base=(0, 0, PLINTH),
        receivers=(level(PLINTH, 0.03), level(0), upright(WALL, 0.04)),
        roughness=0.5,
        product_height=2.1,
        product_width=2.6,
        exposure=0.25,
    )
