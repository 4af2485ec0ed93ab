"""Window sun and leaf shadows: a plain warm wall, a pale table, one olive branch, a blurred leaf up front."""

from __future__ import annotations

import numpy as np

from authoring.kit import foliage, gobos, lights, props, shade, shapes, stone, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, in_front, level, upright

CARD = SceneCard(
    key="window-leaves",
    name_ko="창가 햇살과 잎그림자",
    name_en="Window light and leaf shadows",
    words=(
        "햇살, 창가, 잎그림자, 나뭇잎, 그림자, 자연광, 내추럴, 베이지, 크림, 감성, 오후, 올리브, 화병, 비누, 차, 캔들,"
        " sunlight, window, leaf, leaves, shadow, natural, beige, cream, olive, branch, vase, soap, tea"
    ),
    mood="calm, natural, golden",
    headline_ink="dark",
    views={
        "eye": View(9.5, 10.0, 67, 0.55, (0, 0, 1.34), headline=(0.3, 0.05, 0.52, 0.18)),
        "angle": View(
            42, 11, 64, 0.9, (0, 0.45, 0.25), crop=0.88, foot=0.68, headline=(0.31, 0.04, 0.5, 0.16)
        ),
    },
)

WALL = 2.8
PALE_ASH = textures.Timber("#dcc09c", "#bd9a70", rings=15, pores=0.25, spread=0.05)


def build(view: str) -> Setting:
    rng = np.random.default_rng(12)
    lights.sky("#fff3e2", 0.5)
    wall = surfaces.textured(
        stone.limewash("#efe2cd", 53, mottle=0.035), 5.5, upright=True, relief=0.008, shine=0.1
    )
    shapes.wall(WALL, 16, -1, 14, wall)
    oak = textures.boards(PALE_ASH, 5, seed=11, gap=0.6)
    table = surfaces.textured(oak, 5.4, relief=0.003, shine=0.3, coat=0.4, coat_roughness=0.24, gain=1.1)
    shapes.ground(16, -12, WALL + 0.1, table)

    props.bud_vase((-1.85, 1.7, 0), surfaces.plain("#f3ece0", 0.62), 1.35)
    olive, bark = surfaces.plain("#7f8f68", 0.5), surfaces.plain("#6b5741", 0.7)
    for heading, lean, length in ((2.9, 0.42, 1.7), (0.35, 0.4, 1.75), (4.2, 0.15, 2.1)):
        foliage.twig(rng, (-1.85, 1.7, 1.2), heading, lean, length, olive, bark, 0.44)
    if view == "eye":
        stem = [(1.78 - 0.16 * i, -4.6 + 0.04 * i, 0.55 + 0.10 * i) for i in range(4)]
        feet = [point for point in stem for _ in (0, 1)]
        headings = [(-0.7, 0.1 * side, 0.35 + 0.7 * side) for _ in stem for side in (1, -1)]
        sizes = [size for size in (0.5, 0.46, 0.4, 0.32) for _ in (0, 1)]
        leaf = surfaces.plain("#b3c08f", 0.5)
        in_front(foliage.leaves(feet, headings, sizes, leaf, [(0.2, -1.0, 0.5)] * len(feet)))

    heading = (0.66, 0.46, -0.58)
    key = lights.sun(heading, 9.0, 0.75, (1, 0.88, 0.71))
    window = gobos.opening(-3.9, -2.4, 1.7, 3.1) + shade.mullions((-1.15,), (0.35,), 0.13)
    gobos.hang(window, heading, 11)
    near = np.random.default_rng(5)
    crisp = shade.spray(near, -4.4, 3.3, -0.75, 3.3, 0.75, 0.13) + shade.spray(
        near, 3.0, -1.9, 2.5, 2.6, 0.7, 0.12
    )
    gobos.hang(crisp, heading, 4.5)
    soft = shade.spray(near, -1.6, 4.0, -1.3, 3.0, 0.8, 0.14) + shade.spray(
        near, -4.6, 0.9, 0.1, 2.4, 0.8, 0.14
    )
    gobos.hang(soft, heading, 16)
    lights.softbox((-5, -4, 6), (0, 0, 0.5), (5, 5), 240, (1, 0.97, 0.93))
    return Setting(
        key=key,
        receivers=(level(0), upright(WALL)),
        roughness=0.3,
        product_height=2.1,
        product_width=2.5,
        exposure=0.15,
    )
