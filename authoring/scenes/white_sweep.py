"""White studio: a seamless sweep, one big softbox, a gloss floor that holds a gentle reflection."""

from __future__ import annotations

from authoring.kit import lights, sets, shapes, surfaces
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="white-sweep",
    name_ko="화이트 스튜디오",
    name_en="White studio",
    words=(
        "화이트, 스튜디오, 흰색, 흰, 하얀, 깨끗한, 깔끔한, 미니멀, 심플, 누끼, 기본, 전자제품, 화장품, 뷰티, 무배경,"
        " white, studio, clean, minimal, simple, seamless, cyclorama, packshot, electronics, product"
    ),
    mood="clean, bright, quiet",
    headline_ink="dark",
    views={
        "eye": View(9.5, 10.4, 68, 1.2, (0, 0, 1.32), headline=(0.17, 0.06, 0.66, 0.2)),
        "angle": View(42, 11, 64, 1.6, (0, 0.5, 0.3), crop=0.88, foot=0.68, headline=(0.17, 0.05, 0.66, 0.2)),
    },
)

BACK, RISE = 6.5, 0.13


def build(view: str) -> Setting:
    lights.sky("#eef2fa", 0.3)
    sets.sweep(BACK, 3.6, surfaces.plain("#dedede", 0.6, specular_ior_level=0.2))
    acrylic = surfaces.plain("#f6f5f3", 0.5, coat=1.0, coat_roughness=0.1)
    shapes.cylinder(2.25, RISE, (0, 0, 0), acrylic, 0.035)
    key = lights.window_key((-5.0, 2.4, 4.8), (0.2, -0.2, 0.3), (2.4, 2.4), 2700, (1, 0.975, 0.94))
    pool = lights.softbox((0.2, 3.4, 8.2), (0.3, BACK, 2.4), (1.6, 1.0), 1500, (1, 0.99, 0.97))
    pool.visible_glossy = False
    lights.softbox((6.5, -2.5, 4.5), (0, 0, 0.6), (4, 5), 90, (0.93, 0.96, 1))
    return Setting(
        key=key,
        base=(0, 0, RISE),
        receivers=(level(RISE), level(0), upright(BACK)),
        roughness=0.12,
        product_height=2.2,
        product_width=2.6,
        exposure=0.2,
    )
