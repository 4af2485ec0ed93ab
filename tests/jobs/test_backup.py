"""Backups: taken while ads are made, put back into another run folder, compared row by row and file by file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Shop
from adstudio import embedded
from adstudio.backup import archive, database
from jobs.artifacts import artifact_draft, artifact_store
from jobs.models import Artifact, Job
from tests.conftest import until
from tests.jobs.backups import OtherFolder, Rows, filled, media_of, other, rows_of, taken
from tests.jobs.conftest import Lab
from tests.jobs.submitting import png

__all__ = ["filled", "other", "taken"]
JOB_SECONDS = 60.0


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
