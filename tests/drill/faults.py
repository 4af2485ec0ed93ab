"""What is done to the system. A fault takes what it needs from the drill and says in a few words what it hit."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import psutil
from django.conf import settings
from django.db import connection
from django.utils import timezone

from jobs.models import Job, WorkerState
from jobs.worker.patience import patiently
from tests.away import frozen
from tests.drill.system import System, no_space, wait_for
from tests.drill.valkey import tell_valkey, valkey_away

AIM_SECONDS = 8.0
"""How long a killer waits for a worker to come to the step it was told."""
OUTAGE_SECONDS = 3.0
HANG_SECONDS = 12.0
"""Longer than a request waits for one answer, and than a heartbeat is waited for."""
SMALL_FILE_BYTES = 6000
CRASHES = frozenset({"worker", "web", "postgres", "supervisor", "reconcile", "backends"})
"""First words of faults that may leave a file whose row was never committed."""


@dataclass(frozen=True)
class Fault:
    name: str
    strike: Callable[[System], str]
    weight: int = 1
    """How often it comes in one round of all."""

    @property
    def crashes(self) -> bool:
        return self.name.split()[0] in CRASHES


def _pid_of(worker: str) -> int:
    return int(worker.rpartition("-")[2])


def _running(engine: str, **where: str) -> Job | None:
    """A job of the engine whose worker still beats."""
    fresh = timezone.now() - timedelta(seconds=settings.JOB_HEARTBEAT_SECONDS * 1.5)
    held = Job.objects.filter(status="running", engine=engine, heartbeat_at__gt=fresh, **where)
    return patiently(held.order_by("-started_at").first)


def _aimed(engine: str = "studio", **where: str) -> tuple[int, str]:
    """A worker in this step, else any: its process id and where it was."""
    seen: list[Job] = []

    def there() -> bool:
        job = _running(engine, **where)
        seen.extend([job] if job else [])
        return bool(seen)

    wait_for(there, AIM_SECONDS, 0.005)
    job = seen[0] if seen else _running(engine)
    if job is not None:
        return _pid_of(job.worker), f"{job.current_step}/{job.sub_step or 'begin'}"
    fresh = timezone.now() - timedelta(seconds=settings.JOB_HEARTBEAT_SECONDS * 2)
    alive = WorkerState.objects.filter(engine=engine, last_seen__gt=fresh)
    worker = patiently(alive.order_by("-last_seen").first)
    return (worker.pid, "idle") if worker else (0, "no worker")


def _signal(pid: int, signum: signal.Signals) -> bool:
    """False when it is gone, or somebody else by now."""
    try:
        if pid and "manage.py" in " ".join(psutil.Process(pid).cmdline()):
            os.kill(pid, signum)
            return True
    except (psutil.Error, ProcessLookupError):
        pass
    return False


def kill_worker(**where: str) -> Callable[[System], str]:
    def strike(system: System) -> str:
        pid, at = _aimed(**where)
        return at if _signal(pid, signal.SIGKILL) else "already gone"

    return strike


def freeze_worker(system: System) -> str:
    """Longer than its heartbeat is waited for; then it is thawed."""
    pid, at = _aimed()
    if not _signal(pid, signal.SIGSTOP):
        return "already gone"
    time.sleep(int(os.environ["JOB_STALE_SECONDS"]) + 2)
    _signal(pid, signal.SIGCONT)
    return at


def small_files(system: System) -> str:
    """The worker may write no file beyond a few kilobytes (RLIMIT_FSIZE), as over a quota."""
    pid, at = _aimed()
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        unlimited = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (SMALL_FILE_BYTES, resource.RLIM_INFINITY))
        time.sleep(OUTAGE_SECONDS)
        process.rlimit(psutil.RLIMIT_FSIZE, unlimited)
    return at


def kill(role: str) -> Callable[[System], str]:
    def strike(system: System) -> str:
        child = system.child(role)
        if child is None:
            return "already down"
        child.kill()
        return ""

    return strike


def lose_valkey(system: System) -> str:
    """Valkey dies and its data with it."""
    told = kill("valkey")(system)
    shutil.rmtree(system.run_dir / "valkey" / "appendonlydir", ignore_errors=True)
    return told


def kill_supervisor(system: System) -> str:
    system.up.process.kill()
    system.up.process.wait()
    system.again()
    return ""


def hang(role: str) -> Callable[[System], str]:
    """It takes connections and requests and answers nothing: a network that swallows everything."""

    def strike(system: System) -> str:
        child = system.child(role)
        if child is None:
            return "already down"
        with frozen(child):
            time.sleep(HANG_SECONDS)
        return ""

    return strike


def cut_valkey(system: System) -> str:
    with valkey_away(system.sockets) as cut:
        time.sleep(OUTAGE_SECONDS)
    return "" if cut else "already down"


def flush_valkey(system: System) -> str:
    try:
        tell_valkey(system.sockets / "valkey.sock", b"FLUSHALL\r\n")
    except OSError:
        return "already down"
    return ""


def end_backends(system: System) -> str:
    """Postgres drops every connection but ours, in the middle of whatever they do."""

    def end() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    return f"{patiently(end)} connections"


def fill_disk(system: System) -> str:
    with no_space(system.run_dir / "media"):
        time.sleep(OUTAGE_SECONDS)
    return ""


def faults(system: System, *, diffusion: bool) -> list[Fault]:
    """All that can be done here."""
    known = [
        Fault("worker killed cutting out", kill_worker(sub_step="cutout"), 2),
        Fault("worker killed in step 1", kill_worker(current_step="step1_background"), 2),
        Fault("worker killed in step 2", kill_worker(current_step="step2_text_asset"), 2),
        Fault("worker killed in step 3", kill_worker(current_step="step3_composite"), 2),
        Fault("worker killed anywhere", kill_worker(), 2),
        Fault("worker frozen and thawed", freeze_worker),
        Fault("worker without room for files", small_files),
        Fault("web killed", kill("web"), 2),
        Fault("reconcile killed", kill("reconcile")),
        Fault("supervisor killed", kill_supervisor),
        Fault("postgres killed", kill("postgres")),
        Fault("backends of postgres ended", end_backends),
        Fault("valkey killed", kill("valkey")),
        Fault("valkey killed, data lost", lose_valkey),
        Fault("valkey flushed", flush_valkey),
        Fault("valkey cut off", cut_valkey),
        Fault("valkey hangs", hang("valkey")),
        Fault("postgres hangs", hang("postgres")),
    ]
    if diffusion:
        known.append(Fault("worker killed, diffusion engine", kill_worker(engine="diffusion"), 2))
    if system.disk_of_its_own:
        known.append(Fault("disk full", fill_disk))
    return known
