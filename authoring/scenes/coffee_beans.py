"""Coffee-bean table: roasted beans spilling from a burlap sack across smoked oak, low warm sun from behind."""

from __future__ import annotations

import numpy as np

from authoring.kit import harvest, lights, props, shapes, surfaces, tabletops, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SEED, SceneCard, Setting, level

CARD = SceneCard(
    key="coffee-beans",
    name_ko="원두 테이블",
    name_en="Coffee-bean table",
    words=(
        "원두, 커피, 커피콩, 로스팅, 로스터리, 에스프레소, 라떼, 카페, 마대, 삼베, 어두운, 진한,"
        " 향, 브라운, 베이커리, 초콜릿,"
        " coffee beans, coffee, roast, roastery, espresso, burlap, jute, dark, brown,"
        " rich, aroma, cafe, chocolate"
    ),
    mood="dark, warm, rich",
    headline_ink="light",
    views={
        "eye": View(9.5, 9.2, 60, 0.42, (0, 0, 1.3), headline=(0.2, 0.06, 0.6, 0.2)),
        "angle": View(44, 10, 60, 0.6, (0, 0.5, 0.15), crop=0.88, foot=0.68, headline=(0.2, 0.05, 0.6, 0.18)),
    },
)

BACK = 9.0


def _strewn(rng: np.random.Generator) -> tuple[float, float]:
    """Beans thick around the rear right, thinning into a drift along the table's sides."""
    while True:
        draw = rng.random()
        if draw < 0.55:
            x, y = rng.normal(2.55, 0.7), rng.normal(1.7, 0.6)
        elif draw < 0.85:
            x, y = rng.normal(-2.5, 0.65), rng.normal(0.9, 1.0)
        else:
            x, y = rng.uniform(-3.6, 3.6), rng.uniform(-3.2, 3.2)
        room = (x / 1.75) ** 2 + (min(y + 0.2, 0) / 1.9 + max(y + 0.2, 0) / 1.35) ** 2
        if room > 1 and not (abs(x) < 1.3 and y < 0):
            return x, y


def _within(x: float, y: float, radius: float) -> harvest.Spot:
    def spot(rng: np.random.Generator) -> tuple[float, float]:
        r, a = radius * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)
        return float(x + r * np.cos(a)), float(y + r * np.sin(a))

    return spot


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    lights.sky("#ffdcb4", 0.08)
    oak = tabletops.planks(tabletops.SMOKED_OAK, 5, seed=8, gap=0.8)
    wood = surfaces.textured(oak, 6.0, turn=0.06, relief=0.008, shine=0.35, coat=0.35, coat_roughness=0.26)
    props.table_top(-9, 8, 14, wood)
    brown = textures.plaster("#4a3426", seed=8, mottle=0.08)
    behind = shapes.wall(
        BACK, 20, -6, 16, surfaces.textured(brown, 7.0, upright=True, relief=0.004, shine=0.2)
    )
    behind.visible_shadow = False  # the sun stands beyond it
    far, size = ((2.35, 3.0, 0.0), 1.0) if view == "eye" else ((2.75, 2.7, 0.0), 1.0)
    filled = harvest.sack(rng, far, size)
    harvest.beans(rng, 330, _within(far[0], far[1], 0.88 * size), filled)
    cloth = surfaces.textured(
        tabletops.jute("#8f6c45", seed=6), 2.6, turn=0.3, relief=0.02, shine=0.1, sheen=0.2
    )
    harvest.crumpled(rng, (-2.9, 2.7, 0), (1.5, 1.2), 0.35, cloth, 0.16)
    harvest.beans(rng, 560, _strewn)
    key = lights.sun((0.72, -0.42, -0.46), 11.0, 2.2, (1, 0.77, 0.5))
    lights.softbox((6.5, 4.5, 3), (2, 2, 0.3), (2, 2), 70, (1, 0.72, 0.45))
    lights.softbox((0, -6, 5), (0, 0, 0.5), (5, 3), 60, (1, 0.86, 0.7))
    lights.softbox((-2.5, 6.5, 5.5), (-0.5, BACK, 2.0), (2, 2), 260, (1, 0.74, 0.48))
    return Setting(
        key=key,
        receivers=(level(0, 0.22),),
        roughness=0.3,
        product_height=2.1,
        product_width=2.4,
        exposure=0.2,
    )
