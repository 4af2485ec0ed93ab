"""Walnut desk: a quiet study at dusk, window light raking across black walnut, a brass lamp, a notebook."""

from __future__ import annotations

import numpy as np

from authoring.kit import desk, lights, props, shapes, surfaces, tabletops, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level, upright

CARD = SceneCard(
    key="walnut-desk",
    name_ko="월넛 데스크",
    name_en="Walnut desk",
    words=(
        "월넛, 호두나무, 책상, 데스크, 서재, 원목, 어두운, 차분한, 무드, 고급, 클래식, 남자, 선물, 문구, 황동, 가죽,"
        " walnut, desk, study, dark wood, moody, brass, notebook, leather, stationery,"
        " masculine, classic, whisky, watch, gift"
    ),
    mood="moody, calm, refined",
    headline_ink="light",
    views={
        "eye": View(9.5, 9.2, 60, 0.5, (0, 0, 1.3), headline=(0.24, 0.05, 0.5, 0.17)),
        "angle": View(
            44, 10, 60, 0.55, (0, 0.5, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.56, 0.18)
        ),
    },
)

WALL = 5.2


def _desk() -> None:
    walnut = tabletops.planks(tabletops.BLACK_WALNUT, 4, seed=3, gap=0.35)
    wood = surfaces.textured(walnut, 6.5, relief=0.004, shine=0.3, coat=0.5, coat_roughness=0.2, gain=0.8)
    props.table_top(-9, WALL, 14, wood)


def _dress(view: str, rng: np.random.Generator) -> None:
    brass = surfaces.metal("#c99a4e", 0.22)
    ink = surfaces.plain("#14100e", 0.2, coat=0.8)
    lit = surfaces.glow("#ffc887", 9)
    if view == "eye":
        desk.brass_lamp((2.45, 2.9, 0), 2.75, (-0.7, -0.2), brass, lit)
        top = desk.book((-2.2, 2.5, 0), (2.0, 1.5, 0.3), 0.12, "#6b3a2a", 5)
        top = desk.book((-2.15, 2.5, top), (1.8, 1.35, 0.24), -0.1, "#c9b797", 6)
        desk.tumbler(
            (-2.3, 2.5, top), surfaces.plain("#3b3f3c", 0.45), surfaces.plain("#1c0f08", 0.08), 0.34, 0.62
        )
        desk.notebook((1.95, 0.95, 0), -0.35, "#26332e", (1.1, 1.5))
        desk.pen((1.9, 0.9, 0.2), 1.0, ink, brass)
    else:
        props.napkin(rng, (-2.75, 2.35, 0), 0.35, color="#b9a88c")
        desk.notebook((2.15, 1.45, 0), -0.22, "#26332e")
        desk.pen((2.05, 1.3, 0.2), 0.65, ink, brass)
        desk.tumbler((-1.95, 2.5, 0.12), surfaces.plain("#3b3f3c", 0.45), surfaces.plain("#1c0f08", 0.08))


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    lights.sky("#a9b4c4", 0.2)
    _desk()
    wall = textures.plaster("#5d5a50", seed=8, mottle=0.06)
    shapes.wall(WALL, 16, -4, 14, surfaces.textured(wall, 6.0, upright=True, relief=0.004, shine=0.2))
    _dress(view, rng)
    key = lights.window_key((-5.6, 1.7, 3.1), (0.4, 0.1, 0.2), (2.6, 3.0), 1500, (1, 0.83, 0.62))
    lights.softbox((4, -5, 4), (0, 0, 0.5), (5, 4), 130, (0.75, 0.85, 1))
    return Setting(
        key=key,
        receivers=(level(0, 0.02 if view == "eye" else 0.1), upright(WALL)),
        roughness=0.24,
        product_height=2.2,
        product_width=2.5,
        exposure=0.45,
    )
