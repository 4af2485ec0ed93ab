"""The page of one job: what it shows support, what support does from it, what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from pytest_django import DjangoAssertNumQueries

from generation import errors
from jobs.admin.request_table import LABELS
from jobs.artifacts import artifact_store
from jobs.media import artifact_url
from jobs.messages import sentence
from jobs.models import Artifact, CallbackDelivery, Export, Job, JobEvent
from jobs.params import AdParams
from jobs.support import ADVICE, NO_ADVICE
from tests.jobs import factories
from tests.jobs.admin import people
from tests.jobs.submitting import finished, png
from tests.jobs.test_messages import _codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def support() -> Client:
    return people.superuser()


def _url(job: Job, act: str = "change") -> str:
    return reverse(f"admin:jobs_job_{act}", args=[job.pk])


def _page(client: Client, job: Job) -> str:
    return client.get(_url(job)).content.decode()


def _ended(status: str, **fields: Any) -> Job:
    job = factories.job(factories.shop(), **fields)
    why = {"error_code": "photo.no_product"} if status == "failed" else {}
    Job.objects.filter(pk=job.pk).update(
        status=status, started_at=timezone.now(), finished_at=timezone.now(), **why
    )
    job.refresh_from_db()
    return job


def _keep(job: Job, *kinds: str) -> None:
    for kind in kinds:
        artifact_store(job=job, kind=kind, data=png(512, 64), size=(512, 64))


# What it shows ----------------------------------------------------------------------------------------------
def test_it_shows_every_picture_large_behind_its_thumbnail(support: Client) -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    job = finished(shop, photo=photo)
    artifact_store(job=job, kind="export", data=png(), size=(64, 48), format_key="kakao-display")
    page = _page(support, job)
    urls = [
        f"/media/photo/{photo.pk}",
        f"/media/matte/{photo.pk}",
        *(f"/media/{a.pk}" for a in job.artifacts.all()),
    ]
    assert len(urls) == 6
    for url in urls:
        assert f'href="{url}' in page
        assert f'src="{url}' in page
    shown = [
        page.index(f'src="{artifact_url(job.artifacts.get(kind=kind))}"')
        for kind in ("step1_result", "step2_result", "final_result", "export")
    ]
    assert shown == sorted(shown)


def test_its_timeline_tells_times_from_the_hand_in_and_from_one_to_the_next(support: Client) -> None:
    job = _ended("stopped")
    for number, (status, seconds) in enumerate([("running", 2.5), ("stopped", 70)], 1):
        event = JobEvent.objects.create(
            job=job, sequence=number, from_status="x", to_status=status, reason="claimed", worker="studio-a-1"
        )
        JobEvent.objects.filter(pk=event.pk).update(at=job.queued_at + timedelta(seconds=seconds))
    JobEvent.objects.filter(job=job, sequence=0).update(at=job.queued_at)
    page = _page(support, job)
    for told in ("+0.0 s", "+2.5 s", "+1 min 10 s", "+1 min 8 s", "studio-a-1", "claimed"):
        assert told in page


def test_its_steps_are_a_bar_as_wide_as_they_took(support: Client) -> None:
    job = _ended("stopped")
    Job.objects.filter(pk=job.pk).update(step_seconds={"step1_background": 3.0, "step2_text_asset": 1.0})
    page = _page(support, job)
    assert 'class="step-step1_background" x="0.00%" y="0" width="75.00%"' in page
    assert 'class="step-step2_text_asset" x="75.00%" y="0" width="25.00%"' in page


def test_its_request_is_what_was_set_by_its_names(support: Client) -> None:
    job = factories.job(factories.shop(), scene="cafe-wood", subline="", price_now="6,000원")
    Job.objects.filter(pk=job.pk).update(request={**job.request, "glitter": {"amount": 3}, "text_style": ""})
    page = _page(support, job)
    assert "나무 테이블" in page or "카페" in page
    assert "cafe-wood" in page
    assert "6,000원" in page
    assert "<small>subline</small>" not in page
    assert "<small>text_style</small>" not in page
    assert "glitter" in page
    assert "{&quot;amount&quot;: 3}" in page
    assert page.count("이 버전이 모르는 항목") == 1


def test_every_field_of_a_request_has_a_name() -> None:
    assert set(AdParams.model_fields) - {"seed"} == set(LABELS)


def test_it_shows_a_job_with_every_kind_of_picture(support: Client) -> None:
    job = _ended("stopped")
    _keep(job, *Artifact.Kind.values)
    page = _page(support, job)
    for artifact in job.artifacts.all():
        assert (artifact_url(artifact) in page) is (artifact.kind != "thumb"), artifact.kind


def test_its_error_comes_in_both_languages_with_what_support_can_say(support: Client) -> None:
    job = _ended("failed")
    page = _page(support, job)
    with override("en"):
        english = sentence("photo.no_product")
    for told in ("photo.no_product", sentence("photo.no_product"), english, ADVICE["photo.no_product"]):
        assert told in page


def test_every_error_a_job_can_end_with_has_advice() -> None:
    ours = {"job.worker_lost", "job.storage_failed", "export.worker_lost"}
    assert (_codes(errors.GenerationError) | ours) - set(ADVICE) == set()


def test_advice_is_told_in_english_too() -> None:
    with override("en"):
        told = [gettext(text) for text in (*ADVICE.values(), NO_ADVICE)]
    assert not any("가" <= letter <= "힣" for text in told for letter in text)


def test_it_shows_exports_and_the_callback(support: Client) -> None:
    job = _ended("failed")
    Export.objects.create(
        job=job,
        format="coupang",
        engine="studio",
        status="failed",
        finished_at=timezone.now(),
        error_code="export.file_too_large",
    )
    CallbackDelivery.objects.create(
        job=job, url="https://shop.example.com/hook", attempts=3, last_answer="503"
    )
    page = _page(support, job)
    for told in ("coupang", sentence("export.file_too_large"), "https://shop.example.com/hook", ">503<"):
        assert told in page


def test_what_people_wrote_is_no_markup(support: Client) -> None:
    job = factories.job(factories.shop("<b>가게</b>"), text_content="<script>alert(1)</script>")
    page = _page(support, job)
    assert "<script>alert(1)" not in page
    assert "<b>가게" not in page


def test_it_asks_the_database_as_often_for_a_long_history_as_for_a_short_one(
    support: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop = factories.shop()
    job = finished(shop, photo=factories.photo(shop))
    support.get(_url(job))
    with django_assert_num_queries(8):
        support.get(_url(job))
    for number in range(1, 30):
        JobEvent.objects.create(job=job, sequence=number, from_status="a", to_status="b", reason="r")
        artifact_store(job=job, kind="preview", data=png(), size=(64, 48))
        Job.objects.filter(pk=factories.job(shop).pk).update(parent=job)
    for key in ("coupang", "mms", "smartstore"):
        Export.objects.create(job=job, format=key, engine="studio")
    with django_assert_num_queries(8):
        support.get(_url(job))


# What support does from it ----------------------------------------------------------------------------------
def test_stop_ends_a_waiting_job_and_is_logged(support: Client) -> None:
    job = factories.job(factories.shop())
    answer = support.post(_url(job, "stop"), follow=True)
    job.refresh_from_db()
    assert job.status == "stopped"
    assert "중지했습니다" in answer.content.decode()
    entry = LogEntry.objects.get(object_id=str(job.pk))
    assert (entry.user.email, entry.change_message) == ("support@example.com", "중지")


def test_stop_asks_a_running_jobs_worker(support: Client) -> None:
    job = factories.job(factories.shop())
    Job.objects.filter(pk=job.pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=timezone.now()
    )
    page = support.post(_url(job, "stop"), follow=True).content.decode()
    job.refresh_from_db()
    assert (job.status, job.cancel_requested_at is None) == ("running", False)
    assert "작업기가 곧 멈춥니다" in page
    assert _url(job, "stop") not in page


@pytest.mark.parametrize("status", ["failed", "stopped"])
@pytest.mark.parametrize(
    ("kept", "asked", "step"),
    [
        ((), {}, 1),
        (("step1_result",), {}, 2),
        (("step1_result", "step2_result"), {}, 3),
        (("step1_result",), {"text_content": ""}, 1),
        (("step1_result", "step2_result"), {"stop_step": 2}, 2),
        (("step1_result",), {"start_step": 2}, 2),
    ],
)
def test_retry_goes_on_where_it_broke_off(
    support: Client, status: str, kept: tuple[str, ...], asked: dict[str, Any], step: int
) -> None:
    job = _ended(status, **asked)
    _keep(job, *kept)
    support.post(_url(job, "retry"))
    made = Job.objects.get(parent=job)
    assert made.request.get("start_step", 1) == step
    assert made.request.get("stop_step") == asked.get("stop_step")
    assert (made.status, made.shop, made.seed) == ("pending", job.shop, job.seed)
    assert set(made.artifacts.values_list("kind", flat=True)) == set(kept[: step - 1])


def test_retry_leaves_the_final_row_as_it_is_and_is_logged_on_both(support: Client) -> None:
    job = _ended("failed")
    before = Job.objects.filter(pk=job.pk).values().get()
    page = support.post(_url(job, "retry"), follow=True).content.decode()
    assert Job.objects.filter(pk=job.pk).values().get() == before
    made = Job.objects.get(parent=job)
    assert _url(made) in page
    assert {entry.object_id for entry in LogEntry.objects.all()} == {str(job.pk), str(made.pk)}


def test_a_whole_ad_is_made_anew_from_where_it_began(support: Client) -> None:
    job = finished(factories.shop())
    support.post(_url(job, "retry"))
    assert Job.objects.get(parent=job).request["start_step"] == 1


def test_retry_of_a_job_that_goes_on_is_refused(support: Client) -> None:
    job = factories.job(factories.shop())
    page = support.post(_url(job, "retry"), follow=True).content.decode()
    assert sentence("job.not_finished") in page
    assert Job.objects.count() == 1
    assert not LogEntry.objects.exists()


def test_retry_tells_when_the_shop_has_used_its_day_up(support: Client) -> None:
    job = _ended("failed")
    type(job.shop).objects.filter(pk=job.shop_id).update(daily_jobs=1)
    page = support.post(_url(job, "retry"), follow=True).content.decode()
    assert sentence("shop.over_quota", {"limit": 1}) in page
    assert Job.objects.count() == 1


def test_a_job_whose_photo_is_gone_is_not_made_without_it(support: Client) -> None:
    job = _ended("failed")
    Job.objects.filter(pk=job.pk).update(photo_gone=True)
    page = support.post(_url(job, "retry"), follow=True).content.decode()
    assert sentence("photo.gone") in page
    assert "가게가 지웠습니다" in page
    assert Job.objects.count() == 1


def test_a_job_that_is_being_deleted_is_marked_and_not_made_again(support: Client) -> None:
    job = _ended("failed")
    Job.objects.filter(pk=job.pk).update(deleted_at=timezone.now())
    assert _url(job, "retry") not in _page(support, job)
    page = support.post(_url(job, "retry"), follow=True).content.decode()
    assert sentence("job.not_found") in page
    assert Job.objects.count() == 1


@pytest.mark.parametrize("act", ["retry", "stop"])
def test_acts_need_a_post_with_its_csrf_token(support: Client, act: str) -> None:
    job = factories.job(factories.shop())
    assert support.get(_url(job, act)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = support.cookies
    assert strict.post(_url(job, act)).status_code == 403
    job.refresh_from_db()
    assert job.status == "pending"


def test_an_act_on_a_job_that_is_gone_is_not_found(support: Client) -> None:
    job = factories.job(factories.shop())
    url = _url(job, "stop")
    job.delete()
    assert support.post(url).status_code == 404
