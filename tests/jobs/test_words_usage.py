"""What a month of questions comes to: for the shop's owner and for support."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Shop
from jobs import words
from jobs.models import ModelUse, ModerationDecision
from jobs.retention import DECISIONS_KEPT, forget_old_decisions
from jobs.words.usage import Month, month_of, months_by_shop
from tests.jobs import factories
from tests.jobs.admin import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_key(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test"
    settings.OPENAI_MONTHLY_LIMIT = 300


def used(shop: Shop, outcome: str = "answered", cost: str | None = "0.5", **fields: object) -> ModelUse:
    values = {"purpose": "prompt", "model": "gpt-4o", "input_tokens": 1000, "output_tokens": 100, **fields}
    return ModelUse.objects.create(
        shop=shop, outcome=outcome, cost_usd=None if cost is None else Decimal(cost), **values
    )


def test_a_month_counts_what_the_shop_asked_and_what_it_cost(shop: Shop) -> None:
    used(shop)
    used(shop, "timeout", "0")
    used(shop, asked_at=words.start_of_month() - timedelta(seconds=1))
    used(factories.shop())
    assert month_of(shop) == Month(1, 300, Decimal("0.5"))


def test_an_unknown_price_is_told_as_unknown(shop: Shop) -> None:
    used(shop)
    used(shop, cost=None)
    assert month_of(shop) == Month(2, 300, None)
    [row] = months_by_shop(shop)
    assert (row.cost, row.unpriced) == (Decimal("0.5"), 1)


def test_without_a_key_there_is_nothing_to_tell(shop: Shop, settings: Settings) -> None:
    settings.OPENAI_API_KEY = ""
    assert month_of(shop) is None


def test_the_owner_sees_it_and_staff_does_not(client: Client, shop: Shop) -> None:
    used(shop, cost="0.347")
    client.force_login(factories.owner(shop))
    told = client.get("/shop/").content.decode()
    assert "OpenAI에 1번 물었어요" in told and "300번까지" in told and "0.35달러" in told
    client.force_login(factories.team_mate(shop))
    assert "물었어요" not in client.get("/shop/").content.decode()


def test_support_sees_months_by_shop(shop: Shop) -> None:
    before = words.start_of_month() - timedelta(days=1)
    for fields in ({}, {"cost": None}, {"asked_at": before, "outcome": "refused"}):
        used(shop, **fields)
    used(factories.shop("꽃집"))
    rows = months_by_shop()
    assert [(row.name, row.questions, row.answered) for row in rows] == [
        ("빵집", 2, 2),
        ("꽃집", 1, 1),
        ("빵집", 1, 0),
    ]
    page = people.superuser().get("/admin/jobs/job/usage/", {"shop": shop.slug}).content.decode()
    assert f"{before:%Y-%m}" in page and "2,000" in page and "값을 모르는 것 1건" in page
    assert "꽃집" not in page.partition("usage-words")[2]


def test_support_finds_decisions_by_verdict(shop: Shop) -> None:
    for verdict, word in (("refused", "씨발"), ("allowed", "")):
        ModerationDecision.objects.create(
            shop=shop, stage="input", verdict=verdict, judge="local", listed_word=word
        )
    address = "/admin/jobs/moderationdecision/"
    assert "씨발" in people.superuser().get(address, {"verdict__exact": "refused"}).content.decode()
    staff = people.staff("jobs.view_moderationdecision")
    assert "씨발" not in staff.get(address, {"verdict__exact": "allowed"}).content.decode()


def test_old_decisions_are_forgotten(shop: Shop) -> None:
    kept = {"shop": shop, "stage": "input", "verdict": "allowed", "judge": "local"}
    fresh = ModerationDecision.objects.create(**kept)
    old = ModerationDecision.objects.create(**kept)
    ModerationDecision.objects.filter(pk=old.pk).update(
        decided_at=fresh.decided_at - DECISIONS_KEPT - timedelta(minutes=1)
    )
    assert forget_old_decisions() == 1
    assert ModerationDecision.objects.get() == fresh
