"""Child processes that never outlive the process which started them. Linux, standard library only."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.05
LOG_MAX_BYTES = 10 * 1024 * 1024
"""A log longer than this is set aside as ``NAME.log.1`` when its process starts."""
LOG_TAIL_LINES = 20

_libc = ctypes.CDLL(None, use_errno=True)

StopSteps = tuple[tuple[signal.Signals, float], ...]
"""What to send to end a process, and how many seconds to wait after each signal. SIGKILL comes last by itself."""


class StartFailed(Exception):
    """Something could not be started; the message is one a person can act on."""


class Interrupted(Exception):
    """Whoever runs this was asked to stop while it waited."""


@dataclass(frozen=True)
class Account:
    """An existing account of this machine."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of_uid(cls, uid: int) -> Account:
        entry = pwd.getpwuid(uid)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True)
class ProcessSpec:
    """A process to keep running."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    account: Account | None = None
    """Run as this account instead of our own; only root may."""
    parent_death_signal: signal.Signals = signal.SIGTERM
    """What the kernel sends when the process that started this one is gone."""
    stop_steps: StopSteps = ((signal.SIGTERM, 2.0),)
    inherited_fds: tuple[int, ...] = ()


class Child:
    """One process of a ``ProcessSpec``; ``start`` may be called again once it has died.

    Call ``start`` from the main thread: the kernel's parent-death signal follows the thread that forked.
    """

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = spec
        self.process: subprocess.Popen[bytes] | None = None
        self._log_begins = 0

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def returncode(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def start(self, *, capture: bool = False) -> None:
        """Start it; ``capture`` keeps standard output in ``process.stdout`` instead of the log."""
        with open_log(self.spec.log) as log:
            self._log_begins = log.tell()
            self.process = spawn(self.spec, stdout=subprocess.PIPE if capture else log, stderr=log)

    def send(self, signum: signal.Signals) -> None:
        if self.alive and self.process is not None:
            self.process.send_signal(signum)

    def kill(self) -> None:
        """End it and whatever it left in its session, at once."""
        if self.alive and self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def log_tail(self) -> str:
        """The last lines that this start of the process wrote."""
        with self.spec.log.open("rb") as log:
            log.seek(self._log_begins)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


def spawn(spec: ProcessSpec, *, stdout: IO[bytes] | int, stderr: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """Start the process in a session of its own, bound to the life of the calling thread."""
    account = spec.account
    return subprocess.Popen(
        [str(part) for part in spec.argv],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=spec.env,
        cwd=spec.cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        pass_fds=spec.inherited_fds,
        start_new_session=True,
        preexec_fn=_die_with_parent(spec.parent_death_signal),
    )


def stop_together(children: Iterable[Child]) -> None:
    """Ask all of them to end, wait as their ``stop_steps`` say, then kill what is left."""
    asked = [child for child in children if child.alive]
    for index in range(max((len(child.spec.stop_steps) for child in asked), default=0)):
        stepping = [child for child in asked if child.alive and index < len(child.spec.stop_steps)]
        for child in stepping:
            child.send(child.spec.stop_steps[index][0])
        seconds = max((child.spec.stop_steps[index][1] for child in stepping), default=0.0)
        _wait_until(lambda: not any(child.alive for child in asked), seconds)
    for child in asked:
        child.kill()


def wait_until(ready: Callable[[], bool], seconds: float, interrupted: Callable[[], bool]) -> bool:
    """Whether ``ready`` came true in time. Raises ``Interrupted`` as soon as ``interrupted`` says so."""

    def ready_or_interrupted() -> bool:
        if interrupted():
            raise Interrupted
        return ready()

    return _wait_until(ready_or_interrupted, seconds)


def _wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_MAX_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640), "ab")


def _die_with_parent(signum: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        # Runs in the child after it has taken its account: changing accounts would clear the request.
        _libc.prctl(_PR_SET_PDEATHSIG, int(signum))
        if os.getppid() != parent:
            os._exit(1)

    return bind
