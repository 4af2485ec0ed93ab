from __future__ import annotations

import unicodedata

import pytest

from generation.prompts.korean import matches, tokens
from generation.prompts.lexicon import scene_for, style_for
from generation.prompts.rules import optimize, to_english

WORDS = ("우드", "테이블", "한옥", "카페", "비", "꽃")


def test_it_parts_nouns_written_together() -> None:
    assert [token.text for token in tokens("우드테이블에서 한옥카페", WORDS)] == [
        "우드",
        "테이블에서",
        "한옥",
        "카페",
    ]


def test_it_parts_however_many_nouns_were_written_together() -> None:
    parts = [token.text for token in tokens("우드테이블" * 2000, WORDS)]
    assert parts == ["우드", "테이블"] * 2000


def test_decomposed_hangul_and_accents_read_the_same() -> None:
    assert scene_for(unicodedata.normalize("NFD", "한옥 창가")) == "hanok-window"
    assert to_english("Café") == "cafe"


@pytest.mark.parametrize(
    ("token", "found"), [("비", True), ("비가", True), ("비누", False), ("비타민", False)]
)
def test_a_word_of_one_syllable_is_not_found_in_longer_words(token: str, found: bool) -> None:
    assert matches(token, "비") is found


@pytest.mark.parametrize(
    ("prompt", "unwanted"),
    [
        ("카페 말고 한옥", "카페"),
        ("카페가 아닌 한옥", "카페가"),
        ("not a cafe but a hanok", "cafe"),
        ("hanok without wood", "wood"),
    ],
)
def test_it_hears_what_is_not_wanted(prompt: str, unwanted: str) -> None:
    assert [token.text for token in tokens(prompt, WORDS) if token.negated] == [unwanted]
    assert scene_for(prompt) == "hanok-window"


def test_what_is_not_wanted_goes_to_the_negative_prompt() -> None:
    found = optimize("나무 말고 파스텔")
    assert found.scene == "pastel-podium"
    assert "wooden" not in found.bg_prompt and found.bg_negative_prompt.startswith("wooden, ")
    english = optimize("pastel podium, no wood")
    assert "wood" not in english.bg_prompt and english.bg_negative_prompt.startswith("wood, ")


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("우드 테이블, 따뜻한 카페", "wooden table, warm cafe"),
        ("원목테이블 위 햇살", "solid wood table sunlight"),
        ("비누와 물건", ""),
        ("golden 풍선", "golden balloon"),
        ("알 수 없는 말", ""),
    ],
)
def test_it_translates_phrase_by_phrase(korean: str, english: str) -> None:
    assert to_english(korean) == english


@pytest.mark.parametrize("prompt", ["팝업스토어 글씨", "골드 말고", "no plastic"])
def test_no_style_is_found_where_none_is_wanted(prompt: str) -> None:
    assert style_for(prompt) is None
