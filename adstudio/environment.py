"""Reads settings from the environment and fails loudly on what it cannot understand."""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r}: write 1 or 0")


def env_int(name: str, default: int) -> int:
    raw = os.environ.get(name)
    if raw is None or not raw.strip():
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r}: write a whole number") from error


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = os.environ.get(name, "").strip().lower() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: write one of {', '.join(choices)}")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


Price = tuple[Decimal, Decimal, Decimal]
"""US dollars for a million tokens: read, read from the server's cache, written."""


def env_prices(name: str, default: str) -> dict[str, Price]:
    """``model=read/cached/written`` apart by commas."""
    prices: dict[str, Price] = {}
    for entry in env_list(name, default):
        model, _, told = entry.partition("=")
        try:
            read, cached, written = (Decimal(part) for part in told.split("/"))
        except (ValueError, InvalidOperation) as error:
            raise ImproperlyConfigured(f"{name}={entry!r}: write model=read/cached/written") from error
        prices[model.strip()] = (read, cached, written)
    return prices
