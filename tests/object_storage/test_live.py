"""Workers that share nothing with the web process but Postgres, Valkey and the bucket; and a bucket that is away."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from PIL import Image

from accounts.models import Shop
from adstudio import object_storage
from adstudio.processes import Child
from generation.studio.engine import StudioEngine
from generation.types import Headline, HeadlineBrief, Report
from jobs import exports, services
from jobs.claims import claim_next
from jobs.claims.photos import photo_claim
from jobs.models import Artifact, Export, Job, Photo
from jobs.params import AdParams
from jobs.worker import patience
from jobs.worker.runner import JobRunner
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.conftest import Lab, wait_for
from tests.s3 import ObjectServer

SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}
OUTAGE_SECONDS = 6.0


@dataclass
class Elsewhere:
    """A worker on the bucket, with a run folder of its own and nothing in it."""

    folder: Path
    environ: dict[str, str]

    def files(self) -> list[str]:
        return [str(path) for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def elsewhere(on_s3: ObjectServer, tmp_path: Path) -> Elsewhere:
    folder = tmp_path / "other-host"
    return Elsewhere(folder, {**on_s3.environ, "ADSTUDIO_RUN_DIR": str(folder)})


@pytest.fixture
def worker(stack: Stack, elsewhere: Elsewhere) -> Iterator[Child]:
    child = stack.child("elsewhere", "manage.py", "worker", environ=elsewhere.environ)
    child.start()
    stack.workers.append(child)
    return child


def _submitted(shop: Shop, *, cut: bool = True, **fields: Any) -> Job:
    photo = factories.photo(shop, cut=cut)
    asked = AdParams.model_validate({**SHORT, **fields})
    return services.job_submit(shop=shop, params=asked, photo=photo).job


def _is_whole(job: Job, on_s3: ObjectServer) -> None:
    rows = list(Artifact.objects.filter(job=job))
    for row in rows:
        data = row.file.open("rb").read()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (row.sha256, row.size), row
    assert {str(row.file.name) for row in rows} == {
        name for name in on_s3.names() if name.startswith(f"jobs/{job.pk}/")
    }


def test_a_worker_without_a_shared_disk_cuts_out_makes_and_exports(
    stack: Stack, worker: Child, elsewhere: Elsewhere, on_s3: ObjectServer
) -> None:
    job = _submitted(factories.shop(), cut=False)
    assert wait_for(job).status == "completed", job.error_code
    _is_whole(job, on_s3)
    photo = Photo.objects.get()
    assert (photo.matte_state, str(photo.matte.name) in on_s3.names()) == ("ready", True)
    exports.export_request(job=job, key="kakao-message")
    until(lambda: Export.objects.get().finished_at is not None, 60, "the export")
    drawn = Artifact.objects.get(job=job, kind="export")
    assert Image.open(io.BytesIO(drawn.file.open("rb").read())).size == (drawn.width, drawn.height)
    assert elsewhere.files() == []


def test_a_bucket_silent_for_a_moment_only_delays_a_picture(
    lab: Lab, elsewhere: Elsewhere, on_s3: ObjectServer
) -> None:
    """Frozen while the worker is about to store the headline; and its beat goes on meanwhile."""
    lab.hold("step2")
    lab.start(**elsewhere.environ)
    job = _submitted(factories.shop())
    lab.wait_at("step2")
    with on_s3.silent():
        lab.release("step2")
        time.sleep(OUTAGE_SECONDS)
        job.refresh_from_db()
        assert job.status == "running"
    assert wait_for(job).status == "completed"
    assert job.attempts == 1
    _is_whole(job, on_s3)


class _SilencedAt(StudioEngine):
    """Freezes the bucket as soon as it has sculpted the headline."""

    def __init__(self, server: ObjectServer) -> None:
        super().__init__()
        self.outage = server.silent()

    def sculpt_headline(self, brief: HeadlineBrief, report: Report) -> Headline:
        made = super().sculpt_headline(brief, report)
        self.outage.__enter__()
        return made


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_stays_away_fails_the_job_with_its_code(
    on_s3: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_storage, "READ_SECONDS", 0.3)
    monkeypatch.setattr(patience, "RETRY_SECONDS", 1.0)
    shop = factories.shop()
    job = _submitted(shop)
    cache.clear()
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None
    engine = _SilencedAt(on_s3)
    try:
        JobRunner(claim, engine).run()
    finally:
        engine.outage.__exit__(None, None, None)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "job.storage_failed")
    kinds = set(Artifact.objects.filter(job=job).values_list("kind", flat=True))
    assert "step1_result" in kinds and not kinds & {"step2_result", "final_result"}
    for row in Artifact.objects.filter(job=job):
        assert hashlib.sha256(row.file.open("rb").read()).hexdigest() == row.sha256


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_cannot_be_fetched_is_tried_again_and_then_told(
    on_s3: ObjectServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from jobs import tasks
    from jobs.worker.station import Station

    monkeypatch.setattr(object_storage, "READ_SECONDS", 0.3)
    monkeypatch.setattr(patience, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(Station, "current", Station(StudioEngine()))
    photo = factories.photo(factories.shop(), cut=False)
    with on_s3.silent():
        for attempt in range(1, settings.JOB_MAX_ATTEMPTS + 1):
            if attempt < settings.JOB_MAX_ATTEMPTS:
                with pytest.raises(OSError, match="Read timeout"):
                    tasks.cut_out_photo(str(photo.pk))
                Photo.objects.update(heartbeat_at=None)  # what reconcile does to a silent worker's photo
            else:
                tasks.cut_out_photo(str(photo.pk))
    photo.refresh_from_db()
    assert (photo.matte_state, photo.matte_error) == ("failed", "job.storage_failed")
    assert photo_claim(str(photo.pk)) is None
