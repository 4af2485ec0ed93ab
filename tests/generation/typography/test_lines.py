from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generation.types import Size
from generation.typography.fonts import DEFAULT_FONT
from generation.typography.lines import (
    break_lines,
    ink_size,
    largest_type,
    leading,
    normalise,
    unbreakable_parts,
)
from tests.generation.typography.room import set_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("50 % 할인", ["50 %", "할인"]),
        ("₩ 9,900 커피", ["₩ 9,900", "커피"]),
        ("1 + 1 행사", ["1 + 1", "행사"]),
        ("사과 3 개 세트", ["사과", "3 개", "세트"]),
        ("오후 3 시 오픈", ["오후 3 시", "오픈"]),
        ("오후 3 시까지 할인", ["오후 3 시까지", "할인"]),
        ("단 2 만 원 !", ["단 2 만 원 !"]),
        ("2 개봉 영화", ["2", "개봉", "영화"]),
        ("2,900원 크루아상", ["2,900원", "크루아상"]),
        ("- 20 % 세일", ["- 20 %", "세일"]),
        ("500 ml 생맥주", ["500 ml", "생맥주"]),
        ("10 ~ 12 시", ["10 ~ 12 시"]),
    ],
)
def test_it_keeps_digits_with_their_unit_and_sign(text: str, parts: list[str]) -> None:
    assert unbreakable_parts(text) == parts


def test_it_never_breaks_inside_a_word_or_number() -> None:
    text = "갓 구운 크루아상 2,900원 오후 3 시부터"
    for lines in break_lines(text, DEFAULT_FONT):
        assert " ".join(lines) == text


HEADLINES = (Path(__file__).parent / "headlines.txt").read_text("utf-8").splitlines()
WIDTHS = (340, 520, 900)
NUMBER = re.compile(r"[₩$]?\d[\d,.]*\s?[만천]?\s?[%원개월일시박명인분병팩판장벌대회kgcmL+]*")


@pytest.mark.parametrize("width", WIDTHS)
def test_200_headlines_lose_no_syllable_and_never_break_inside_a_word_or_number(width: int) -> None:
    for text in HEADLINES:
        lines = set_in(Size(width, 240), text, DEFAULT_FONT).lines
        assert " ".join(lines) == text, "every syllable, in its order, broken only where a space was"
        for number in NUMBER.findall(text):
            assert any(number.strip() in line for line in lines), (number, lines)


@pytest.mark.parametrize("count", [2, 3])
def test_200_headlines_break_whole_whatever_the_number_of_lines(count: int) -> None:
    for text in HEADLINES:
        for lines in break_lines(text, DEFAULT_FONT, count):
            assert len(lines) <= count and " ".join(lines) == text
            assert all(line and line == line.strip() for line in lines)


def test_it_balances_the_lines() -> None:
    assert break_lines("갓 구운 크루아상 2,900원", DEFAULT_FONT, 2)[1] == ("갓 구운 크루아상", "2,900원")
    assert break_lines("하나 둘 셋 넷", DEFAULT_FONT, 2)[1] == ("하나 둘", "셋 넷")


def test_a_newline_always_breaks() -> None:
    assert all(lines[0] == "오늘만" for lines in break_lines("오늘만\n반값 세일 중", DEFAULT_FONT))
    assert break_lines("가\n나\n다\n라", DEFAULT_FONT, 3) == (("가", "나", "다", "라"),)


def test_it_normalises() -> None:
    assert normalise(" 오늘만\t 반값\x00\u200b \r\n\r\n \u1112\u1161\u11ab ") == "오늘만 반값\n한"


def test_it_fits_the_largest_type_into_the_box() -> None:
    box = Size(800, 260)
    fitted = set_in(box, "신메뉴 출시! 딸기 라떼", DEFAULT_FONT)
    assert fitted.lines == ("신메뉴 출시!", "딸기 라떼")
    assert fitted.ink == ink_size(fitted.lines, DEFAULT_FONT, fitted.font_size_px)
    assert fitted.leading_px == leading(fitted.font_size_px)
    larger = ink_size(fitted.lines, DEFAULT_FONT, fitted.font_size_px + 1)
    assert larger.width > box.width or larger.height > box.height


def test_a_long_word_shrinks_rather_than_break() -> None:
    word = "세상에서제일맛있는딸기생크림케이크"
    assert break_lines(word, DEFAULT_FONT) == ((word,),)
    assert largest_type((word,), DEFAULT_FONT, Size(600, 200)).ink.width <= 600


def test_nothing_visible_is_no_line() -> None:
    assert break_lines(" \u200b ", DEFAULT_FONT) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.text("가나다 0129,.%₩원개시+!\nAb", min_size=1, max_size=40),
    st.integers(200, 1200),
    st.integers(80, 600),
)
def test_whatever_fits_lies_inside_the_box_and_keeps_every_character(
    text: str, width: int, height: int
) -> None:
    assume(normalise(text))
    fitted = set_in(Size(width, height), text, DEFAULT_FONT)
    assert fitted.ink.width <= width and fitted.ink.height <= height
    assert " ".join(fitted.lines).split() == text.split()
