"""Particles after any word: Hangul, digits, Latin letters, quotes and emoji."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils.translation import override

from adstudio.josa import with_josa
from generation.prompts.josa import josa
from jobs.messages import sentence


@pytest.mark.parametrize(
    ("word", "of_object", "of_way"),
    [
        ("커피", "를", "로"),
        ("빵", "을", "으로"),
        ("과일", "을", "로"),
        ("값", "을", "으로"),
        ("오늘만 반값", "을", "으로"),
        ("봄날 라떼", "를", "로"),
        # digits, as they are read
        *[(digit, "을", "으로") for digit in "036"],
        *[(digit, "을", "로") for digit in "178"],
        *[(digit, "를", "로") for digit in "2459"],
        ("아메리카노 10", "을", "으로"),
        ("iPhone 17", "을", "로"),
        # letters and abbreviations, by their names
        ("LG", "를", "로"),
        ("BTS", "를", "로"),
        ("URL", "을", "로"),
        ("ATM", "을", "으로"),
        ("JPEG", "를", "로"),
        ("X", "를", "로"),
        ("N", "을", "으로"),
        # English words, as Korean writes them
        ("Cafe Blue", "를", "로"),
        ("Super Sale", "을", "로"),
        ("Table", "을", "로"),
        ("Hotel", "을", "로"),
        ("Spring", "을", "으로"),
        ("Home", "을", "으로"),
        ("Online", "을", "으로"),
        ("Ice cream", "을", "으로"),
        ("Studio", "를", "로"),
        ("Food", "를", "로"),
        ("Mart", "를", "로"),
        ("Coffee", "를", "로"),
        ("Bakery", "를", "로"),
        ("Cup", "을", "으로"),
        ("Market", "을", "으로"),
        ("Book", "을", "으로"),
        ("Flower", "를", "로"),
        # measures, as they are read
        ("사과 5kg", "을", "으로"),
        ("설탕 300 g", "을", "으로"),
        ("우유 500ml", "를", "로"),
        ("길이 3M", "를", "로"),
        # what is silent at the end
        ("‘커피’", "를", "로"),
        ("빵!!", "을", "으로"),
        ("딸기 🍓", "를", "로"),
        ("케이크 (조각)", "을", "으로"),
        ("12,000원", "을", "으로"),
        # letters of Hangul alone
        ("ㅋㅋ", "을", "으로"),
        ("ㄹ", "을", "로"),
        ("ㅠㅠ", "를", "로"),
    ],
)
def test_it_follows_the_last_sound(word: str, of_object: str, of_way: str) -> None:
    assert (josa(word, "을/를"), josa(word, "으로/로")) == (of_object, of_way)


@pytest.mark.parametrize(
    ("particle", "closed", "opened"),
    [("이/가", "이", "가"), ("은/는", "은", "는"), ("과/와", "과", "와"), ("이라/라", "이라", "라")],
)
def test_it_knows_every_pair(particle: str, closed: str, opened: str) -> None:
    assert (josa("빵", particle), josa("과일", particle), josa("커피", particle)) == (closed, closed, opened)


@pytest.mark.parametrize("word", ["", "🍓", "…", "Ω", "寿司"])
def test_both_forms_stand_after_what_cannot_be_read(word: str) -> None:
    assert josa(word, "을/를") == "을(를)"


def test_no_particle_stands_in_other_languages() -> None:
    with override("ko"):
        assert with_josa("커피", "을/를") == "커피를"
    with override("en"):
        assert with_josa("커피", "을/를") == "커피"


def test_a_sentence_by_code_has_the_particle_that_fits() -> None:
    with override("ko"):
        assert sentence("mcp.shop_unknown", {"shop": "cafe"}).startswith("가게 cafe가 없어요")
        assert sentence("mcp.shop_unknown", {"shop": "spring"}).startswith("가게 spring이 없어요")
    with override("en"):
        assert sentence("mcp.shop_unknown", {"shop": "cafe"}).startswith("There is no shop cafe.")


def test_a_particle_stands_alone_after_markup() -> None:
    template = Template('{% load korean %}<b>{{ name }}</b>{{ name|particle:"은/는" }}')
    with override("ko"):
        assert template.render(Context({"name": "봄날 커피"})) == "<b>봄날 커피</b>는"
    with override("en"):
        assert template.render(Context({"name": "봄날 커피"})) == "<b>봄날 커피</b>"


def test_templates_have_it_and_it_escapes() -> None:
    template = Template('{% load korean %}{{ name|josa:"을/를" }}')
    with override("ko"):
        assert template.render(Context({"name": "<b>빵</b>"})) == "&lt;b&gt;빵&lt;/b&gt;를"
