"""Takes a backup while everything runs: one snapshot of the database, then the files that the snapshot names.

Files never change under their name, so what is read later is what the snapshot meant. A file may be deleted meanwhile,
with its row; that is told (``gone``), and apart from it what the storage has lost (``lost``).
"""

from __future__ import annotations

import os
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.storage import Storage

from adstudio.backup import archive, database
from adstudio.backup.archive import DATABASE, MEDIA, Manifest
from adstudio.files import files_named


def take(out: Path) -> Manifest:
    """Write the archive under a passing name, flush it to the disk, and only then give it its own."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                manifest = _fill(tar, out.parent)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(out)
        _sync_folder(out.parent)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _fill(tar: tarfile.TarFile, folder: Path) -> Manifest:
    with tempfile.TemporaryDirectory(prefix=".adstudio-backup-", dir=folder) as scratch:
        dumped = Path(scratch) / DATABASE
        with database.snapshot() as name:
            made_at = datetime.now(UTC).isoformat(timespec="seconds")
            database.dump(dumped, snapshot_name=name)
            manifest = Manifest(made_at, database.server_version(), database.migrations_applied())
            named = files_named()
        with dumped.open("rb") as file:
            manifest.database = archive.add(tar, DATABASE, file, dumped.stat().st_size)
    missing = [name for name, storage in sorted(named.items()) if not _keep(tar, manifest, name, storage)]
    still_named = files_named() if missing else {}
    manifest.lost = [name for name in missing if name in still_named]
    manifest.gone = [name for name in missing if name not in still_named]
    archive.close(tar, manifest)
    return manifest


def _keep(tar: tarfile.TarFile, manifest: Manifest, name: str, storage: Storage) -> bool:
    """Whether the file was there to be kept."""
    try:
        file = storage.open(name)
    except FileNotFoundError:
        return False
    with file:
        manifest.files.append(archive.add(tar, f"{MEDIA}{name}", file, file.size, name))
    return True


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
