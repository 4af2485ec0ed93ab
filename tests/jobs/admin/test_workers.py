"""The workers' page and the index: who lives, what it holds, what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import operations
from jobs.models import Export, Job, WorkerState
from tests.jobs import factories
from tests.jobs.admin import people

pytestmark = pytest.mark.django_db
URL = "/admin/jobs/workerstate/"
PART = {
    "name": "flux.vae",
    "gb": 0.16,
    "place": "host",
    "why": "evicted to make room",
    "precision": "full",
    "idle_seconds": 75,
}
CARD = {
    "index": 0,
    "name": "A card",
    "gpu_util": 12.0,
    "vram_used_gb": 20.5,
    "vram_total_gb": 80.0,
    "vram_percent": 25.6,
}


@pytest.fixture
def support() -> Client:
    return people.superuser()


def _worker(name: str = "gpu-1", ago: float = 0, engine: str = "diffusion", **fields: Any) -> WorkerState:
    return WorkerState.objects.create(
        name=name,
        host="here",
        pid=1,
        engine=engine,
        memory_mb=2048,
        last_seen=timezone.now() - timedelta(seconds=ago),
        **fields,
    )


def test_a_worker_shows_its_card_what_it_holds_and_why(support: Client) -> None:
    job = factories.job(factories.shop())
    _worker(resident_models=[PART, {**PART, "name": "flux", "place": "device"}], gpu=[CARD], job=job)
    page = support.get(URL).content.decode()
    for told in (
        "flux.vae",
        "0.16",
        "evicted to make room",
        "1 min 15 s",
        "주 메모리",
        "A card",
        "20.5 / 80.0 GB",
        "2.0 GB",
    ):
        assert told in page, told
    assert reverse("admin:jobs_job_change", args=[job.pk]) in page
    assert page.index(">flux<") < page.index("flux.vae")


def test_one_that_fell_silent_is_marked_and_comes_last(support: Client) -> None:
    _worker("a-silent", ago=70)
    _worker("b-alive")
    page = support.get(URL).content.decode()
    assert page.index("b-alive") < page.index("a-silent")
    assert page.count("is-stale") == 1
    assert "소식 없음" in page[page.index("is-stale") :]
    assert "1 min 10 s" in page


def test_without_workers_it_says_how_to_start_one(support: Client) -> None:
    assert "manage.py worker" in support.get(URL).content.decode()


def test_it_asks_as_often_for_many_workers_as_for_one(
    support: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop = factories.shop()
    for number in range(6):
        _worker(f"w{number}", job=factories.job(shop))
    with django_assert_num_queries(6):
        support.get(URL)


def test_queues_tell_depth_age_and_whether_they_are_stuck() -> None:
    shop = factories.shop()
    jobs = [factories.job(shop) for _ in range(3)]
    Job.objects.filter(pk=jobs[0].pk).update(queued_at=timezone.now() - timedelta(minutes=5))
    Job.objects.filter(pk=jobs[2].pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=timezone.now()
    )
    Export.objects.create(job=jobs[2], format="mms", engine="diffusion")
    _worker("s", engine="studio")
    _worker("gone", ago=60)
    studio, diffusion = operations.queues()
    assert (studio.waiting, studio.running, studio.workers, studio.is_stuck) == (2, 1, 1, False)
    assert studio.oldest is not None and 299 < studio.oldest.total_seconds() < 330
    assert (diffusion.waiting, diffusion.exports, diffusion.workers, diffusion.is_stuck) == (0, 1, 0, True)
    assert diffusion.oldest is None


def test_the_index_tells_the_day_at_a_glance(support: Client) -> None:
    shop = factories.shop()
    jobs = [factories.job(shop) for _ in range(4)]
    for job in jobs[:2]:
        Job.objects.filter(pk=job.pk).update(
            status="failed", error_code="photo.no_product", finished_at=timezone.now()
        )
    Job.objects.filter(pk=jobs[3].pk).update(queued_at=timezone.now() - timedelta(days=2))
    it = operations.today()
    assert (it.total, it.failed, it.active, it.failures) == (3, 2, 1, [("photo.no_product", 2)])
    page = support.get(reverse("admin:index")).content.decode()
    assert "error=photo.no_product" in page
    assert "기다리는 작업이 있는데 작업기가 없습니다" in page
    assert "GB" in page


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        operations.shutil,
        "disk_usage",
        lambda path: type("Usage", (), {"total": 100 * 2**30, "free": 5 * 2**30})(),
    )
    disk = operations.disk()
    assert (disk.used_percent, disk.is_scarce) == (95, True)
