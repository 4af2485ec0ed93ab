"""Hints on words before an ad is made of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Industry, Shop
from generation.words.law import known_industries
from jobs.models import Job
from tests.jobs.api.conftest import assert_error, post


def hints(client: Client, headers: dict[str, str] | None = None, **asked: str) -> list[dict[str, Any]]:
    response = client.post("/api/check-words", asked, "application/json", headers=headers)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["hints"]
    return found


def test_a_mistake_is_told_with_its_place_and_what_to_write(client: Client) -> None:
    [hint] = hints(client, text_content="  늦으면 품절 되요!  ")
    assert (hint["kind"], hint["level"], hint["field"]) == ("spelling", "check", "text_content")
    assert (hint["start"], hint["end"], hint["text"], hint["suggestions"]) == (7, 9, "되요", ["돼요"])


def test_what_is_right_has_no_hints_and_no_notice(client: Client) -> None:
    answer = post(client, "/api/check-words", {"text_content": "갓 구운 소금빵"}).json()
    assert answer == {"hints": [], "notice": None}


def test_law_is_told_with_reason_and_safer_words_and_once_that_it_is_no_advice(client: Client) -> None:
    answer = post(
        client, "/api/check-words", {"text_content": "국내 최고 맛집", "subline": "업계 최초"}
    ).json()
    assert [hint["rule"] for hint in answer["hints"]] == ["best", "first"]
    assert all(hint["law"] and hint["why"] and hint["safer"] for hint in answer["hints"])
    assert "법률 자문이 아니" in answer["notice"]


def test_the_reader_gets_it_in_english(client: Client) -> None:
    [hint] = hints(client, {"Accept-Language": "en"}, text_content="국내 최고 맛집")
    assert "evidence" in hint["why"] and "Article 3" in hint["law"]


def test_the_shops_industry_decides_unless_another_is_named(client: Client, shop: Shop) -> None:
    shop.industry = "fashion"
    shop.save()
    assert hints(client, text_content="면역력에 좋은 하루") == []
    assert [h["rule"] for h in hints(client, text_content="면역력에 좋은 하루", industry="cafe")] == [
        "food-function"
    ]


def test_glyphs_are_checked_in_the_shops_font_and_fonts_that_have_them_are_named(
    client: Client, shop: Shop
) -> None:
    shop.default_font = "BMDoHyeon/BMDoHyeon.ttf"
    shop.save()
    [hint] = hints(client, text_content="슌 오마카세")
    assert (hint["kind"], hint["text"]) == ("glyphs", "슌")
    assert hint["fonts"] and all(font["path"] != shop.default_font for font in hint["fonts"])
    assert hints(client, text_content="슌 오마카세", font_name=hint["fonts"][0]["path"]) == []


def test_a_headline_too_long_for_the_format_is_told(client: Client) -> None:
    text = "매일 아침 손으로 빚어 화덕에 굽는 정통 나폴리 피자와 신선한 샐러드"
    assert hints(client, text_content=text) == []
    [hint] = hints(client, text_content=text, format="kakao-display")
    assert hint["kind"] == "length" and hint["text"] == text[hint["start"] :]


def test_prices_that_disagree_are_told(client: Client) -> None:
    [hint] = hints(client, text_content="오늘만 50% 할인", price_before="12,000원", price_now="9,000원")
    assert (hint["kind"], hint["text"], hint["suggestions"]) == ("price", "50% 할인", ["25% 할인"])


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("font_name", "Comic/Sans.ttf", "font.unknown"),
        ("format", "billboard", "format.unknown"),
        ("text_content", 5, "request.field_invalid"),
        ("text_content", "가" * 81, "request.field_invalid"),
        ("subline", "가" * 121, "request.field_invalid"),
    ],
)
def test_bad_input_is_refused_with_its_field(client: Client, field: str, value: object, code: str) -> None:
    assert_error(post(client, "/api/check-words", {field: value}), 422, code, field)


def test_hints_stand_in_nobodys_way_and_nothing_is_stored(client: Client, shop: Shop) -> None:
    asked = {"text_content": "국내 최고, 놓치면 안되요"}
    assert len(post(client, "/api/check-words", asked).json()["hints"]) == 2
    assert Job.objects.count() == 0
    answer = post(client, "/api/generate", asked)
    assert answer.status_code == 200 and set(answer.json()) == {"job_id", "status"}


def test_the_law_knows_every_trade_that_a_shop_can_be_of() -> None:
    assert known_industries() - {""} == set(Industry.values)
