"""The page after Kakao said who someone is: only the shop and the consents are missing."""

from __future__ import annotations

import pytest
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from accounts.team import invitation_create
from tests.jobs import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kakao(settings: object) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {  # type: ignore[attr-defined]
        "kakao": {"APPS": [{"client_id": "id", "secret": "s", "key": ""}]}
    }


def _pending(client: Client) -> None:
    session = client.session
    provider = get_adapter().get_provider(RequestFactory().get("/"), "kakao")
    account = SocialAccount(provider="kakao", uid="77")
    login = SocialLogin(user=User(name="봄이"), account=account, provider=provider)
    session["socialaccount_sociallogin"] = login.serialize()
    session.save()


def test_it_signs_up_without_an_address(client: Client) -> None:
    _pending(client)
    page = client.get(reverse("socialaccount_signup"))
    assert page.status_code == 200
    answer = client.post(
        reverse("socialaccount_signup"),
        {"email": "", "shop_name": "봄이네", "industry": "cafe", "terms": "on", "privacy": "on"},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    user = User.objects.get()
    assert user.email is None
    assert user.privacy_accepted_at is not None
    assert user.shops.get().name == "봄이네"
    assert SocialAccount.objects.get().user == user
    assert client.session["_auth_user_id"] == str(user.pk)


def test_it_still_asks_for_consents(client: Client) -> None:
    _pending(client)
    answer = client.post(reverse("socialaccount_signup"), {"shop_name": "봄이네", "industry": "cafe"})
    assert set(answer.context["form"].errors) == {"terms", "privacy"}
    assert not User.objects.exists()


def test_it_joins_the_shop_whose_invitation_was_followed(client: Client) -> None:
    shop = factories.shop("봄날 커피")
    made, secret = invitation_create(shop=shop, by=factories.owner(shop), role="staff")
    client.get(reverse("shop_join", args=[secret]))
    _pending(client)
    page = client.get(reverse("socialaccount_signup")).content.decode()
    assert "봄날 커피" in page and 'name="shop_name"' not in page
    answer = client.post(reverse("socialaccount_signup"), {"email": "", "terms": "on", "privacy": "on"})
    assert answer.status_code == 302, answer.context["form"].errors
    made.refresh_from_db()
    assert made.accepted_by is not None and made.accepted_by.name == "봄이"
    assert list(made.accepted_by.shops.all()) == [shop]
