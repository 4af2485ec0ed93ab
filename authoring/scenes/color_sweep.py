"""Colour studio: a neutral grey sweep, sun through venetian blinds. Whoever uses the plate multiplies a colour
into it, so nothing here has a hue of its own."""

from __future__ import annotations

from authoring.kit import gobos, lights, sets, shade, surfaces
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level, upright

CARD = SceneCard(
    key="color-sweep",
    name_ko="컬러 스튜디오",
    name_en="Colour studio",
    words=(
        "단색, 컬러, 모노톤, 색상, 원색, 배경색, 브랜드 컬러, 제품색, 블라인드, 그림자, 햇살, 창문, 스튜디오, 모던,"
        " 패션, 화장품, 음료, color, colour, monochrome, tonal, solid, studio, blinds, venetian, shadow, brand"
    ),
    mood="bold, tonal, graphic",
    headline_ink="dark",
    recolor=True,
    views={
        "eye": View(9.5, 10.2, 68, 1.0, (0, 0, 1.34), headline=(0.17, 0.05, 0.66, 0.18)),
        "angle": View(
            42, 11, 64, 1.6, (0, 0.5, 0.3), crop=0.88, foot=0.68, headline=(0.17, 0.05, 0.66, 0.18)
        ),
    },
)

BACK = 3.4
GREY = "#cbcbcb"


def build(view: str) -> Setting:
    lights.sky("#ffffff", 0.5)
    sets.sweep(BACK, 1.3, surfaces.plain(GREY, 0.5, coat=0.25, coat_roughness=0.3, specular_ior_level=0.3))
    heading = (0.74, 0.42, -0.52)
    key = lights.sun(heading, 10.5, 0.8, (1, 1, 1))
    gobos.hang(shade.blinds(3.0, 12, 0.46, 0.25, angle=0.1), heading, 9, (-1.5, 0.7))
    lights.softbox((-5, -4, 6), (0, 0, 0.5), (5, 5), 210)
    lights.softbox((5, 1, 5), (0.5, BACK, 2), (3, 3), 60)
    return Setting(
        key=key,
        receivers=(level(0), upright(BACK)),
        roughness=0.3,
        product_height=2.2,
        product_width=2.6,
        exposure=0.18,
    )
