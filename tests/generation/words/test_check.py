"""Glyphs, length and prices, and all kinds of hints together."""

from __future__ import annotations

import time

import pytest

from generation.compose import placement, search
from generation.errors import FontUnknown, FormatUnknown
from generation.export.formats import FORMATS
from generation.typography.fonts import DEFAULT_FONT, missing_characters
from generation.words import Kind, Level, Words, check_words, measure
from generation.words.check import fonts_for
from generation.words.prices import price_hints

LONG = "매일 아침 손으로 빚어 화덕에 굽는 정통 나폴리 피자와 신선한 샐러드"
NARROW = "BMDoHyeon/BMDoHyeon.ttf"


def test_nothing_is_said_of_an_empty_form() -> None:
    assert check_words(Words()) == []


def test_fonts_that_have_the_missing_letter_are_offered_the_likest_first() -> None:
    [hint] = check_words(Words("슌 오마카세", font=NARROW))
    assert (hint.kind, hint.level, hint.text, hint.start, hint.end) == (Kind.GLYPHS, Level.CHECK, "슌", 0, 1)
    assert 1 <= len(hint.fonts) <= 3
    assert all(missing_characters(path, "슌 오마카세") == "" for path in hint.fonts)


def test_where_no_font_has_it_none_is_offered() -> None:
    [hint] = check_words(Words("오늘 🔥 반값", price_before="2,000원", price_now="1,000원"))
    assert (hint.kind, hint.fonts) == (Kind.GLYPHS, ()) and fonts_for("🔥") == []


def test_names_that_no_catalogue_knows_are_refused() -> None:
    with pytest.raises(FontUnknown):
        check_words(Words("반값", font="Comic/Sans.ttf"))
    with pytest.raises(FormatUnknown):
        check_words(Words("반값", format="billboard"))


@pytest.mark.parametrize(
    ("text", "key", "fits"),
    [
        ("오늘만 반값", "instagram-square", True),
        ("오늘만 반값", "naver-timeboard", True),
        (LONG, "instagram-portrait", True),
        (LONG, "kakao-display", False),
        (LONG, "meta-link", False),
        ("가나다라 " * 15, "instagram-square", False),
    ],
)
def test_a_headline_is_measured_in_its_format(text: str, key: str, fits: bool) -> None:
    assert measure.is_readable(text, DEFAULT_FONT, key) is fits


def test_so_many_characters_as_it_says_fit_and_one_more_word_does_not() -> None:
    most = measure.readable_length(LONG, DEFAULT_FONT, "kakao-display")
    assert 8 < most < len(LONG)
    assert measure.is_readable(LONG[:most], DEFAULT_FONT, "kakao-display")
    assert not measure.is_readable(LONG[: most + 6], DEFAULT_FONT, "kakao-display")


def test_a_channel_of_white_product_pictures_has_no_words_to_measure() -> None:
    packshots = [key for key, each in FORMATS.items() if each.packshot]
    assert packshots and all(check_words(Words("가나다라 " * 15, format=key)) == [] for key in packshots)


def test_the_room_is_the_one_that_the_picture_gives() -> None:
    assert measure.SIDE_MARGIN == placement.SIDE_MARGIN and measure.ROOM_MOST == placement.ROOM_MOST
    assert measure.BESIDE_FROM == search.BESIDE_FROM and measure.STRIP_FROM == search.STRIP_FROM


@pytest.mark.parametrize(
    ("before", "now", "headline", "found"),
    [
        ("12,000원", "6,000원", "오늘만 반값", []),
        ("12,000원", "9,000원", "오늘만 반값", ["반값"]),
        ("10,000원", "7,000원", "전 품목 30% 할인", []),
        ("9,900원", "6,900원", "30% 할인", []),
        ("10,000원", "9,000원", "30% 할인", ["30% 할인"]),
        ("10,000원", "9,000원", "최대 30% 할인", []),
        ("6,000원", "6,000원", "오늘의 빵", ["6,000원"]),
        ("6,000원", "8,000원", "", ["8,000원"]),
        ("12.000원", "6,000원", "", ["12.000"]),
        ("두 개", "1+1", "반값", []),
        ("", "6,000원", "반값", []),
    ],
)
def test_prices_and_words_have_to_agree(before: str, now: str, headline: str, found: list[str]) -> None:
    hints = price_hints(Words(headline, price_before=before, price_now=now))
    assert [hint.text for hint in hints] == found


def test_it_is_quick_enough_to_ask_while_somebody_types() -> None:
    words = Words(
        "오늘만 할인중, 놓치면 안되요", "국내 최고 품질", font=DEFAULT_FONT, format="instagram-story"
    )
    check_words(words)
    start = time.process_time()
    for _ in range(20):
        check_words(words)
    assert (time.process_time() - start) / 20 < 0.05
