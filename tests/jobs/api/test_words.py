"""Prompts made better and headlines suggested."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Shop
from tests.jobs.api.conftest import assert_error, post

PROMPT_FIELDS = {"bg_prompt", "text_model_prompt", "bg_negative_prompt", "scene", "text_style", "source"}


@pytest.mark.parametrize(
    "prompt",
    ["우드 테이블, 따뜻한 카페", "Wooden table in a cozy cafe, sunlight", "뷁", "a\u0000b\ud800", "🎈" * 500],
)
def test_a_wish_becomes_english_prompts_and_a_scene(client: Client, prompt: str) -> None:
    response = post(client, "/api/optimize-prompt", {"prompt": prompt})
    assert response.status_code == 200, response.content
    told = response.json()
    assert set(told) == PROMPT_FIELDS and told["source"] == "rules"
    assert all(told[name].isascii() and told[name] for name in PROMPT_FIELDS)


def test_a_cafe_in_korean_is_the_cafe_scene(client: Client) -> None:
    assert (
        post(client, "/api/optimize-prompt", {"prompt": "우드 테이블, 따뜻한 카페"}).json()["scene"]
        == "cafe-wood"
    )


@pytest.mark.parametrize("prompt", ["", "  ", 5, None, ["a"], "x" * 1001])
def test_a_wish_is_text(client: Client, prompt: object) -> None:
    assert_error(
        post(client, "/api/optimize-prompt", {"prompt": prompt}), 422, "request.field_invalid", "prompt"
    )


def test_headlines_follow_the_shops_industry(client: Client, shop: Shop) -> None:
    general = post(client, "/api/copy", {"product": "크루아상"}).json()["suggestions"]
    shop.industry = "bakery"
    shop.save()
    bakery = post(client, "/api/copy", {"product": "크루아상"}).json()["suggestions"]
    assert bakery != general and all("크루아상" in line for line in bakery)
    assert (
        bakery
        == post(client, "/api/copy", {"product": "크루아상", "industry": "bakery"}).json()["suggestions"]
    )
    assert_error(post(client, "/api/copy", {"product": ""}), 422, "request.field_invalid", "product")
