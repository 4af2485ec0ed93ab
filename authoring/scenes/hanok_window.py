"""Hanok window: low sun through a lattice onto a hanji wall and a polished wooden floor."""

from __future__ import annotations

import math

import numpy as np

from authoring.kit import foliage, gobos, lights, props, shapes, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="hanok-window",
    name_ko="한옥 창가",
    name_en="Hanok window",
    words=(
        "한옥, 창살, 한지, 달항아리, 매화, 전통, 한국, 대청마루, 햇살, 고즈넉한, 명절, 전통차, 떡, 한과,"
        " hanok, korean, traditional, lattice, hanji, paper, moon jar, plum blossom, tea,"
        " sunlight, calm, wooden floor"
    ),
    mood="warm, calm, traditional",
    headline_ink="dark",
    views={
        "eye": View(9.5, 9.8, 64, 0.6, (0, 0, 1.3), headline=(0.28, 0.05, 0.46, 0.2)),
        "angle": View(
            42, 10.5, 62, 0.9, (0, 0.45, 0.3), crop=0.88, foot=0.68, headline=(0.28, 0.04, 0.44, 0.2)
        ),
    },
)

WALL = 2.6


def _panes(left: float, right: float, bottom: float, top: float) -> list[gobos.Outline]:
    """The shadow of a pair of lattice doors."""
    middle = (left + right) / 2
    columns: list[float] = []
    for a, b in ((left, middle), (middle, right)):
        columns += np.linspace(a, b, 7)[1:-1].tolist()
    height, step = top - bottom, (right - left) / 12
    rows = [bottom + height * share + k * step for share in (0.14, 0.5, 0.86) for k in (-1, 0, 1)]
    stiles = [gobos.bar(middle - 0.13, -5, middle + 0.13, 5)]
    return gobos.opening(left, bottom, right, top) + gobos.lattice(columns, rows, 0.055) + stiles


def build(view: str) -> Setting:
    rng = np.random.default_rng(4)
    lights.sky("#ffeeda", 0.4)
    maru = surfaces.textured(
        textures.boards(textures.OAK, 6, seed=21),
        5.2,
        relief=0.004,
        shine=0.25,
        coat=0.6,
        coat_roughness=0.2,
        gain=0.52,
    )
    shapes.ground(12, -9, WALL + 0.2, maru)
    shapes.wall(
        WALL, 12, -1, 10, surfaces.textured(textures.paper(), 4.4, upright=True, relief=0.005, shine=0.2)
    )
    timber = surfaces.textured(
        textures.boards(textures.WALNUT, 3, seed=5, side=1024, gap=0),
        2.4,
        turn=math.pi / 2,
        relief=0.003,
        shine=0.35,
        coat=0.15,
        gain=0.8,
    )
    rail = surfaces.textured(
        textures.boards(textures.WALNUT, 3, seed=6, side=1024, gap=0), 2.4, relief=0.003, coat=0.15, gain=0.8
    )
    shapes.box((0, WALL - 0.05, 0.1), (24, 0.16, 0.2), rail, 0.015)
    shapes.box((-1.62, WALL - 0.06, 5), (0.2, 0.2, 10), timber, 0.015)
    lit = surfaces.backlit(textures.paper("#fff3dc", seed=12, side=1024), 3.0, 0.75)
    props.lattice_door(-4.6, -1.74, 0.2, 6.5, WALL - 0.1, timber, lit)

    props.moon_jar((1.9, 1.45, 0), 0.86)
    bark = surfaces.plain("#4a352a", 0.85)
    plum = foliage.plum_blossom(rng)
    foliage.branch(rng, (1.86, 1.42, 1.36), 1.35, 1.75, 0.05, bark, plum)
    foliage.branch(rng, (1.94, 1.5, 1.36), 0.75, 1.6, 0.042, bark, plum, 8)

    heading = (0.66, 0.50, -0.50)
    key = lights.sun(heading, 11.0, 0.7, (1, 0.83, 0.61))
    gobos.hang(_panes(-3.7, 2.2, -2.5, 2.6), heading, 8, (0.15, 0.6))
    lights.softbox((-5, -5, 5), (0, 0, 0.6), (5, 5), 290, (1, 0.94, 0.86))
    lights.softbox((4, -2, 5), (0, 0, 0.5), (3, 3), 70, (0.86, 0.92, 1))
    return Setting(
        key=key,
        receivers=(level(0), upright(WALL - 0.06, 0.13)),
        roughness=0.24,
        product_height=1.9,
        product_width=2.6,
        exposure=0.15,
    )
