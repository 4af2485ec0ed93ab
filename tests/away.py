"""Postgres as a network sees it: cut off for a while, or silent. Of Valkey the same is in ``tests.drill.valkey``."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from django.db import OperationalError, connection

from adstudio.processes import wait_until

BACK_SECONDS = 60.0


@contextmanager
def frozen(server: psutil.Process) -> Iterator[None]:
    """It takes connections and requests and answers nothing: every process of it stands still, its parent first."""
    stopped = []
    try:
        for process in _with_its_processes(server):
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                stopped.append(process)
        yield
    finally:
        for process in reversed(stopped):
            with suppress(psutil.NoSuchProcess):
                process.resume()


def _with_its_processes(server: psutil.Process) -> Iterator[psutil.Process]:
    """Those that it started are looked for once it can start no more."""
    yield server
    with suppress(psutil.NoSuchProcess):
        yield from server.children(recursive=True)


@contextmanager
def postgres_away(sockets: Path) -> Iterator[None]:
    """Every connection but this process's own drops, and nobody is let in. The test's own goes on."""
    path, aside = sockets / ".s.PGSQL.5432", sockets / "aside.PGSQL"
    connection.ensure_connection()
    path.rename(aside)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        yield
    finally:
        aside.rename(path)
        wait_until(_pool_is_back, BACK_SECONDS, lambda: False)


def _pool_is_back() -> bool:
    """This process's other threads are let in again too: the next test may be one of them."""
    try:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(_ask).result()
    except OperationalError:
        return False
    return True


def _ask() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
