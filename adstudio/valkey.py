"""The web process's and workers' own few words with Valkey: counts that nobody may wait for."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE_SECONDS: Final = 0.25


def valkey() -> Redis:
    """A client that answers within a quarter of a second or raises RedisError. Strings, not bytes."""
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
