"""Puts right what a crash left behind: lost wake-ups, running jobs and exports without a worker,
photos never cut out. Deletes for good what was deleted a minute ago.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from redis.exceptions import RedisError

from jobs import data_export, queue, retention
from jobs.deletion import delete_removed
from jobs.export_claims import take_back_stale_exports
from jobs.idempotency import forget_old_keys
from jobs.models import Job, Photo, WorkerState
from jobs.photo_claims import take_back_stale_photos
from jobs.sharing import forget_old_links
from jobs.transitions import job_transition

logger = logging.getLogger(__name__)

PHOTO_PATIENCE = timedelta(seconds=60)
READING_LOST = timedelta(seconds=60)
"""Beyond the time that reading a headline back may take."""
WORKER_FORGOTTEN = timedelta(days=1)


def take_back_stale() -> int:
    """Running jobs whose heartbeat stopped: back to waiting, or stopped when that was asked, or failed after
    the last attempt. Only Postgres's clock counts. Returns how many."""
    stale = Q(
        status=Job.Status.RUNNING, heartbeat_at__lt=Now() - timedelta(seconds=settings.JOB_STALE_SECONDS)
    )
    moved = 0
    for job in Job.objects.filter(stale):
        fence: dict[str, Any] = {"attempts": job.attempts, "heartbeat_at": job.heartbeat_at}
        moved += _take_back(job, fence)
    return moved


def _take_back(job: Job, fence: dict[str, Any]) -> int:
    running = [Job.Status.RUNNING]
    if job.cancel_requested_at is not None:
        changes = {"message_code": "job.stopped"}
        done = job_transition(
            job=job,
            to=Job.Status.STOPPED,
            reason="worker lost, stop asked",
            sources=running,
            fence=fence,
            changes=changes,
        )
    elif job.attempts >= settings.JOB_MAX_ATTEMPTS:
        changes = {"error_code": "job.worker_lost", "message_code": "job.failed"}
        done = job_transition(
            job=job, to=Job.Status.FAILED, reason="worker lost", sources=running, fence=fence, changes=changes
        )
    else:
        back = {"worker": "", "heartbeat_at": None, "message_code": "job.retrying"}
        done = job_transition(
            job=job, to=Job.Status.PENDING, reason="worker lost", sources=running, fence=fence, changes=back
        )
    return int(done is not None)


def _photos_left_alone() -> QuerySet[Photo]:
    """Photos that nobody cuts out although they were lost by a worker, or have waited long."""
    waiting = Photo.objects.filter(matte_state=Photo.MatteState.PENDING, heartbeat_at=None)
    return waiting.filter(Q(cut_attempts__gt=0) | Q(created_at__lt=Now() - PHOTO_PATIENCE))


def give_up_lost_readings() -> int:
    """Headlines whose worker was lost while it read them back are unknown; returns how many."""
    patience = timedelta(seconds=settings.READ_BACK_SECONDS) + READING_LOST
    lost = Job.objects.filter(text_verified=Job.TextVerified.READING, text_read_at__lt=Now() - patience)
    return lost.update(text_verified=Job.TextVerified.UNKNOWN)


def reconcile() -> None:
    """One round; safe to run anywhere, any number of times at once."""
    moved = take_back_stale()
    if moved:
        logger.warning("took back %s jobs whose worker was lost", moved)
    moved = take_back_stale_exports()
    if moved:
        logger.warning("took back %s exports whose worker was lost", moved)
    moved = take_back_stale_photos()
    if moved:
        logger.warning("took back %s photos whose worker was lost", moved)
    try:
        queue.top_up()
        for photo in _photos_left_alone()[:20]:
            queue.wake_for_photo(photo)
        data_export.wake_left_alone()
    except RedisError:
        logger.warning("wake-ups not topped up: Redis away")
    give_up_lost_readings()
    delete_removed()
    forget_old_links()
    forget_old_keys()
    expired = retention.expire()
    if any(expired):
        logger.info("expired %s ads and %s photos", *expired)
    data_export.forget_old_exports()
    WorkerState.objects.filter(last_seen__lt=Now() - WORKER_FORGOTTEN).delete()
