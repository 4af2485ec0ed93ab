"""Sign-in, its limits, passwords, and whose shop one works in."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.middleware import SESSION_SHOP
from accounts.models import Shop
from accounts.services import shop_create
from tests.jobs.factories import PASSWORD, owner, person, shop, team_mate

pytestmark = pytest.mark.django_db
PAIR_LIMIT = 5
ADDRESS_LIMIT = 30


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


def _sign_in(client: Client, email: str, password: str = PASSWORD) -> object:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_it_signs_in_by_address_whatever_its_case(client: Client) -> None:
    person("someone@example.com")
    assert _sign_in(client, "Someone@Example.com").status_code == 302  # type: ignore[attr-defined]
    assert "_auth_user_id" in client.session


def test_it_refuses_a_wrong_password_at_the_form(client: Client) -> None:
    person("someone@example.com")
    answer = _sign_in(client, "someone@example.com", "wrong")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert answer.context["form"].non_field_errors()  # type: ignore[attr-defined]


def test_it_stops_guessing_at_one_address(client: Client) -> None:
    person("someone@example.com")
    for _ in range(PAIR_LIMIT):
        _sign_in(client, "someone@example.com", "wrong")
    _sign_in(client, "someone@example.com")
    assert "_auth_user_id" not in client.session


def test_it_answers_too_many_attempts_in_the_portal_s_look(client: Client) -> None:
    answers = [_sign_in(client, f"nobody{n}@example.com", "wrong") for n in range(ADDRESS_LIMIT + 1)]
    assert answers[-1].status_code == 429  # type: ignore[attr-defined]
    assert "너무 여러 번 시도했어요" in answers[-1].content.decode()  # type: ignore[attr-defined]


def test_it_wants_a_csrf_token() -> None:
    answer = _sign_in(Client(enforce_csrf_checks=True), "someone@example.com")
    assert answer.status_code == 403  # type: ignore[attr-defined]
    assert "보안 확인에 실패했어요" in answer.content.decode()  # type: ignore[attr-defined]


def test_it_resets_a_password_by_mail(client: Client) -> None:
    user = person("someone@example.com")
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert mail.outbox[0].subject == "[AdStudio] 비밀번호 다시 정하기"
    found = re.search(r"http://testserver(\S+)", mail.outbox[0].body)
    assert found
    page = client.get(found[1], follow=True)
    client.post(
        page.redirect_chain[-1][0], {"password1": "another-long-one", "password2": "another-long-one"}
    )
    user.refresh_from_db()
    assert user.check_password("another-long-one")


@pytest.mark.parametrize(("language", "word"), [("ko", "로그인"), ("en", "Sign in")])
def test_it_speaks_the_reader_s_language(client: Client, language: str, word: str) -> None:
    client.post("/i18n/setlang/", {"language": language, "next": "/accounts/login/"})
    assert word in client.get(reverse("account_login")).content.decode()


def test_it_signs_out_by_post_only(client: Client) -> None:
    client.force_login(person())
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_it_switches_between_one_s_own_shops(client: Client) -> None:
    bakery = shop("빵집")
    cafe = shop_create(owner=owner(bakery), name="카페", slug="cafe-two")
    client.force_login(owner(bakery))
    assert client.post(reverse("shop_switch"), {"shop": cafe.pk}).status_code == 302
    assert client.session[SESSION_SHOP] == cafe.pk
    assert "카페" in client.get("/ads/").content.decode()


def test_it_does_not_know_the_shops_of_others(client: Client) -> None:
    bakery, stranger = shop("빵집"), shop("남의 집")
    for user in (owner(bakery), team_mate(bakery)):
        client.force_login(user)
        assert client.post(reverse("shop_switch"), {"shop": stranger.pk}).status_code == 404
        assert SESSION_SHOP not in client.session


def test_it_switches_by_post_only(client: Client) -> None:
    bakery = shop("빵집")
    client.force_login(owner(bakery))
    assert client.get(reverse("shop_switch"), {"shop": bakery.pk}).status_code == 405


def test_it_lets_a_person_without_a_shop_make_one(client: Client) -> None:
    user = person()
    client.force_login(user)
    assert client.get("/ads/")["Location"] == reverse("shop_new")
    assert client.get(reverse("shop_new")).status_code == 200
    client.post(reverse("shop_new"), {"shop_name": "새 집", "industry": "fish"})
    made = Shop.objects.get()
    assert (made.name, made.industry, owner(made)) == ("새 집", "fish", user)
    assert client.session[SESSION_SHOP] == made.pk


def test_it_asks_for_sign_in_before_a_shop_is_made(client: Client) -> None:
    assert client.get(reverse("shop_new"))["Location"].startswith("/accounts/login/")
