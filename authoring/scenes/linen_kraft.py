"""Linen and kraft: a rumpled linen cloth, brown paper, wheat and hare's tails, soft light from a left window."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from authoring.kit import desk, gobos, harvest, lights, props, shapes, stone, surfaces, tabletops, textures
from authoring.kit.cameras import View
from authoring.kit.shapes import Point
from authoring.kit.stage import SEED, SceneCard, Setting, level, upright

CARD = SceneCard(
    key="linen-kraft",
    name_ko="리넨과 크라프트",
    name_en="Linen and kraft",
    words=(
        "리넨, 린넨, 크라프트, 크라프트지, 천, 내추럴, 자연, 밀, 드라이플라워, 말린꽃, 베이지, 수제, 핸드메이드,"
        " 비누, 쿠키, 곡물, 유기농, 포장,"
        " linen, kraft, paper, cloth, natural, wheat, dried flowers, beige, handmade,"
        " soap, cookies, organic, grain, packaging"
    ),
    mood="natural, soft, handmade",
    headline_ink="dark",
    views={
        "eye": View(10, 9.8, 60, 0.6, (0, 0, 1.3), headline=(0.14, 0.06, 0.52, 0.2)),
        "angle": View(
            44, 10, 60, 0.6, (0, 0.5, 0.15), crop=0.88, foot=0.68, headline=(0.22, 0.05, 0.56, 0.18)
        ),
        "top": View(85, 10, 60, 0.9, (0, 0.15, 0), crop=0.88, foot=0.55, headline=(0.24, 0.07, 0.5, 0.16)),
    },
)


WALL = 4.4
CLOTH = 0.07
"""How high the linen lies: over the paper, which buckles less than that."""


def _paper() -> None:
    brown = surfaces.textured(tabletops.kraft(), 4.0, turn=0.2, relief=0.006, shine=0.2)
    desk.page((0.3, -0.1, 0.0), (3.5, 3.0), 0.16, brown, 0.3, waves=0.012)


def _upright(rng: np.random.Generator, foot: Point, lean: float, length: float) -> None:
    """An ear of wheat in a vase: one lying down, turned up about its foot and leaning to the side."""
    before = set(bpy.context.scene.objects)
    harvest.wheat(rng, (0, 0, 0), -0.1, length, 1.1)
    turn = Matrix.Translation(foot) @ Matrix.Rotation(lean, 4, "Y") @ Matrix.Rotation(-math.pi / 2, 4, "Y")
    bpy.context.view_layer.update()
    for part in set(bpy.context.scene.objects) - before:
        part.matrix_world = turn @ part.matrix_world


def _standing(rng: np.random.Generator, linen: Any) -> None:
    """What the eye camera sees: linen heaped to the left, wheat in a clay vase to the right."""
    harvest.crumpled(rng, (-2.75, 1.15, CLOTH), (1.5, 1.25), 0.3, linen, 0.42)
    place = (2.2, 1.8)
    clay = surfaces.textured(
        textures.plaster("#b99673", seed=9, mottle=0.06), 2.0, relief=0.006, all_round=True
    )
    props.bud_vase((*place, 0), clay, 1.3)
    for lean, length in ((-0.3, 1.5), (-0.08, 1.75), (0.14, 1.6), (0.36, 1.4)):
        _upright(rng, (*place, 1.1), lean, length)


def _bouquet(rng: np.random.Generator, top: bool) -> None:
    x, y = (3.0, -1.2) if top else (3.1, -0.1)
    for k in range(5):
        heading = 1.95 + 0.1 * (k - 2) + rng.normal(0, 0.03)
        harvest.wheat(rng, (x + 0.07 * k, y, 0.03 + 0.02 * k), heading, rng.uniform(2.9, 3.5), 1.15)
    for k, heading in enumerate((1.72, 2.35, 2.1)):
        harvest.bunny_tail(rng, (x + 0.05 * k, y - 0.1, 0.08), heading, 1.9 + 0.35 * k)
    twine = surfaces.plain("#8a6a42", 0.9)
    for k in range(4):
        t = 0.62 + 0.035 * k
        a, b = (x - 0.52 * t, y + 1.1 * t - 0.1), (x + 0.36 - 0.34 * t, y + 1.05 * t + 0.1)
        shapes.tube([(*a, 0.0), (*a, 0.16), (*b, 0.2), (*b, 0.0)], 0.02, twine, 0.0)


def build(view: str) -> Setting:
    rng = np.random.default_rng(SEED)
    lights.sky("#eef2f8", 0.2)
    plaster = textures.plaster("#c9bba6", seed=5, side=2048, mottle=0.05)
    table = surfaces.textured(plaster, 6.0, relief=0.01, shine=0.15)
    props.table_top(-9, 10, 14, table)
    _paper()
    linen = surfaces.textured(
        textures.weave("#d9cbb0", 150, side=2048), 3.0, turn=0.4, relief=0.006, shine=0.08, sheen=0.3
    )
    if view == "eye":
        limewash = stone.limewash("#e6d8c0", 37, mottle=0.04)
        shapes.wall(WALL, 16, -1, 14, surfaces.textured(limewash, 5.5, upright=True, relief=0.008, shine=0.1))
        _standing(rng, linen)
    else:
        harvest.crumpled(rng, (-2.95, 1.95, CLOTH), (1.75, 1.5), 0.45, linen, 0.17)
        _bouquet(rng, view == "top")
    heading = (0.70, 0.46, -0.56) if view == "eye" else (0.80, -0.24, -0.50)
    key = lights.sun(heading, 8.0, 3.0 if view != "eye" else 1.2, (1, 0.90, 0.76))
    panes = [gobos.bar(-0.1, -6, 0.1, 6), gobos.bar(-6, 0.45, 6, 0.6)]
    window = gobos.opening(-3.9 if view == "eye" else -3.2, -2.0, 2.7, 2.3)
    gobos.hang(window + panes, heading, 8, (0.1, 1.55) if view == "eye" else (-0.45, 0.1))
    lights.softbox((-6, 3, 5), (0, 0, 0.2), (4, 4), 150, (0.95, 0.98, 1))
    lights.softbox((4, -5, 5), (0, 0, 0.3), (4, 4), 60, (0.93, 0.96, 1))
    return Setting(
        key=key,
        receivers=(level(0, 0.2), upright(WALL)) if view == "eye" else (level(0, 0.2),),
        roughness=0.75,
        product_height=2.0,
        product_width=2.4,
        exposure=0.25 if view == "eye" else 0.0,
    )
