"""What tests of backups share: rows and files to compare, another run folder, a shop and an archive of it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from accounts.models import Shop
from adstudio import embedded
from adstudio.backup import database, taking
from tests.conftest import ROOT, Stack
from tests.jobs import factories
from tests.jobs.submitting import finished, png, submit

Rows = dict[str, list[str]]


def rows_of(cursor: Any) -> Rows:
    """Every row of every table whose rows are kept, as Postgres writes it."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows = {}
    for (table,) in cursor.fetchall():
        if table not in database.NOT_KEPT:
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            rows[table] = [row for (row,) in cursor.fetchall()]
    return rows


def media_of(run_dir: Path) -> dict[str, str]:
    media = run_dir / "media"
    return {
        str(path.relative_to(media)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in media.rglob("*")
        if path.is_file()
    }


class OtherFolder:
    """Another run folder, with a database and files of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        kept_out = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
        self.environ = {name: value for name, value in os.environ.items() if name not in kept_out}
        self.environ["ADSTUDIO_RUN_DIR"] = str(path)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(argv, env=self.environ, cwd=ROOT, capture_output=True, text=True, check=False)

    @contextmanager
    def servers(self) -> Iterator[psycopg.Connection[Any]]:
        running = embedded.Servers(self.path, durable=False)
        running.start()
        try:
            with psycopg.connect(
                embedded.addresses(self.path).database_url, autocommit=True
            ) as database_there:
                yield database_there
        finally:
            running.stop()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[OtherFolder]:
    folder = OtherFolder(tmp_path / "other")
    tmp_path.chmod(0o711)
    yield folder
    embedded.remove_state(folder.path)


@pytest.fixture
def filled(stack: Stack) -> Shop:
    """A shop with photos, finished ads, a waiting one, and a file that no row names."""
    shop = factories.shop("봄날 커피")
    photo = factories.photo(shop)
    finished(shop, photo)
    submit(shop, photo=photo, text_content="기다리는 광고")
    orphan = Path(settings.MEDIA_ROOT) / "jobs/nobody/left.png"
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(png())
    return shop


@pytest.fixture
def taken(filled: Shop, tmp_path: Path) -> Path:
    out = tmp_path / "backup.tar"
    taking.take(out)
    return out
