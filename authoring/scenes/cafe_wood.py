"""Café: a light oak table by the window, warm lamps and a garden far behind, leaf shadows across the wood."""

from __future__ import annotations

import math

import numpy as np

from authoring.kit import cafe, foliage, gobos, lights, props, rooms, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level

CARD = SceneCard(
    key="cafe-wood",
    name_ko="카페 우드 테이블",
    name_en="Café wooden table",
    words=(
        "카페, 우드, 원목, 나무, 테이블, 따뜻한, 햇살, 커피, 창가, 브런치, 베이커리, 빵, 아늑한, 감성,"
        " cafe, coffee, wood, wooden, table, oak, cozy, warm, sunlight, bokeh,"
        " bakery, brunch, window, morning"
    ),
    mood="warm, cosy, morning light",
    headline_ink="dark",
    views={
        "eye": View(9.5, 9.2, 60, 0.42, (0, 0, 1.3), headline=(0.14, 0.06, 0.72, 0.22)),
        "angle": View(
            44, 10, 60, 0.55, (0, 0.5, 0.15), crop=0.88, foot=0.68, headline=(0.18, 0.05, 0.64, 0.2)
        ),
        "top": View(85, 10, 60, 0.9, (0, 0.15, 0), crop=0.88, foot=0.55, headline=(0.14, 0.07, 0.52, 0.2)),
    },
)


BOARDS_SPAN = 9.6
"""Side of the boards' texture in units: with its offset it covers all that any camera sees, unmirrored."""


def _table(view: str) -> None:
    oak = textures.boards(textures.OAK, 9, seed=3, side=3072)
    wood = surfaces.textured(
        oak,
        BOARDS_SPAN,
        turn=math.pi / 2 + 0.05,
        offset=(0.655, 0.5),
        relief=0.004,
        shine=0.3,
        coat=0.55,
        coat_roughness=0.22,
        gain=0.66,
    )
    props.table_top(-9, 4.2 if view == "eye" else 9, 12, wood)


def _dress_eye(rng: np.random.Generator) -> None:
    clay = surfaces.glaze("#f1ebe0", 0.25)
    props.cup_and_saucer((2.15, 2.0, 0), clay, handle=0.3)
    props.bud_vase((-1.95, 2.2, 0), surfaces.glaze("#b9c4b4", 0.3), 1.0)
    leaf, stem = surfaces.plain("#8aa08a", 0.55), surfaces.plain("#8a6a4a", 0.6)
    for heading, lean, length in ((3.0, 0.34, 1.75), (0.2, 0.30, 1.55), (4.4, 0.12, 2.0), (1.4, 0.2, 1.8)):
        foliage.twig(rng, (-1.95, 2.2, 0.8), heading, lean, length, leaf, stem)


def _dress_angle(rng: np.random.Generator) -> None:
    props.napkin(rng, (-2.15, 1.95, 0), 0.42)
    props.cup_and_saucer((2.3, 2.3, 0), surfaces.glaze("#f1ebe0", 0.25), handle=-0.5)
    props.coffee_beans(rng, [(1.95, -1.3, 0.36, 22), (-2.1, -1.75, 0.3, 6)])
    leaf, stem = surfaces.plain("#8aa08a", 0.55), surfaces.plain("#8a6a4a", 0.6)
    for x, y, heading in ((3.7, 0.9, 3.3), (3.6, 0.3, 3.55)):
        foliage.sprig(rng, (x, y, 0.08), heading, 1.9, leaf, stem, 0.42)


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    card = rooms.card_for(CARD.views["eye"], cafe.BACK, spread=0.026)
    rooms.hang(card, rooms.photograph(card, cafe, SEED))
    lights.sky("#fff1e0", 0.32)
    _table(view)
    if view == "eye":
        _dress_eye(rng)
    else:
        _dress_angle(rng)
    heading = (0.80, -0.26, -0.52)
    key = lights.sun(heading, 10.0, 1.0, (1, 0.87, 0.68))
    shade = gobos.frond(-2.4, -1.2, 0.5, 2.3, 0.75, 0.07, pairs=10) + gobos.frond(
        2.4, 2.1, 3.7, 2.2, 0.7, 0.07, pairs=10
    )
    panes = [gobos.bar(-0.1, -6, 0.1, 6), gobos.bar(-6, 0.1, 6, 0.26)]
    gobos.hang(gobos.opening(-2.9, -2.2, 2.6, 2.3) + panes + shade, heading, 7, (-0.1, 0.15))
    lights.softbox((-6, 5, 4), (0, 0, 0.3), (4, 4), 240, (1, 0.95, 0.88))
    lights.softbox((3, -6, 5), (0, 0, 0.5), (5, 3), 150, (1, 0.96, 0.92))
    tolerance = 0.02 if view == "eye" else 0.14
    return Setting(
        key=key,
        receivers=(level(0, tolerance),),
        roughness=0.24,
        product_height=1.9,
        product_width=2.6,
        exposure=0.1,
    )
