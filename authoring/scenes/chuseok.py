"""Chuseok: a full moon over the hills from a hanok's maru, lamplight on persimmons, chestnuts and pampas grass."""

from __future__ import annotations

import math

import numpy as np

from authoring.kit import korean, lights, moonlight, rooms, shapes, surfaces, textures
from authoring.kit.cameras import View
from authoring.kit.stage import SceneCard, Setting, level

CARD = SceneCard(
    key="chuseok",
    name_ko="추석 보름달",
    name_en="Chuseok full moon",
    words=(
        "추석, 한가위, 명절, 보름달, 달, 가을, 감, 밤, 송편, 억새, 보자기, 선물세트, 한과, 과일, 대청마루, 한옥, 저녁,"
        " chuseok, harvest, full moon, autumn, korean, holiday, traditional, persimmon,"
        " chestnut, pampas grass, bojagi, gift set, hanok, evening, lamp"
    ),
    mood="warm lamplight, quiet evening",
    headline_ink="light",
    season="chuseok",
    views={
        "eye": View(9.5, 9.8, 62, 0.5, (0, 0, 1.3), headline=(0.2, 0.05, 0.6, 0.17)),
        "angle": View(
            42, 10.5, 62, 0.7, (0, 0.5, 0.25), crop=0.88, foot=0.68, headline=(0.22, 0.05, 0.56, 0.17)
        ),
    },
)

FAR = 40.0
SILL = 4.0


def _room(view: str) -> None:
    dark = textures.Timber("#7d5433", "#422816", rings=18, pores=0.4, spread=0.13)
    maru = surfaces.textured(
        textures.boards(dark, 7, seed=44),
        7.4,
        relief=0.005,
        shine=0.3,
        coat=0.6,
        coat_roughness=0.16,
        gain=0.9,
    )
    back = SILL if view == "eye" else 9.0
    shapes.box((0, (back - 9) / 2, -0.2), (28, back + 9, 0.4), maru, 0.04)
    if view != "eye":
        return
    post = surfaces.textured(
        textures.boards(dark, 3, seed=6, side=1024, gap=0),
        2.4,
        turn=math.pi / 2,
        relief=0.003,
        coat=0.1,
        gain=0.7,
    )
    for x in (-3.05, 5.2):
        shapes.box((x, SILL - 0.3, 5), (0.42, 0.42, 10.5), post, 0.05)


def _dress(rng: np.random.Generator, view: str) -> None:
    indigo, cream = korean.silk("#28365f", "#7585b8"), korean.silk("#ead9b8", "#fff6e0")
    if view == "eye":
        korean.bojagi(rng, (2.35, 2.0, 0), (1.6, 1.6, 0.95), 0.45, indigo, cream)
        for x, y, size in ((-1.95, 1.75, 0.46), (-2.75, 1.35, 0.42), (-2.35, 2.5, 0.45)):
            korean.persimmon(rng, (x, y, 0), size, (0.12 * (x + 2.3), -0.2, 1))
        for x, y in ((-1.55, 0.75), (-1.95, 0.55), (-1.75, 0.2), (1.75, 0.6)):
            korean.chestnut(rng, (x, y, 0))
        for x, y, heading, lean, length in (
            (-3.0, 3.0, 0.1, 0.26, 4.2),
            (-3.2, 2.8, 0.5, 0.12, 4.6),
            (-3.3, 3.1, 2.8, 0.2, 4.0),
        ):
            korean.pampas(rng, (x, y, 0), heading, lean, length)
        return
    korean.bojagi(rng, (2.35, 2.2, 0), (1.7, 1.7, 0.95), 0.5, indigo, cream)
    for x, y, size in ((-2.1, 1.9, 0.46), (-2.85, 1.2, 0.42), (-2.9, 2.5, 0.44)):
        korean.persimmon(rng, (x, y, 0), size, (0.2, -0.25, 1))
    for x, y in ((-1.95, -0.95), (-2.25, -1.25), (-1.9, -1.5), (2.1, -1.2), (2.4, -0.85)):
        korean.chestnut(rng, (x, y, 0))
    for y, heading in ((3.3, -0.25), (3.7, -0.05)):
        korean.pampas(rng, (-5.0, y, 0.1), heading, 1.28, 4.4)


def build(view: str) -> Setting:
    rng = np.random.default_rng(15)
    card = rooms.card_for(CARD.views["eye"], FAR, spread=0.006, rise=12)
    picture = moonlight.evening(card, 8, (3.7, -0.4, 2.1), -4.3)
    rooms.hang(card, moonlight.lanterns(card, picture, 5, -6.6))
    lights.sky("#5a6a9c", 0.22)
    _room(view)
    _dress(rng, view)
    key = lights.window_key((-4.8, 2.4, 3.9), (0, 0, 0.4), (1.4, 1.4), 760, (1, 0.71, 0.42))
    key.visible_glossy = False
    cool = lights.softbox((4, 6, 6), (0, 0, 0.4), (4, 3), 190, (0.62, 0.74, 1))
    cool.visible_glossy = False
    lights.softbox((2, -7, 4), (0, 0, 0.5), (5, 3), 110, (1, 0.87, 0.72))
    return Setting(
        key=key,
        receivers=(level(0, 0.04),),
        roughness=0.16,
        product_height=2.1,
        product_width=2.6,
        exposure=0.2,
    )
