"""The admin's pages of people, shops and tokens."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tokens import token_create, token_find
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


def test_it_is_closed_to_merchants(client: Client) -> None:
    client.force_login(owner(shop("빵집")))
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 302


@pytest.mark.parametrize(("language", "label"), [("ko", "계정 | 가게 | 보기"), ("en", "Accounts | Shop | view")])
def test_permissions_are_named_in_the_readers_language(admin: Client, language: str, label: str) -> None:
    for url in (reverse("admin:accounts_user_change", args=[owner(shop()).pk]), reverse("admin:auth_group_add")):
        page = admin.get(url, headers={"accept-language": language}).content.decode()
        assert f">{label}</option>" in page
        assert "Can view" not in page
