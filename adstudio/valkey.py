"""The web process's and workers' own few words with Valkey: counts that nobody may wait for.

And how long the queue and the channel layer are waited for, which bring no truth either: Postgres has it. A Valkey that
hangs is found out once, then nobody of the process waits for it for a moment (``in_time``, ``answered``)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry

Answer = TypeVar("Answer")
PATIENCE_SECONDS: Final = 0.25
ANSWER_SECONDS: Final = 5.0
"""For the channel layer, whose connections know no limit; as long as redis-py by itself waits for the queue's."""
REST_SECONDS: Final = 5.0


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


class _Rest:
    """Of this process: the time during which Valkey is not asked because it did not answer."""

    def __init__(self) -> None:
        self.until = 0.0

    def check(self) -> None:
        if time.monotonic() < self.until:
            raise NoAnswer("Valkey did not answer just now; it is not asked")

    def begin(self) -> None:
        self.until = time.monotonic() + REST_SECONDS


_rest = _Rest()


@contextmanager
def in_time() -> Iterator[None]:
    """What the queue is asked. Raises redis's TimeoutError, at once where others have waited in vain just now."""
    _rest.check()
    try:
        yield
    except NoAnswer:
        _rest.begin()
        raise


async def answered(ask: Callable[..., Awaitable[Answer]], *arguments: Any) -> Answer:
    """What the channel layer is asked, answered within ``ANSWER_SECONDS``. Raises as ``in_time`` does."""
    with in_time():
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await ask(*arguments)
        except TimeoutError as error:
            raise NoAnswer(f"Valkey did not answer within {ANSWER_SECONDS:g} s") from error
