from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from jobs.models import Job, JobEvent
from jobs.transitions import ALLOWED, job_transition
from tests.jobs import factories

pytestmark = pytest.mark.django_db


def _run(job: Job) -> Job:
    moved = job_transition(
        job=job,
        to="running",
        reason="claimed",
        sources=["pending"],
        changes={"worker": "w", "attempts": 1, "heartbeat_at": Now(), "started_at": Now()},
    )
    assert moved is not None
    return moved


def test_it_counts_up_and_keeps_a_history() -> None:
    job = _run(factories.job(factories.shop()))
    done = job_transition(
        job=job, to="completed", reason="completed", sources=["running"], changes={"progress_percent": 100}
    )
    assert done is not None
    assert (done.sequence, done.status, done.worker) == (2, "completed", "")
    assert done.finished_at is not None
    history = list(JobEvent.objects.filter(job=job).values_list("sequence", "from_status", "to_status"))
    assert history == [(0, "", "pending"), (1, "pending", "running"), (2, "running", "completed")]


def test_it_lets_only_the_first_one_through() -> None:
    job = factories.job(factories.shop())
    assert job_transition(job=job, to="stopped", reason="a", sources=["pending"]) is not None
    assert job_transition(job=job, to="stopped", reason="b", sources=["pending"]) is None
    assert JobEvent.objects.filter(job=job).count() == 2


@pytest.mark.parametrize("terminal", Job.TERMINAL)
def test_it_knows_no_way_out_of_a_final_status(terminal: str) -> None:
    job = factories.job(factories.shop())
    with pytest.raises(ValueError, match="no way"):
        job_transition(job=job, to="running", reason="again", sources=[terminal])
    assert terminal not in ALLOWED


def test_it_writes_nothing_when_the_fence_does_not_hold() -> None:
    job = _run(factories.job(factories.shop()))
    lost = job_transition(
        job=job, to="stopped", reason="x", sources=["running"], fence={"attempts": 2, "worker": "w"}
    )
    assert lost is None
    job.refresh_from_db()
    assert (job.status, job.sequence) == ("running", 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "done"},
        {"status": "running"},
        {"status": "completed", "finished_at": Now()},
        {"status": "failed", "finished_at": Now()},
        {"status": "stopped"},
        {"progress_percent": 101},
        {"engine": "magic"},
    ],
)
def test_the_database_itself_refuses_a_broken_row(broken: dict[str, object]) -> None:
    job = factories.job(factories.shop())
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**broken)
