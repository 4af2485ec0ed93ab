from __future__ import annotations

from datetime import timedelta

import django_rq
import pytest
from django.conf import settings
from django.utils import timezone

from jobs import queue
from jobs.claims import Claim, LostClaim, claim_next
from jobs.models import Job, JobEvent
from jobs.reconcile import reconcile, take_back_stale
from tests.jobs import factories

pytestmark = pytest.mark.django_db


def _stale_claim(**changes: object) -> Claim:
    factories.job(factories.shop())
    claim = claim_next(engine="studio", worker="frozen")
    assert claim is not None
    long_ago = timezone.now() - timedelta(seconds=settings.JOB_STALE_SECONDS + 5)
    Job.objects.filter(pk=claim.job_id).update(heartbeat_at=long_ago, **changes)
    return claim


def test_it_leaves_a_beating_job_alone() -> None:
    factories.job(factories.shop())
    claim_next(engine="studio", worker="w")
    assert take_back_stale() == 0


def test_a_job_without_heartbeat_waits_again_and_its_old_worker_is_shut_out() -> None:
    claim = _stale_claim()
    assert take_back_stale() == 1
    job = Job.objects.get(pk=claim.job_id)
    assert (job.status, job.worker, job.attempts) == ("pending", "", 1)
    again = claim_next(engine="studio", worker="fresh")
    assert again is not None and again.attempt == 2
    with pytest.raises(LostClaim):
        claim.progress(progress_percent=90)


def test_after_three_attempts_it_fails_honestly() -> None:
    claim = _stale_claim(attempts=settings.JOB_MAX_ATTEMPTS)
    take_back_stale()
    job = Job.objects.get(pk=claim.job_id)
    assert (job.status, job.error_code) == ("failed", "job.worker_lost")
    assert JobEvent.objects.filter(job=job, to_status="failed").count() == 1


def test_a_stop_that_was_asked_is_carried_out() -> None:
    claim = _stale_claim(cancel_requested_at=timezone.now())
    take_back_stale()
    assert Job.objects.get(pk=claim.job_id).status == "stopped"


def test_flushed_wake_ups_are_topped_up() -> None:
    wakeups = django_rq.get_queue("studio")
    wakeups.empty()
    shop = factories.shop()
    for _ in range(3):
        factories.job(shop)
    reconcile()
    assert wakeups.count == 3
    reconcile()
    assert wakeups.count == 3
    assert {job.func_name for job in wakeups.jobs} == {queue.RUN_NEXT}
    wakeups.empty()
