"""Proof-reading: mistakes are found with what to write instead, and what is right is left alone."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from generation.prompts import copy
from generation.words.hints import Field, Kind, Level
from generation.words.spelling import mistakes, spelling_hints

HERE = Path(__file__).parent
HEADLINES = (HERE.parent / "typography" / "headlines.txt").read_text("utf-8").splitlines()
CORRECT = (HERE / "correct.txt").read_text("utf-8").splitlines()
WRONG = [tuple(line.split("\t")) for line in (HERE / "wrong.txt").read_text("utf-8").splitlines()]
NAMED_SO = {"돈까스 무한 리필": "돈가스"}
"""Of the headlines taken from shops: written so by most, and only mentioned."""
PRODUCTS = ("크루아상", "딸기 라떼", "한우 등심", "수분 크림", "강아지 간식")
INDUSTRIES = (
    *("", "cafe", "bakery", "restaurant", "fruit", "fish"),
    *("side-dishes", "cosmetics", "fashion", "florist", "pet"),
)
TONES = ("", "warm", "refined", "lively", "plain")


def test_there_are_enough_examples_and_none_twice() -> None:
    assert len(CORRECT) >= 120
    assert len(WRONG) >= 80
    for examples in (CORRECT, [line for line, *_ in WRONG]):
        assert [line for line, number in Counter(examples).items() if number > 1] == []


@pytest.mark.parametrize("text", [*CORRECT, *(line for line in HEADLINES if line not in NAMED_SO)])
def test_what_is_right_is_left_alone(text: str) -> None:
    assert [(hint.text, hint.suggestions) for hint in spelling_hints(text, Field.HEADLINE)] == []


def test_our_own_suggestions_are_right() -> None:
    for item, industry, tone in product(PRODUCTS, INDUSTRIES, TONES):
        for text in copy.suggest(item, industry, tone):
            assert spelling_hints(text, Field.HEADLINE) == [], text


@pytest.mark.parametrize(("text", "wrong", "right"), WRONG)
def test_a_mistake_is_found_with_what_to_write(text: str, wrong: str, right: str) -> None:
    hints = spelling_hints(text, Field.HEADLINE)
    found = [hint for hint in hints if hint.text == wrong]
    assert len(found) == 1, [(hint.text, hint.suggestions) for hint in hints]
    assert found[0].suggestions[0] == right
    assert text[found[0].start : found[0].end] == wrong
    assert found[0].why.ko and found[0].why.en


@pytest.mark.parametrize(("text", "wrong", "right"), WRONG)
def test_nothing_is_left_to_say_once_it_is_mended(text: str, wrong: str, right: str) -> None:
    for _ in range(4):
        hints = spelling_hints(text, Field.HEADLINE)
        if not hints:
            return
        first = hints[0]
        text = text[: first.start] + first.suggestions[0] + text[first.end :]
    pytest.fail(f"{text!r}: {[hint.text for hint in hints]}")


def test_names_that_shops_write_on_purpose_are_only_mentioned() -> None:
    for text, right in NAMED_SO.items():
        [hint] = spelling_hints(text, Field.HEADLINE)
        assert (hint.kind, hint.level, hint.suggestions) == (Kind.LOAN, Level.NOTE, (right,))
    assert {each.level for each in mistakes() if each.kind is Kind.LOAN} == {Level.NOTE}


def test_a_place_is_told_by_characters_also_after_signs_beyond_the_first_plane() -> None:
    [hint] = spelling_hints("🎉🎉 지금 되요", Field.SUBLINE)
    assert (hint.field, hint.start, hint.end) == (Field.SUBLINE, 6, 8)


def test_two_ways_to_put_it_right_are_both_offered() -> None:
    [hint] = spelling_hints("빵 굽는 법을 가르켜 드려요", Field.HEADLINE)
    assert hint.suggestions == ("가르쳐", "가리켜")


def test_every_reason_stands_in_both_languages() -> None:
    for mistake in mistakes():
        assert any("가" <= letter <= "힣" for letter in mistake.why.ko)
        assert mistake.why.en and mistake.why.en != mistake.why.ko
