from __future__ import annotations

import pytest

from generation.errors import StyleUnknown
from generation.studio.materials import linear, material
from generation.studio.style_thumbs import FOLDER
from generation.studio.styles import default_style, style, styles


def test_every_style_has_a_material_a_thumbnail_and_words_in_both_languages() -> None:
    assert {"gold", "foil", "plastic"} <= set(styles())
    for key, each in styles().items():
        assert each.key == key
        assert material(key).exposure > 0
        assert (FOLDER / f"{key}.webp").is_file()
        assert any(word.isascii() for word in each.words) and any(not word.isascii() for word in each.words)


def test_an_unknown_style_is_the_merchants_error() -> None:
    assert style("gold").name_ko == "골드" and default_style().key in styles()
    for look_up in (style, material):
        with pytest.raises(StyleUnknown):
            look_up("velvet-elvis")


def test_a_prompt_dyes_what_can_be_dyed() -> None:
    assert material("plastic", "glossy Blue plastic").albedo == linear("#2b6df0")
    assert material("foil", "3D render of Gold foil balloon text").reflectance != material("foil").reflectance
    assert material("gold", "blue gold") == material("gold")
