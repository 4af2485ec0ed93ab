"""Backups: taken while ads are made, put back into another run folder, compared row by row and file by file."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Shop
from adstudio import embedded
from adstudio.backup import archive, database, restoring, taking
from adstudio.backup.archive import BadArchive
from adstudio.storage import StorageAway
from jobs.artifacts import artifact_draft, artifact_store
from jobs.models import Artifact, Job
from tests.conftest import ROOT, Stack, until
from tests.jobs import factories
from tests.jobs.conftest import Lab
from tests.jobs.submitting import finished, png, submit

Rows = dict[str, list[str]]
JOB_SECONDS = 60.0


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


@pytest.mark.timeout(300)
def test_a_backup_taken_while_ads_are_made_comes_back_whole(
    lab: Lab, filled: Shop, other: OtherFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Job.objects.get(status="pending")
    Job.objects.filter(pk=waiting.pk).update(request={**waiting.request, "test_mode": True})
    lab.hold("step1")
    lab.start()
    lab.wait_at("step1")  # the worker has this job; its pictures come while the backup is taken

    def goes_on() -> None:
        lab.release("step1")
        until(
            lambda: _elsewhere("SELECT count(*) FROM jobs_job WHERE status = 'running'") == 0, 60, "the job"
        )

    seen = _at_the_snapshot(monkeypatch, then=goes_on)

    out = tmp_path / "backup.tar"
    call_command("backup", f"--out={out}")

    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup.tar"]
    done = other.manage("restore", str(out))
    assert done.returncode == 0, done.stderr
    media = media_of(Path(settings.RUN_DIR))
    with archive.opened(out) as (_, manifest):
        kept = {entry.name: entry.sha256 for entry in manifest.files}
    assert kept == {name: media[name] for name in kept}
    assert media_of(other.path) == kept
    assert "jobs/nobody/left.png" not in kept
    with other.servers() as there:
        assert rows_of(there.cursor()) == seen
        assert _status(there, waiting) == "running"
        _comes_to_its_end(lab, other, there, waiting)


def _at_the_snapshot(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> Rows:
    """What the database holds at the backup's own moment, read in its transaction; then ``then`` happens."""
    seen: Rows = {}
    dump = database.dump

    def looking(to: Path, *, snapshot_name: str) -> None:
        with connection.cursor() as cursor:
            seen.update(rows_of(cursor))
        then()
        dump(to, snapshot_name=snapshot_name)

    monkeypatch.setattr(database, "dump", looking)
    return seen


def _elsewhere(statement: str, *values: object) -> Any:
    """One value, by a connection of its own: the backup's sees its snapshot alone."""
    at = settings.DATABASES["default"]
    with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"], autocommit=True) as elsewhere:
        found = elsewhere.execute(statement, values)
        return found.fetchone()[0] if found.description else None  # type: ignore[index]


def _status(there: psycopg.Connection[Any], job: Job) -> str:
    row = there.execute("SELECT status FROM jobs_job WHERE id = %s", [job.pk]).fetchone()
    assert row is not None
    return str(row[0])


def _comes_to_its_end(lab: Lab, other: OtherFolder, there: psycopg.Connection[Any], job: Job) -> None:
    """The job that ran when the backup was taken: taken back, woken up, made."""
    there.execute(
        "UPDATE jobs_job SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE status = 'running'"
    )
    done = other.manage("reconcile_jobs")
    assert done.returncode == 0, done.stderr
    assert _status(there, job) == "pending"
    worker = lab.stack.child("restored-worker", "manage.py", "worker", environ=_embedded(other))
    lab.stack.workers.append(worker)
    worker.start()
    until(lambda: _status(there, job) == "completed", JOB_SECONDS, "the restored job's end")
    lab.stack.stop_worker(worker)


def _embedded(other: OtherFolder) -> dict[str, str]:
    addresses = embedded.addresses(other.path)
    return {
        "ADSTUDIO_RUN_DIR": str(other.path),
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
    }


def test_what_is_deleted_while_it_is_taken_is_told_apart_from_what_is_lost(
    filled: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deleted, lost = list(Artifact.objects.filter(kind__in=["step1_result", "final_result"]).order_by("kind"))

    def meanwhile() -> None:
        _elsewhere("DELETE FROM jobs_artifact WHERE id = %s", deleted.pk)
        for artifact in (deleted, lost):
            Path(artifact.file.path).unlink()

    _at_the_snapshot(monkeypatch, then=meanwhile)
    out = tmp_path / "backup.tar"
    with pytest.raises(CommandError, match=str(lost.file.name)):
        call_command("backup", f"--out={out}")
    assert f"deleted while the backup was taken: {deleted.file.name}" in capsys.readouterr().err
    with archive.opened(out) as (_, manifest):
        assert (manifest.gone, manifest.lost) == ([deleted.file.name], [lost.file.name])


def test_a_preview_that_comes_meanwhile_is_not_taken_for_the_one_of_the_snapshot(
    filled: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job.objects.filter(shop=filled, status="completed").get()
    shown = artifact_store(job=job, kind="preview", data=png(), size=(64, 48))

    def meanwhile() -> None:
        _elsewhere("DELETE FROM jobs_artifact WHERE id = %s", shown.pk)
        Path(shown.file.path).unlink()
        artifact_draft(job=job, kind="preview", data=png(color=(9, 9, 9)), size=(64, 48))

    _at_the_snapshot(monkeypatch, then=meanwhile)
    out = tmp_path / "backup.tar"
    call_command("backup", f"--out={out}")
    with archive.opened(out) as (_, manifest):
        assert manifest.gone == [shown.file.name]


def test_a_backup_cut_short_leaves_the_one_of_before(
    filled: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "backup.tar"
    out.write_bytes(b"the one of before")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "close", full_disk)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", f"--out={out}")
    assert out.read_bytes() == b"the one of before"
    assert [path.name for path in tmp_path.iterdir()] == ["backup.tar"]


@pytest.fixture
def taken(filled: Shop, tmp_path: Path) -> Path:
    out = tmp_path / "backup.tar"
    taking.take(out)
    return out


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
