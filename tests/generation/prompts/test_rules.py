from __future__ import annotations

import pytest

from generation.prompts.copy.sheets import OTHER, trade, trades
from generation.prompts.lexicon import scene_for, style_for
from generation.prompts.rules import optimize
from generation.studio.scenes import default_scene, scenes
from generation.studio.styles import styles


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("우드 테이블, 따뜻한 카페", "cafe-wood"),
        ("Wooden table in a cozy cafe, sunlight", "cafe-wood"),
        ("카페에서 찍은 것처럼", "cafe-wood"),
        ("한옥 창가에 놓인 느낌", "hanok-window"),
        ("traditional Korean hanok", "hanok-window"),
        ("파스텔톤 포디움 위에", "pastel-podium"),
        ("minimal pastel podium for cosmetics", "pastel-podium"),
        ("카페 말고 한옥", "hanok-window"),
        ("a podium, no cafe", "pastel-podium"),
    ],
)
def test_it_maps_a_prompt_to_a_scene(prompt: str, scene: str) -> None:
    assert scene_for(prompt) == scene


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("3D render of Gold foil balloon text", "foil"),
        ("금박 풍선 글자", "foil"),
        ("골드", "gold"),
        ("luxury golden metal", "gold"),
        ("유광 플라스틱", "plastic"),
    ],
)
def test_it_maps_a_prompt_to_a_style(prompt: str, style: str) -> None:
    assert style_for(prompt) == style


@pytest.mark.parametrize("prompt", ["", "   ", "xyzzy", "ㅋㅋㅋ", "1234", "no cafe"])
def test_a_prompt_that_speaks_of_nothing_maps_to_nothing(prompt: str) -> None:
    assert scene_for(prompt) is None
    assert style_for(prompt) is None


@pytest.mark.parametrize(
    "prompt", ["따뜻한 카페, 원목 테이블", "Café ☕ terrace", "", "한글만 있는 이상한 말"]
)
def test_optimised_prompts_are_english_ascii(prompt: str) -> None:
    found = optimize(prompt)
    for text in (found.bg_prompt, found.text_model_prompt, found.bg_negative_prompt):
        assert text
        assert text.isascii()
    assert found.scene in scenes()
    assert found.text_style in styles()
    assert found.source == "rules"


@pytest.mark.parametrize("key", trades())
def test_a_wish_for_no_place_is_set_where_the_trade_is_at_home(key: str) -> None:
    """Rice cakes are at home by a hanok's window: the cake in their key is no Christmas cake."""
    assert optimize("아늑하게", industry=key).scene == trade(key).scene
    assert optimize("파스텔 포디움", industry=key).scene == scene_for("파스텔 포디움")


def test_without_a_trade_it_is_set_where_any_is() -> None:
    assert optimize("").scene == trade(OTHER).scene == default_scene().key


def test_it_translates_what_it_knows() -> None:
    assert "cozy" in optimize("아늑한 카페").bg_prompt
