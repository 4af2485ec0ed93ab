"""What is told of jobs: what is left, the place in the queue, lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Shop
from jobs import durations, events, selectors, services
from jobs.models import Job
from tests.jobs import factories
from tests.jobs.submitting import finished, make_running, submit

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400


def _complete(shop: Shop, seconds: tuple[float, float, float], **fields: Any) -> None:
    job = finished(shop, **fields)
    Job.objects.filter(pk=job.pk).update(step_seconds=dict(zip(durations.STEPS, seconds, strict=True)))


def left(job: Job) -> tuple[int | None, int | None]:
    """Seconds until the job ends and until its step does."""
    return durations.seconds_left(job, selectors.queue_position(job))


def test_what_is_left_is_measured_and_falls(shop: Shop) -> None:
    for _ in range(3):
        _complete(shop, (20.0, 6.0, 2.0))
    _complete(shop, (0.1, 0.1, 0.1), test_mode=True)
    durations.forget()
    first, second = submit(shop).job, submit(shop).job
    assert (left(first), left(second)) == ((28, None), (56, None))
    job = make_running(first)
    assert left(job) == (28, 20)
    job.started_at = timezone.now() - timedelta(seconds=12)
    assert left(job) == (16, 8)
    job.current_step, job.step_seconds = "step2_text_asset", {"step1_background": 9.0}
    assert left(job) == (5, 3)
    job.status = "completed"
    assert left(job) == (None, None)


def test_a_painted_steps_time_is_told_by_how_far_its_denoising_is(shop: Shop) -> None:
    _complete(shop, (20.0, 6.0, 2.0))
    Job.objects.update(engine="diffusion")
    durations.forget()
    job = make_running(submit(shop).job)
    job.engine, job.started_at = "diffusion", timezone.now() - timedelta(seconds=15)
    for percent, of_step in ((0, 20), (30, 10), (57, 1)):
        job.progress_percent = percent
        assert left(job) == (of_step + 8, of_step)
    job.started_at = timezone.now() - timedelta(seconds=60)  # twice the usual steps were asked for
    job.progress_percent = 30
    assert left(job)[1] == 30


def test_what_is_left_counts_only_the_steps_that_are_wanted(shop: Shop) -> None:
    _complete(shop, (20.0, 6.0, 2.0))
    durations.forget()
    assert left(submit(shop, text_content="").job)[0] == 20
    Job.objects.filter(status="pending").delete()
    assert left(submit(shop, stop_step=2).job)[0] == 26
    Job.objects.filter(status="pending").delete()
    parent = finished(shop)
    assert left(services.job_rerun(job=parent, start_step=3, changes={}).job)[0] == 2


def test_progress_is_told_while_valkey_is_away(shop: Shop, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
        }
    }
    job = make_running(submit(shop).job)
    assert events.progress_row(job)["eta_seconds"] > 0


def test_places_in_the_queue_are_the_same_one_by_one_and_in_a_list(shop: Shop) -> None:
    submit(factories.shop())
    mine = [submit(shop).job for _ in range(3)]
    submit(factories.shop())
    make_running(mine[0])
    listed = {job.pk: selectors.queue_position(job) for job in selectors.jobs_of(shop)}
    assert listed == {mine[0].pk: None, mine[1].pk: 2, mine[2].pk: 3}
    assert selectors.queue_position(Job.objects.get(pk=mine[2].pk)) == 3


def test_a_list_costs_the_same_few_queries_however_long_it_is(shop: Shop) -> None:
    def cost() -> int:
        durations.forget()
        with CaptureQueriesContext(connection) as asked:
            rows = [events.job_row(job) for job in selectors.jobs_of(shop)]
        assert len(rows) == Job.objects.filter(shop=shop).count()
        return len(asked)

    finished(shop)
    make_running(submit(shop).job)
    submit(shop)
    few = cost()
    for _ in range(6):
        finished(shop)
        submit(shop)
    assert cost() == few <= 3
