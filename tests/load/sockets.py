"""Clients that listen as browsers do, and count what they were never told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SYNC_SECONDS = 10.0
OPENING_AT_ONCE = 20
"""Handshakes under way at a time."""
LONGEST_OPENING = 120.0


@dataclass
class Listener:
    """One socket: what it heard of each job, and which sequences it missed and no snapshot made good."""

    path: str
    headers: Mapping[str, str]
    sent_at: dict[tuple[str, int], float]
    """When each event was sent; filled by who sends."""
    newest: dict[str, int] = field(default_factory=dict)
    missing: set[tuple[str, int]] = field(default_factory=set)
    made_good: int = 0
    heard: int = 0
    opened_in: float = 0.0
    latencies: list[float] = field(default_factory=list)
    closed: str = ""
    socket: ClientConnection | None = None

    async def open(self, url: str) -> None:
        began = time.perf_counter()
        self.socket = await connect(
            url + self.path,
            additional_headers=dict(self.headers),
            open_timeout=LONGEST_OPENING,
            compression=None,
        )
        self._take(json.loads(await self.socket.recv()))
        self.opened_in = time.perf_counter() - began

    async def listen(self) -> None:
        """Until it is closed; ``closed`` tells when that was not by us."""
        assert self.socket is not None
        syncing = asyncio.create_task(self._sync_now_and_then())
        try:
            async for text in self.socket:
                self._take(json.loads(text))
        except ConnectionClosed as closed:
            self.closed = str(closed)
        finally:
            syncing.cancel()

    async def _sync_now_and_then(self) -> None:
        """As browsers tell: of one job its sequence, of a shop the sum over its jobs."""
        assert self.socket is not None
        while True:
            await asyncio.sleep(SYNC_SECONDS)
            await self.socket.send(json.dumps({"type": "sync", "sequence": sum(self.newest.values())}))

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self._take_snapshot([message["job"]] if "job" in message else message["jobs"])
            return
        job, sequence = message["job_id"], message["sequence"]
        self.heard += 1
        if sent := self.sent_at.get((job, sequence)):
            self.latencies.append(time.perf_counter() - sent)
        newest = self.newest.get(job, 0)
        self.missing.discard((job, sequence))
        self.missing.update((job, number) for number in range(newest + 1, sequence))
        self.newest[job] = max(newest, sequence)

    def _take_snapshot(self, rows: Iterable[dict[str, Any]]) -> None:
        self.newest = {row["job_id"]: row["sequence"] for row in rows}
        good = {(job, number) for job, number in self.missing if number <= self.newest.get(job, 0)}
        self.made_good += len(good)
        self.missing -= good


async def open_all(listeners: list[Listener], url: str) -> None:
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one(listener: Listener) -> None:
        async with gate:
            await listener.open(url)

    await asyncio.gather(*(one(listener) for listener in listeners))


def lost(listeners: Iterable[Listener], truth: Mapping[str, int]) -> int:
    """Events that a listener neither heard nor got in a snapshot, gaps and ends alike."""
    total = 0
    for listener in listeners:
        total += len(listener.missing)
        total += sum(max(0, truth[job] - known) for job, known in listener.newest.items())
    return total
