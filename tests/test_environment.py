"""Settings from the environment: what is understood, and how loudly the rest is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from adstudio.environment import env_choice, env_prices

CHOICES = ("off", "local", "openai", "auto")


@pytest.mark.parametrize(
    ("raw", "found"), [(None, "auto"), ("", "auto"), (" LOCAL ", "local"), ("off", "off")]
)
def test_a_choice_is_one_of_those(monkeypatch: pytest.MonkeyPatch, raw: str | None, found: str) -> None:
    if raw is not None:
        monkeypatch.setenv("A_CHOICE", raw)
    assert env_choice("A_CHOICE", "auto", CHOICES) == found


def test_another_choice_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_CHOICE", "maybe")
    with pytest.raises(ImproperlyConfigured, match="A_CHOICE='maybe': write one of off, local"):
        env_choice("A_CHOICE", "auto", CHOICES)


def test_prices_are_read_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICES", "a=2.50/1.25/10, my/model-1=0/0/0")
    assert env_prices("PRICES", "") == {
        "a": (Decimal("2.50"), Decimal("1.25"), Decimal(10)),
        "my/model-1": (Decimal(0), Decimal(0), Decimal(0)),
    }


@pytest.mark.parametrize("raw", ["a", "a=1", "a=1/2", "a=1/2/3/4", "a=one/two/three", "=1/2/x"])
def test_prices_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("PRICES", raw)
    with pytest.raises(ImproperlyConfigured, match="write model=read/cached/written"):
        env_prices("PRICES", "")
