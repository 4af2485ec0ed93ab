"""Arches and steps: sand and terracotta plaster under a hard southern sun, the sea beyond."""

from __future__ import annotations

import numpy as np

from authoring.kit import lights, sets, shapes, stone, surfaces
from authoring.kit.cameras import View
from authoring.kit.noise import Field, linear, smoothstep
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="arch-steps",
    name_ko="아치와 계단",
    name_en="Arches and steps",
    words=(
        "아치, 계단, 테라코타, 샌드, 베이지, 지중해, 산토리니, 휴양지, 바다, 하늘, 햇살, 건축, 여행, 선크림, 향수,"
        " arch, steps, stairs, terracotta, sand, mediterranean, santorini, sun, sea, sky, plaster, travel"
    ),
    mood="sunny, sculptural, warm",
    headline_ink="dark",
    views={
        "eye": View(9.5, 10.4, 67, 0.8, (0, 0, 1.42), headline=(0.18, 0.03, 0.64, 0.15)),
        "angle": View(
            40, 11.4, 64, 1.2, (0, 0.5, 0.5), crop=0.88, foot=0.67, headline=(0.17, 0.04, 0.66, 0.16)
        ),
    },
)

WALL, STAND = 3.0, 0.34
SEA = 60.0


def _sea_and_sky(horizon: float, size: int = 512) -> Field:
    """A hazy sky over a calm sea; ``horizon`` as a share of the height from the top."""
    v = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    high, low = linear("#4b93e0"), linear("#a4d0f2")
    deep, near = linear("#4f94bd"), linear("#86c3cf")
    sky = high + (low - high) * smoothstep(0.0, horizon, v)
    sea = deep + (near - deep) * smoothstep(horizon, 1.0, v)
    blend = smoothstep(horizon - 0.01, horizon + 0.008, v)
    return np.asarray(np.broadcast_to(sky * (1 - blend) + sea * blend, (size, 8, 3)), np.float32)


def build(view: str) -> Setting:
    lights.sky("#dbe9fa", 0.5)
    top, bottom = 26.0, -12.0
    horizon = (top - CARD.views["eye"].eye[2]) / (top - bottom)
    corners = [(-60, SEA, bottom), (60, SEA, bottom), (60, SEA, top), (-60, SEA, top)]
    shapes.quad(corners, surfaces.glow("#ffffff", 1.7, _sea_and_sky(horizon)))

    sand = stone.limewash("#e9cfae", 43)
    terracotta = stone.limewash("#c67b59", 47)
    pale = surfaces.textured(sand, 5.0, all_round=True, relief=0.012, shine=0.15)
    warm = surfaces.textured(terracotta, 5.0, all_round=True, relief=0.012, shine=0.12)
    shapes.ground(16, -12, 6.5, surfaces.textured(sand, 6.0, relief=0.01, shine=0.2))
    sets.cut_out(sets.pierced(-7, 7, 2.55, ((0.0, 0.95, 1.05),)), 0.8, (0, WALL, 0), warm, 0.05)
    shapes.box((-4.75, WALL - 0.15, 2.0), (5.0, 1.6, 4.0), warm, 0.05)
    sets.cut_out(sets.stair(5, 0.36, 0.42), 1.2, (1.35, WALL - 1.25, 0), pale, 0.035)
    sets.cut_out(sets.archway(0.5, 0.72, 0.3), 0.6, (-1.95, 1.55, 0), pale, 0.04, 0.12)
    stand = surfaces.textured(sand, 5.0, all_round=True, relief=0.003, shine=0.15)
    shapes.box((0, 0.15, STAND / 2), (3.3, 2.5, STAND), stand, 0.05)
    shapes.cylinder(0.36, 0.5, (2.05, 0.75, 0), warm, 0.04)
    pot = [
        (0.001, 0),
        (0.17, 0),
        (0.33, 0.26),
        (0.31, 0.5),
        (0.15, 0.66),
        (0.13, 0.74),
        (0.19, 0.8),
        (0.16, 0.8),
    ]
    clay = surfaces.textured(terracotta, 2.0, all_round=True, relief=0.004)
    shapes.lathe(shapes.rounded([*pot, (0.11, 0.7)], 0.1, 6), (-2.05, 0.55, 0), clay)

    key = lights.sun((0.80, 0.20, -0.56), 11.0, 0.7, (1, 0.91, 0.77))
    lights.softbox((-5, -5, 6), (0, 0, 0.5), (5, 5), 170, (0.93, 0.96, 1))
    return Setting(
        key=key,
        base=(0, 0, STAND),
        receivers=(level(STAND, 0.03), level(0, 0.03), upright(WALL, 0.03), upright(WALL - 1.25, 0.03)),
        roughness=0.7,
        product_height=2.05,
        product_width=2.5,
        exposure=0.1,
    )
