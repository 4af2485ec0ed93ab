"""Sign-up by e-mail and through Kakao: a person, their consents and their first shop."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.adapters import SocialAccountAdapter
from accounts.forms import ShopForm, ShopSignupFields
from accounts.models import Industry, Shop, User

pytestmark = pytest.mark.django_db
FORM = {
    "email": "Owner@Example.com",
    "password1": "a-long-test-password",
    "shop_name": "봄날 커피",
    "industry": "cafe",
    "terms": "on",
    "privacy": "on",
}


def test_it_creates_the_person_the_consents_and_the_shop(client: Client) -> None:
    answer = client.post(reverse("account_signup"), FORM)
    assert answer.status_code == 302
    user = User.objects.get()
    assert user.email == "owner@example.com"
    assert user.terms_accepted_at is not None
    assert user.privacy_accepted_at is not None
    shop = Shop.objects.get()
    assert (shop.name, shop.industry) == ("봄날 커피", "cafe")
    assert list(shop.members.all()) == [user]
    assert client.get("/", follow=True).status_code == 200


@pytest.mark.parametrize("missing", ["terms", "privacy", "shop_name", "email", "password1"])
def test_it_asks_for_everything_required_and_keeps_what_was_typed(client: Client, missing: str) -> None:
    answer = client.post(reverse("account_signup"), {k: v for k, v in FORM.items() if k != missing})
    assert answer.status_code == 200
    assert missing in answer.context["form"].errors
    assert not User.objects.exists()
    assert not Shop.objects.exists()
    if missing != "shop_name":
        assert 'value="봄날 커피"' in answer.content.decode()


def test_it_does_not_make_a_second_account_of_an_address(client: Client) -> None:
    client.post(reverse("account_signup"), FORM)
    client.logout()
    client.post(reverse("account_signup"), FORM)
    assert User.objects.count() == 1
    assert Shop.objects.count() == 1


def _request() -> HttpRequest:
    request = RequestFactory().post("/")
    request.session = SessionStore()
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def _kakao(uid: str, data: dict[str, str]) -> User:
    """An account made through Kakao, as allauth's sign-up form makes it."""
    request = _request()
    login = SocialLogin(user=User(), account=SocialAccount(provider="kakao", uid=uid))
    adapter = SocialAccountAdapter(request)
    adapter.populate_user(request, login, data)
    user = adapter.save_user(request, login)
    form = ShopSignupFields({"shop_name": f"가게 {uid}", "industry": "other", "terms": "on", "privacy": "on"})
    assert form.is_valid(), form.errors
    form.signup(request, user)
    return user


def test_it_takes_social_accounts_without_an_address() -> None:
    first = _kakao("1", {"username": "봄이"})
    second = _kakao("2", {"username": "여름이", "email": ""})
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.email is None
    assert second.email is None
    assert str(first) == "봄이"
    assert first.terms_accepted_at is not None
    assert first.shops.get().name == "가게 1"
    assert not EmailAddress.objects.exists()
    assert not first.has_usable_password()


def test_it_keeps_a_social_account_s_address() -> None:
    assert _kakao("3", {"username": "가을이", "email": "fall@example.com"}).email == "fall@example.com"


def test_it_offers_kakao_only_when_configured(client: Client, settings: object) -> None:
    assert "카카오" not in client.get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {  # type: ignore[attr-defined]
        "kakao": {"APPS": [{"client_id": "id", "secret": "s", "key": ""}]}
    }
    page = client.get(reverse("account_login")).content.decode()
    assert "카카오로 계속하기" in page
    assert "네이버로 계속하기" not in page


def test_every_industry_is_offered_once_in_its_group() -> None:
    offered = list(ShopForm().fields["industry"].choices)
    groups = [[value for value, _ in inner] for _, inner in offered if isinstance(inner, list | tuple)]
    assert [len(group) for group in groups] == [11, 5, 7] and offered[-1][0] == "other"
    assert sorted([*(value for group in groups for value in group), "other"]) == sorted(Industry.values)
