"""``manage.py up`` as a person meets it: the real command, real signals, a run folder and a port of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from adstudio import embedded, processes
from tests.conftest import ROOT, answers, free_port, until

pytestmark = pytest.mark.timeout(300)
UP_SECONDS = 120.0
STOP_SECONDS = 12.0


def _bound_to_us() -> Callable[[], None]:
    """Stopped when whoever runs the tests is killed."""
    die_with_parent = processes._die_with_parent(signal.SIGTERM)

    def prepare() -> None:
        # Tests started by nohup would hand its ignored SIGHUP on.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        die_with_parent()

    return prepare


class Up:
    """One running ``manage.py up``."""

    def __init__(self, run_dir: Path, *arguments: str, prefix: tuple[str, ...] = (sys.executable,)) -> None:
        self.run_dir = run_dir
        self.port = free_port()
        hidden = ("DATABASE_URL", "REDIS_URL", "ADSTUDIO_TEST", "SITE_URL", "SECRET_KEY")
        environ = {name: value for name, value in os.environ.items() if name not in hidden}
        self.process = subprocess.Popen(
            [*prefix, "manage.py", "up", "--port", str(self.port), *arguments],
            cwd=ROOT,
            env=environ | {"ADSTUDIO_RUN_DIR": str(run_dir), "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_bound_to_us(),
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_ready(self) -> Up:
        until(lambda: self.ended or "Ctrl-C" in self.output, UP_SECONDS, "up")
        assert not self.ended, self.output
        return self

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def children(self) -> dict[str, psutil.Process]:
        """Direct children by role."""
        roles = {"daphne": "web", "worker": "worker", "reconcile_jobs": "reconcile", "postgres": "postgres"}
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                if child.status() == psutil.STATUS_ZOMBIE:
                    continue
                words = " ".join(child.cmdline())
            except psutil.NoSuchProcess:  # it was reaped between the two looks
                continue
            role = next((roles[word] for word in roles if f" {word}" in words or f"/{word} " in words), None)
            found["valkey" if "valkey-server" in words else role or words] = child
        return found

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, signum: signal.Signals = signal.SIGINT) -> float:
        """Seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signum)
        self.process.wait(STOP_SECONDS + 5)
        self._reader.join()
        return time.monotonic() - began

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Shared by the tests of this module: making a database takes longest."""
    folder = tmp_path_factory.mktemp("up") / "run"
    yield folder
    embedded.remove_state(folder)


@pytest.fixture(scope="module")
def running() -> Iterator[list[Up]]:
    """The newest run, at the end of the list."""
    runs: list[Up] = []
    yield runs
    if runs and not runs[-1].ended:
        runs[-1].stop(signal.SIGTERM)


@pytest.fixture
def up(run_dir: Path, running: list[Up]) -> Up:
    """A run that serves; tests that do not end it hand it to the next."""
    if not running or running[-1].ended:
        running.append(Up(run_dir).wait_ready())
    return running[-1]


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_it_serves_and_tells_where_and_how_to_sign_in(up: Up) -> None:
    assert answers(up.port)
    assert f"http://127.0.0.1:{up.port}" in up.output
    demo = json.loads((up.run_dir / "demo.json").read_text())
    assert stat.S_IMODE((up.run_dir / "demo.json").stat().st_mode) == 0o600
    for field in ("email", "password", "admin_email", "admin_password"):
        assert demo[field] in up.output
    assert demo["url"] == f"http://127.0.0.1:{up.port}"
    assert {"web", "worker", "reconcile", "postgres", "valkey"} <= up.children().keys()


def test_it_refuses_a_second_run_on_the_same_folder(up: Up) -> None:
    second = Up(up.run_dir)
    second.process.wait(UP_SECONDS)
    second._reader.join()
    assert second.process.returncode == 1
    assert "already running" in second.output
    assert "Traceback" not in second.output
    assert answers(up.port)


@pytest.mark.parametrize("role", ["web", "worker", "postgres", "valkey"])
def test_it_starts_a_dead_child_again(up: Up, role: str) -> None:
    dead = up.children()[role]
    dead.kill()

    def replaced() -> bool:
        child = up.children().get(role)
        return child is not None and child.pid != dead.pid and answers(up.port)

    until(replaced, 30, f"another {role}")
    assert re.search(rf"{role}(-1)? ended \(SIGKILL\)", up.output)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_in_order_and_leaves_nothing(up: Up, signum: signal.Signals) -> None:
    everything = up.descendants()
    assert len(everything) >= 5
    assert up.stop(signum) < STOP_SECONDS
    assert up.process.returncode == 0
    assert gone(everything)
    told = re.findall(r"(\w+)(?:-\d+)? stopped", up.output)
    assert told == ["web", "worker", "reconcile", "valkey", "postgres"]


def test_it_starts_again_quickly_and_keeps_its_data(run_dir: Path, running: list[Up]) -> None:
    if not running:
        running.append(Up(run_dir).wait_ready())
    if not running[-1].ended:
        running[-1].stop()
    sign_in = json.loads((run_dir / "demo.json").read_text())
    began = time.monotonic()
    second = Up(run_dir).wait_ready()
    seconds = time.monotonic() - began
    running.append(second)
    print(f"second start to serving: {seconds:.1f} s")
    again = json.loads((run_dir / "demo.json").read_text())
    assert again["password"] == sign_in["password"]
    assert "Setting up the database" not in second.output
    assert "Collecting static files" not in second.output
    assert seconds < 30


def test_it_leaves_no_process_when_killed_and_starts_right_after(up: Up) -> None:
    everything = up.descendants()
    up.children()["web"].suspend()  # as one that waits for an answer when it is told to end
    up.process.kill()
    up.process.wait()
    again = Up(up.run_dir, "--port", str(up.port)).wait_ready()
    assert gone(everything)
    assert answers(up.port)
    again.stop()


def test_it_tells_when_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = Up(tmp_path / "run", "--port", str(port))
        refused.process.wait(60)
        refused._reader.join()
    assert refused.process.returncode == 1
    assert f"port {port}" in refused.output
    assert "--port" in refused.output
    assert "Traceback" not in refused.output
    assert not (tmp_path / "run" / "postgres").exists()


def test_it_gives_up_on_a_child_that_keeps_ending(tmp_path: Path) -> None:
    from adstudio.processes import Child, ProcessSpec, StartFailed
    from adstudio.supervisor import BACKOFF_SECONDS, Supervisor, UpOptions, Watched

    options = UpOptions(run_dir=tmp_path, host="127.0.0.1", port=1, workers=1, embedded=False)
    said: list[str] = []
    supervisor = Supervisor(options, said.append, os.environ)
    child = Child(ProcessSpec("web", [sys.executable, "-c", "print('why it ends')"], tmp_path / "web.log"))
    child.start()
    watched = Watched(child)

    def end_once_more() -> None:
        until(lambda: not child.alive, 10, "end of the child")
        supervisor._look_after(watched)

    for _ in BACKOFF_SECONDS:
        end_once_more()
        watched.restart_at = 0.0
        supervisor._look_after(watched)
    with pytest.raises(StartFailed, match=r"(?s)web ended 7 times.*why it ends"):
        end_once_more()


def test_workers_that_keep_ending_bring_nothing_else_down(tmp_path: Path) -> None:
    """A photo that kills every worker costs three of them: three such photos are no reason to end the web server."""
    from adstudio.processes import Child, ProcessSpec
    from adstudio.supervisor import BACKOFF_SECONDS, CrashLoop, Supervisor, UpOptions, Watched

    options = UpOptions(run_dir=tmp_path, host="127.0.0.1", port=1, workers=1, embedded=False)
    said: list[str] = []
    supervisor = Supervisor(options, said.append, os.environ)
    child = Child(ProcessSpec("worker-1", [sys.executable, "-c", "pass"], tmp_path / "worker.log"))
    child.start()
    watched = Watched(child, CrashLoop.KEEP_TRYING)
    for _ in range(3 * len(BACKOFF_SECONDS)):
        until(lambda: not child.alive, 10, "end of the child")
        supervisor._look_after(watched)
        watched.restart_at = 0.0
        supervisor._look_after(watched)
    child.kill()
    planned = [line for line in said if "starting it again" in line]
    assert len(planned) == 3 * len(BACKOFF_SECONDS)
    assert all(f"in 8 s; {child.spec.log} says why" in line for line in planned[-3:])


def test_it_serves_the_network_when_asked(run_dir: Path) -> None:
    up = Up(run_dir, "--host", "0.0.0.0").wait_ready()
    environ = up.children()["web"].environ()
    up.stop()
    assert environ["ADSTUDIO_ALLOW_LAN"] == "1"
    assert f"running at http://localhost:{up.port}" in up.output
    assert "On a phone in the same network: http://" in up.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_runs_as_an_ordinary_user(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir()
    shutil.chown(home, "nobody", "nogroup")
    python = python_for_everyone(open_folder)
    variables = (
        f"HOME={home}",
        f"LD_LIBRARY_PATH={python.parent.parent / 'lib'}",
        f"PYTHONPATH={Path(psutil.__file__).parent.parent}",
        "PYTHONDONTWRITEBYTECODE=1",
    )
    account = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", *variables)
    up = Up(home / "run", prefix=(*account, str(python))).wait_ready()
    owners = {process.username() for process in [psutil.Process(up.process.pid), *up.descendants()]}
    served = answers(up.port)
    up.stop()
    assert served
    assert owners == {"nobody"}


def python_for_everyone(folder: Path) -> Path:
    """A copy of this interpreter: its own folder may be closed to other accounts."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    skipped = shutil.ignore_patterns("test", "site-packages", "__pycache__", "config-*", "idlelib")
    base = Path(sys.base_prefix)
    shutil.copytree(base / "lib" / version, folder / "python" / "lib" / version, ignore=skipped)
    for library in (base / "lib").glob("libpython*"):
        shutil.copy2(library, folder / "python" / "lib")
    (folder / "python" / "bin").mkdir()
    return Path(shutil.copy2(base / "bin" / version, folder / "python" / "bin" / version))
