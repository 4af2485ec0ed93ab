"""A finished ad's headline is read back by an idle worker, told with the job, and never in an ad's way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Shop
from generation import intake
from generation.types import Box
from generation.verify.readback import ReadBack, Verdict
from jobs import selectors
from jobs.artifacts import artifact_store
from jobs.models import Artifact, Job
from jobs.params import AdParams
from jobs.reconcile import give_up_lost_readings
from jobs.worker.headlines import headline_note, headline_read_next, to_be_read
from tests.generation.verify.test_readback import ad_of, lettering_of
from tests.jobs import factories
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db
BOX = Box(10, 20, 200, 80)


@pytest.fixture(autouse=True)
def media_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def shop() -> Shop:
    return factories.shop()


def unread(shop: Shop, drawn: str, meant: str) -> Job:
    """A finished ad whose picture says ``drawn`` where the job was to say ``meant``."""
    headline = lettering_of(drawn, "flat")
    final, behind, box = ad_of(headline)
    job = factories.job(shop, text_content=meant)
    kinds = {Artifact.Kind.STEP1: behind, Artifact.Kind.STEP2: headline.picture, Artifact.Kind.FINAL: final}
    for kind, picture in kinds.items():
        height, width = picture.shape[:2]
        artifact_store(job=job, kind=kind, data=intake.encode_png(picture), size=(width, height))
    done = finished(shop)
    Job.objects.filter(pk=job.pk).update(
        status="completed",
        progress_percent=100,
        finished_at=done.finished_at,
        headline_box=[box.x, box.y, box.width, box.height],
        text_verified="waiting",
    )
    return Job.objects.get(pk=job.pk)


def page_of(job: Job) -> str:
    client = Client()
    client.force_login(factories.owner(job.shop))
    return client.get(f"/ads/{job.pk}/").content.decode()


def test_the_right_words_are_verified_and_the_page_says_so_quietly(shop: Shop) -> None:
    job = unread(shop, "오늘만 반값", "오늘만 반값")
    assert 'data-text-check="waiting"' in page_of(job)
    assert headline_read_next("studio")
    job.refresh_from_db()
    assert (job.text_verified, job.text_read) == ("yes", "오늘만 반값")
    assert job.text_read_at is not None
    assert 'data-text-check="yes"' in page_of(job)


def test_other_words_are_told_with_what_was_read_and_what_to_do(shop: Shop) -> None:
    job = unread(shop, "오늘만 반갑", "오늘만 반값")
    assert headline_read_next("studio")
    job.refresh_from_db()
    assert (job.text_verified, job.text_read) == ("no", "오늘만 반갑")
    page = page_of(job)
    assert 'data-text-check="no"' in page and "오늘만 반갑" in page and 'href="#words"' in page


def test_it_is_read_once_and_what_is_being_deleted_is_not(shop: Shop) -> None:
    job = unread(shop, "오늘만 반값", "오늘만 반값")
    Job.objects.filter(pk=job.pk).update(deleted_at=job.finished_at)
    assert not headline_read_next("studio") and selectors.waiting_headlines("studio") == 0
    Job.objects.filter(pk=job.pk).update(deleted_at=None)
    assert not headline_read_next("diffusion"), "each engine's workers read their own"
    assert selectors.waiting_headlines("studio") == 1
    assert headline_read_next("studio") and not headline_read_next("studio")


def test_while_it_is_read_nothing_is_said_and_a_lost_reading_is_given_up(shop: Shop) -> None:
    job = unread(shop, "오늘만 반값", "오늘만 반값")
    Job.objects.filter(pk=job.pk).update(text_verified="reading", text_read_at=timezone.now())
    client = Client()
    client.force_login(factories.owner(shop))
    assert client.get(f"/api/jobs/{job.pk}").json()["text_verified"] is None
    assert "hx-get" in client.get(f"/ads/{job.pk}/text/").content.decode()
    assert not headline_read_next("studio") and give_up_lost_readings() == 0
    Job.objects.filter(pk=job.pk).update(text_read_at=timezone.now() - timedelta(minutes=5))
    assert give_up_lost_readings() == 1
    job.refresh_from_db()
    assert job.text_verified == "unknown"


def test_pictures_that_are_gone_leave_it_unknown(shop: Shop) -> None:
    job = unread(shop, "오늘만 반값", "오늘만 반값")
    final = selectors.pictures(job)[Artifact.Kind.FINAL]
    final.file.storage.delete(final.file.name)
    assert headline_read_next("studio")
    job.refresh_from_db()
    assert (job.text_verified, job.text_read) == ("unknown", "")


def test_without_tesseract_it_is_unknown(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job = unread(shop, "오늘만 반값", "오늘만 반값")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert headline_read_next("studio")
    job.refresh_from_db()
    assert (job.text_verified, job.status) == ("unknown", "completed")


@pytest.mark.parametrize(
    ("asked", "box", "seconds", "state"),
    [
        ({"text_content": "반값"}, BOX, 20, "waiting"),
        ({"text_content": "반값"}, BOX, 0, "unknown"),
        ({"text_content": "반값"}, None, 20, None),
        ({}, BOX, 20, None),
        ({"text_content": "반값", "test_mode": True}, BOX, 20, None),
    ],
)
def test_what_is_read_is_told_when_the_ad_ends(
    settings: Settings, asked: dict[str, object], box: Box | None, seconds: int, state: str | None
) -> None:
    settings.READ_BACK_SECONDS = seconds
    assert to_be_read(AdParams.model_validate(asked), box).get("text_verified") == state


def test_the_api_tells_it_and_an_etag_of_before_is_no_longer_good(shop: Shop) -> None:
    client = Client()
    client.force_login(factories.owner(shop))
    job = unread(shop, "오늘만 반갑", "오늘만 반값")
    path = f"/api/jobs/{job.pk}"
    before = client.get(path)
    assert (before.json()["text_verified"], before.json()["text_read"]) == (None, None)
    headline_note(job_id=job.pk, found=ReadBack(Verdict.NO, "오늘만 반갑"))
    after = client.get(path, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert (after.json()["text_verified"], after.json()["text_read"]) == ("no", "오늘만 반갑")
    assert "text_verified" not in client.get(f"/status/{job.pk}?images=none").json()


def test_the_page_asks_again_for_what_is_to_come_and_not_for_what_is_late(shop: Shop) -> None:
    client = Client()
    client.force_login(factories.owner(shop))
    job = unread(shop, "오늘만 반값", "오늘만 반값")
    assert "hx-get" in client.get(f"/ads/{job.pk}/text/").content.decode()
    headline_note(job_id=job.pk, found=ReadBack(Verdict.UNKNOWN))
    told = client.get(f"/ads/{job.pk}/text/").content.decode()
    assert 'data-text-check="unknown"' in told and "hx-get" not in told
    Job.objects.filter(pk=job.pk).update(text_verified="waiting", finished_at="2026-01-01T00:00Z")
    assert client.get(f"/ads/{job.pk}/text/").content.decode().strip() == ""


def test_support_sees_it_on_the_timeline(shop: Shop, admin_client: Client) -> None:
    job = unread(shop, "오늘만 반갑", "오늘만 반값")
    headline_note(job_id=job.pk, found=ReadBack(Verdict.NO, "오늘만\n반갑"))
    page = admin_client.get(f"/admin/jobs/job/{job.pk}/change/").content.decode()
    assert "오늘만 / 반갑" in page and page.count("문구와 다름") == 2
