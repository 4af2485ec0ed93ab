"""What must be done before the first request: migrations applied, static files collected."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrations_pending() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    finally:
        connection.close()


def static_fingerprint() -> str:
    """Changes when a static file, or the way of storing them, does."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list(None):
            path = Path(storage.path(name))
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def static_collected(fingerprint: str) -> bool:
    mark = _static_mark()
    return Path(settings.STATIC_ROOT).is_dir() and mark.exists() and mark.read_text() == fingerprint


def note_static_collected(fingerprint: str) -> None:
    _static_mark().write_text(fingerprint)


def _static_mark() -> Path:
    return Path(settings.RUN_DIR) / "static.fingerprint"
