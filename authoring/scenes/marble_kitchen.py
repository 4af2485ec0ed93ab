"""Marble kitchen: white veined marble in morning light, a bright kitchen out of focus, lemons and basil."""

from __future__ import annotations

import numpy as np

from authoring.kit import gobos, kitchen, lights, props, rooms, surfaces, tabletops
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level

CARD = SceneCard(
    key="marble-kitchen",
    name_ko="대리석 주방",
    name_en="Marble kitchen",
    words=(
        "대리석, 주방, 부엌, 조리대, 아일랜드, 밝은, 깨끗한, 산뜻한, 레몬, 허브,"
        " 요리, 식재료, 밀키트, 주스, 아침, 신선한,"
        " marble, kitchen, counter, bright, clean, fresh, lemon, basil, herbs,"
        " cooking, meal kit, juice, morning, white"
    ),
    mood="bright, fresh, clean",
    headline_ink="dark",
    views={
        "eye": View(9.5, 9.2, 60, 0.42, (0, 0, 1.3), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(
            44, 10, 60, 0.6, (0, 0.5, 0.15), crop=0.88, foot=0.68, headline=(0.22, 0.05, 0.56, 0.18)
        ),
    },
)


def _dress(view: str, rng: np.random.Generator) -> None:
    clay = surfaces.glaze("#e8e4dc", 0.3)
    pot = surfaces.plain("#c98863", 0.8)
    if view == "eye":
        kitchen.bowl_of_lemons((2.05, 2.0, 0), 0.85, clay)
        kitchen.basil(rng, (-2.05, 2.0, 0), 1.15, pot)
        kitchen.lemon_half((1.75, 0.75, 0.2), (-0.5, -0.7, 0.55), 0.75)
    else:
        kitchen.cutting_board((-2.45, 1.35, 0), (1.7, 2.0), 0.42)
        kitchen.bowl_of_lemons((2.25, 2.1, 0), 0.9, clay)
        kitchen.basil(rng, (-2.5, 2.3, 0.16), 0.95, pot)
        kitchen.lemon_half((2.05, 0.55, 0.2), (-0.4, -0.4, 0.8), 0.8)
        kitchen.lemon_half((2.55, 0.25, 0.2), (0.3, -0.6, 0.75), 0.8)


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    card = rooms.card_for(CARD.views["eye"], kitchen.BACK, spread=0.026)
    rooms.hang(card, rooms.photograph(card, kitchen, SEED))
    lights.sky("#f2f6ff", 0.42)
    stone = surfaces.textured(
        tabletops.marble(), 7.0, turn=0.6, relief=0.0, shine=0.4, coat=0.5, coat_roughness=0.12, gain=0.94
    )
    props.table_top(-9, 4.0 if view == "eye" else 9, 14, stone)
    _dress(view, rng)
    heading = (0.80, -0.22, -0.55)
    key = lights.sun(heading, 8.5, 1.4, (1, 0.93, 0.83))
    panes = [gobos.bar(-0.09, -6, 0.09, 6), gobos.bar(-6, -0.5, 6, -0.36)]
    gobos.hang(gobos.opening(-3.0, -2.3, 2.6, 2.4) + panes, heading, 8, (-0.35, 0.1))
    lights.softbox((-6, 4, 5), (0, 0, 0.3), (4, 4), 240, (0.95, 0.98, 1))
    lights.softbox((3, -6, 5), (0, 0, 0.5), (5, 3), 130, (1, 0.98, 0.95))
    return Setting(
        key=key,
        receivers=(level(0, 0.02 if view == "eye" else 0.18),),
        roughness=0.14,
        product_height=2.1,
        product_width=2.4,
        exposure=0.2 if view == "eye" else 0.3,
    )
