"""What allauth brings is said in the portal's voice, and found from the portal."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.jobs.factories import PASSWORD, owner, person, shop

pytestmark = pytest.mark.django_db
FORMAL = ("니다", "하세요", "당신", "귀하")
"""How allauth's own Korean speaks."""
NEW_PASSWORD = "quite-another-one"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


def _is_ours(text: str) -> bool:
    return not any(word in text for word in FORMAL)


@pytest.mark.parametrize(
    "name", ["account_change_password", "account_set_password", "account_email", "socialaccount_connections"]
)
def test_the_accounts_pages_speak_as_the_portal_does(client: Client, name: str) -> None:
    user = owner(shop())
    if name == "account_set_password":
        user.set_unusable_password()
        user.save()
    client.force_login(user)
    page = client.get(reverse(name), follow=True).content.decode()
    assert "계정과 내 자료" in page  # the way back
    assert _is_ours(page)


def test_a_merchant_finds_where_to_change_the_password(client: Client) -> None:
    user = owner(shop())
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    page = client.get(reverse("jobs:data")).content.decode()
    assert reverse("account_change_password") in page and reverse("account_email") in page
    assert _is_ours(page) and "로그인 되었" not in page
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        follow=True,
    )
    assert answer.redirect_chain[-1][0] == reverse("jobs:data")
    assert "비밀번호를 바꿨어요." in answer.content.decode()


def test_without_a_password_one_is_set(client: Client) -> None:
    user = owner(shop())
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert reverse("account_set_password") in client.get(reverse("jobs:data")).content.decode()


def test_the_mails_speak_as_the_portal_does(client: Client, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known = person("known@example.com")
    for email in (known.email, "new@example.com"):
        told = {"email": email, "password1": NEW_PASSWORD, "shop_name": "봄날 커피", "industry": "cafe"}
        client.post(reverse("account_signup"), {**told, "terms": "on", "privacy": "on"})
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    subjects = [message.subject for message in mail.outbox]
    assert subjects == [
        f"[AdStudio] {subject}"
        for subject in ("이미 계정이 있어요", "이메일을 확인해 주세요", "이 이메일로 만든 계정이 없어요")
    ]
    assert all(
        _is_ours(str(message.body)) and "http://testserver/" in message.body for message in mail.outbox
    )
