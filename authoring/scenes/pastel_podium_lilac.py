"""Lilac podium: a flight of steps beside a round moon, light through an arched window."""

from __future__ import annotations

from authoring.kit import gobos, lights, sets, shade, shapes, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="pastel-podium-lilac",
    name_ko="라일락 포디움",
    name_en="Lilac podium",
    words=(
        "라일락, 보라, 퍼플, 라벤더, 파스텔, 포디움, 단상, 전시대, 계단, 달, 몽환적인, 로맨틱, 향수, 화장품, 디저트,"
        " lilac, lavender, purple, violet, pastel, podium, stairs, moon, dreamy, perfume, beauty, romantic"
    ),
    mood="dreamy, soft, romantic",
    headline_ink="dark",
    views={"eye": View(9.5, 10.4, 69, 0.9, (0, 0, 1.42), headline=(0.18, 0.04, 0.64, 0.15))},
)

WALL, STAND = 3.0, 0.4


def build(view: str) -> Setting:
    lights.sky("#f4f0ff", 0.5)
    wall = surfaces.textured(textures.plaster("#d0c4f4"), 4.0, upright=True, relief=0.002, shine=0.3)
    shapes.wall(WALL, 16, -1, 14, wall)
    shapes.ground(16, -12, WALL + 0.1, surfaces.plain("#d8cdf6", 0.34))
    pearl = surfaces.plain("#f7effb", 0.45)
    butter = surfaces.textured(textures.plaster("#ffe6b3", 61), 3.0, upright=True, relief=0.0015, shine=0.3)
    moon = [(x, z + 1.75) for x, z in sets.half_disc(1.28)]
    moon += [(x, 3.5 - z) for x, z in reversed(moon[1:-1])]
    sets.cut_out(moon, 0.22, (0.42, WALL - 0.5, 0.0), butter, 0.03)
    violet = surfaces.plain("#a691e0", 0.42)
    sets.cut_out(sets.archway(0.4, 0.62, 0.24), 0.5, (1.72, 1.95, 0), pearl, 0.03)
    stairs = surfaces.plain("#e3d8f8", 0.5)
    sets.cut_out([(-x, z) for x, z in sets.stair(5, 0.4, 0.44)], 1.0, (-0.75, 1.75, 0), stairs, 0.025)
    shapes.box((0, 0.1, STAND / 2), (3.1, 2.4, STAND), pearl, 0.04)
    shapes.box((0, -0.05, 0.07), (4.0, 3.1, 0.14), stairs, 0.035)
    sets.fluted(0.4, 0.7, (2.05, 0.95, 0.0), violet, 24, 0.04)
    shapes.ball(0.3, (2.05, 0.95, 1.0), surfaces.glaze("#f7effb"))
    shapes.ball(0.16, (-1.83, -0.98, 0.3), surfaces.glaze("#a691e0", 0.2))

    heading = (0.62, 0.45, -0.64)
    key = lights.sun(heading, 8.5, 0.9, (1, 0.92, 0.85))
    window = shade.arched_window(-4.2, 1.75, -3.0, 1.1) + shade.mullions((-1.0,), (-0.6, 0.9), 0.11)
    gobos.hang(window, heading, 8)
    lights.softbox((-5, -4, 6), (0, 0, 0.5), (5, 5), 320, (0.96, 0.95, 1))
    return Setting(
        key=key,
        base=(0, 0, STAND),
        receivers=(level(STAND), level(0.14), level(0), upright(WALL)),
        roughness=0.45,
        product_height=1.95,
        product_width=2.5,
        exposure=0.2,
    )
