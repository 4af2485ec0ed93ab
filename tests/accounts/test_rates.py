"""The count of a token's requests, on the real Valkey."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts import rates
from accounts.models import ApiToken
from accounts.rates import Allowance, request_count
from accounts.tokens import token_create
from adstudio import valkey
from tests.conftest import free_port
from tests.jobs import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And Valkey is waited for: a busy machine may take longer than a request would."""
    monkeypatch.setattr(valkey, "PATIENCE_SECONDS", 20.0)
    valkey._client.cache_clear()
    cache.clear()
    yield
    valkey._client.cache_clear()


def _token(limit: int | None = 3) -> ApiToken:
    token, _ = token_create(shop=factories.shop(), name="app")
    token.rate_per_minute = limit
    return token


def _counted(token: ApiToken) -> Allowance:
    allowance = request_count(token)
    assert allowance is not None
    return allowance


def test_it_counts_down_and_refuses_beyond() -> None:
    token = _token()
    began = time.monotonic()
    seen = [_counted(token) for _ in range(4)]
    passed = time.monotonic() - began
    assert [allowance.remaining for allowance in seen] == [2, 1, 0, 0]
    assert [allowance.is_exceeded for allowance in seen] == [False, False, False, True]
    assert all(60 - passed <= allowance.resets_in <= 60 for allowance in seen)


def test_it_begins_anew_after_the_window() -> None:
    token = _token(1)
    assert not _counted(token).is_exceeded
    assert _counted(token).is_exceeded
    key = f"token-rate:{token.pk}"
    assert 0 < valkey.valkey().pttl(key) <= rates.WINDOW_MS  # the second one did not put the end off
    valkey.valkey().delete(key)  # the window is over
    assert not _counted(token).is_exceeded


def test_each_token_has_its_own_count() -> None:
    first, second = _token(1), _token(1)
    assert [_counted(first).is_exceeded, _counted(first).is_exceeded] == [False, True]
    assert not _counted(second).is_exceeded


def test_every_one_of_many_at_once_is_counted() -> None:
    token = _token(100)
    with ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(lambda _: _counted(token), range(250)))
    assert sorted(allowance.used for allowance in seen) == list(range(1, 251))
    assert sum(not allowance.is_exceeded for allowance in seen) == 100


def test_its_own_limit_goes_before_the_service_s(settings: Settings) -> None:
    settings.API_TOKEN_RATE = 120
    assert _counted(_token(None)).limit == 120
    assert _counted(_token(7)).limit == 7
    assert request_count(_token(0)) is None
    settings.API_TOKEN_RATE = 0
    assert request_count(_token(None)) is None


def test_it_lets_through_when_valkey_is_away(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    token = _token(1)
    assert request_count(token) is None
    assert "not counted" in caplog.text
    assert token.prefix in caplog.text
