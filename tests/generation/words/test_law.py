"""Advertising law: what is warned of, what is not, for whom, and that every rule says why and what instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.words.hints import Field, Level, Words
from generation.words.law import law_hints, rules

EXAMPLES = [
    tuple(line.split("\t")) for line in (Path(__file__).parent / "law.txt").read_text("utf-8").splitlines()
]
"""The rule that is expected to speak (- for none), the industry, the headline."""
HEADLINES = (Path(__file__).parents[1] / "typography" / "headlines.txt").read_text("utf-8").splitlines()


def test_there_are_enough_examples_of_both_kinds_and_of_every_rule() -> None:
    meant = [rule for rule, _, _ in EXAMPLES]
    assert len(EXAMPLES) >= 60 and meant.count("-") >= 25
    assert {rule.key for rule in rules()} == set(meant) - {"-"}
    assert len({text for *_, text in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize(("rule", "industry", "text"), EXAMPLES)
def test_it_warns_of_this_and_of_nothing_else(rule: str, industry: str, text: str) -> None:
    found = [hint.rule for hint in law_hints(Words(text, industry=industry))]
    assert found == ([] if rule == "-" else [rule])


def test_of_two_hundred_headlines_of_shops_none_is_to_be_changed() -> None:
    for text in HEADLINES:
        urgent = [hint.rule for hint in law_hints(Words(text)) if hint.level is Level.CHECK]
        assert urgent == [], text


def test_a_former_price_settles_the_discount() -> None:
    words = {"headline": "전 품목 30% 할인", "price_now": "7,000원"}
    assert [hint.rule for hint in law_hints(Words(**words))] == ["former-price"]
    assert law_hints(Words(**words, price_before="10,000원")) == []


def test_the_sub_line_may_hold_the_condition_and_the_claim() -> None:
    assert [hint.rule for hint in law_hints(Words("오늘 음료 무료"))] == ["free"]
    assert law_hints(Words("오늘 음료 무료", "2만 원 이상 주문 시")) == []
    [hint] = law_hints(Words("갓 구운 빵", "국내 최고 품질"))
    assert (hint.field, hint.text) == (Field.SUBLINE, "국내 최고")


def test_a_shop_of_no_known_industry_hears_of_food_and_of_cosmetics() -> None:
    for industry in ("", "other"):
        assert law_hints(Words("면역력 주스", industry=industry))
        assert law_hints(Words("피부 재생 크림", industry=industry))
    assert law_hints(Words("면역력 주스", industry="fashion")) == []


def test_every_rule_says_which_law_why_and_what_instead_in_both_languages() -> None:
    for rule in rules():
        for told in (rule.law, rule.why, rule.safer):
            assert told.ko and told.en and told.ko != told.en, rule.key
        assert not any("가" <= letter <= "힣" for letter in rule.why.en + rule.law.en + rule.safer.en)


def test_what_it_says_sounds_like_help() -> None:
    """Not like a verdict: nobody here knows the shop's evidence."""
    for rule in rules():
        assert not any(word in rule.why.ko for word in ("불법", "위법", "처벌", "벌금"))
