"""Mint podium: arches nested one inside another, a fluted drum, a monstera's shadow."""

from __future__ import annotations

from authoring.kit import gobos, lights, sets, shade, shapes, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="pastel-podium-mint",
    name_ko="민트 포디움",
    name_en="Mint podium",
    words=(
        "민트, 파스텔, 포디움, 단상, 전시대, 아치, 초록, 그린, 산뜻한, 상큼한, 화장품, 스킨케어, 비건, 디저트, 여름,"
        " mint, green, pastel, podium, pedestal, arch, fresh, skincare, cosmetics, vegan, monstera, dessert"
    ),
    mood="fresh, soft, natural",
    headline_ink="dark",
    views={"eye": View(9.5, 10.4, 69, 0.9, (0, 0, 1.42), headline=(0.18, 0.04, 0.64, 0.15))},
)

WALL, STAND, STEP = 3.2, 0.46, 0.14


def build(view: str) -> Setting:
    lights.sky("#f1fff6", 0.5)
    wall = surfaces.textured(textures.plaster("#a9dcc3"), 4.0, upright=True, relief=0.002, shine=0.3)
    shapes.wall(WALL, 16, -1, 14, wall)
    shapes.ground(16, -12, WALL + 0.1, surfaces.plain("#b7e3cd", 0.34))
    tones = ("#c9ecd9", "#e9f8ef", "#8fcdb0")
    for i, (tone, radius) in enumerate(zip(tones, (2.05, 1.62, 1.19), strict=True)):
        board = surfaces.textured(textures.plaster(tone, 50 + i), 3.0, upright=True, relief=0.0015, shine=0.3)
        sets.cut_out(sets.tombstone(radius, 1.15), 0.3, (0.0, WALL - 0.3 * (i + 1), 0), board, 0.035)

    cream = surfaces.plain("#fdf5e4", 0.5)
    shapes.cylinder(2.0, STEP, (0, 0, 0), surfaces.plain("#dff3e7", 0.45), 0.04)
    sets.fluted(1.55, STAND, (0, 0, 0), cream, 64, 0.045)
    peach = surfaces.plain("#ffb597", 0.4)
    sets.fluted(0.42, 1.05, (-1.98, 1.55, 0), peach, 26, 0.04)
    shapes.ball(0.27, (-1.98, 1.55, 1.32), surfaces.glaze("#fdf5e4"))
    sets.cut_out(sets.quarter_disc(0.95), 0.4, (1.62, 1.4, 0), surfaces.plain("#79c3a1", 0.42), 0.03)
    shapes.cylinder(0.34, 0.36, (2.05, 0.72, 0), cream, 0.04)
    shapes.ball(0.13, (1.98, -1.22, 0.13), surfaces.metal("#f0c27a", 0.14))

    heading = (0.60, 0.46, -0.66)
    key = lights.sun(heading, 7.0, 1.0, (1, 0.93, 0.83))
    leaves = (
        shade.monstera(-3.4, 1.5, 0.7, 1.3)
        + shade.monstera(-1.9, 3.6, -0.9, 1.25)
        + shade.monstera(2.9, -0.9, 2.5, 1.0)
    )
    gobos.hang(leaves, heading, 7, (0, 0.2))
    lights.softbox((-5, -4, 6), (0, 0, 0.5), (5, 5), 300, (0.95, 1, 0.98))
    return Setting(
        key=key,
        base=(0, 0, STAND),
        receivers=(level(STAND), level(0), level(STEP), upright(WALL), upright(WALL - 0.9, 0.03)),
        roughness=0.5,
        product_height=1.95,
        product_width=2.5,
        exposure=0.2,
    )
