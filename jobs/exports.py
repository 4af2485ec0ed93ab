"""Finished ads in channels' formats: asked for here, drawn by a worker (``jobs.export_runner``)."""

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

FAILURE_TOLD = timedelta(seconds=60)
"""For so long a failed export answers its failure; asked for later, it is drawn anew."""
BUSY_RETRY_SECONDS = 30


def export_request(*, job: Job, key: str) -> Artifact | Export:
    """The job's picture in that format, or the export that will become it. Raises ``Refused``.

    Asking again changes nothing: a job has one export of each format.
    """
    if key not in FORMATS:
        raise Refused("format.unknown", status=422, field="format", allowed=", ".join(FORMATS))
    drawn = Artifact.objects.filter(job=job, kind=Artifact.Kind.EXPORT, format=key).first()
    if drawn is not None:
        return drawn
    known = Export.objects.filter(job=job, format=key).first()
    if known is None:
        return _begin(job, key)
    if known.status != Export.Status.FAILED:
        return known
    if known.finished_at is not None and timezone.now() - known.finished_at > FAILURE_TOLD:
        return _begin_again(known)
    return known


def _begin(job: Job, key: str) -> Export:
    _check_exportable(job, key)
    engine = _engine_for(job, key)
    if selectors.waiting_exports(engine) >= settings.QUEUE_LIMIT:
        raise Busy(BUSY_RETRY_SECONDS)
    with transaction.atomic():
        export, is_new = Export.objects.get_or_create(job=job, format=key, defaults={"engine": engine})
        if is_new:
            transaction.on_commit(partial(queue.wake, engine))
    return export


@transaction.atomic
def _begin_again(export: Export) -> Export:
    again = Export.objects.filter(pk=export.pk, status=Export.Status.FAILED).update(
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


def _check_exportable(job: Job, key: str) -> None:
    if not job.is_terminal:
        raise Refused("job.not_finished", status=409)
    if job.status != Job.Status.COMPLETED or Artifact.Kind.FINAL not in selectors.pictures(job):
        raise Refused("export.no_final_picture", status=409)
    has_product = FORMATS[key].packshot or Artifact.Kind.CUTOUT in selectors.pictures(job)
    if has_product and job.photo_id is None:
        raise Refused("export.no_photo", status=409)
    same_frame = FORMATS[key].packshot or job.request.get("format") == key
    if not same_frame and not selectors.background_is_ours(job):
        raise Refused("export.foreign_background", status=409)


def _engine_for(job: Job, key: str) -> str:
    """A packshot needs no model; an ad is composed by the engine that made it. Raises ``EngineUnavailable``."""
    if FORMATS[key].packshot or job.engine == Engine.STUDIO:
        return Engine.STUDIO
    if not selectors.live_workers(job.engine).exists():
        raise EngineUnavailable
    return job.engine
