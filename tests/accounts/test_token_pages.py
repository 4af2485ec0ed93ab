"""The page of a shop's programs: for its owner alone, its secrets shown once and only when asked."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import shown_once
from accounts.models import ApiToken, Shop, User
from accounts.tokens import token_create, token_revoke
from tests.accounts.opened import token_find
from tests.jobs import factories

pytestmark = pytest.mark.django_db
PAGE = "/shop/api/"
NEW = "/shop/api/new/"
KEY = "/shop/api/key/"
RENEW = "/shop/api/key/renew/"
FORM = {"name": "주문 프로그램", "scope": "read", "days": "90"}
LONG_AGO = 3600


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _signed_in(client: Client, user: User) -> Client:
    """As from the sign-in page, just now."""
    answer = client.post(reverse("account_login"), {"login": user.email, "password": factories.PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def owner(client: Client, shop: Shop) -> Client:
    return _signed_in(client, factories.owner(shop))


def _long_signed_in(client: Client) -> None:
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - LONG_AGO
    session.save()


def _make(client: Client, **fields: str) -> tuple[Any, str]:
    """Fill the form in; the page after it, and the plain text on it."""
    answer = client.post(NEW, {**FORM, **fields})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    page = client.get(PAGE)
    return page, page.context["plain"]


def _addresses(shop: Shop) -> list[str]:
    token, _ = token_create(shop=shop, name="app")
    return [PAGE, NEW, KEY, RENEW, f"/shop/api/{token.pk}/revoke/"]


def test_staff_are_told_who_can(client: Client, shop: Shop) -> None:
    _signed_in(client, factories.team_mate(shop))
    secret = shop.callback_secret
    for address in _addresses(shop):
        for answer in (client.get(address), client.post(address, FORM)):
            if (answer.status_code, address) == (405, PAGE):
                continue
            assert answer.status_code == 403
            page = answer.content.decode()
            assert factories.owner(shop).email in page and secret not in page
    assert ApiToken.objects.get().state == "live"
    assert Shop.objects.get(pk=shop.pk).callback_secret == secret
    assert PAGE not in client.get("/ads/").content.decode()


def test_a_stranger_has_a_page_of_their_own_shop_and_no_other(client: Client, shop: Shop) -> None:
    token, plain = token_create(shop=shop, name="남의 토큰")
    _signed_in(client, factories.owner(factories.shop("옆집")))
    assert token.prefix not in client.get(PAGE).content.decode()
    for answer in (client.get(f"/shop/api/{token.pk}/revoke/"), client.post(f"/shop/api/{token.pk}/revoke/")):
        assert answer.status_code == 404
    assert token_find(plain) == token


def test_the_unknown_sign_in_first(client: Client, shop: Shop) -> None:
    for address in _addresses(shop):
        assert client.get(address)["Location"].startswith("/accounts/login/")


def test_who_has_no_shop_makes_one_first(client: Client) -> None:
    _signed_in(client, factories.person())
    assert client.get(PAGE)["Location"] == reverse("shop_new")


def test_without_a_token_it_says_what_one_is_for(owner: Client) -> None:
    page = owner.get(PAGE).content.decode()
    assert "로그인 없이 광고를 만들게 해 주는 열쇠" in page
    assert "curl http://testserver/api/generate" in page
    assert 'href="/api/docs"' in page
    assert PAGE in owner.get("/ads/").content.decode()


def test_it_makes_what_was_asked_for(owner: Client, shop: Shop) -> None:
    _, plain = _make(owner)
    token = token_find(plain)
    assert token is not None
    assert (token.shop, token.name, token.can_write) == (shop, "주문 프로그램", False)
    assert token.created_by == factories.owner(shop)
    assert token.expires_at is not None and (token.expires_at - token.created_at).days in (89, 90)
    _, plain = _make(owner, scope="write", days="")
    token = token_find(plain)
    assert token is not None and token.can_write and token.expires_at is None


def test_it_shows_the_plain_text_once(owner: Client) -> None:
    page, plain = _make(owner)
    assert plain in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert token_find(plain) is not None
    assert plain not in owner.get(PAGE).content.decode()


def test_the_plain_text_is_in_no_address_session_or_log(
    owner: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answer = owner.post(NEW, FORM)
    kept = str([session.get_decoded() for session in Session.objects.all()])
    cookie = answer.cookies[shown_once.COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == PAGE
    page = owner.get(PAGE)
    plain = page.context["plain"]
    assert plain.startswith("ads_")
    for told in (answer["Location"], answer.content.decode(), kept, cookie.value, caplog.text):
        assert plain not in told
        assert plain.encode().hex() not in told
    assert page.cookies[shown_once.COOKIE].value == ""
    assert shown_once.SESSION_KEY not in owner.session


def test_another_browser_s_half_shows_nothing(owner: Client, shop: Shop) -> None:
    owner.post(NEW, FORM)
    owner.cookies[shown_once.COOKIE] = "00"
    assert owner.get(PAGE).context["made"] is None
    owner.post(NEW, FORM)
    del owner.cookies[shown_once.COOKIE]
    assert owner.get(PAGE).context["made"] is None


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 61}, {"scope": "all"}, {"days": "7"}])
def test_it_refuses_what_is_no_token(owner: Client, wrong: dict[str, str]) -> None:
    answer = owner.post(NEW, {**FORM, **wrong})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(wrong)
    assert not ApiToken.objects.exists()


def test_it_revokes_after_a_question(owner: Client, shop: Shop) -> None:
    token, plain = token_create(shop=shop, name="옛 프로그램")
    address = f"/shop/api/{token.pk}/revoke/"
    assert "옛 프로그램" in owner.get(address).content.decode()
    assert token_find(plain) is not None
    answer = owner.post(address, follow=True)
    assert "옛 프로그램 토큰을 폐기했어요" in answer.content.decode()
    assert token_find(plain) is None
    assert [token.state for token in answer.context["ended"]] == ["revoked"]


def test_it_tells_live_and_ended_apart(owner: Client, shop: Shop) -> None:
    token_create(shop=shop, name="쓰는 것", scope="read")
    expired, _ = token_create(shop=shop, name="지난 것", days=30)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=expired.created_at)
    revoked, _ = token_create(shop=shop, name="버린 것")
    token_revoke(token=revoked)
    answer = owner.get(PAGE)
    assert [token.name for token in answer.context["live"]] == ["쓰는 것"]
    assert {token.name for token in answer.context["ended"]} == {"지난 것", "버린 것"}
    page = answer.content.decode()
    assert "만료됨" in page and "폐기됨" in page
    assert page.count("/revoke/") == 1
    assert all(token.digest not in page for token in ApiToken.objects.all())


def test_a_token_of_nowhere_is_not_found(owner: Client) -> None:
    assert owner.post(f"/shop/api/{uuid.uuid4()}/revoke/").status_code == 404


def test_the_signing_key_shows_when_asked_and_hides_again(owner: Client, shop: Shop) -> None:
    assert shop.callback_secret not in owner.get(PAGE).content.decode()
    owner.get(KEY)
    assert shop.callback_secret not in owner.get(PAGE).content.decode()
    shown = owner.post(KEY, follow=True)
    assert shop.callback_secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert shop.callback_secret not in owner.get(PAGE).content.decode()


def test_a_key_asked_for_in_one_shop_does_not_show_in_another(owner: Client, shop: Shop) -> None:
    second = factories.shop("둘째 집", owner=factories.owner(shop))
    owner.post(KEY)
    owner.post(reverse("shop_switch"), {"shop": second.pk})
    page = owner.get(PAGE).content.decode()
    assert second.callback_secret not in page and shop.callback_secret not in page


def test_the_signing_key_is_renewed_after_a_question(owner: Client, shop: Shop) -> None:
    old = shop.callback_secret
    assert "새로 만들까요" in owner.get(RENEW).content.decode()
    shop.refresh_from_db()
    assert shop.callback_secret == old
    page = owner.post(RENEW, follow=True).content.decode()
    shop.refresh_from_db()
    assert shop.callback_secret != old
    assert shop.callback_secret in page and old not in page


def test_it_wants_a_csrf_token(shop: Shop) -> None:
    browser = _signed_in(Client(), factories.owner(shop))
    browser.handler.enforce_csrf_checks = True
    assert browser.post(NEW, FORM).status_code == 403
    assert not ApiToken.objects.exists()


class TestSignedInLongAgo:
    """Then the password is asked for again, and what was asked for is done after it."""

    def _confirm(self, client: Client, answer: Any, password: str = factories.PASSWORD) -> Any:
        assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
        following = answer["Location"].partition("next=")[2].replace("%2F", "/")
        page = client.get(answer["Location"])
        assert "비밀번호를 한 번 더" in page.content.decode()
        return client.post("/accounts/reauthenticate/", {"password": password, "next": following})

    def test_the_list_needs_no_password(self, owner: Client) -> None:
        _long_signed_in(owner)
        assert owner.get(PAGE).status_code == 200

    def test_a_wrong_password_makes_nothing(self, owner: Client) -> None:
        _long_signed_in(owner)
        answer = self._confirm(owner, owner.post(NEW, FORM), "wrong")
        assert answer.status_code == 200 and answer.context["form"].errors
        assert not ApiToken.objects.exists()

    def test_a_token_is_made_and_shown_after_it(self, owner: Client) -> None:
        _long_signed_in(owner)
        answer = self._confirm(owner, owner.post(NEW, FORM))
        assert answer["Location"] == PAGE
        plain = owner.get(PAGE).context["plain"]
        assert token_find(plain) == ApiToken.objects.get()

    def test_one_password_does_for_a_while(self, owner: Client) -> None:
        _long_signed_in(owner)
        assert self._confirm(owner, owner.get(NEW))["Location"] == NEW
        assert owner.get(NEW).status_code == 200
        _make(owner)

    def test_revoking_and_the_key_ask_for_it(self, owner: Client, shop: Shop) -> None:
        token, plain = token_create(shop=shop, name="app")
        _long_signed_in(owner)
        for address in (KEY, RENEW, f"/shop/api/{token.pk}/revoke/"):
            assert owner.post(address)["Location"].startswith("/accounts/reauthenticate/")
        assert token_find(plain) is not None
        assert Shop.objects.get().callback_secret == shop.callback_secret
        self._confirm(owner, owner.post(KEY))
        assert shop.callback_secret in owner.get(PAGE).content.decode()

    def test_an_account_without_password_is_let_through(self, client: Client, shop: Shop) -> None:
        """Made through Kakao or Naver: there is nothing to ask for."""
        user = factories.owner(shop)
        user.set_unusable_password()
        user.save()
        client.force_login(user)
        _make(client)
