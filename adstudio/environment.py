"""Reads settings from the environment and fails loudly on what it cannot understand.

Each variable may stand in a file instead: ``NAME_FILE`` names it, as Docker's and Kubernetes' secrets are handed over.
"""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def _raw(name: str) -> str | None:
    """The variable, or its file's text without the newline at its end; ``None`` where neither is set."""
    raw, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if not path:
        return raw
    if raw:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error}") from error


def env_str(name: str, default: str = "") -> str:
    raw = _raw(name)
    return default if raw is None else raw


def env_url(name: str, password_name: str) -> str:
    """An address whose password may stand in a variable of its own, and so in a file of its own."""
    url, password = env_str(name), env_str(password_name)
    if not password:
        return url
    if not url:
        raise ImproperlyConfigured(f"{password_name} is set and {name} is not: set both.")
    parts = urlsplit(url)
    if parts.password is not None:
        raise ImproperlyConfigured(f"{name} holds a password and {password_name} is set: keep one.")
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def env_bool(name: str, default: bool = False) -> bool:
    raw = _raw(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r}: write 1 or 0")


def env_int(name: str, default: int) -> int:
    raw = _raw(name)
    if raw is None or not raw.strip():
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r}: write a whole number") from error


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = env_str(name).strip().lower() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: write one of {', '.join(choices)}")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


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
