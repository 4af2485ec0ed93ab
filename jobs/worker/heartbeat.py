"""The thread beside the work: beats for the job, reports the worker, and is the watchdog.

RQ's alarm cannot interrupt C code. Past the job's hard time or the memory ceiling the watchdog ends the whole
process; the supervisor starts a new one, and the job costs one attempt. The hard time is kept by faulthandler's
own C thread, which needs no interpreter lock: native code that never lets go of it is ended all the same.
Between pieces of work it is the worker's loop that must come round.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from adstudio.alive import tell_alive
from jobs import versions
from jobs.claims import Held
from jobs.models import WorkerState

logger = logging.getLogger(__name__)

EXIT_MEMORY = 71
EXIT_STUCK = 72
STUCK_SECONDS = 180.0
"""Without a turn of the worker's loop outside of work. It comes round at least every half minute, every minute while
Valkey is away, and claims are tried for half a minute while Postgres is."""
MEGABYTE = 1024 * 1024


class Heartbeat(threading.Thread):
    """Beats every ``JOB_HEARTBEAT_SECONDS``, on its own database connection."""

    def __init__(self, *, worker: str, engine: str, tell: Callable[[], dict[str, Any]] = dict) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.worker = worker
        self.engine = engine
        self.tell = tell
        """What else the worker says of itself: fields of ``WorkerState``. Called in this thread."""
        self.hard_seconds = settings.JOB_HARD_SECONDS[engine]
        self.memory_limit_mb = settings.WORKER_MEMORY_LIMIT_MB[engine]
        self.process = psutil.Process()
        self._lock = threading.Lock()
        self._claim: Held | None = None
        self._is_watched = False
        self._turned_at = time.monotonic()
        self._done = threading.Event()

    def watch(self, claim: Held | None) -> None:
        """Begin to count the time of a piece of work, and to beat for it when it was claimed."""
        with self._lock:
            self._claim = claim
            self._is_watched = True
        faulthandler.dump_traceback_later(self.hard_seconds, exit=True)

    def unwatch(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        with self._lock:
            self._claim = None
            self._is_watched = False
            self._turned_at = time.monotonic()

    def turned(self) -> None:
        """The worker's loop came round: it looks for work."""
        self._turned_at = time.monotonic()

    def stop(self) -> None:
        self._done.set()

    def run(self) -> None:
        while not self._done.is_set():
            self._guard_memory()
            self._guard_loop()
            try:
                self._beat()
            except (DatabaseError, InterfaceError):
                logger.warning("no beat: database away")
                connection.close()
            except Exception:
                # A card that cannot be asked, say. Without this thread every job would be taken from the worker.
                logger.exception("no beat")
            tell_alive()
            self._done.wait(settings.JOB_HEARTBEAT_SECONDS)
        connection.close()

    def _guard_memory(self) -> None:
        used = self.process.memory_info().rss // MEGABYTE
        if used > self.memory_limit_mb:
            logger.error("worker uses %s MB, over its ceiling; ending it", used)
            os._exit(EXIT_MEMORY)

    def _guard_loop(self) -> None:
        with self._lock:
            silent = 0.0 if self._is_watched else time.monotonic() - self._turned_at
        if silent > STUCK_SECONDS:
            logger.error("worker did not look for work for %.0f s; ending it", silent)
            os._exit(EXIT_STUCK)

    def _beat(self) -> None:
        with self._lock:
            claim = self._claim
        held = claim if claim is not None and claim.rows.update(heartbeat_at=Now()) else None
        WorkerState.objects.update_or_create(
            name=self.worker,
            defaults={
                "host": socket.gethostname()[:120],
                "pid": os.getpid(),
                "engine": self.engine,
                "request_version": versions.REQUEST_VERSION,
                "memory_mb": self.process.memory_info().rss // MEGABYTE,
                "job_id": held.job_id if held else None,
                "last_seen": Now(),
                **self.tell(),
            },
        )
