"""Puts an archive back. Everything is checked before anything is touched; the database changes in one transaction.

New files are written first, under names that nothing uses yet; then the database is exchanged; only then the files of
before that nothing names any more go (``replace``). Whatever fails before the exchange leaves all as it was.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command

from adstudio.backup import archive, database
from adstudio.backup.archive import CHUNK, DATABASE, MEDIA, BadArchive, Entry, Manifest
from adstudio.files import discard, files_named


class NotEmpty(Exception):
    """The place to restore to has data of its own."""


def restore(path: Path, *, replace: bool, scratch_in: Path) -> Manifest:
    """Raises ``BadArchive``, ``NotEmpty`` or ``DatabaseFailed``; then nothing has changed."""
    with archive.opened(path) as (tar, manifest):
        _check_version(manifest)
        if database.has_rows() and not replace:
            raise NotEmpty(
                "This database has data. Nothing was changed. --replace puts the archive in its place:"
                " what is there now is lost then, so take a backup of it first."
            )
        before = set(files_named()) if database.has_rows() else set()
        written = _write_new_files(tar, manifest.files)
        try:
            _exchange(tar, scratch_in)
        except BaseException:
            _delete(written)
            raise
        _write_changed_files(tar, [entry for entry in manifest.files if entry.name not in written])
        _delete(before - {entry.name for entry in manifest.files})
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _check_version(manifest: Manifest) -> None:
    unknown = database.migrations_unknown(manifest.migrations)
    if unknown:
        raise BadArchive(
            f"The archive is of a newer version of AdStudio: {', '.join(unknown)} is not known here."
            " Install that version, then restore."
        )


def _exchange(tar: tarfile.TarFile, scratch_in: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".adstudio-restore-", dir=scratch_in) as scratch:
        dumped = Path(scratch) / DATABASE
        source = tar.extractfile(DATABASE)
        assert source is not None  # checked with the archive
        with dumped.open("wb") as target:
            while chunk := source.read(CHUNK):
                target.write(chunk)
        database.load(dumped, Path(scratch))


def _write_new_files(tar: tarfile.TarFile, entries: list[Entry]) -> set[str]:
    written: set[str] = set()
    try:
        for entry in entries:
            if not default_storage.exists(entry.name):
                _write(tar, entry)
                written.add(entry.name)
    except BaseException:
        _delete(written)
        raise
    return written


def _write_changed_files(tar: tarfile.TarFile, entries: list[Entry]) -> None:
    """Files that were there under the same name, with other bytes than the archive's."""
    for entry in entries:
        with default_storage.open(entry.name) as file:
            same = archive.sha256_of(file) == entry.sha256
        if not same:
            default_storage.delete(entry.name)
            _write(tar, entry)


def _write(tar: tarfile.TarFile, entry: Entry) -> None:
    source = tar.extractfile(f"{MEDIA}{entry.name}")
    stored = default_storage.save(entry.name, File(source, name=entry.name))
    if stored != entry.name:
        raise OSError(f"{entry.name} was stored as {stored}: something else writes to the storage.")


def _delete(names: Iterable[str]) -> None:
    """One that cannot be deleted stays until it is swept (``jobs.orphans``); what is still to be done is done."""
    for name in names:
        discard(default_storage, name)
