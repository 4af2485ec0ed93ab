"""Fixtures of the live tests: a worker that can be held up, and a shop with a token."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from accounts.models import Shop
from accounts.tokens import token_create
from adstudio.processes import Child
from jobs import durations
from jobs.models import Job
from tests.conftest import Stack, until
from tests.jobs import factories

WORK_SECONDS = 60.0


@pytest.fixture(autouse=True)
def _nothing_measured() -> None:
    durations.forget()


@pytest.fixture
def shop() -> Shop:
    return factories.shop()


class Lab:
    """Workers that can be held up at ``cutout``, ``step1`` or ``step2``; see ``lab_worker``."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder

    def start(self, **environ: str) -> Child:
        name = f"lab-{len(self.stack.workers) + 1}"
        worker = self.stack.child(name, "-m", "tests.jobs.lab_worker", str(self.folder), environ=environ)
        worker.start()
        self.stack.workers.append(worker)
        return worker

    def hold(self, name: str, kind: str = "pause") -> None:
        (self.folder / f"{kind}-{name}").touch()

    def release(self, name: str, kind: str = "pause") -> None:
        (self.folder / f"{kind}-{name}").unlink()

    def wait_at(self, name: str) -> int:
        """Wait until a worker has come there; returns its process id."""
        mark = self.folder / f"at-{name}"
        until(lambda: mark.exists() and bool(mark.read_text()), WORK_SECONDS, f"a worker at {name}")
        pid = int(mark.read_text())
        mark.unlink()
        return pid


def wait_for(job: Job, *statuses: str, seconds: float = WORK_SECONDS) -> Job:
    """The job once it has one of these statuses (or any final one)."""
    wanted = statuses or Job.TERMINAL

    def there() -> bool:
        job.refresh_from_db()
        return job.status in wanted

    until(there, seconds, f"job {job.pk} {'/'.join(wanted)} (it is {job.status})")
    return job


@pytest.fixture
def lab(stack: Stack, tmp_path: Path) -> Lab:
    return Lab(stack, tmp_path)


@dataclass
class Client:
    """A shop and its program's key."""

    shop: Shop
    headers: dict[str, str]


@pytest.fixture
def client_shop(stack: Stack) -> Client:
    shop = factories.shop("데모 카페")
    _, plain = token_create(shop=shop, name="test")
    return Client(shop, {"Authorization": f"Bearer {plain}"})


def kill(worker: Child, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    until(lambda: not worker.alive, 10, "the killed worker's end")
