"""Deleting an ad so that it can be undone for a moment.

The row is hidden at once, everywhere. Its files and the row itself go when nobody asked for it back in time
(``jobs.reconcile`` sweeps). ``DELETE /jobs/{id}`` of the API deletes at once, as ``jobs.services.job_delete`` does.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Shop
from jobs.errors import NotFound, Refused
from jobs.models import Job
from jobs.services import job_delete, job_stop

UNDO_WITHIN = timedelta(seconds=60)
"""For so long a deleted ad comes back when asked to, by Postgres's clock."""


@transaction.atomic
def job_remove(*, job: Job) -> None:
    """Hide the job until it is deleted; one that waits is stopped. Raises ``Refused`` while it runs."""
    row = Job.objects.select_for_update().filter(pk=job.pk, deleted_at=None).first()
    if row is None:
        raise NotFound
    if row.status == Job.Status.PENDING:
        row = job_stop(job=row)
    if not row.is_terminal:
        raise Refused("job.running", status=400)
    Job.objects.filter(pk=row.pk).update(deleted_at=Now())


def job_removed(*, shop: Shop, job_id: UUID | str) -> Job | None:
    """The shop's job that can still be brought back, or None."""
    in_time = Job.objects.filter(shop=shop, deleted_at__gt=Now() - UNDO_WITHIN)
    try:
        return in_time.filter(pk=UUID(str(job_id))).first()
    except ValueError:
        return None


def job_restore(*, shop: Shop, job_id: UUID) -> Job:
    """Undo the deletion. Raises ``NotFound`` when it is too late; asking twice changes nothing."""
    Job.objects.filter(shop=shop, pk=job_id, deleted_at__gt=Now() - UNDO_WITHIN).update(deleted_at=None)
    job = Job.objects.filter(shop=shop, pk=job_id, deleted_at=None).first()
    if job is None:
        raise NotFound
    return job


def delete_removed() -> int:
    """Delete for good what nobody asked back in time; returns how many."""
    too_late = Job.objects.filter(deleted_at__lte=Now() - UNDO_WITHIN)
    return sum(_deleted(job) for job in too_late)


def _deleted(job: Job) -> bool:
    try:
        job_delete(job=job)
    except NotFound:  # another sweep was first
        return False
    return True
