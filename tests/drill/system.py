"""The system under drill: ``manage.py up`` on a run folder of its own, seen from outside."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from adstudio import embedded
from adstudio.layout import layout_of
from tests.adstudio.test_up import Up
from tests.conftest import ROOT, answers, free_port

WORKERS = 2
MEDIA_BYTES = 192 * 1024 * 1024
SERVING_SECONDS = 60.0
SHOP = "demo"


class System:
    """One run folder, and the supervisor that serves it at the moment."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.port = free_port()
        self.disk_of_its_own = _mount(run_dir / "media")
        self.gave_up: list[str] = []
        """The last words of supervisors that ended by themselves."""
        self.up = self._begin().wait_ready()
        self.token = self._manage("api_token", SHOP, "--name", "drill")

    @property
    def sockets(self) -> Path:
        return layout_of(self.run_dir).sockets

    def again(self) -> None:
        """Start it anew after its supervisor ended."""
        self.up = self._begin().wait_ready()

    def ensure_up(self) -> None:
        if self.up.ended:
            self.gave_up.append(self.up.output[-800:])
            self.again()

    def serves(self) -> bool:
        return answers(self.port)

    def child(self, role: str) -> psutil.Process | None:
        return self.up.children().get(role)

    def stop(self) -> float:
        return self.up.stop()

    def remains(self) -> list[str]:
        """Processes of this run folder that are still there."""
        cluster, ours = str(layout_of(self.run_dir).cluster), str(self.run_dir)
        found = []
        for process in psutil.process_iter():
            if process.pid == os.getpid():
                continue
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                if cluster in words or process.environ().get("ADSTUDIO_RUN_DIR") == ours:
                    found.append(f"{process.pid} {' '.join(words)[:80]}")
        return found

    def release_disk(self) -> None:
        if self.disk_of_its_own:
            subprocess.run(["umount", "--lazy", str(self.run_dir / "media")], check=True)

    def remove(self) -> None:
        embedded.remove_state(self.run_dir)

    def _begin(self) -> Up:
        return Up(self.run_dir, "--port", str(self.port), "--workers", str(WORKERS))

    def _manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def _mount(media: Path) -> bool:
    """A small disk for the pictures, so that it can be full; False where we may not mount one."""
    media.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEDIA_BYTES},mode=755", "tmpfs", str(media)]
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


@contextlib.contextmanager
def no_space(media: Path) -> Iterator[None]:
    """The disk is full to its last byte."""
    ballast = media / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    try:
        yield
    finally:
        ballast.unlink()


def wait_for(ready: object, seconds: float, pause: float = 0.1) -> bool:
    """Whether it came true in time; what cannot be asked just now is not true yet."""
    assert callable(ready)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(pause)
    return False
