from __future__ import annotations

from datetime import timedelta

import django_rq
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from jobs import queue
from jobs.claims import Claim, LostClaim, claim_next
from jobs.claims.exports import export_claim_next, take_back_stale_exports
from jobs.claims.photos import photo_claim, take_back_stale_photos
from jobs.exports import export_request
from jobs.models import Export, Job, JobEvent, Photo
from jobs.reconcile import reconcile, take_back_stale
from tests.jobs import factories
from tests.jobs.submitting import finished

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


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_frozen_worker_still_holds_holds_up_nobody() -> None:
    shop = factories.shop()
    long_ago = timezone.now() - timedelta(minutes=5)
    photos = [factories.photo(shop, cut=False) for _ in range(2)]
    export_request(job=finished(shop, factories.photo(shop)), key="instagram-story")
    assert export_claim_next(engine="studio", worker="w") and all(photo_claim(str(p.pk)) for p in photos)
    Export.objects.update(heartbeat_at=long_ago)
    Photo.objects.filter(matte_state="pending").update(heartbeat_at=long_ago)
    at = settings.DATABASES["default"]
    with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"]) as frozen:
        for row in (Export.objects.get(), photos[0]):
            frozen.execute(f"SELECT 1 FROM {row._meta.db_table} WHERE id = %s FOR UPDATE", [row.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        assert (take_back_stale_exports(), take_back_stale_photos()) == (0, 1)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    assert (take_back_stale_exports(), take_back_stale_photos()) == (1, 1)
