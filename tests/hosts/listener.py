"""A program that listens to a shop's socket as the portal's script does: it reconnects, and checks what it is told."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

RETRY_SECONDS = 0.3
SYNC_SECONDS = 10.0


class Listener(threading.Thread):
    """Within one connection every event of a job is one more than what was told before it, by snapshot or event; after
    a break the snapshot takes up no earlier than where the last connection ended."""

    def __init__(self, url: str, headers: dict[str, str], path: str) -> None:
        super().__init__(name=f"listener {path}", daemon=True)
        self.address = url.replace("http", "ws", 1) + path
        self.headers = headers
        self.newest: dict[str, int] = {}
        self.sequences: dict[str, list[int]] = {}
        self.finished: list[str] = []
        self.connections = 0
        self.is_open = False
        self.wrong: list[str] = []
        self._done = threading.Event()
        self._socket: ClientConnection | None = None

    def run(self) -> None:
        while not self._done.is_set():
            try:
                with connect(self.address, additional_headers=self.headers, compression=None) as socket:
                    self._socket = socket
                    self._take(json.loads(socket.recv()))
                    self.connections += 1
                    self.is_open = True
                    self._hear(socket)
            except (OSError, WebSocketException, TimeoutError, EOFError):
                self.is_open = False
                time.sleep(RETRY_SECONDS)

    def stop(self) -> None:
        self._done.set()
        if self._socket is not None:
            self._socket.close()
        self.join(10)

    def _hear(self, socket: ClientConnection) -> None:
        told_at = time.monotonic()
        while not self._done.is_set():
            with contextlib.suppress(TimeoutError):
                self._take(json.loads(socket.recv(timeout=1)))
            if time.monotonic() - told_at > SYNC_SECONDS:
                told_at = time.monotonic()
                socket.send(json.dumps({"type": "sync", "sequence": sum(self.newest.values())}))

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            rows = {row["job_id"]: row["sequence"] for row in message["jobs"]}
            for job, sequence in rows.items():
                if sequence < self.newest.get(job, 0):
                    self.wrong.append(f"{job}: a snapshot of {sequence}, older than was told")
            self.newest = rows
            return
        job, sequence = message["job_id"], message["sequence"]
        self.sequences.setdefault(job, []).append(sequence)
        expected = self.newest.get(job, 0) + 1
        if sequence > expected:
            self.wrong.append(f"{job}: {sequence} after {expected - 1}")
        self.newest[job] = max(self.newest.get(job, 0), sequence)
        if message["type"] == "finished":
            self.finished.append(job)
            del self.newest[job]  # snapshots have active jobs alone
