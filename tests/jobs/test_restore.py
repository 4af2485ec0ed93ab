"""What is not restored, and what a restore leaves: damaged and foreign archives, what was there, given databases."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from accounts.models import Shop
from adstudio import embedded
from adstudio.backup import archive, database, restoring
from adstudio.backup.archive import BadArchive
from adstudio.storage import StorageAway
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.backups import OtherFolder, Rows, filled, media_of, other, rows_of, taken
from tests.jobs.submitting import png

__all__ = ["filled", "other", "taken"]


def test_a_damaged_archive_is_refused_wherever_it_is_damaged(taken: Path, tmp_path: Path) -> None:
    whole = taken.read_bytes()
    broken = tmp_path / "broken.tar"
    with tarfile.open(taken) as tar:
        places = {info.name: info.offset_data + info.size // 2 for info in tar}
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places.values()]
    lengths = (0, 100, len(whole) // 3, len(whole) // 2, places[archive.MANIFEST])
    for number, data in enumerate([*flipped, *(whole[:length] for length in lengths)]):
        broken.write_bytes(data)
        with pytest.raises(BadArchive), archive.opened(broken):
            pytest.fail(f"damage {number} went unseen")
    call_command("backup", f"--verify={taken}")


def rebuilt(taken: Path, to: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """The archive with its manifest and members changed, and its checksums right again."""
    with tarfile.open(taken) as tar:
        members = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]
    manifest = json.loads(members.pop(archive.MANIFEST))
    del members[archive.CHECKSUM]
    change(manifest, members)
    text = json.dumps(manifest).encode()
    members |= {archive.MANIFEST: text, archive.CHECKSUM: hashlib.sha256(text).hexdigest().encode()}
    with tarfile.open(to, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return to


@pytest.mark.parametrize("name", ["../../evil.png", "/evil.png", "jobs/../../evil.png"])
def test_a_name_that_leads_out_of_the_folder_is_refused(taken: Path, tmp_path: Path, name: str) -> None:
    def lead_out(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        member = name if name.startswith("/") else f"{archive.MEDIA}{name}"
        members[member] = b"evil"
        digest = hashlib.sha256(b"evil").hexdigest()
        manifest["files"].append({"name": name, "size": 4, "sha256": digest})

    evil = rebuilt(taken, tmp_path / "evil.tar", lead_out)
    with pytest.raises(BadArchive, match="not to be trusted"), archive.opened(evil):
        pass


def test_a_link_is_refused(taken: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar"
    evil.write_bytes(taken.read_bytes())
    with tarfile.open(evil, "a") as tar:
        link = tarfile.TarInfo("media/photos/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(BadArchive, match="not to be trusted"), archive.opened(evil):
        pass


@pytest.mark.parametrize("newer", ["format", "migrations"])
def test_an_archive_of_a_newer_version_is_refused(taken: Path, tmp_path: Path, newer: str) -> None:
    def of_tomorrow(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        if newer == "format":
            manifest["format"] = archive.FORMAT + 1
        else:
            manifest["migrations"]["jobs"].append("0999_of_tomorrow")

    archived = rebuilt(taken, tmp_path / "newer.tar", of_tomorrow)
    before = _everything()
    with pytest.raises(BadArchive, match="newer"):
        restoring.restore(archived, replace=True, scratch_in=tmp_path)
    assert _everything() == before


def _everything() -> tuple[Rows, dict[str, str]]:
    with connection.cursor() as cursor:
        return rows_of(cursor), media_of(Path(settings.RUN_DIR))


@pytest.mark.timeout(240)
def test_restoring_asks_before_it_replaces_and_fails_without_a_trace(
    taken: Path, other: OtherFolder, tmp_path: Path
) -> None:
    first = other.manage("restore", str(taken))
    assert first.returncode == 0, first.stderr
    there_before = media_of(other.path)

    asked = other.manage("restore", str(taken))
    assert asked.returncode != 0
    assert "--replace" in asked.stderr

    def unloadable(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        dump = members[archive.DATABASE]
        members[archive.DATABASE] = dump[: len(dump) * 3 // 4]
        cut = members[archive.DATABASE]
        manifest["database"] |= {"size": len(cut), "sha256": hashlib.sha256(cut).hexdigest()}
        members["media/photos/new/photo.png"] = b"new"
        entry = {"name": "photos/new/photo.png", "size": 3, "sha256": hashlib.sha256(b"new").hexdigest()}
        manifest["files"].append(entry)

    with other.servers() as there:
        rows = rows_of(there.cursor())
    failed = other.manage("restore", "--replace", str(rebuilt(taken, tmp_path / "cut.tar", unloadable)))
    assert failed.returncode != 0
    assert "pg_restore" in failed.stderr
    assert media_of(other.path) == there_before
    with other.servers() as there:
        assert rows_of(there.cursor()) == rows

    _what_came_later_goes(other, taken, there_before, rows)


def _what_came_later_goes(other: OtherFolder, taken: Path, media: dict[str, str], rows: Rows) -> None:
    """A row and a file made since are replaced; a file changed since is as it was."""
    later = other.path / "media/photos/later/photo.png"
    later.parent.mkdir()
    later.write_bytes(png())
    kept = next(iter(media))
    (other.path / "media" / kept).write_bytes(b"changed")
    with other.servers() as there:
        there.execute("UPDATE jobs_photo SET file = 'photos/later/photo.png'")
    again = other.manage("restore", "--replace", str(taken))
    assert again.returncode == 0, again.stderr
    assert media_of(other.path) == media
    with other.servers() as there:
        assert rows_of(there.cursor()) == rows


def test_files_that_cannot_be_deleted_leave_no_restore_half_done(
    taken: Path, filled: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is exchanged by then: its migrations must run all the same."""
    later = factories.photo(filled)
    done: list[str] = []

    def away(name: str) -> None:
        raise StorageAway(f"{name}: no answer")

    monkeypatch.setattr(database, "load", lambda *_: done.append("load"))
    monkeypatch.setattr(restoring, "call_command", lambda name, **_: done.append(name))
    monkeypatch.setattr(default_storage, "delete", away)
    restoring.restore(taken, replace=True, scratch_in=tmp_path)
    assert done == ["load", "migrate"]
    assert Path(later.file.path).exists()


@pytest.fixture
def given(servers: embedded.Servers) -> Iterator[str]:
    """The address of a database as a provider gives one: empty, and of an account that owns nothing else."""
    admin = psycopg.connect(embedded.addresses(settings.RUN_DIR).database_url, autocommit=True)
    admin.execute("CREATE ROLE tenant LOGIN PASSWORD 'p@ss/word'")
    admin.execute("CREATE DATABASE given OWNER tenant")
    try:
        yield f"postgresql://tenant:p%40ss%2Fword@/given?host={quote(settings.DATABASES['default']['HOST'])}"
    finally:
        admin.execute("DROP DATABASE given WITH (FORCE)")
        admin.execute("DROP ROLE tenant")
        admin.close()


def test_a_backup_comes_back_into_a_database_that_was_given(taken: Path, given: str, tmp_path: Path) -> None:
    elsewhere = OtherFolder(tmp_path / "elsewhere")
    redis = embedded.addresses(settings.RUN_DIR).redis_url
    elsewhere.environ |= {"DATABASE_URL": given, "REDIS_URL": redis, "SECRET_KEY": settings.SECRET_KEY}
    done = elsewhere.manage("restore", str(taken))
    assert done.returncode == 0, done.stderr
    with psycopg.connect(given) as there, connection.cursor() as here:
        assert rows_of(there.cursor()) == rows_of(here)
    with archive.opened(taken) as (_, manifest):
        assert media_of(elsewhere.path) == {entry.name: entry.sha256 for entry in manifest.files}
    with psycopg.connect(given):  # somebody uses it
        refused = elsewhere.manage("restore", "--replace", str(taken))
    assert "Stop web" in refused.stderr


def test_restoring_beside_a_running_program_is_refused(taken: Path, stack: Stack) -> None:
    """The stack's web process uses this database."""
    before = _everything()
    restore = stack.child("restore", "manage.py", "restore", "--replace", str(taken))
    restore.start()
    until(lambda: not restore.alive, 30, "the refusal")
    assert restore.returncode == 1
    assert "Stop web" in restore.log_tail()
    assert _everything() == before
