"""The one function that changes a job's status.

Compare-and-set in the database: whoever finds the row in another state was too late and changes nothing.
Every change adds one to the sequence, writes a ``JobEvent`` and sends its event once the transaction commits;
a final one is noted for the job's callback.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import events
from jobs.callbacks import callback_expect
from jobs.metrics import shared
from jobs.models import Job, JobEvent

ALLOWED: dict[str, frozenset[str]] = {
    Job.Status.PENDING: frozenset({Job.Status.RUNNING, Job.Status.STOPPED, Job.Status.FAILED}),
    Job.Status.RUNNING: frozenset(
        {Job.Status.PENDING, Job.Status.COMPLETED, Job.Status.FAILED, Job.Status.STOPPED}
    ),
}
"""From which status to which; a terminal status leads nowhere."""


@transaction.atomic
def job_transition(
    *,
    job: Job,
    to: str,
    reason: str,
    sources: Collection[str],
    fence: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    skip_locked: bool = False,
) -> Job | None:
    """Move the job from one of ``sources`` to ``to`` if it is still there and ``fence`` holds.

    Returns the job as it now is, or None when someone else was first or, with ``skip_locked``, is at it just now.
    ``changes`` are written in the same statement. Raises ValueError for a move that the state machine does not know.
    """
    for source in sources:
        if to not in ALLOWED.get(source, frozenset()):
            raise ValueError(f"no way from {source} to {to}")
    rows = Job.objects.select_for_update(skip_locked=skip_locked)
    row = rows.filter(pk=job.pk, status__in=list(sources), **(fence or {})).first()
    if row is None:
        return None
    values: dict[str, Any] = {"status": to, "sequence": F("sequence") + 1, **(changes or {})}
    if to in Job.TERMINAL:
        values.update(finished_at=Now(), worker="", heartbeat_at=None)
    Job.objects.filter(pk=row.pk).update(**values)
    source = row.status
    row.refresh_from_db()
    JobEvent.objects.create(
        job=row,
        sequence=row.sequence,
        from_status=source,
        to_status=to,
        reason=reason,
        attempt=row.attempts,
        worker=values.get("worker") or "",
    )
    if row.is_terminal:
        callback_expect(row)
        transaction.on_commit(lambda: shared.job_ended(row))
    elif source == Job.Status.RUNNING:
        transaction.on_commit(lambda: shared.attempt_lost(row))
    transaction.on_commit(lambda: events.send_transition(row))
    return row
