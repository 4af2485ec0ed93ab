"""Seollal: a lacquered soban before glowing hanji doors on a winter morning, a wrapped gift and plum blossom."""

from __future__ import annotations

import math

import numpy as np

from authoring.kit import foliage, korean, lights, props, shapes, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="seollal",
    name_ko="설날",
    name_en="Seollal (Lunar New Year)",
    words=(
        "설날, 설, 명절, 새해, 한복, 세뱃돈, 복주머니, 보자기, 선물세트, 한과, 떡국, 떡, 소반, 한옥, 한지, 매화, 전통,"
        " seollal, lunar new year, korean, holiday, traditional, gift set, bojagi, hanok,"
        " hanji, soban, plum blossom, red, indigo"
    ),
    mood="dignified, bright, festive",
    headline_ink="dark",
    season="seollal",
    views={
        "eye": View(9.5, 10.2, 62, 0.5, (0, 0, 2.75), headline=(0.24, 0.05, 0.52, 0.19)),
        "angle": View(
            40, 11, 62, 0.8, (0, 0.55, 1.6), crop=0.88, foot=0.68, headline=(0.24, 0.04, 0.52, 0.18)
        ),
    },
)

WALL = 4.4
SOBAN = 1.5
"""Height of the little table the product stands on."""


def _room() -> None:
    maru = surfaces.textured(
        textures.boards(textures.OAK, 7, seed=33),
        7.0,
        relief=0.004,
        shine=0.25,
        coat=0.5,
        coat_roughness=0.22,
        gain=0.6,
    )
    shapes.ground(14, -10, WALL + 0.2, maru)
    timber = surfaces.textured(
        textures.boards(textures.WALNUT, 3, seed=5, side=1024, gap=0),
        2.4,
        turn=math.pi / 2,
        relief=0.003,
        shine=0.35,
        coat=0.15,
        gain=0.75,
    )
    shapes.box((0, WALL, 0.15), (26, 0.24, 0.3), timber, 0.02)
    for left, right in ((-7.6, -2.1), (-2.1, 3.2), (3.2, 8.6)):
        korean.hanji_door(left, right, 0.3, 9.5, WALL, timber, 0.62)


def _dress(rng: np.random.Generator, view: str) -> None:
    red = korean.silk("#8c1620", "#cc5040")
    indigo = korean.silk("#27345f", "#7f90c4")
    cream = korean.silk("#efe3cb", "#ffffff")
    gold = surfaces.plain("#c9963f", 0.5)
    right = (2.5, 2.35, 0) if view == "eye" else (2.75, 1.9, 0)
    korean.bojagi(rng, right, (1.9, 1.9, 1.15), 0.5, red, cream)
    korean.pouch((1.42, 0.75, SOBAN), 0.6, indigo, gold, -0.25)
    props.moon_jar((-2.75, 2.0, 0), 1.15)
    bark = surfaces.plain("#4a352a", 0.85)
    plum = foliage.plum_blossom(rng)
    foliage.branch(rng, (-2.8, 1.98, 1.85), 1.75, 2.1, 0.055, bark, plum)
    foliage.branch(rng, (-2.68, 2.05, 1.85), 1.15, 1.9, 0.05, bark, plum, 9)


def build(view: str) -> Setting:
    rng = np.random.default_rng(11)
    lights.sky("#fff1e0", 0.22)
    _room()
    lacquer = surfaces.plain("#34100c", 0.42, coat=0.8)
    korean.soban((0, 0, 0), 2.05, SOBAN, lacquer)
    _dress(rng, view)
    key = lights.window_key((-6.6, 1.9, 6.2), (0, 0, SOBAN), (1.8, 2.4), 2300, (1, 0.86, 0.68))
    key.visible_glossy = False
    lights.softbox((4, -6, 6), (0, 0, 1), (5, 4), 150, (1, 0.95, 0.88))
    return Setting(
        key=key,
        base=(0, 0, SOBAN),
        receivers=(level(SOBAN, 0.03), level(0), upright(WALL, 0.1)),
        roughness=0.1,
        product_height=2.1,
        product_width=2.5,
        exposure=0.15,
    )
