"""Pastel podium: a stepped stand before an arched niche, palm shadows, a few spheres."""

from __future__ import annotations

from dataclasses import dataclass

from authoring.kit import backdrops, gobos, lights, shapes, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright


@dataclass(frozen=True)
class Palette:
    wall: str
    niche: str
    stone: str
    floor: str
    accent: str
    second: str
    sky: str


SKY_AND_PEACH = Palette(
    wall="#8fb9ea",
    niche="#ffb08f",
    stone="#fbeee0",
    floor="#a9cbf2",
    accent="#ff8a73",
    second="#ffd777",
    sky="#eef2ff",
)

CARD = SceneCard(
    key="pastel-podium",
    name_ko="파스텔 포디움",
    name_en="Pastel podium",
    words=(
        "파스텔, 포디움, 단상, 전시대, 아치, 화장품, 뷰티, 산뜻한, 귀여운, 하늘색, 복숭아, 디저트, 미니멀,"
        " pastel, podium, pedestal, stand, arch, cosmetics, beauty, skincare, cute, soft,"
        " minimal, peach, sky blue, dessert"
    ),
    mood="fresh, playful, clean",
    headline_ink="dark",
    views={
        "eye": View(9.5, 10.5, 70, 0.9, (0, 0, 1.42), headline=(0.17, 0.05, 0.66, 0.17)),
        "angle": View(
            40, 11.5, 66, 1.2, (0, 0.55, 0.55), crop=0.88, foot=0.66, headline=(0.16, 0.05, 0.68, 0.18)
        ),
    },
)

STAND_TOP, STEP_TOP = 0.34, 0.16
WALL = 2.9
NICHE_DEPTH = 0.9


def build(view: str, palette: Palette = SKY_AND_PEACH) -> Setting:
    lights.sky(palette.sky, 0.5)
    matte = surfaces.textured(textures.plaster(palette.wall), 4.0, upright=True, relief=0.0022, shine=0.3)
    stone = surfaces.plain(palette.stone, 0.55)
    niche = surfaces.plain(palette.niche, 0.75)
    shapes.ground(16, -12, WALL + 2, surfaces.plain(palette.floor, 0.34))
    backdrops.arch_wall(WALL, 0.0, 1.5, 1.75, NICHE_DEPTH, (matte, stone, niche))
    backdrops.arch_frame(WALL, 0.0, 1.5, 1.75, 0.17, 0.12, stone)

    shapes.cylinder(1.95, STEP_TOP, (0, 0, 0), stone, 0.045)
    shapes.cylinder(1.55, STAND_TOP, (0, 0, 0), stone, 0.045)
    shapes.box((0, WALL + 0.35, 0.22), (2.3, 0.9, 0.44), stone, 0.03)
    shapes.box((0, WALL + 0.55, 0.62), (1.75, 0.55, 0.4), stone, 0.03)

    accent = surfaces.plain(palette.accent, 0.38)
    second = surfaces.plain(palette.second, 0.4)
    shapes.cylinder(0.52, 1.25, (-1.92, 1.78, 0), accent, 0.045)
    shapes.ball(0.25, (-1.92, 1.74, 1.5), surfaces.metal("#f0bd62", 0.14))
    shapes.cylinder(0.46, 0.62, (1.98, 1.58, 0), second, 0.045)
    shapes.ball(0.36, (1.97, 1.58, 0.98), surfaces.glaze(palette.stone))
    shapes.ball(0.19, (1.72, -1.42, 0.19), accent)
    shapes.ball(0.12, (2.06, -1.2, 0.12), surfaces.metal("#f0bd62", 0.14))

    heading = (0.60, 0.46, -0.66)
    key = lights.sun(heading, 7.0, 1.1, (1, 0.92, 0.82))
    gobos.hang(
        gobos.frond(-3.9, 0.6, 0.5, 3.9, 1.35, 0.085, pairs=11)
        + gobos.frond(-2.9, 2.9, 0.0, 4.0, 1.4, 0.09, pairs=11)
        + gobos.frond(3.9, 3.4, 3.5, 3.2, 1.3, 0.085, pairs=10)
        + gobos.frond(3.3, -1.7, 2.45, 2.6, 1.0, 0.075, pairs=10),
        heading,
        7,
        (0, 0.9),
    )
    lights.softbox((-5, -4, 6), (0, 0, 0.5), (5, 5), 330, (0.95, 0.97, 1))
    lights.softbox((0, WALL + 0.4, 3.1), (0, WALL + 0.6, 0), (1.4, 0.5), 34, (1, 0.82, 0.66))
    return Setting(
        key=key,
        base=(0, 0, STAND_TOP),
        receivers=(level(STAND_TOP), level(0), level(STEP_TOP), upright(WALL), upright(WALL + NICHE_DEPTH)),
        roughness=0.55,
        product_height=1.9,
        product_width=2.4,
        exposure=0.2,
    )
