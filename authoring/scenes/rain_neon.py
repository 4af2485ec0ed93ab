"""Rainy night: a wet stone ledge above a neon street, magenta light from behind on the left, cyan on the right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from authoring.kit import lights, night, rooms, shapes
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level

CARD = SceneCard(
    key="rain-neon",
    name_ko="비 오는 밤 네온",
    name_en="Neon in the rain",
    words=(
        "네온, 비, 밤, 야경, 포차, 술집, 바, 치킨, 맥주, 하이볼, 칵테일, 야식, 포장마차, 도시, 레트로, 힙한,"
        " neon, rain, night, bar, pub, street, city, beer, chicken, cocktail,"
        " wet, puddle, reflection, cyberpunk, late night, bokeh"
    ),
    mood="electric, moody, late",
    headline_ink="light",
    views={
        "eye": View(9, 9.6, 60, 0.5, (0, 0, 1.25), headline=(0.2, 0.07, 0.6, 0.2)),
        "angle": View(
            38, 10.5, 60, 0.7, (0, 0.7, 0.3), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.6, 0.18)
        ),
    },
)

FAR = 40.0
EDGE = 11.0
"""Where the street is hung for the angle view: just past the frame, seen in the water only."""
SPAN = 9.0


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    card = rooms.card_for(CARD.views["eye"], FAR, spread=0.015, rise=16)
    picture = night.street(card, SEED)
    if view == "eye":
        rooms.hang(card, picture, 1.15)
    else:
        rooms.hang(replace(card, y=EDGE, half_width=12.2, bottom=-13.0, top=14.0), picture, 2.2)
    lights.sky("#2a2450", 0.16)
    stone, water = night.puddles(seed=11, wet=0.78)
    ground = night.wet(stone, water, night.rings(5, span=SPAN), SPAN)
    front, back = -9.0, EDGE
    shapes.ground(13, front, back, ground)
    night.beads(rng, 420, (-3.4, 3.4, -2.6, 3.6))
    key = lights.window_key((-4.6, 4.2, 4.4), (0, 0, 0.6), (1.6, 2.2), 620, (1, 0.36, 0.66))
    key.visible_glossy = False
    lights.softbox((6.8, 3.0, 3.6), (0, 0, 0.6), (1.2, 3), 300, (0.22, 0.8, 1))
    lights.softbox((1, -6, 5), (0, 0, 0.6), (4, 3), 60, (0.75, 0.78, 1))
    return Setting(
        key=key,
        receivers=(level(0, 0.04),),
        roughness=0.06,
        product_height=2.1,
        product_width=2.6,
        exposure=0.6,
    )
