"""The admin's pages of people, shops and tokens."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import ApiToken, User
from accounts.tokens import token_create, token_revoke
from tests.accounts.opened import token_find
from tests.jobs.factories import owner, shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("admin@example.com", "a-long-test-password"))
    return client


@pytest.mark.parametrize("model", ["user", "shop", "apitoken"])
def test_it_lists_and_opens(admin: Client, model: str) -> None:
    bakery = shop("빵집")
    token, _ = token_create(shop=bakery, name="가게 앱")
    pk = {"user": owner(bakery).pk, "shop": bakery.pk, "apitoken": token.pk}[model]
    assert admin.get(reverse(f"admin:accounts_{model}_changelist"), {"q": "빵"}).status_code == 200
    assert admin.get(reverse(f"admin:accounts_{model}_change", args=[pk])).status_code == 200


def test_it_adds_a_person_by_address(admin: Client) -> None:
    answer = admin.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "new@example.com",
            "password1": "a-long-test-password",
            "password2": "a-long-test-password",
            "memberships-TOTAL_FORMS": "0",
            "memberships-INITIAL_FORMS": "0",
        },
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert User.objects.get(email="new@example.com").check_password("a-long-test-password")


def test_it_revokes_tokens_and_makes_none(admin: Client) -> None:
    token, plain = token_create(shop=shop("빵집"), name="가게 앱")
    assert admin.get(reverse("admin:accounts_apitoken_add")).status_code == 403
    admin.post(
        reverse("admin:accounts_apitoken_changelist"),
        {"action": "revoke", "_selected_action": [str(token.pk)]},
    )
    assert token_find(plain) is None


def test_it_shows_all_of_a_token_but_its_digest(admin: Client) -> None:
    token, _ = token_create(shop=shop("빵집"), name="가게 앱", scope="read")
    for address in (
        reverse("admin:accounts_apitoken_changelist"),
        reverse("admin:accounts_apitoken_change", args=[token.pk]),
    ):
        page = admin.get(address).content.decode()
        assert token.prefix in page and "사용 중" in page and "빵집" in page
        assert token.digest not in page


@pytest.mark.parametrize("state", ["live", "expired", "revoked"])
def test_it_lists_tokens_by_state(admin: Client, state: str) -> None:
    bakery = shop("빵집")
    token_create(shop=bakery, name="live")
    token_create(shop=bakery, name="live too", days=30)
    expired, _ = token_create(shop=bakery, name="expired", days=30)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    revoked, _ = token_create(shop=bakery, name="revoked", days=30)
    token_revoke(token=revoked)
    answer = admin.get(reverse("admin:accounts_apitoken_changelist"), {"state": state})
    listed = list(answer.context["cl"].queryset)
    assert len(listed) == (2 if state == "live" else 1)
    assert {token.state for token in listed} == {state}


def test_it_gives_a_token_a_limit_of_its_own(admin: Client) -> None:
    token, _ = token_create(shop=shop("빵집"), name="가게 앱")
    address = reverse("admin:accounts_apitoken_change", args=[token.pk])
    for typed, limit in (("600", 600), ("0", 0), ("", None)):
        admin.post(address, {"name": "가게 앱", "rate_per_minute": typed, "scope": "read"})
        token.refresh_from_db()
        assert token.rate_per_minute == limit
    assert token.can_write, "what a token may do is not changed afterwards"


def test_it_is_closed_to_merchants(client: Client) -> None:
    client.force_login(owner(shop("빵집")))
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 302


@pytest.mark.parametrize(
    ("language", "label"), [("ko", "사람과 가게 | 가게 | 보기"), ("en", "People and shops | Shop | view")]
)
def test_permissions_are_named_in_the_readers_language(admin: Client, language: str, label: str) -> None:
    for url in (
        reverse("admin:accounts_user_change", args=[owner(shop()).pk]),
        reverse("admin:auth_group_add"),
    ):
        page = admin.get(url, headers={"accept-language": language}).content.decode()
        assert f">{label}</option>" in page
        assert "Can view" not in page


@pytest.mark.parametrize(
    ("language", "people", "addresses"),
    [("ko", "사람과 가게", "이메일 주소"), ("en", "People and shops", "Email addresses")],
)
def test_every_section_has_a_name_of_its_own(
    admin: Client, language: str, people: str, addresses: str
) -> None:
    index = admin.get(reverse("admin:index"), headers={"accept-language": language})
    with override(language):
        names = {section["app_label"]: str(section["name"]) for section in index.context["app_list"]}
    assert len(set(names.values())) == len(names)
    assert (names["accounts"], names["account"]) == (people, addresses)
