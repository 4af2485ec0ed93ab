"""The database's side of a backup, through Postgres's own programs out of the wheel."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg.conninfo import make_conninfo

from adstudio import postgres
from adstudio.embedded import Servers
from adstudio.processes import wait_until

NOT_KEPT = ("django_session",)
"""Tables whose rows are left out: a restored session could sign in somebody who has signed out since."""
OTHERS_LEAVE_SECONDS = 3.0
"""A stopped program's last connection takes a moment to go."""
MADE_BY_MIGRATIONS = ("contenttypes", "auth", "sessions")
"""Apps whose rows a database has from the beginning."""


class DatabaseFailed(Exception):
    """One of Postgres's programs failed; the message is its own."""


@contextmanager
def database_here() -> Iterator[None]:
    """The database: the one that runs, else the run folder's embedded servers, started for as long as this takes."""
    if not settings.EMBEDDED or _answers():
        yield
        return
    with database_alone():
        yield


@contextmanager
def database_alone() -> Iterator[None]:
    """The database with nobody else in it. Raises ``StartFailed`` or ``DatabaseFailed`` when that cannot be had."""
    if settings.EMBEDDED:
        servers = Servers(settings.RUN_DIR)
        servers.start()
    try:
        if not wait_until(_is_alone, OTHERS_LEAVE_SECONDS, lambda: False):
            raise DatabaseFailed(
                "Others use the database. Stop web, workers and reconcile first, then restore."
            )
        yield
    finally:
        _disconnect()
        if settings.EMBEDDED:
            servers.stop()


@contextmanager
def snapshot() -> Iterator[str]:
    """One moment of the database: queries inside see it, and so does ``dump`` with the name given."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(
            "SET LOCAL idle_in_transaction_session_timeout = 0"
        )  # pg_dump takes its time beside it
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def dump(to: Path, *, snapshot_name: str) -> None:
    """Postgres's custom format, compressed by it."""
    left_out = [f"--exclude-table-data={table}" for table in NOT_KEPT]
    _run("pg_dump", "--format=custom", f"--snapshot={snapshot_name}", *left_out, f"--file={to}", *_OWNERLESS)


def load(dump_file: Path, scratch: Path) -> None:
    """Put the dump in the place of everything the database has: in one transaction, so all of it or nothing."""
    script = scratch / "restore.sql"
    _run("pg_restore", f"--file={script}", *_OWNERLESS, str(dump_file), connect=False)
    emptying = "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner"
    _run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--command={emptying}",
        f"--file={script}",
    )


def server_version() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.server_version)


def migrations_applied() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def migrations_unknown(applied: dict[str, list[str]]) -> list[str]:
    """Migrations that this version of AdStudio does not have: the database is of a newer one."""
    known = MigrationLoader(None).disk_migrations
    return [f"{app}.{name}" for app, names in applied.items() for name in names if (app, name) not in known]


def has_rows() -> bool:
    """Whether anybody's data is in the database. One without tables has none."""
    tables = set(connection.introspection.table_names())
    for model in apps.get_models():
        ours = model._meta.app_label not in MADE_BY_MIGRATIONS and model._meta.db_table in tables
        if ours and model._base_manager.exists():
            return True
    return False


_OWNERLESS = ("--no-owner", "--no-privileges")


def _run(program: str, *arguments: str, connect: bool = True) -> None:
    environ = {"PATH": os.defpath, "LC_ALL": "C", "PGTZ": "UTC"}
    argv = [str(postgres.client_program(program)), *arguments]
    if connect:
        conninfo, password = _address()
        argv.append(f"--dbname={conninfo}")
        environ["PGPASSWORD"] = password  # never on the command line: every user of the machine reads those
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DatabaseFailed(f"{program} failed: {done.stderr.strip()}")


def _address() -> tuple[str, str]:
    """Where Django is connected to, as libpq writes it, and the password."""
    connection.ensure_connection()
    info = connection.connection.info
    return make_conninfo(**info.get_parameters()), info.password


def _disconnect() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _answers() -> bool:
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True


def _is_alone() -> bool:
    """Whether nobody else is connected; our own pool has let go of its connections first."""
    conninfo, password = _address()
    _disconnect()
    with psycopg.connect(conninfo, password=password) as alone:
        found = alone.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
    return found == (0,)
