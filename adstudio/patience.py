"""How long the web process waits for a Postgres that neither answers nor refuses.

A server that is stopped, or a network that swallows every packet, holds whoever asks for as long as it lasts. No limit
of the server's own helps then (``statement_timeout`` is kept by the one that hangs), nor TCP's (a stopped server's
kernel goes on acknowledging, and a Unix socket knows neither). So it is the waiting itself that ends, on our side, for
requests and websockets alone: workers, migrations and backups wait as long as their work takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from psycopg.abc import RV, PQGen

POLL_SECONDS = 0.1
"""How often psycopg looks up from its waiting, as it does by itself."""


@dataclass(slots=True)
class Patience:
    """Of one request, or of all that a websocket asks."""

    seconds: float
    """For each statement."""
    ends: bool
    """Whether nothing more is asked once it ran out: else a page that asks twice would take twice as long to say so."""
    has_ended: bool = False


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float, *, ends: bool = True) -> Iterator[None]:
    """Whatever is asked of Postgres inside is answered within so many seconds, or raises OperationalError."""
    token = _patience.set(Patience(seconds, ends))
    try:
        yield
    finally:
        _patience.reset(token)


class PatientConnection(psycopg.Connection[Any]):
    """Waits no longer than the patience of whoever asks. Once it ran out the connection is closed: its answer would be
    taken for that of the next question."""

    def wait(self, gen: PQGen[RV], interval: float = POLL_SECONDS, timeout: float | None = None) -> RV:
        kept = _patience.get()
        if kept is None or timeout is not None:
            return super().wait(gen, interval=interval, timeout=timeout)
        if kept.has_ended:
            raise psycopg.OperationalError("Postgres did not answer before; it is not asked again")
        try:
            return super().wait(gen, interval=interval, timeout=kept.seconds)
        except psycopg.errors._WaitTimeout as error:  # what wait() says it raises; there is no public name
            kept.has_ended = kept.ends
            self.pgconn.finish()
            raise psycopg.OperationalError(f"Postgres did not answer within {kept.seconds:g} s") from error


class PatienceMiddleware:
    """Around the whole ASGI application: whatever is asked on behalf of a request or a websocket, in any thread."""

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        # A websocket lives on when Postgres is back.
        with patience(settings.DATABASE_WAIT_SECONDS, ends=scope["type"] == "http"):
            await self.inner(scope, receive, send)
