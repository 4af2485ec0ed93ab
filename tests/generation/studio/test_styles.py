from __future__ import annotations

import re

import pytest

from generation.errors import StyleUnknown
from generation.prompts.lexicon import style_for, style_in_wish
from generation.studio.materials import linear, material
from generation.studio.scenes import scenes
from generation.studio.style_thumbs import FOLDER
from generation.studio.styles import _SUITED, default_style, style, styles, suited_style
from generation.studio.text3d import painter
from generation.types import HeadlineBrief, Size
from generation.typography.fonts import DEFAULT_FONT


def test_every_style_has_a_material_a_thumbnail_and_words_in_both_languages() -> None:
    assert {"gold", "foil", "plastic"} <= set(styles()) and len(styles()) >= 14
    for key, each in styles().items():
        assert each.key == key
        assert (FOLDER / f"{key}.webp").is_file()
        assert any(word.isascii() for word in each.words) and any(not word.isascii() for word in each.words)
        assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in each.swatch)


def test_no_two_styles_share_a_name() -> None:
    for names in ([each.name_ko for each in styles().values()], [each.name_en for each in styles().values()]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("로즈 골드 글씨", "rose-gold"),
        ("은색 풍선 글자", "foil-silver"),
        ("gold balloon letters", "foil-gold"),
        ("네온 간판처럼", "neon"),
        ("먹으로 쓴 붓글씨", "ink"),
        ("die-cut sticker with outline", "sticker"),
        ("빙수처럼 얼음 글자", "ice"),
        ("marquee light bulbs", "marquee"),
    ],
)
def test_a_prompt_finds_its_style(prompt: str, key: str) -> None:
    assert style_for(prompt) == key


def test_a_wish_for_the_scene_does_not_choose_the_lettering() -> None:
    assert style_in_wish("우드 테이블 위 커피") is None
    assert style_in_wish("우드 테이블, 나무 글자") == "wood"
    assert style_in_wish("따뜻한 카페, 클레이 느낌") == "clay"


def test_an_unknown_style_is_the_merchants_error() -> None:
    assert style("gold").name_ko == "골드" and default_style().key in styles()
    for look_up in (
        style,
        material,
        lambda key: painter(HeadlineBrief(("가",), DEFAULT_FONT, key, Size(9, 9))),
    ):
        with pytest.raises(StyleUnknown):
            look_up("velvet-elvis")


def test_a_prompt_dyes_what_can_be_dyed() -> None:
    assert material("plastic", "glossy Blue plastic").albedo == linear("#2b6df0")
    assert material("foil", "3D render of Gold foil balloon text").reflectance != material("foil").reflectance
    assert material("foil", "Gold foil balloon") == material("foil-gold")
    assert material("gold", "blue gold") == material("gold")


@pytest.mark.parametrize("style_key", ["wood", "chocolate"])
def test_a_dark_material_is_lighter_on_a_ground_that_is_not_light(style_key: str) -> None:
    on_light, on_dark = (material(style_key, on_light=light) for light in (True, False))
    assert sum(on_dark.albedo) > 1.3 * sum(on_light.albedo)
    assert material(style_key) == material(style_key, "blue wood and chocolate")


def test_every_scene_has_a_style_that_suits_it_and_an_unknown_one_gets_a_quiet_one() -> None:
    assert set(_SUITED) == set(scenes())
    assert {suited_style(key).key for key in scenes()} <= set(styles())
    assert suited_style("rain-neon").key == "neon" and suited_style("not-yet-baked").key == "flat"
