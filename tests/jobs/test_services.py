"""Stopping, deleting and re-running, on a real database with real files."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from accounts.models import Shop
from jobs import selectors, services
from jobs.errors import NotFound, Refused
from jobs.models import Artifact, Job, JobEvent
from jobs.transitions import job_transition
from tests.jobs import factories
from tests.jobs.submitting import finished, is_stored, make_running, submit

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400


def test_stopping_a_running_job_sets_the_flag_once(shop: Shop) -> None:
    job = make_running(submit(shop).job)
    first = services.job_stop(job=job)
    assert first.status == "running"
    assert first.cancel_requested_at is not None
    assert services.job_stop(job=job).cancel_requested_at == first.cancel_requested_at


@pytest.mark.django_db(transaction=True)
def test_stopping_answers_running_however_quick_the_worker_is(shop: Shop) -> None:
    job = make_running(submit(shop).job)
    told = threading.Event()

    def work() -> None:
        while not Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists():
            pass
        job_transition(job=job, to="stopped", reason="seen", sources=["running"])
        told.set()
        connection.close()

    def give_the_worker_time(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """After the flag's own statement, as a busy machine might."""
        done = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and '"cancel_requested_at" = ' in sql:
            told.wait(timeout=0.5)
        return done

    worker = threading.Thread(target=work)
    worker.start()
    with connection.execute_wrapper(give_the_worker_time):
        answer = services.job_stop(job=job)
    worker.join(timeout=10)
    assert answer.status == "running"
    job.refresh_from_db()
    assert job.status == "stopped"


def test_stopping_a_finished_job_changes_nothing(shop: Shop) -> None:
    job = finished(shop)
    after = services.job_stop(job=job)
    assert (after.status, after.cancel_requested_at) == ("completed", None)


def test_stopping_a_job_that_is_gone_says_so(shop: Shop) -> None:
    job = finished(shop)
    services.job_delete(job=job)
    with pytest.raises(NotFound):
        services.job_stop(job=job)


def test_a_running_job_is_not_deleted(shop: Shop) -> None:
    job = make_running(submit(shop).job)
    with pytest.raises(Refused) as refusal:
        services.job_delete(job=job)
    assert (refusal.value.code, refusal.value.status) == ("job.running", 400)
    assert Job.objects.filter(pk=job.pk).exists()


def test_deleting_removes_rows_and_files(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    photo = factories.photo(shop)
    job = finished(shop, photo)
    names = [str(artifact.file.name) for artifact in job.artifacts.all()]
    assert len(names) == 4 and all(is_stored(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        services.job_delete(job=job)
    assert not any(is_stored(name) for name in names)
    assert not Job.objects.exists() and not Artifact.objects.exists() and not JobEvent.objects.exists()
    assert is_stored(str(photo.file.name))


def test_deleting_twice_says_that_it_is_gone(shop: Shop) -> None:
    job = submit(shop).job
    again = Job.objects.get(pk=job.pk)
    services.job_delete(job=job)
    with pytest.raises(NotFound):
        services.job_delete(job=again)


# Re-running


def test_a_rerun_lives_on_without_its_parent(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    parent = finished(shop, factories.photo(shop), seed=5)
    before = {kind: made.sha256 for kind, made in selectors.pictures(parent).items()}
    child = services.job_rerun(job=parent, start_step=3, changes={"text_position": "bottom"}).job
    assert (child.parent, child.seed, child.current_step) == (parent, 5, "step3_composite")
    with django_capture_on_commit_callbacks(execute=True):
        services.job_delete(job=parent)
    child = selectors.job_get(shop=shop, job_id=child.pk)
    assert child.parent is None
    kept = selectors.pictures(child)
    assert set(kept) == {"cutout", "step1_result", "step2_result"}
    assert all(is_stored(str(made.file.name)) for made in kept.values())
    assert kept["cutout"].sha256 == before["cutout"]


def test_a_rerun_from_the_headline_takes_only_the_background(shop: Shop) -> None:
    parent = finished(shop, factories.photo(shop), scene="cafe-wood", bg_prompt="카페")
    made = services.job_rerun(job=parent, start_step=2, changes={"text_content": "마감 세일"})
    assert set(selectors.pictures(made.job)) == {"cutout", "step1_result"}
    assert (made.job.title, made.job.request["text_content"]) == ("마감 세일", "마감 세일")
    assert made.ignored == []


def test_a_rerun_from_the_start_takes_the_photo_alone(shop: Shop) -> None:
    parent = finished(shop, factories.photo(shop), scene="cafe-wood", stop_step=2)
    made = services.job_rerun(job=parent, start_step=1, changes={"scene": "hanok-window", "seed": None}).job
    assert not selectors.pictures(made)
    assert (made.photo, made.request["scene"]) == (parent.photo, "hanok-window")
    assert made.request.get("stop_step") is None


def test_a_rerun_cannot_change_the_background_it_keeps(shop: Shop) -> None:
    parent = finished(shop, scene="cafe-wood", format="instagram-square")
    changes = {"scene": "hanok-window", "format": "instagram-story", "text_position": "top"}
    made = services.job_rerun(job=parent, start_step=2, changes=changes)
    assert made.ignored == ["scene", "format"]
    assert (made.job.request["scene"], made.job.request["format"]) == ("cafe-wood", "instagram-square")
    assert made.job.request["text_position"] == "top"


def test_a_rerun_takes_a_fields_second_name(shop: Shop) -> None:
    parent = finished(shop, text_model_prompt="gold")
    made = services.job_rerun(job=parent, start_step=2, changes={"text_prompt": "wood"}).job
    assert made.request["text_model_prompt"] == "wood"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"composition_mode": "sideways"}, "composition_mode"),
        ({"text_content": "가" * 81}, "text_content"),
        ({"stop_step": 1}, "stop_step"),
        ({"text_style": "lava"}, "text_style"),
        ({"font_name": "no/font.ttf"}, "font_name"),
    ],
)
def test_a_bad_change_is_refused_by_name(shop: Shop, changes: dict[str, object], field: str) -> None:
    parent = finished(shop)
    with pytest.raises(Refused) as refusal:
        services.job_rerun(job=parent, start_step=2, changes=changes)
    assert (refusal.value.status, refusal.value.field) == (422, field)
    assert Job.objects.count() == 1


def test_a_job_without_a_background_reruns_only_from_the_start(shop: Shop) -> None:
    waiting = submit(shop).job
    with pytest.raises(Refused) as refusal:
        services.job_rerun(job=waiting, start_step=2, changes={})
    assert (refusal.value.code, refusal.value.field) == ("step.image_missing", "step1_image")
    assert services.job_rerun(job=waiting, start_step=1, changes={}).job.parent == waiting
