"""How much a token or a person has asked for this minute, counted in Valkey for all processes together."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from django.conf import settings
from redis import RedisError

from accounts.models import ApiToken, Shop
from adstudio.valkey import valkey

logger = logging.getLogger(__name__)

WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may still be sent, the present request included in ``used``."""

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


def request_count(token: ApiToken) -> Allowance | None:
    """Count one request of the token, or one call of a language model's tool with it."""
    return _count(f"token-rate:{token.pk}", token.rate_limit, f"a request of token {token.prefix}")


def local_call_count(shop: Shop) -> Allowance | None:
    """Count one call of a language model's tool for a shop that was named without a token."""
    return _count(f"shop-calls:{shop.pk}", settings.API_TOKEN_RATE, f"a call for shop {shop.pk}")


def opening_count(viewer: str) -> Allowance | None:
    """Count one websocket that this person or token opens."""
    return _count(f"sockets:{viewer}", settings.SOCKET_RATE, f"a websocket of {viewer}")


def _count(key: str, limit: int, what: str) -> Allowance | None:
    """Count one more under the key; ``what`` names it in the log. None where no limit holds, or Valkey does not
    answer: better uncounted than unanswered.

    A window begins with the first one. One transaction, so that of many at once each is counted.
    """
    if limit == 0:
        return None
    try:
        with valkey().pipeline(transaction=True) as counting:
            counting.set(key, 0, px=WINDOW_MS, nx=True)
            counting.incr(key)
            counting.pttl(key)
            _, used, left_ms = counting.execute()
    except RedisError as error:
        logger.warning("%s is not counted: %s", what, error)
        return None
    return Allowance(limit=limit, used=used, resets_in=max(1, math.ceil(left_ms / 1000)))
