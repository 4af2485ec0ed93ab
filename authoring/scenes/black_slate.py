"""Black slate: riven stone, wet and dark, a hard rim of light from behind and thin lines of gold."""

from __future__ import annotations

from authoring.kit import lights, sets, shapes, stone, surfaces
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="black-slate",
    name_ko="블랙 슬레이트 럭셔리",
    name_en="Black slate",
    words=(
        "블랙, 검정, 럭셔리, 고급, 프리미엄, 슬레이트, 석판, 돌, 향수, 시계, 주얼리, 위스키, 와인, 골드, 어두운, 밤,"
        " black, dark, luxury, premium, slate, stone, perfume, watch, jewelry, whisky, gold, moody"
    ),
    mood="dark, precious, dramatic",
    headline_ink="light",
    views={
        "eye": View(9.5, 10.0, 68, 0.7, (0, 0, 1.3), headline=(0.17, 0.06, 0.66, 0.2)),
        "angle": View(
            40, 10.8, 64, 1.1, (0, 0.5, 0.3), crop=0.88, foot=0.68, headline=(0.17, 0.05, 0.66, 0.18)
        ),
    },
)

TOP, BACK = 0.3, 9.0


def build(view: str) -> Setting:
    lights.sky("#1a2028", 0.05)
    wet = surfaces.textured(
        stone.slate("#2a2d31"), 5.2, all_round=True, relief=0.028, shine=0.5, coat=0.8, coat_roughness=0.08
    )
    floor = surfaces.textured(
        stone.slate("#141517", 23),
        7.5,
        relief=0.004,
        shine=0.04,
        coat=0.9,
        coat_roughness=0.05 if view == "eye" else 0.3,
    )
    shapes.ground(20, -14, BACK, floor)
    shapes.wall(BACK, 20, -1, 16, surfaces.plain("#0b0c0e", 0.7))
    shapes.box((0, 0.15, TOP / 2), (4.2, 2.9, TOP), wet, 0.05)
    shapes.box((-2.0, 2.3, 0.9), (1.2, 0.7, 1.8), wet, 0.04)
    shapes.box((1.7, 2.6, 1.5), (0.9, 0.7, 3.0), wet, 0.04)
    gold = surfaces.metal("#e8b45c", 0.16)
    if view == "eye":
        sets.ring(1.32, 0.02, (0, 2.1, 0.0), gold)
    shapes.box((0, 0.15, 0.03), (4.26, 2.96, 0.03), gold, 0.01)

    key = lights.window_key((3.6, 3.9, 4.6), (0, 0, 0.6), (1.2, 1.8), 2200, (1, 0.86, 0.66))
    lights.softbox((-4.6, 2.6, 2.8), (0, 0, 0.8), (0.7, 3.2), 520, (0.66, 0.8, 1))
    lights.softbox((-3.5, -5, 5), (0, 0, 0.8), (3, 3), 60, (0.9, 0.94, 1))
    lights.softbox((0.2, BACK - 2.2, 0.4), (0.2, BACK, 1.9), (2.0, 0.4), 120, (1, 0.84, 0.66))
    lights.softbox((0, 1.0, 7.0), (0, 1.6, 0), (4.5, 0.8), 70, (1, 0.93, 0.84))
    return Setting(
        key=key,
        base=(0, 0, TOP),
        receivers=(level(TOP, 0.05), level(0)),
        roughness=0.1,
        product_height=2.2,
        product_width=2.5,
        exposure=0.1,
    )
