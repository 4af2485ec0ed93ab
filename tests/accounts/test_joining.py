"""Following an invitation's link: with an account, without one, at once, too late."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import team
from accounts.errors import TeamRefused
from accounts.models import Invitation, Shop, User
from accounts.selectors import works_in
from tests.accounts.teams import OWNER, STAFF, invitation_of, membership_of, signed_in
from tests.accounts.teams import shop as shop
from tests.jobs import factories


def test_somebody_signed_in_joins_with_one_click_whatever_their_address(shop: Shop) -> None:
    _, secret = invitation_of(shop, "other@example.com")
    user = factories.owner(factories.shop("남의 집"))
    client = signed_in(user)
    page = client.get(f"/shop/join/{secret}/")
    assert "봄날 커피" in page.content.decode()
    assert not works_in(user, shop.pk)
    answer = client.post(f"/shop/join/{secret}/", follow=True)
    assert answer.context["current_shop"] == shop
    assert membership_of(shop, user).role == STAFF
    made = Invitation.objects.get()
    assert made.accepted_by == user and made.accepted_at is not None


def test_a_link_serves_one_person(shop: Shop) -> None:
    _, secret = invitation_of(shop)
    signed_in(factories.person()).post(f"/shop/join/{secret}/")
    second = factories.person()
    assert signed_in(second).post(f"/shop/join/{secret}/").status_code == 404
    assert not works_in(second, shop.pk)


@pytest.mark.django_db(transaction=True)
def test_a_link_serves_one_person_also_when_two_come_at_once() -> None:
    shop = factories.shop()
    made, _ = invitation_of(shop)
    people = [factories.person() for _ in range(4)]

    def accept(user: User) -> bool:
        try:
            team.invitation_accept(invitation=made, user=user)
        except TeamRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(accept, people)) == [False, False, False, True]
    assert shop.memberships.count() == 2


def test_an_expired_link_opens_nothing(shop: Shop) -> None:
    made, secret = invitation_of(shop)
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed_in(factories.person()).post(f"/shop/join/{secret}/").status_code == 404
    with pytest.raises(TeamRefused):
        team.invitation_accept(invitation=made, user=factories.person())


def test_a_member_keeps_their_role_and_the_link(shop: Shop) -> None:
    _, secret = invitation_of(shop)
    owner = factories.owner(shop)
    client = signed_in(owner)
    assert "이미 함께" in client.get(f"/shop/join/{secret}/").content.decode()
    client.post(f"/shop/join/{secret}/")
    assert membership_of(shop, owner).role == OWNER
    assert team.invitation_find(secret) is not None


SIGN_UP = {"email": "mina@example.com", "password1": "a-long-test-password", "terms": "on", "privacy": "on"}


def test_somebody_without_an_account_signs_up_into_the_shop(shop: Shop, client: Client) -> None:
    _, secret = invitation_of(shop, "mina@example.com", OWNER)
    client.get(f"/shop/join/{secret}/")
    page = client.get(reverse("account_signup")).content.decode()
    assert "봄날 커피" in page and 'name="shop_name"' not in page
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert answer.status_code == 302, answer.context["form"].errors
    user = User.objects.get(email="mina@example.com")
    assert user.terms_accepted_at is not None
    assert membership_of(shop, user).role == OWNER
    assert Shop.objects.count() == 1
    assert client.get("/ads/").context["current_shop"] == shop


def test_sign_up_asks_for_a_shop_again_once_the_invitation_is_gone(shop: Shop, client: Client) -> None:
    made, secret = invitation_of(shop)
    client.get(f"/shop/join/{secret}/")
    team.invitation_revoke(invitation=made)
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert set(answer.context["form"].errors) == {"shop_name", "industry"}
    assert not User.objects.filter(email="mina@example.com").exists()


def test_sign_in_leads_back_to_the_invitation(shop: Shop, client: Client) -> None:
    _, secret = invitation_of(shop)
    user = factories.person("mina@example.com")
    page = client.get(f"/shop/join/{secret}/").content.decode()
    found = re.search(r'href="(/accounts/login/\?next=[^"]+)"', page)
    assert found
    answer = client.post(
        found[1], {"login": user.email, "password": factories.PASSWORD, "next": f"/shop/join/{secret}/"}
    )
    assert answer["Location"] == f"/shop/join/{secret}/"


def test_the_link_alone_changes_nothing(shop: Shop, client: Client) -> None:
    """Messengers open links to show what is behind them."""
    made, secret = invitation_of(shop)
    client.get(f"/shop/join/{secret}/")
    client.post(f"/shop/join/{secret}/")
    made.refresh_from_db()
    assert made.accepted_at is None
    assert client.get("/shop/join/not-a-secret/").status_code == 404
