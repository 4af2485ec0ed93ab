"""Further shops of a person, and the names that shops may have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.errors import TeamRefused
from accounts.models import Membership, Shop, User
from accounts.services import MOST_OWNED, shop_create, shop_open
from tests.jobs import factories

pytestmark = pytest.mark.django_db
FORM = {"shop_name": "봄날 커피", "industry": "cafe"}


def owned(user: User) -> int:
    return Membership.objects.filter(user=user, role="owner").count()


def test_nobody_opens_shops_without_end(client: Client) -> None:
    """Each has a day's ads of its own, and mails invitations."""
    user = factories.person()
    for number in range(MOST_OWNED - 1):
        shop_create(owner=user, name=f"가게 {number}", slug=f"many-{number}")
    client.force_login(user)
    assert client.post(reverse("shop_new"), FORM).status_code == 302
    refused = client.post(reverse("shop_new"), FORM)
    assert refused.status_code == 422
    assert f"{MOST_OWNED}개까지" in refused.content.decode()
    assert owned(user) == MOST_OWNED


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_none_slips_past() -> None:
    user = factories.person()
    for number in range(MOST_OWNED - 1):
        shop_create(owner=user, name=f"가게 {number}", slug=f"many-{number}")

    def another(number: int) -> bool:
        try:
            shop_open(owner=user, name=f"또 {number}", industry="cafe")
        except TeamRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as together:
        opened = list(together.map(another, range(6)))
    assert (sum(opened), owned(user)) == (1, MOST_OWNED)


def test_what_cannot_be_seen_is_no_part_of_a_name(client: Client) -> None:
    """With it one shop's name could be made to look like another's, in invitations too."""
    user = factories.person()
    client.force_login(user)
    client.post(reverse("shop_new"), {**FORM, "shop_name": "\u202e봄\u200b날\u2066 커피\ufeff"})
    assert Shop.objects.get(memberships__user=user).name == "봄날 커피"
    assert client.post(reverse("shop_new"), {**FORM, "shop_name": "\u202e\u200b"}).status_code == 200


def test_shops_whose_names_have_no_latin_letter_find_addresses_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Chance gives two of them the same now and then."""
    drawn = iter(["aa", "aa", "bb"])
    monkeypatch.setattr(services.secrets, "token_hex", lambda _: next(drawn))
    shops = [shop_create(owner=factories.person(), name="가게") for _ in range(3)]
    assert [shop.slug for shop in shops] == ["shop", "shop-aa", "shop-bb"]
