"""Terrazzo: polished slabs before a pastel plaster wall, the sun through a window and a palm."""

from __future__ import annotations

from typing import Any

from authoring.kit import gobos, lights, sets, shapes, stone, surfaces
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="terrazzo",
    name_ko="테라조",
    name_en="Terrazzo",
    words=(
        "테라조, 대리석, 스톤, 돌, 타일, 석재, 핑크, 파스텔, 트렌디, 감각적인, 화장품, 향수, 캔들, 디저트, 야자수,"
        " terrazzo, stone, marble, tile, chips, trendy, pink, plaster, palm, cosmetics, candle, design"
    ),
    mood="fresh, designed, sunny",
    headline_ink="dark",
    views={
        "eye": View(9.5, 10.2, 67, 0.8, (0, 0, 1.4), headline=(0.17, 0.05, 0.66, 0.17)),
        "angle": View(
            42, 11.2, 64, 1.2, (0, 0.5, 0.45), crop=0.88, foot=0.67, headline=(0.3, 0.04, 0.54, 0.16)
        ),
    },
)

WALL = 3.1
TOP, TABLE = 0.42, 0.0
CHIPS = ("#c8705a", "#e0a24c", "#7d9184", "#4c5157", "#d9b7a6", "#a9a49c", "#f5efe6")


def _cut(texture: stone.Texture, offset: tuple[float, float], span: float = 5.0) -> Any:
    """The same slab of stone, cut at another place for each block."""
    return surfaces.textured(
        texture,
        span,
        all_round=True,
        offset=offset,
        relief=0.0006,
        shine=0.5,
        coat=0.7,
        coat_roughness=0.09,
    )


def build(view: str) -> Setting:
    lights.sky("#fff1ea", 0.62)
    slab = stone.terrazzo("#efe6dc", CHIPS)
    wall = surfaces.textured(stone.limewash("#efc3b2"), 5.5, upright=True, relief=0.006, shine=0.1)
    shapes.wall(WALL, 16, -1, 14, wall)
    shapes.ground(16, -12, WALL + 0.1, surfaces.textured(stone.limewash("#efcdbf", 37), 6, shine=0.2))
    shapes.box((0, 0.25, TOP / 2), (4.3, 3.0, TOP), _cut(slab, (0.5, 0.48)), 0.03)
    dark = stone.terrazzo("#6f8a80", ("#e9e1d4", "#c9d2c6", "#33423d", "#d8a487", "#a5b8ab"), 19)
    shapes.box((-1.75, 2.35, 0.95), (1.15, 0.9, 1.9), _cut(dark, (0.7, 0.2)), 0.03)
    sets.cut_out(sets.half_disc(0.82), 0.42, (1.72, 1.95, TABLE), _cut(slab, (0.5, 0.8)), 0.025)
    shapes.cylinder(0.42, 0.32, (-1.75, 2.35, 1.9), surfaces.plain("#f3e7da", 0.6), 0.04)

    heading = (0.62, 0.47, -0.58)
    key = lights.sun(heading, 8.0, 0.8, (1, 0.92, 0.82))
    panes = [gobos.bar(-1.15, -6, -1.02, 6), gobos.bar(-6, 0.3, 6, 0.42)]
    leaves = gobos.frond(-4.2, 2.6, -0.5, 3.4, 1.2, 0.085, pairs=11) + gobos.frond(
        3.4, -1.6, 2.4, 2.6, 1.0, 0.075, pairs=10
    )
    gobos.hang(gobos.opening(-3.7, -2.2, 1.6, 2.8) + panes + leaves, heading, 8, (0.1, 0.75))
    lights.softbox((-5, -4, 6), (0, 0, 0.5), (5, 5), 260, (0.97, 0.97, 1))
    lights.softbox((4.5, -3, 4), (0, 0.5, 0.6), (3, 3), 90, (1, 0.93, 0.88))
    return Setting(
        key=key,
        base=(0, 0, TOP),
        receivers=(level(TOP), level(0), upright(WALL)),
        roughness=0.1,
        product_height=2.1,
        product_width=2.6,
        exposure=0.15,
    )
