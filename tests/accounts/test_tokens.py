"""API tokens: what they open, for how long, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import ApiToken
from accounts.tokens import TokenRefused, bearer_token, token_create, token_open, token_revoke
from tests.accounts.opened import token_find
from tests.jobs import factories

pytestmark = pytest.mark.django_db
BEFORE_SCOPES = ("accounts", "0002_callback_secret")


def _refusal(plain: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        token_open(plain)
    assert token_find(plain) is None
    return refused.value.code


def test_it_keeps_no_plain_text() -> None:
    token, plain = token_create(shop=factories.shop(), name="가게 앱")
    stored = " ".join(map(str, ApiToken.objects.values_list()[0]))
    assert plain not in stored
    assert plain.startswith(token.prefix) and len(token.prefix) * 4 < len(plain)


def test_each_shop_opens_its_own_by_its_own() -> None:
    shop, other = factories.shop(), factories.shop()
    _, own = token_create(shop=shop, name="own")
    _, others = token_create(shop=other, name="other")
    assert (token_open(own).shop, token_open(others).shop) == (shop, other)
    assert _refusal(own + "x") == "auth.token_invalid"
    assert _refusal("") == "auth.token_invalid"


def test_it_writes_unless_made_to_read() -> None:
    shop = factories.shop()
    user = factories.owner(shop)
    _, write = token_create(shop=shop, name="write")
    _, read = token_create(shop=shop, name="read", scope="read", created_by=user)
    assert token_open(write).can_write
    found = token_open(read)
    assert not found.can_write and found.created_by == user


def test_it_knows_no_other_access() -> None:
    shop = factories.shop()
    with pytest.raises(ValidationError):
        token_create(shop=shop, name="all", scope="everything")
    with pytest.raises(IntegrityError):
        ApiToken.objects.create(shop=shop, name="all", scope="everything", digest="0", prefix="ads_")


def test_it_ends_with_its_last_day() -> None:
    token, plain = token_create(shop=factories.shop(), name="30 days", days=30)
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert token_open(plain) == token
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert _refusal(plain) == "token.expired"
    assert ApiToken.objects.get().state == "expired"


def test_it_is_revoked_once_and_kept() -> None:
    token, plain = token_create(shop=factories.shop(), name="old")
    token_revoke(token=token)
    first = ApiToken.objects.get().revoked_at
    token_revoke(token=token)
    assert _refusal(plain) == "token.revoked"
    kept = ApiToken.objects.get()
    assert (kept.state, kept.revoked_at) == ("revoked", first)


def test_its_use_is_written_at_most_once_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    _, plain = token_create(shop=factories.shop(), name="busy")
    with django_assert_num_queries(2):
        token_open(plain)
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    with django_assert_num_queries(1):
        token_open(plain)
    assert ApiToken.objects.get().last_used_at == noted
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    token_open(plain)
    later = ApiToken.objects.get().last_used_at
    assert later is not None and later >= noted


def test_a_refused_one_is_not_used() -> None:
    token, plain = token_create(shop=factories.shop(), name="old")
    token_revoke(token=token)
    token_find(plain)
    assert ApiToken.objects.get().last_used_at is None


def test_it_outlives_who_made_it() -> None:
    shop = factories.shop()
    mate = factories.team_mate(shop)
    _, plain = token_create(shop=shop, name="app", created_by=mate)
    mate.delete()
    assert token_open(plain).created_by is None


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Bearer", ""),
        ("Basic abc", None),
        ("", None),
    ],
)
def test_it_is_read_from_a_bearer_header_alone(header: str, token: str | None) -> None:
    assert bearer_token(header) == token


@pytest.mark.django_db(transaction=True)
def test_those_from_before_scopes_keep_full_access() -> None:
    """The rows that the migration finds. Outside of a transaction, as concurrent indexes want it."""
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE_SCOPES])
    old = executor.loader.project_state([BEFORE_SCOPES]).apps
    shop = old.get_model("accounts", "Shop").objects.create(slug="old", name="옛집")
    old.get_model("accounts", "ApiToken").objects.create(shop=shop, name="app", prefix="ads_", digest="0")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    token = ApiToken.objects.get()
    assert token.can_write
    assert (token.state, token.rate_per_minute) == ("live", None)
