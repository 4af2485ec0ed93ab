"""Questions that many websockets have at the same moment, put to the database as one.

Sockets have no thread of their own as requests do. What they ask goes through a few threads with a connection each;
asked one by one, a thousand sockets would wait for one another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from channels.db import database_sync_to_async

Key = TypeVar("Key")
Found = TypeVar("Found")
GATHER_SECONDS = 0.02
"""How long the first question waits for others, where somebody waits for the answer."""
MOST_AT_ONCE = 500
_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sockets")


async def in_thread(find: Callable[..., Found], *arguments: Any) -> Found:
    """In one of the sockets' threads, whose connection goes back to the pool afterwards."""
    ask = database_sync_to_async(find, thread_sensitive=False, executor=_THREADS)
    found: Found = await ask(*arguments)
    return found


class Together(Generic[Key, Found]):
    """Asks one thing about many keys. ``find`` answers those that it knows; the others are answered None."""

    def __init__(
        self, find: Callable[[Collection[Key]], Mapping[Key, Found]], *, gather: float = GATHER_SECONDS
    ) -> None:
        self._find = find
        self._gather = gather
        self._waiting: dict[Key, asyncio.Future[Found | None]] = {}
        self._rounds: set[asyncio.Task[None]] = set()

    async def ask(self, key: Key) -> Found | None:
        if not self._waiting:
            self._begin_round(self._gather)
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        # Whoever leaves meanwhile must not take the answer of the others along.
        return await asyncio.shield(self._waiting[key])

    def _begin_round(self, pause: float) -> None:
        round_ = asyncio.create_task(self._round(pause))
        self._rounds.add(round_)  # the loop itself keeps no hold of it
        round_.add_done_callback(self._rounds.discard)

    async def _round(self, pause: float) -> None:
        await asyncio.sleep(pause)
        asked = dict(list(self._waiting.items())[:MOST_AT_ONCE])
        self._waiting = {key: told for key, told in self._waiting.items() if key not in asked}
        if self._waiting:
            self._begin_round(0)
        try:
            found = await in_thread(self._find, list(asked))
        except Exception as error:
            for told in asked.values():
                told.set_exception(error)
                told.exception()  # looked at: who asked may be gone
        else:
            for key, told in asked.items():
                told.set_result(found.get(key))
