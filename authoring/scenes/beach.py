"""Beach: wind-rippled sand under a low sun, a shell and a starfish, palm shadows, a lagoon far behind."""

from __future__ import annotations

import numpy as np

from authoring.kit import gobos, lights, nature, rooms, shore, surfaces, vistas
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="beach",
    name_ko="해변",
    name_en="Beach",
    words=(
        "해변, 바다, 모래, 백사장, 여름, 휴가, 바캉스, 조개, 불가사리, 야자수, 선크림, 음료, 제주, 시원한,"
        " beach, sea, ocean, sand, summer, holiday, vacation, shell, starfish, palm, sunscreen, tropical"
    ),
    mood="sunny, open, carefree",
    headline_ink="dark",
    season="summer",
    views={
        "eye": View(9, 9.4, 60, 0.5, (0, 0, 1.32), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(
            44, 10.2, 60, 0.8, (0, 0.45, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.6, 0.17)
        ),
    },
)

PEACH, CREAM = ("#f3b79b", "#fdeadb", "#e98f76"), ("#f6ead6", "#fffaf0", "#d9b98f")


def _finds(rng: np.random.Generator, view: str) -> None:
    if view == "eye":
        shore.scallop(rng, (1.75, 1.5, 0.05), 0.78, (-0.25, 0.12, 2.3), PEACH)
        shore.scallop(rng, (2.45, 0.85, 0.03), 0.4, (0.1, 0.0, 0.6), CREAM)
        shore.starfish(rng, (-1.9, 1.25, 0.02), 0.82, (0.12, 0.06, 0.4))
        places = [(-1.35, 2.3), (2.9, 1.9), (-2.75, 0.55)]
    else:
        shore.scallop(rng, (2.0, 1.7, 0.03), 0.8, (0.0, 0.1, 2.5), PEACH)
        shore.scallop(rng, (2.35, 0.75, 0.03), 0.42, (0.1, 0.0, 0.4), CREAM)
        shore.starfish(rng, (-2.05, -1.2, 0.02), 0.85, (0.05, 0.05, 0.7))
        places = [(1.5, 2.5), (2.75, -0.1), (-2.6, 0.0)]
    stones = [surfaces.plain(color, 0.5) for color in ("#d8c8b2", "#9b8f86", "#efe6d8")]
    shore.pebbles(rng, places, (0.07, 0.13), stones)


def build(view: str) -> Setting:
    rng = np.random.default_rng(12)
    card = rooms.card_for(CARD.views["eye"], 34.0, spread=0.013)
    rooms.hang(card, vistas.seaside(card, 3), 1.5)
    lights.sky("#cfe4f5", 0.6)
    back = 7.5 if view == "eye" else 9.0
    nature.sand((-8, 8, -7.5, back), 5, dune=0.25 if view == "eye" else 0.0)
    _finds(rng, view)
    heading = (0.82, -0.34, -0.42) if view == "eye" else (0.8, -0.4, -0.5)
    key = lights.sun(heading, 11.5, 0.8, (1, 0.88, 0.7))
    gobos.hang(
        gobos.frond(-5.0, 1.3, -0.1, 3.6, 1.4, 0.085, pairs=15)
        + gobos.frond(-4.6, -1.3, 0.1, 3.0, 1.2, 0.08, pairs=13)
        + gobos.frond(4.4, 2.6, 3.5, 2.6, 1.1, 0.08, pairs=11),
        heading,
        7,
        (0, 0.3),
    )
    lights.softbox((4, -6, 6), (0, 0, 0.4), (5, 4), 160, (0.95, 0.97, 1))
    return Setting(
        key=key,
        receivers=(level(0, 0.09),),
        roughness=0.8,
        product_height=2.1,
        product_width=2.5,
        exposure=0.35,
    )
