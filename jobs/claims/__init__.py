"""Who works on what: claiming a waiting job, and proof that a worker still holds it.

Postgres is the queue of record. A claim takes one waiting row, fair between shops: the shop with the fewest
running jobs first, then the one whose last claim is oldest, then the oldest job.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now

from jobs import versions
from jobs.models import Job
from jobs.transitions import job_transition

_NEXT_JOB = """
    SELECT j.id
      FROM jobs_job j
      LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE r.status = 'running') AS running, max(r.started_at) AS last_claim
              FROM jobs_job r
             WHERE r.shop_id = j.shop_id AND (r.status = 'running' OR r.started_at IS NOT NULL)
           ) s ON TRUE
     WHERE j.status = 'pending' AND j.engine = %(engine)s AND j.request_version <= %(understood)s
       AND j.id = (SELECT f.id FROM jobs_job f
                    WHERE f.shop_id = j.shop_id AND f.status = 'pending' AND f.engine = j.engine
                      AND f.request_version <= %(understood)s
                    ORDER BY f.queued_at, f.id LIMIT 1)
     ORDER BY s.running, s.last_claim NULLS FIRST, j.queued_at, j.id
     LIMIT 1
       FOR UPDATE OF j SKIP LOCKED
"""
_CLAIM_LOCK = 7_206_117
"""Advisory lock: claims are taken one at a time, so that two workers see each other's choice of shop."""


class LostClaim(Exception):
    """The job is no longer this worker's: another took it, or it ended. Write nothing more."""


class Held(Protocol):
    """Claimed work that is beaten for: its rows are there for as long as this worker holds it."""

    @property
    def job_id(self) -> UUID | None: ...

    @property
    def rows(self) -> QuerySet[Any]: ...


def left_by_a_dead_worker() -> Q:
    """Rows whose worker stopped beating, by Postgres's clock: no other one counts."""
    return Q(heartbeat_at__lt=Now() - timedelta(seconds=settings.JOB_STALE_SECONDS))


Row = TypeVar("Row", bound=Model)


def locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those of the rows that nobody else holds, held until the transaction ends. What a lost host or a frozen process
    still holds is left to a later round: it is not to hold up all others."""
    keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return rows.model._base_manager.filter(pk__in=keys)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job: valid while the row is running with this attempt number."""

    job_id: UUID
    attempt: int
    worker: str

    @property
    def fence(self) -> dict[str, Any]:
        return {"attempts": self.attempt, "worker": self.worker}

    @property
    def rows(self) -> QuerySet[Job]:
        """The job's row while it is held, no row afterwards."""
        return Job.objects.filter(pk=self.job_id, status=Job.Status.RUNNING, **self.fence)

    def update(self, **values: Any) -> None:
        """Write to the job's row; raises ``LostClaim`` when it is not held any more."""
        if not self.rows.update(**values):
            raise LostClaim(str(self.job_id))

    def stop_asked(self) -> bool:
        """Whether someone wants the job stopped; raises ``LostClaim`` when it is not held any more."""
        asked = list(self.rows.values_list("cancel_requested_at", flat=True))
        if not asked:
            raise LostClaim(str(self.job_id))
        return asked[0] is not None

    def progress(self, **values: Any) -> int:
        """Like ``update``, and one more in the sequence; returns the new sequence."""
        with transaction.atomic():
            self.update(sequence=F("sequence") + 1, **values)
            return Job.objects.values_list("sequence", flat=True).get(pk=self.job_id)

    @contextmanager
    def held(self) -> Iterator[Job]:
        """A transaction in which the row is locked and certainly this worker's."""
        with transaction.atomic():
            job = self.rows.select_for_update().first()
            if job is None:
                raise LostClaim(str(self.job_id))
            yield job

    def end(self, *, to: str, reason: str, **changes: Any) -> Job:
        """Move the job on from running; raises ``LostClaim`` when it is not held any more."""
        job = job_transition(
            job=Job(pk=self.job_id),
            to=to,
            reason=reason,
            sources=[Job.Status.RUNNING],
            fence=self.fence,
            changes=changes,
        )
        if job is None:
            raise LostClaim(str(self.job_id))
        return job


@transaction.atomic
def claim_next(*, engine: str, worker: str) -> Claim | None:
    """Take the next waiting job of the engine's queue, or None when there is none that this release understands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        cursor.execute(_NEXT_JOB, {"engine": engine, "understood": versions.REQUEST_VERSION})
        row = cursor.fetchone()
    if row is None:
        return None
    job = job_transition(
        job=Job(pk=row[0]),
        to=Job.Status.RUNNING,
        reason="claimed",
        sources=[Job.Status.PENDING],
        changes={
            "worker": worker,
            "attempts": F("attempts") + 1,
            "heartbeat_at": Now(),
            "started_at": Now(),
            "message_code": "job.started",
        },
    )
    return Claim(job.pk, job.attempts, worker) if job else None
