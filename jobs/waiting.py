"""Tells that a job waits for a worker of a newer release: those that are there leave it alone (``jobs.versions``)."""

from __future__ import annotations

from django.db.models import F, Max, QuerySet

from jobs import events, selectors
from jobs.models import Engine, Job
from jobs.versions import FOR_A_NEWER_WORKER

QUEUED = "job.queued"


def tell_who_waits_for_an_update() -> None:
    """Change what waiting jobs say of themselves when the workers that are there changed. Where nobody works at all
    nothing changes: that is told otherwise."""
    for engine in Engine.values:
        newest = selectors.live_workers(engine).aggregate(newest=Max("request_version"))["newest"]
        if newest is None:
            continue
        waiting = Job.objects.filter(status=Job.Status.PENDING, engine=engine)
        too_new = waiting.filter(request_version__gt=newest).exclude(message_code=FOR_A_NEWER_WORKER)
        _say(too_new, FOR_A_NEWER_WORKER)
        _say(waiting.filter(request_version__lte=newest, message_code=FOR_A_NEWER_WORKER), QUEUED)


def _say(jobs: QuerySet[Job], code: str) -> None:
    for job in jobs:
        still = Job.objects.filter(pk=job.pk, status=Job.Status.PENDING, sequence=job.sequence)
        if still.update(message_code=code, sequence=F("sequence") + 1):
            job.refresh_from_db()
            events.send_progress(job)
