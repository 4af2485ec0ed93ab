"""Puts right what a crash left behind: lost wake-ups, running jobs and exports without a worker,
photos never cut out, older ads without small pictures. Deletes for good what was deleted a minute ago.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from redis.exceptions import RedisError

from accounts.team import forget_old_invitations
from jobs import data_export, operations, queue, retention, small_pictures
from jobs.claims import left_by_a_dead_worker
from jobs.claims.exports import take_back_stale_exports
from jobs.claims.photos import take_back_stale_photos
from jobs.deletion import delete_removed
from jobs.idempotency import forget_old_keys
from jobs.models import Job, Photo, WorkerState
from jobs.orphans import Sweep
from jobs.sharing import forget_old_links
from jobs.transitions import job_transition
from jobs.waiting import tell_who_waits_for_an_update

logger = logging.getLogger(__name__)

PHOTO_PATIENCE = timedelta(seconds=60)
READING_LOST = timedelta(seconds=60)
"""Beyond the time that reading a headline back may take."""
WORKER_FORGOTTEN = timedelta(days=1)
BEATS_AGAIN_SECONDS = 10.0
"""After Postgres was silent: within these every worker that lives has found a connection and beaten."""
_sweep = Sweep()


class Silence:
    """Of Postgres, as one who reconciles again and again meets it. No worker could beat meanwhile, so nobody is taken
    for lost until all have had the time to: else an outage would cost every running job an attempt."""

    def __init__(self) -> None:
        self.noticed_at: float | None = None

    def notice(self) -> None:
        self.noticed_at = time.monotonic()

    def listen(self) -> bool:
        """Whether Postgres answers without delay, and has for a while."""
        asked_at = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if time.monotonic() - asked_at > settings.JOB_HEARTBEAT_SECONDS:
            self.notice()
        return self.noticed_at is None or time.monotonic() - self.noticed_at > BEATS_AGAIN_SECONDS


def take_back_stale() -> int:
    """Running jobs whose heartbeat stopped: back to waiting, or stopped when that was asked, or failed after
    the last attempt. Returns how many."""
    moved = 0
    for job in Job.objects.filter(left_by_a_dead_worker(), status=Job.Status.RUNNING):
        fence: dict[str, Any] = {"attempts": job.attempts, "heartbeat_at": job.heartbeat_at}
        moved += _take_back(job, fence)
    return moved


def _take_back(job: Job, fence: dict[str, Any]) -> int:
    if job.cancel_requested_at is not None:
        to, reason = Job.Status.STOPPED, "worker lost, stop asked"
        changes: dict[str, Any] = {"message_code": "job.stopped"}
    elif job.attempts >= settings.JOB_MAX_ATTEMPTS:
        to, reason = Job.Status.FAILED, "worker lost"
        changes = {"error_code": "job.worker_lost", "message_code": "job.failed"}
    else:
        to, reason = Job.Status.PENDING, "worker lost"
        changes = {"worker": "", "heartbeat_at": None, "message_code": "job.retrying"}
    done = job_transition(
        job=job,
        to=to,
        reason=reason,
        sources=[Job.Status.RUNNING],
        fence=fence,
        changes=changes,
        skip_locked=True,  # one that a lost host still holds is not to hold up all others
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


def _take_back_all() -> None:
    for what, take_back in (
        ("jobs", take_back_stale),
        ("exports", take_back_stale_exports),
        ("photos", take_back_stale_photos),
    ):
        moved = take_back()
        if moved:
            logger.warning("took back %s %s whose worker was lost", moved, what)


def reconcile(silence: Silence | None = None) -> None:
    """One round; safe to run anywhere, any number of times at once."""
    if silence is None or silence.listen():
        _take_back_all()
    try:
        tell_who_waits_for_an_update()
        queue.top_up()
        for photo in _photos_left_alone()[:20]:
            queue.wake_for_photo(photo)
        data_export.look_after_left_alone()
        small_pictures.wake_for_older_ads()
    except RedisError:
        logger.warning("wake-ups not topped up: Redis away")
    give_up_lost_readings()
    delete_removed()
    forget_old_links()
    forget_old_keys()
    forget_old_invitations()
    SessionStore.clear_expired()
    retention.forget_old_decisions()
    expired = retention.expire()
    if any(expired):
        logger.info("expired %s ads and %s photos", *expired)
    data_export.forget_old_exports()
    swept = _sweep.go_on()
    if swept:
        logger.warning("removed %s files that no row names", swept)
    WorkerState.objects.filter(last_seen__lt=Now() - WORKER_FORGOTTEN).delete()
    with suppress(RedisError):
        operations.round_ended()
