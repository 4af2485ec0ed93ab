"""Settings from the environment: what is understood, and how loudly the rest is refused."""

from __future__ import annotations

import inspect
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from adstudio import environment
from adstudio.embedded import django_database
from adstudio.environment import env_bool, env_choice, env_int, env_list, env_prices, env_str, env_url

NAME = "ADSTUDIO_SOME_SETTING"
CHOICES = ("off", "local", "openai", "auto")


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that ``NAME_FILE`` names."""
    path = tmp_path / "secret"
    monkeypatch.setenv(f"{NAME}_FILE", str(path))
    monkeypatch.delenv(NAME, raising=False)
    return path


def test_it_reads_a_setting_of_any_kind_from_a_file(secret: Path) -> None:
    secret.write_text("a b,c\n")
    assert env_str(NAME, "else") == "a b,c"
    assert env_list(NAME) == ["a b", "c"]
    secret.write_text("17\n")
    assert env_int(NAME, 3) == 17
    secret.write_text("off")
    assert env_bool(NAME, True) is False


def test_an_empty_file_is_an_empty_setting(secret: Path) -> None:
    secret.write_text("\n")
    assert env_str(NAME, "else") == ""
    assert env_int(NAME, 3) == 3


def test_it_names_a_file_that_cannot_be_read(secret: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}_FILE=.*cannot be read"):
        env_str(NAME)
    secret.write_bytes(b"\xff\xfe")
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        env_str(NAME)


def test_every_reader_asks_the_same_function() -> None:
    """So that each of them takes ``NAME_FILE``: call ``env_str`` in a new one."""
    source = inspect.getsource(environment)
    assert source.count("os.environ") == inspect.getsource(environment._raw).count("os.environ") == 2


def test_it_takes_a_setting_from_one_place_only(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret.write_text("from the file")
    monkeypatch.setenv(NAME, "from the variable")
    with pytest.raises(ImproperlyConfigured, match="keep one"):
        env_str(NAME)
    monkeypatch.setenv(NAME, "")  # as an env file leaves what is not filled in
    assert env_str(NAME) == "from the file"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        (
            "postgresql://adstudio@db:5432/adstudio?a=b",
            "postgresql://adstudio:p%2F%40ss@db:5432/adstudio?a=b",
        ),
        ("redis://valkey:6379/0", "redis://:p%2F%40ss@valkey:6379/0"),
        ("unix:///run/valkey.sock?db=0", "unix://:p%2F%40ss@/run/valkey.sock?db=0"),
    ],
)
def test_it_puts_a_password_that_stands_apart_into_the_address(
    url: str, whole: str, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret.write_text("p/@ss\n")
    monkeypatch.setenv("SOME_URL", url)
    assert env_url("SOME_URL", NAME) == whole
    monkeypatch.delenv(f"{NAME}_FILE")
    assert env_url("SOME_URL", NAME) == url


def test_the_database_gets_the_password_as_it_is(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret.write_text("p/@ss")
    monkeypatch.setenv("SOME_URL", "postgresql://adstudio@db/adstudio")
    database = django_database(env_url("SOME_URL", NAME))
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("adstudio", "p/@ss", "db")


@pytest.mark.parametrize(("url", "told"), [("redis://:other@valkey/0", "keep one"), ("", "set both")])
def test_it_refuses_two_passwords_and_one_without_an_address(
    url: str, told: str, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret.write_text("password")
    monkeypatch.setenv("SOME_URL", url)
    with pytest.raises(ImproperlyConfigured, match=told):
        env_url("SOME_URL", NAME)


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
