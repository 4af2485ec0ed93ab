"""How many requests a token has sent this minute, counted in Valkey for all web processes together."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.models import ApiToken

logger = logging.getLogger(__name__)

WINDOW_MS = 60_000
VALKEY_SECONDS = 0.25
"""No request waits longer for its count: it is answered uncounted."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a token may still send, its present request included in ``used``."""

    limit: int
    used: int
    resets_in: int
    """Whole seconds until the count begins anew, at least 1."""

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit


@cache
def valkey(url: str) -> Redis:
    """A connection for questions that are not worth waiting for."""
    return Redis.from_url(
        url,
        socket_timeout=VALKEY_SECONDS,
        socket_connect_timeout=VALKEY_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def request_count(token: ApiToken) -> Allowance | None:
    """Count one request of the token. None where no limit holds, or Valkey does not answer: better uncounted than
    unanswered.

    A window begins with a token's first request. One transaction, so requests at once are each counted.
    """
    limit = token.rate_limit
    if limit == 0:
        return None
    key = f"token-rate:{token.pk}"
    try:
        with valkey(settings.REDIS_URL).pipeline(transaction=True) as counting:
            counting.set(key, 0, px=WINDOW_MS, nx=True)
            counting.incr(key)
            counting.pttl(key)
            _, used, left_ms = counting.execute()
    except RedisError as error:
        logger.warning("requests of token %s are not counted: %s", token.prefix, error)
        return None
    return Allowance(limit=limit, used=used, resets_in=max(1, math.ceil(left_ms / 1000)))
