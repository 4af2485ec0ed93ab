"""A circuit breaker that all processes share, in Valkey: what fails again and again is left alone for a while.

Closed: everybody may go. After ``FAILURES`` failures within ``WINDOW_SECONDS`` it is open: nobody may, for
``OPEN_SECONDS``. Then it is half-open: one may try; success closes it, failure opens it again. Where Valkey does not
answer it is closed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.conf import settings
from redis import RedisError

from accounts.rates import valkey

logger = logging.getLogger(__name__)
FAILURES = 5
WINDOW_SECONDS = 60.0
OPEN_SECONDS = 60.0
REMEMBERED_SECONDS = 3600
"""So long a breaker that opened stays half-open when nobody tries."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """``trial_seconds``: who may try while it is half-open has an answer within these, or is taken for dead."""

    name: str
    trial_seconds: float

    def _key(self, part: str) -> str:
        return f"breaker:{self.name}:{part}"

    def lets_through(self) -> bool:
        """Whether one may go now. Who was let through says ``succeeded`` or ``failed`` after."""
        try:
            connection = valkey(settings.REDIS_URL)
            tripped, is_open = connection.mget(self._key("tripped"), self._key("open"))
            if not tripped:
                return True
            if is_open:
                return False
            return bool(connection.set(self._key("trial"), 1, nx=True, px=_ms(self.trial_seconds)))
        except RedisError as error:
            logger.warning("the breaker %s is not consulted: %s", self.name, error)
            return True

    def succeeded(self) -> None:
        try:
            parts = ("failures", "tripped", "open", "trial")
            valkey(settings.REDIS_URL).delete(*(self._key(part) for part in parts))
        except RedisError as error:
            logger.warning("the breaker %s is not told of a success: %s", self.name, error)

    def failed(self) -> None:
        try:
            with valkey(settings.REDIS_URL).pipeline(transaction=True) as counting:
                counting.set(self._key("failures"), 0, px=_ms(WINDOW_SECONDS), nx=True)
                counting.incr(self._key("failures"))
                counting.get(self._key("tripped"))
                _, failures, tripped = counting.execute()
            if tripped or failures >= FAILURES:
                self._open()
        except RedisError as error:
            logger.warning("the breaker %s is not told of a failure: %s", self.name, error)

    def _open(self) -> None:
        logger.warning("the breaker %s opens for %d s", self.name, OPEN_SECONDS)
        with valkey(settings.REDIS_URL).pipeline(transaction=True) as opening:
            opening.set(self._key("tripped"), 1, ex=REMEMBERED_SECONDS)
            opening.set(self._key("open"), 1, px=_ms(OPEN_SECONDS))
            opening.delete(self._key("trial"))
            opening.execute()


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
