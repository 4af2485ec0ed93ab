"""What ``manage.py check --deploy`` finds in an installation that strangers could reach."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def redis_is_open(url: str) -> bool:
    """Whether anybody who reaches the server may write wake-ups, sessions' limits and events: no password, and neither
    a Unix socket nor this machine alone."""
    parts = urlsplit(url)
    return parts.scheme != "unix" and not parts.password and parts.hostname not in LOOPBACK


@register(deploy=True)
def check_bucket(**_: Any) -> list[CheckMessage]:
    if not settings.HTTPS or settings.S3 is None or settings.S3.origin.startswith("https://"):
        return []
    hint = "Serve the bucket over HTTPS, and set S3_PUBLIC_ENDPOINT_URL where browsers reach it elsewhere than we do."
    return [Error("Browsers would fetch pictures over plain HTTP.", hint=hint, id="adstudio.E002")]


@register(deploy=True)
def check_redis(**_: Any) -> list[CheckMessage]:
    if not redis_is_open(settings.REDIS_URL):
        return []
    hint = "Start Valkey with --requirepass and write redis://:PASSWORD@HOST:6379/0."
    return [Error("REDIS_URL has no password and leads over the network.", hint=hint, id="adstudio.E001")]
