"""Finished ads in channels' formats: asked for here, drawn by a worker (``jobs.worker.export_runner``)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generation.export.formats import FORMATS
from jobs import queue, selectors
from jobs.errors import Busy, EngineUnavailable, Refused
from jobs.models import Artifact, Engine, Export, Job
from jobs.versions import request_of

FAILURE_TOLD = timedelta(seconds=60)
"""For so long a failed export answers its failure; asked for later, it is drawn anew."""


def export_request(*, job: Job, key: str) -> Artifact | Export:
    """The job's picture in that format, or the export that will become it. Raises ``Refused``.

    Asking again changes nothing: a job has one export of each format.
    """
    if key not in FORMATS:
        raise Refused("format.unknown", status=422, field="format", allowed=", ".join(FORMATS))
    known = Export.objects.filter(job=job, format=key).first()
    drawn = Artifact.objects.filter(job=job, kind=Artifact.Kind.EXPORT, format=key).first()
    if drawn is not None:
        return drawn
    if known is None:
        return _begin(job, key)
    return _begin_again(known) if _is_over(known) else known


def formats_for(job: Job) -> list[str]:
    """The formats that the job's picture can be drawn in."""
    return [key for key in FORMATS if _refusal(job, key) is None]


def _is_over(export: Export) -> bool:
    """Whether it has to be drawn anew: its picture is gone, or it failed and that has been told."""
    if export.status == Export.Status.FAILED:
        assert export.finished_at is not None  # the database's own constraint
        return timezone.now() - export.finished_at > FAILURE_TOLD
    return export.status == Export.Status.COMPLETED


def _begin(job: Job, key: str) -> Export:
    refusal = _refusal(job, key)
    if refusal is not None:
        raise refusal
    engine = _engine_for(job, key)
    if selectors.waiting_exports(engine) >= settings.QUEUE_LIMIT:
        raise Busy
    with transaction.atomic():
        selectors.job_hold(job)
        export, is_new = Export.objects.get_or_create(job=job, format=key, defaults={"engine": engine})
        if is_new:
            transaction.on_commit(partial(queue.wake, engine))
    return export


@transaction.atomic
def _begin_again(export: Export) -> Export:
    again = Export.objects.filter(pk=export.pk, status=export.status, finished_at=export.finished_at).update(
        status=Export.Status.PENDING,
        attempts=0,
        error_code="",
        error_context={},
        finished_at=None,
        queued_at=timezone.now(),
    )
    if again:
        transaction.on_commit(partial(queue.wake, export.engine))
    export.refresh_from_db()
    return export


def _refusal(job: Job, key: str) -> Refused | None:
    """Why the job's picture cannot be drawn in that format."""
    pictures = selectors.pictures(job)
    if not job.is_terminal:
        return Refused("job.not_finished", status=409)
    if job.status != Job.Status.COMPLETED or Artifact.Kind.FINAL not in pictures:
        return Refused("export.no_final_picture", status=409)
    has_product = FORMATS[key].packshot or Artifact.Kind.CUTOUT in pictures
    if has_product and job.photo_id is None:
        return Refused("export.no_photo", status=409)
    same_frame = FORMATS[key].packshot or request_of(job).get("format") == key
    if not same_frame and job.foreign_background:
        return Refused("export.foreign_background", status=409)
    return None


def _engine_for(job: Job, key: str) -> str:
    """A packshot needs no model; an ad is composed by the engine that made it. Raises ``EngineUnavailable``."""
    if FORMATS[key].packshot or job.engine == Engine.STUDIO:
        return Engine.STUDIO
    if not selectors.live_workers(job.engine).exists():
        raise EngineUnavailable
    return job.engine
