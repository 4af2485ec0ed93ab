"""Winter: a level place in soft snow, pine boughs under snow, last warm sun and blue shadow, firs far behind."""

from __future__ import annotations

import numpy as np

from authoring.kit import festive, frost, gobos, lights, nature, rooms, vistas
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="winter-snow",
    name_ko="겨울 눈",
    name_en="Winter snow",
    words=(
        "겨울, 눈, 설경, 눈밭, 첫눈, 눈꽃, 솔가지, 소나무, 숲, 차가운, 포근한, 보습, 크림, 핫초코, 스키,"
        " winter, snow, snowy, frost, pine, forest, cold, blue, sparkle, moisturizer, cream, ski"
    ),
    mood="quiet, crisp, glowing",
    headline_ink="dark",
    season="winter",
    views={"eye": View(9, 9.4, 60, 0.45, (0, 0, 1.32), headline=(0.2, 0.06, 0.6, 0.2))},
)


TRUNKS = ((-2.5, 0.1, 0.3), (2.1, -0.05, 0.34), (3.4, 0.12, 0.2))
"""Firs outside the picture, for their shadows: place, lean and width across the sun's rays."""


def _boughs(rng: np.random.Generator, white: object) -> None:
    for at, heading, length in (
        ((-3.9, 1.9, 0.75), (1, -0.25, -0.16), 2.1),
        ((-3.8, 2.9, 1.0), (1, 0.0, 0.02), 1.9),
        ((3.9, 2.4, 0.6), (-1, -0.2, -0.1), 1.9),
    ):
        festive.fir_branch(rng, at, heading, length, needle=0.34)
        along = np.linspace(0.1, 0.92, 15)[:, None] * length
        path = np.array(at) + along * np.array(heading) / np.linalg.norm(heading)
        side = rng.normal(0, 0.16, (15, 3)) * (0.6, 1.4, 0.1)
        frost.snow_load(rng, (path + side).tolist(), 0.2, white)


def build(view: str) -> Setting:
    rng = np.random.default_rng(52)
    card = rooms.card_for(CARD.views[view], 32.0, spread=0.017)
    rooms.hang(card, vistas.snowy_forest(card, 3), 1.6)
    lights.sky("#8fb8fb", 0.58)
    white = nature.snow_material()
    nature.snow((-8, 8, -7.5, 8), 6, white, 0.55)
    _boughs(rng, white)
    heading = (-0.8, -0.42, -0.4)
    key = lights.sun(heading, 15.0, 1.4, (1, 0.8, 0.6))
    trunks = [gobos.leaf(x, -4.0, 1.5 + lean, 5.5, wide) for x, lean, wide in TRUNKS]
    gobos.hang(trunks, heading, 9, (0, 0))
    lights.softbox((-5, -5, 5), (0, 0, 0.4), (4, 4), 90, (0.75, 0.86, 1))
    return Setting(
        key=key,
        receivers=(level(0, 0.1),),
        roughness=0.6,
        product_height=2.1,
        product_width=2.5,
        exposure=0.45,
    )
