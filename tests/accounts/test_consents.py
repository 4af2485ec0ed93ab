"""No photo goes to OpenAI before an owner said so, apart from the terms; and it can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.consents import may_send_photo
from tests.jobs.factories import owner, shop, team_mate

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(settings: Any) -> None:
    settings.OPENAI_API_KEY = "a-key"


@pytest.mark.usefixtures("key")
def test_it_is_no_until_an_owner_says_yes_and_no_again_when_taken_back(client: Client) -> None:
    bakery = shop()
    client.force_login(owner(bakery))
    assert not may_send_photo(bakery)
    assert "동의하지 않음" in client.get(reverse("jobs:data")).content.decode()
    client.post(reverse("jobs:photo-to-openai"), {"allowed": "yes"})
    assert may_send_photo(bakery)
    bakery.refresh_from_db()
    assert bakery.photo_to_openai_at is not None
    assert bakery.photo_to_openai_by == owner(bakery)
    assert not may_send_photo(shop("다른 가게"))
    client.post(reverse("jobs:photo-to-openai"), {"allowed": "no"})
    assert not may_send_photo(bakery)


@pytest.mark.usefixtures("key")
def test_staff_cannot_decide_it(client: Client) -> None:
    bakery = shop()
    client.force_login(team_mate(bakery))
    assert client.post(reverse("jobs:photo-to-openai"), {"allowed": "yes"}).status_code == 404
    assert not may_send_photo(bakery)
    assert "OpenAI" not in client.get(reverse("jobs:data")).content.decode()


def test_without_a_key_nobody_is_asked_but_who_agreed_can_take_it_back(client: Client) -> None:
    bakery = shop()
    client.force_login(owner(bakery))
    assert "OpenAI" not in client.get(reverse("jobs:data")).content.decode()
    client.post(reverse("jobs:photo-to-openai"), {"allowed": "yes"})
    assert "동의 거두기" in client.get(reverse("jobs:data")).content.decode()


@pytest.mark.parametrize("sent", [{}, {"allowed": "on"}, {"allowed": ""}])
def test_anything_but_a_plain_yes_is_a_no(client: Client, sent: dict[str, str]) -> None:
    bakery = shop()
    client.force_login(owner(bakery))
    client.post(reverse("jobs:photo-to-openai"), sent)
    assert not may_send_photo(bakery)
