"""A promise that cannot break is none: each is shown what it has to find."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Shop
from jobs.claims import claim_next
from jobs.models import Artifact, Job, JobEvent
from jobs.services import job_stop
from tests.drill import promises
from tests.drill.stream import Stream
from tests.drill.system import System
from tests.jobs import factories
from tests.jobs.finished import failed, finished

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def shop() -> Shop:
    return factories.shop()


def stream(**accepted: str) -> Any:
    return SimpleNamespace(accepted=accepted)


def test_a_clean_stop_breaks_none(shop: Shop) -> None:
    job = job_stop(job=factories.job(shop, text_content="반값 1"))
    found = [
        *promises.unfinished(),
        *promises.lost_or_doubled(stream(one=str(job.pk))),
        *promises.ended_twice(),
        *promises.broken_chains(),
        *promises.unwell_ends(),
    ]
    assert found == []


def test_a_job_left_running_is_found(shop: Shop) -> None:
    factories.job(shop)
    claim_next(engine="studio", worker="gone")
    factories.photo(shop, cut=False)
    assert len(list(promises.unfinished())) == 2
    assert not promises.quiet()


def test_a_lost_a_doubled_and_an_unasked_job_are_found(shop: Shop) -> None:
    twice, unasked = (str(factories.job(shop, text_content=f"반값 {n}").pk) for n in (1, 2))
    lost = "550e8400-e29b-41d4-a716-446655440000"
    found = list(promises.lost_or_doubled(stream(a=twice, b=twice, c=lost)))
    assert len(found) == 3
    assert all(any(pk in line for line in found) for pk in (twice, unasked, lost))


def test_a_second_end_and_a_gap_between_events_are_found(shop: Shop) -> None:
    job = job_stop(job=factories.job(shop))
    JobEvent.objects.create(
        job=job, sequence=job.sequence + 1, from_status="running", to_status="completed", reason="again"
    )
    assert "ended 2 times" in next(iter(promises.ended_twice()))
    assert any("is followed by" in line for line in promises.broken_chains())


def test_a_write_after_the_end_is_found(shop: Shop) -> None:
    job = job_stop(job=factories.job(shop))
    Job.objects.filter(pk=job.pk).update(sequence=job.sequence + 1)
    assert "written to after its end" in next(iter(promises.broken_chains()))


def test_a_failure_that_no_fault_explains_is_found(shop: Shop) -> None:
    failed(shop, "job.worker_lost")
    assert list(promises.unwell_ends()) == []
    failed(shop, "generation.failed")
    assert len(list(promises.unwell_ends())) == 1


def test_missing_and_damaged_pictures_are_found(shop: Shop) -> None:
    job = finished(shop)
    assert [*promises.missing_pictures(), *promises.damaged_files()] == []
    pictures = {artifact.kind: artifact for artifact in Artifact.objects.filter(job=job)}
    Path(pictures["preview"].file.path).write_bytes(b"half")
    Path(pictures["final_result"].file.path).unlink()
    pictures["thumb"].delete()
    assert len(list(promises.damaged_files())) == 2
    assert len(list(promises.missing_pictures())) == 1


def test_a_file_without_a_row_is_excused_by_a_crash_alone_and_taken_away(shop: Shop) -> None:
    finished(shop)
    for crashes, found in ((1, 0), (0, 1)):
        stray = default_storage.save("jobs/stray.png", ContentFile(b"stray"))
        assert len(list(promises.orphaned_files(crashes))) == found
        assert not default_storage.exists(stray)
    assert list(promises.damaged_files()) == []


def test_a_500_and_a_request_left_waiting_are_found() -> None:
    asked = Stream(cast(System, None), diffusion=False, seed=1)
    for status, code in ((503, "server.away"), (500, "server.error"), (404, "job.not_found")):
        asked._judge("GET", "/status/1", status, {"error": {"code": code}}, b"")
    asked._judge("GET", "/status/1", 503, None, b"<html>")
    assert [line.split()[2] for line in asked.wrong] == ["500", "404", "503"]
    assert not list(promises.held_up(asked))
    asked.answers["TimeoutError"] += 1
    assert len(list(promises.held_up(asked))) == 1
