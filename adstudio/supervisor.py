"""Starts AdStudio's processes, keeps them running, and stops them in order.

The order up is servers, database schema, web, workers; the order down is the reverse. Every child is bound to this
process by the kernel (``adstudio.processes``), so even ``kill -9`` of it leaves nothing behind.
"""

from __future__ import annotations

import enum
import fcntl
import http.client
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adstudio import demo_sign_in, preparation
from adstudio.addresses import bind_error, lan_address
from adstudio.embedded import Servers
from adstudio.processes import (
    Child,
    Interrupted,
    ProcessSpec,
    StartFailed,
    StopSteps,
    stop_together,
    wait_until,
)
from generation.diffusion import presence

WEB_SERVER = ("-m", "daphne", "-v", "0")
"""Without its access log, whose lines hold one-time keys of mails, signatures of pictures and people's addresses."""
BASE_DIR = Path(__file__).resolve().parent.parent
WEB_READY_SECONDS = 60.0
TASK_SECONDS = 300.0
"""Migrations of a large database take a while."""
PORT_SECONDS = 2.5
"""How long the web process of a killed supervisor may hold the port."""
WATCH_SECONDS = 0.2
STABLE_SECONDS = 30.0
"""A process that ran this long had nothing to do with its earlier deaths."""
BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Pause before each restart in a row; one death more is a crash loop."""
WEB_STOP: StopSteps = ((signal.SIGTERM, 2.0),)
WORKER_STOP: StopSteps = ((signal.SIGTERM, 5.0), (signal.SIGTERM, 1.0))
"""The first SIGTERM lets a worker finish its job, the second makes it drop it. All stops together stay under 12 s."""
_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True)
class UpOptions:
    run_dir: Path
    host: str
    port: int
    workers: int
    embedded: bool
    """Run private servers, and make the demo shop on them."""

    @property
    def loopback_only(self) -> bool:
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def url(self) -> str:
        host = "localhost" if self.host in _ANY_ADDRESS else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class CrashLoop(enum.Enum):
    """What is done about a child that ends again and again."""

    END_ALL = enum.auto()
    GO_ON_WITHOUT = enum.auto()
    KEEP_TRYING = enum.auto()
    """What ends a worker may be one shop's photo, which costs that shop its ad and nobody else anything."""


@dataclass
class Watched:
    """A child to start again when it dies."""

    child: Child
    crash_loop: CrashLoop = CrashLoop.END_ALL
    failures: int = 0
    started_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None


class Supervisor:
    def __init__(self, options: UpOptions, say: Callable[[str], None], environ: Mapping[str, str]) -> None:
        self.options = options
        self._say = say
        self._began = time.monotonic()
        self._stopping = False
        self._environ = self._child_environment(environ)
        self._servers = Servers(options.run_dir) if options.embedded else None
        self._watched: list[Watched] = []
        self._tasks: list[Child] = []
        self._sample: Child | None = None

    def run(self) -> None:
        """Until Ctrl-C, SIGTERM or SIGHUP. Raises ``StartFailed`` when that makes no sense any more."""
        with _only_one(self.options.run_dir):
            self._listen_to_signals()
            try:
                self._bring_up()
                self._watch()
            except Interrupted:
                pass
            finally:
                self._shut_down()

    # Up ---------------------------------------------------------------------------------------------------
    def _bring_up(self) -> None:
        self._progress(f"Starting AdStudio. Run folder: {self.options.run_dir}")
        self._await_port()
        collecting = self._collect_static()
        self._start_servers()
        if preparation.migrations_pending():
            self._progress("Setting up the database")
            self._finish(self._begin("migrate", "migrate", "--noinput", "-v0"))
        if collecting is not None:
            child, fingerprint = collecting
            self._finish(child)
            preparation.note_static_collected(fingerprint)
        self._start_web()
        self._start_workers()
        self._announce()
        if self.options.embedded:
            self._sample = self._begin("demo", "demo", "--wait-sample", capture=True)

    def _collect_static(self) -> tuple[Child, str] | None:
        """Begin it; on a first start it goes on beside the making of the database."""
        fingerprint = preparation.static_fingerprint()
        if preparation.static_collected(fingerprint):
            return None
        self._progress("Collecting static files")
        return self._begin("collectstatic", "collectstatic", "--noinput", "--clear", "-v0"), fingerprint

    def _start_servers(self) -> None:
        if self._servers is None:
            return
        self._progress("Starting Postgres and Valkey")
        self._servers.start(lambda: self._stopping)
        self._watched += [Watched(child) for child in self._servers.children]

    def _await_port(self) -> None:
        """Tell at once when the port is taken, instead of letting the web process fail again and again."""
        host, port = self.options.host, self.options.port
        if not wait_until(lambda: not bind_error(host, port), PORT_SECONDS, self._asked_to_stop):
            raise StartFailed(
                f"AdStudio cannot listen on {host} port {port}: {bind_error(host, port)}."
                " Choose another with --port or --host."
            )

    def _start_web(self) -> None:
        self._progress("Starting the web server")
        address = ["-b", self.options.host, "-p", str(self.options.port)]
        argv = [sys.executable, *WEB_SERVER, *address, "adstudio.asgi:application"]
        # Should we be killed, nobody is left to end one that waits for an answer, and the next needs its port.
        web = self._keep(self._spec("web", argv, WEB_STOP, parent_death_signal=signal.SIGKILL))
        demo = self._begin("demo", "demo") if self._demo_missing() else None
        if demo is not None:
            self._progress("Making the demo shop")
            self._finish(demo)
        answered = wait_until(
            lambda: not web.alive or self._web_answers(), WEB_READY_SECONDS, self._asked_to_stop
        )
        if not answered or not web.alive:
            raise StartFailed(f"The web server did not start. The end of {web.spec.log}:\n{web.log_tail()}")

    def _start_workers(self) -> None:
        for number in range(1, self.options.workers + 1):
            self._keep(
                self._spec(f"worker-{number}", self._manage("worker"), WORKER_STOP), CrashLoop.KEEP_TRYING
            )
        self._start_diffusion_worker()
        reconcile = self._spec("reconcile", self._manage("reconcile_jobs", "--loop"), WEB_STOP)
        self._keep(reconcile, CrashLoop.KEEP_TRYING)

    def _start_diffusion_worker(self) -> None:
        """One, where torch, a CUDA card and the fetched models are. One process a card: its models stay there."""
        missing = presence.what_is_missing()
        if missing:
            if presence.is_wanted():
                self._progress(f"No diffusion worker: {missing}")
            return
        self._progress("Starting the diffusion worker")
        argv = self._manage("worker", "--engine", "diffusion")
        self._keep(self._spec("worker-diffusion", argv, WORKER_STOP), CrashLoop.GO_ON_WITHOUT)

    def _demo_missing(self) -> bool:
        return self.options.embedded and demo_sign_in.missing(self.options.run_dir, self._environ["SITE_URL"])

    def _announce(self) -> None:
        self._progress("Ready")
        lines = ["", f"  AdStudio is running at {self.options.url}"]
        if not self.options.loopback_only and (lan := lan_address()):
            lines.append(f"  On a phone in the same network: http://{lan}:{self.options.port}")
        if self.options.embedded:
            lines += demo_sign_in.lines(self.options.run_dir)
        lines += [f"  Logs are in {self.options.run_dir / 'logs'}. Ctrl-C stops everything.", ""]
        for line in lines:
            self._say(line)

    # While it runs ----------------------------------------------------------------------------------------
    def _watch(self) -> None:
        while not self._stopping:
            time.sleep(WATCH_SECONDS)
            for watched in tuple(self._watched):
                self._look_after(watched)
            self._relay_sample()

    def _look_after(self, watched: Watched) -> None:
        now = time.monotonic()
        child = watched.child
        if child.alive:
            if watched.failures and now - watched.started_at > STABLE_SECONDS:
                watched.failures = 0
        elif watched.restart_at is None:
            self._plan_restart(watched, now)
        elif now >= watched.restart_at:
            watched.restart_at = None
            watched.started_at = now
            child.start()
            self._progress(f"{child.name} was started again")

    def _plan_restart(self, watched: Watched, now: float) -> None:
        child = watched.child
        if watched.failures == len(BACKOFF_SECONDS) and watched.crash_loop is CrashLoop.GO_ON_WITHOUT:
            self._watched.remove(watched)
            self._progress(f"{child.name} does not stay up; going on without. {child.spec.log} says why")
            return
        if watched.failures == len(BACKOFF_SECONDS) and watched.crash_loop is CrashLoop.END_ALL:
            raise StartFailed(
                f"{child.name} ended {watched.failures + 1} times in a row; giving up."
                f" The end of {child.spec.log}:\n{child.log_tail()}"
            )
        watched.failures = min(watched.failures + 1, len(BACKOFF_SECONDS))
        pause = BACKOFF_SECONDS[watched.failures - 1]
        watched.restart_at = now + pause
        why = f"; {child.spec.log} says why" if watched.failures == len(BACKOFF_SECONDS) else ""
        self._progress(
            f"{child.name} ended ({_how(child.returncode)}); starting it again in {pause:g} s{why}"
        )

    def _relay_sample(self) -> None:
        if self._sample is None or self._sample.alive:
            return
        child, self._sample = self._sample, None
        if child.process is None or child.process.stdout is None:
            return
        line = child.process.stdout.read().decode(errors="replace").strip()
        child.process.stdout.close()
        self._progress(f"Sample ad: {line}" if child.returncode == 0 and line else _no_sample(child))

    # Down -------------------------------------------------------------------------------------------------
    def _shut_down(self) -> None:
        self._progress("Stopping")
        self._stop_named("web")
        self._stop_named("worker", "reconcile")
        for task in self._tasks:
            task.kill()
        if self._servers is not None:
            self._servers.stop(lambda child: self._progress(f"{child.name} stopped"))
        self._progress("Stopped")

    def _stop_named(self, *prefixes: str) -> None:
        children = [each.child for each in self._watched if each.child.name.startswith(prefixes)]
        stop_together(children)
        for child in children:
            self._progress(f"{child.name} stopped")

    # Parts ------------------------------------------------------------------------------------------------
    def _listen_to_signals(self) -> None:
        def stop(*_: object) -> None:
            self._stopping = True

        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup's wish is kept; an ignored SIGINT is only what shells give to background jobs.
            if signum == signal.SIGINT or signal.getsignal(signum) != signal.SIG_IGN:
                signal.signal(signum, stop)

    def _asked_to_stop(self) -> bool:
        return self._stopping

    def _keep(self, spec: ProcessSpec, crash_loop: CrashLoop = CrashLoop.END_ALL) -> Child:
        child = Child(spec)
        child.start()
        self._watched.append(Watched(child, crash_loop))
        return child

    def _begin(self, name: str, *arguments: str, capture: bool = False) -> Child:
        child = Child(self._spec(name, self._manage(*arguments), ()))
        child.start(capture=capture)
        self._tasks.append(child)
        return child

    def _finish(self, child: Child) -> None:
        try:
            done = wait_until(lambda: not child.alive, TASK_SECONDS, self._asked_to_stop)
        finally:
            child.kill()
        if not done or child.returncode != 0:
            raise StartFailed(f"{child.name} failed. The end of {child.spec.log}:\n{child.log_tail()}")

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(BASE_DIR / "manage.py"), *arguments]

    def _spec(
        self,
        name: str,
        argv: list[str],
        stop_steps: StopSteps,
        parent_death_signal: signal.Signals = signal.SIGTERM,
    ) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            argv=argv,
            log=self.options.run_dir / "logs" / f"{name}.log",
            env=self._environ,
            cwd=BASE_DIR,
            parent_death_signal=parent_death_signal,
            stop_steps=stop_steps,
        )

    def _child_environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        ours = {"ADSTUDIO_RUN_DIR": str(self.options.run_dir), "ADSTUDIO_HOST": self.options.host}
        if not self.options.loopback_only:
            ours["ADSTUDIO_ALLOW_LAN"] = "1"
        return {"SITE_URL": self.options.url, **environ, **ours, "PYTHONUNBUFFERED": "1"}

    def _web_answers(self) -> bool:
        host = "127.0.0.1" if self.options.host == "0.0.0.0" else self.options.host  # noqa: S104
        connection = http.client.HTTPConnection(host, self.options.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _progress(self, text: str) -> None:
        self._say(f"[{time.monotonic() - self._began:6.1f} s] {text}")


class _only_one:  # noqa: N801 - reads as a with statement
    """Holds the run folder for one supervisor."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir

    def __enter__(self) -> None:
        self._run_dir.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._run_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise StartFailed(
                f"AdStudio is already running on {self._run_dir}. Stop it, or set ADSTUDIO_RUN_DIR to another folder"
                " (and choose another --port)."
            ) from error

    def __exit__(self, *_: object) -> None:
        os.close(self._lock)


def _how(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit code {returncode}"


def _no_sample(child: Child) -> str:
    return f"The sample ad was not finished; {child.spec.log} says why"
