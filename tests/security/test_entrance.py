"""Getting in: who is counted behind a proxy, what strangers may learn of accounts, and where one is sent afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.jobs.factories import PASSWORD, owner, person, shop

pytestmark = pytest.mark.django_db
ADDRESS_LIMIT = 30
"""Sign-ins a minute from one address: allauth's default."""
GUESSES = 5
SIGN_UP = {
    "password1": "a-long-test-password",
    "shop_name": "봄날 커피",
    "industry": "cafe",
    "terms": "on",
    "privacy": "on",
}


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def refused_after(client: Client, forwarded: Callable[[int], str]) -> int | None:
    """The attempt that is answered 429, by different accounts so that only the address counts."""
    for number in range(ADDRESS_LIMIT + 2):
        header = {"X-Forwarded-For": forwarded(number)}
        if sign_in(client, f"nobody{number}@example.com", "wrong", headers=header).status_code == 429:
            return number
    return None


def test_without_a_trusted_proxy_the_header_changes_nothing(client: Client) -> None:
    assert refused_after(client, lambda n: f"203.0.113.{n}") == ADDRESS_LIMIT


def test_behind_a_trusted_proxy_people_are_counted_apart(client: Client, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert refused_after(client, lambda n: f"203.0.113.{n}") is None


def test_what_a_client_writes_into_the_header_itself_does_not_count(client: Client, settings: Any) -> None:
    """A proxy appends the address it saw; whatever stands before that came from the client."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert refused_after(client, lambda n: f"198.51.100.{n}, 203.0.113.7") == ADDRESS_LIMIT


def test_the_session_s_key_changes_at_sign_in_and_the_old_one_is_worthless(client: Client) -> None:
    user = person("someone@example.com")
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    sign_in(client, "someone@example.com")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.session_key != planted
    attacker = Client()
    attacker.cookies["sessionid"] = planted
    assert attacker.get("/ads/")["Location"].startswith("/accounts/login/")


def test_signing_out_ends_the_session_itself(client: Client) -> None:
    user = person("someone@example.com")
    client.force_login(user)
    stolen = client.session.session_key
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/ads/")["Location"].startswith("/accounts/login/")


def test_a_new_password_ends_the_other_sessions(client: Client) -> None:
    user = person("someone@example.com")
    client.force_login(user)
    elsewhere = Client()
    elsewhere.force_login(user)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "quite-another-one", "password2": "quite-another-one"},
    )
    user.refresh_from_db()
    assert user.check_password("quite-another-one")
    assert elsewhere.get("/ads/")["Location"].startswith("/accounts/login/")


def test_an_address_is_added_after_the_password_was_typed_again(client: Client) -> None:
    """A browser that was left open is no way to have the password reset to somebody else's address."""
    user = person("someone@example.com")
    client.force_login(user)
    ask = reverse("account_email"), {"email": "thief@example.com", "action_add": ""}
    assert client.post(*ask)["Location"].startswith(reverse("account_reauthenticate"))
    assert mail.outbox == []
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(*ask)
    assert "thief@example.com" in {to for message in mail.outbox for to in message.to}


def _as_told(answer: Any, *emails: str) -> tuple[int, str, str]:
    """What a stranger sees, without what differs in any two answers."""
    text = answer.content.decode()
    for email in emails:
        text = text.replace(email, "EMAIL")
    token = text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    return answer.status_code, answer.headers.get("Location", ""), text.replace(token or "\0", "CSRF")


def test_sign_in_answers_the_same_for_an_account_and_for_none() -> None:
    person("known@example.com")
    told = [
        _as_told(sign_in(Client(), email, "wrong"), email)
        for email in ("known@example.com", "nobody@example.com")
    ]
    assert told[0] == told[1]


def test_sign_in_takes_the_same_work_for_an_account_and_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    person("known@example.com")
    hashed: list[int] = []
    encode = PBKDF2PasswordHasher.encode

    def counting(self: Any, password: str, salt: str, iterations: int | None = None) -> str:
        hashed[-1] += iterations or self.iterations
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counting)
    for email in ("known@example.com", "nobody@example.com"):
        hashed.append(0)
        sign_in(Client(), email, "wrong")
    assert hashed[0] == hashed[1] > 0


def test_a_password_reset_answers_the_same_for_an_account_and_for_none() -> None:
    person("known@example.com")
    told = []
    for email in ("known@example.com", "nobody@example.com"):
        client = Client()
        answer = client.post(reverse("account_reset_password"), {"email": email})
        told.append((_as_told(answer, email), _as_told(client.get(answer["Location"]), email)))
    assert told[0] == told[1]
    assert len(mail.outbox) == 2  # one with a key, one that says there is no account; the same work


def test_signing_up_answers_the_same_for_an_account_and_for_none(settings: Any) -> None:
    """Where mail is set up verification is mandatory: the answer comes by mail, to the address's owner."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known = owner(shop())
    told = []
    for email in (known.email or "", "nobody@example.com"):
        client = Client()
        answer = client.post(reverse("account_signup"), {**SIGN_UP, "email": email})
        told.append((_as_told(answer, email), _as_told(client.get(answer["Location"]), email)))
        assert "_auth_user_id" not in client.session
    assert told[0] == told[1]
    assert User.objects.count() == 2
    assert [message.to for message in mail.outbox] == [[known.email], ["nobody@example.com"]]


ELSEWHERE = ("https://evil.example.com/", "//evil.example.com/", "/\\evil.example.com", "javascript:alert(1)")


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_sign_in(client: Client, there: str) -> None:
    person("someone@example.com")
    answer = client.post(
        reverse("account_login"), {"login": "someone@example.com", "password": PASSWORD, "next": there}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/"


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_sent_elsewhere_by_the_other_forms(client: Client, there: str) -> None:
    language = client.post(reverse("set_language"), {"language": "en", "next": there})
    assert "evil" not in language["Location"] and "javascript" not in language["Location"]
    client.force_login(person())
    again = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": there})
    assert "evil" not in again.headers.get("Location", "")
    out = client.post(reverse("account_logout"), {"next": there})
    assert "evil" not in out["Location"] and "javascript" not in out["Location"]


@pytest.mark.parametrize("path", ["/accounts/login/", "/health", "/accounts/password/reset/"])
def test_a_foreign_host_is_refused(client: Client, settings: Any, path: str) -> None:
    """Else mails could be made to carry links to it."""
    settings.ALLOWED_HOSTS = ["ads.example.com"]
    assert client.get(path, headers={"Host": "ads.example.com"}).status_code == 200
    assert client.get(path, headers={"Host": "evil.example.com"}).status_code == 400


def test_operators_sign_in_where_merchants_do(client: Client) -> None:
    answer = client.get("/admin/login/", {"next": "/admin/"})
    assert answer["Location"].startswith(reverse("account_login"))
    User.objects.create_superuser("admin@example.com", PASSWORD)
    for _ in range(GUESSES):
        sign_in(client, "admin@example.com", "wrong")
    sign_in(client, "admin@example.com")
    assert "_auth_user_id" not in client.session  # the same limit
    cache.clear()
    assert sign_in(client, "admin@example.com").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_merchant_at_the_admins_door_is_told_no(client: Client) -> None:
    client.force_login(owner(shop()))
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/").status_code == 403
