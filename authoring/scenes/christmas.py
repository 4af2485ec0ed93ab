"""Christmas: a dark oak table in warm lamplight, fir and matte baubles, a gift, a lit tree far behind."""

from __future__ import annotations

import math

import numpy as np

from authoring.kit import festive, lights, props, rooms, stage, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="christmas",
    name_ko="크리스마스",
    name_en="Christmas",
    words=(
        "크리스마스, 성탄절, 연말, 겨울, 트리, 전나무, 오너먼트, 선물, 리본, 솔방울, 전구, 파티, 케이크, 따뜻한,"
        " christmas, xmas, holiday, winter, fir, tree, bauble, ornament, gift, ribbon,"
        " pine cone, fairy lights, bokeh, cosy, cake, year end"
    ),
    mood="warm, festive, glowing",
    headline_ink="light",
    season="christmas",
    views={
        "eye": View(9.5, 9.6, 60, 0.45, (0, 0, 1.28), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(
            44, 10.2, 60, 0.6, (0, 0.45, 0.15), crop=0.88, foot=0.68, headline=(0.22, 0.05, 0.56, 0.17)
        ),
    },
)

FAR = 30.0
SMOKED = textures.Timber("#6f5340", "#38271c", rings=21, pores=0.45, spread=0.14)
RED, CREAM, GOLD = "#8e1f24", "#e9dcc6", "#c39a52"


def _table(view: str) -> None:
    walnut = textures.boards(SMOKED, 7, seed=14)
    wood = surfaces.textured(
        walnut,
        7.2,
        turn=math.pi / 2 - 0.04,
        relief=0.005,
        shine=0.3,
        coat=0.45,
        coat_roughness=0.24,
        gain=0.9,
    )
    props.table_top(-9, 4.6 if view == "eye" else 10, 13, wood)


def _baubles(places: list[tuple[float, float, float, str]]) -> None:
    """Balls of (x, y, radius, kind)."""
    kinds = {
        "matte": surfaces.plain(RED, 0.5, sheen_weight=0.2),
        "gloss": surfaces.plain(RED, 0.16, coat=0.7),
        "gold": surfaces.metal(GOLD, 0.3),
        "cream": surfaces.plain(CREAM, 0.45, coat=0.2),
    }
    for i, (x, y, radius, kind) in enumerate(places):
        lean = (math.cos(2.1 * i + 0.4), math.sin(2.1 * i + 0.4) - 0.4, 0.55)
        festive.bauble((x, y, 0), radius, kinds[kind], lean)


def _dress(rng: np.random.Generator, view: str) -> None:
    tones = festive.greens()
    if view == "eye":
        for at, heading, length in (
            ((-3.9, 2.5, 0.18), (1.0, -0.22, 0.03), 2.3),
            ((-3.6, 3.1, 0.3), (1.0, 0.12, 0.2), 1.9),
            ((3.9, 3.0, 0.15), (-1.0, -0.12, 0.08), 1.7),
        ):
            festive.fir_branch(rng, at, heading, length, tones=tones)
        festive.kraft_gift((2.4, 2.4, 0), (1.25, 1.15, 0.85), 0.42)
        _baubles([(-2.05, 1.75, 0.36, "matte"), (-2.75, 1.35, 0.27, "gold"), (1.95, 1.2, 0.22, "cream")])
        festive.pine_cone(rng, (-1.6, 2.75, 0.16), 0.95, (0.5, -0.5, 0.9))
        return
    for at, heading, length in (
        ((-3.9, 2.9, 0.15), (1.0, -0.35, 0.02), 2.5),
        ((-3.6, 1.2, 0.15), (0.8, -0.5, 0.0), 1.7),
        ((3.9, -1.1, 0.15), (-0.9, -0.55, 0.02), 1.9),
    ):
        festive.fir_branch(rng, at, heading, length, tones=tones)
    festive.kraft_gift((2.25, 2.35, 0), (1.3, 1.2, 0.8), 0.5)
    _baubles(
        [
            (-1.9, 2.35, 0.36, "matte"),
            (-2.55, 1.85, 0.25, "gold"),
            (2.3, -1.1, 0.3, "gloss"),
            (2.75, 0.6, 0.2, "cream"),
        ]
    )
    festive.pine_cone(rng, (-2.3, 0.75, 0.22), 0.9, (0.9, -0.6, 0.5))
    festive.pine_cone(rng, (1.9, -1.75, 0.2), 0.75, (-0.6, -0.7, 0.5))


def build(view: str) -> Setting:
    rng = np.random.default_rng(25)
    card = rooms.card_for(CARD.views["eye"], FAR, spread=0.017)
    rooms.hang(card, festive.fairy_lights(card, 12))
    lights.sky("#ffd9b0", 0.1)
    _table(view)
    _dress(rng, view)
    if view == "eye":
        for part in festive.fir_branch(rng, (1.85, -5.0, 0.4), (-0.75, 0.3, 0.3), 0.9, needle=0.2):
            stage.in_front(part)
    key = lights.window_key((-5.0, 3.4, 4.6), (0, 0, 0.4), (1.8, 1.8), 880, (1, 0.78, 0.56))
    key.visible_glossy = False
    lights.softbox((4.5, -4, 5), (0, 0, 0.4), (4, 4), 110, (1, 0.86, 0.72))
    rim = lights.softbox((5, 4.5, 2.5), (0.5, 0, 0.5), (2, 2), 70, (0.7, 0.8, 1))
    rim.visible_glossy = False
    return Setting(
        key=key,
        receivers=(level(0, 0.05),),
        roughness=0.26,
        product_height=2.1,
        product_width=2.6,
        exposure=0.2,
    )
