"""Small pictures of ads that were made before lists had any."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import Shop
from generation import intake
from jobs import queue, small_pictures
from jobs.deletion import job_remove
from jobs.models import Artifact, Job
from jobs.reconcile import reconcile
from jobs.small_pictures import draw_batch, jobs_without, wake_for_older_ads
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.finished import failed, finished
from tests.jobs.submitting import stored_files

SMALL = (Artifact.Kind.PREVIEW, Artifact.Kind.THUMB)


def older_ad(of: Shop) -> Job:
    """An ad as they were: its list picture is the large one."""
    job = finished(of)
    job.artifacts.filter(kind__in=SMALL).delete()
    return job


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cursors of the wake-ups that were queued."""
    cache.clear()
    told: list[str] = []
    monkeypatch.setattr(queue, "wake_for_small_pictures", told.append)
    return told


@pytest.mark.django_db
def test_a_round_goes_through_all_of_them_a_few_at_a_time(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_pictures, "BATCH", 2)
    shop = factories.shop()
    jobs = [older_ad(shop) for _ in range(5)]
    new = finished(shop)
    wake_for_older_ads()
    left = []
    while asked:
        draw_batch(asked.pop())
        left.append(jobs_without().count())
    assert left == [3, 1, 0]
    for job in jobs:
        sizes = dict(job.artifacts.filter(kind__in=SMALL).values_list("kind", "width"))
        assert sizes == {"preview": 320, "thumb": 320}, "no larger than the ad itself"
        with job.artifacts.get(kind="thumb").file.open("rb") as file:
            assert intake.read_photo(file.read()).picture.shape == (320, 320, 3)
    assert new.artifacts.filter(kind="thumb").count() == 1


@pytest.mark.django_db
def test_one_whose_file_is_gone_does_not_hold_up_the_others(asked: list[str]) -> None:
    shop = factories.shop()
    jobs = [older_ad(shop) for _ in range(3)]
    final = jobs[1].artifacts.get(kind=Artifact.Kind.FINAL)
    final.file.storage.delete(str(final.file.name))
    draw_batch("")
    assert list(jobs_without()) == [jobs[1]]
    assert asked == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_ad_leave_one_picture_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other worker is done with it while this one stores; nothing of the ad is locked meanwhile."""
    job = older_ad(factories.shop())
    store = small_pictures.artifact_draft

    def overtaken(**picture: Any) -> Artifact:
        monkeypatch.setattr(small_pictures, "artifact_draft", store)
        drawn = store(**picture)
        assert not connection.in_atomic_block
        draw_batch("")
        return drawn

    before = stored_files()
    monkeypatch.setattr(small_pictures, "artifact_draft", overtaken)
    draw_batch("")
    assert sorted(job.artifacts.filter(kind__in=SMALL).values_list("kind", flat=True)) == ["preview", "thumb"]
    assert stored_files() - before == {each.file.path for each in job.artifacts.filter(kind__in=SMALL)}


@pytest.mark.django_db
def test_only_finished_ads_that_anyone_sees_get_them(asked: list[str]) -> None:
    shop = factories.shop()
    failed(shop, "job.worker_lost")
    factories.job(shop)
    job_remove(job=older_ad(shop))
    wake_for_older_ads()
    assert asked == []


@pytest.mark.django_db
def test_they_are_looked_for_once_in_a_while(asked: list[str]) -> None:
    older_ad(factories.shop())
    for _ in range(3):
        wake_for_older_ads()
    assert asked == [""]
    cache.clear()  # an hour later, or Valkey was emptied
    wake_for_older_ads()
    assert asked == ["", ""]


@pytest.mark.django_db(transaction=True)
def test_they_appear_in_the_gallery_by_themselves(client: Client, stack: Stack) -> None:
    shop = factories.shop()
    older_ad(shop)
    client.force_login(factories.owner(shop))
    assert "srcset" not in client.get("/ads/").content.decode()
    stack.start_worker()
    cache.clear()  # another test may have looked already
    reconcile()
    until(lambda: not jobs_without().exists(), 60, "small pictures")
    job = Job.objects.get()
    thumb, preview = (job.artifacts.get(kind=kind).pk for kind in ("thumb", "preview"))
    page = client.get("/ads/").content.decode()
    assert re.search(rf'srcset="/media/{thumb} 320w, /media/{preview} 320w"', page)
