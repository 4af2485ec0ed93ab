"""Reading a finished ad's headline back, once nothing else waits: it makes no ad later.

The picture is finished and shown before. A worker without a job to do takes the ad that waits longest; once, since one
whose worker was lost while it read is given up (``jobs.reconcile``).
"""

from __future__ import annotations

import logging
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from generation.types import Box
from generation.typography.fonts import default_font
from generation.verify.readback import NOT_READ, Lettering, ReadBack, read_back
from jobs import selectors
from jobs.artifacts import picture_of
from jobs.models import Artifact, Job
from jobs.params import AdParams
from jobs.worker.briefs import params_of

logger = logging.getLogger(__name__)
NEEDED = (Artifact.Kind.FINAL, Artifact.Kind.STEP1, Artifact.Kind.STEP2)


def to_be_read(params: AdParams, box: Box | None) -> dict[str, Any]:
    """What a finished job's row says of its headline: that it waits to be read, or that nobody will."""
    if box is None or not params.text_content or params.test_mode:
        return {}
    wanted = settings.READ_BACK_SECONDS > 0
    return {
        "headline_box": [box.x, box.y, box.width, box.height],
        "text_verified": Job.TextVerified.WAITING if wanted else Job.TextVerified.UNKNOWN,
    }


def headline_read_next(engine: str) -> bool:
    """Read the headline that waits longest; False when none waits."""
    job = _claimed(engine)
    if job is None:
        return False
    try:
        found = _read(job)
    except FileNotFoundError:
        logger.info("job %s lost its pictures before its headline was read", job.pk)
        found = NOT_READ
    headline_note(job_id=job.pk, found=found)
    return True


def headline_note(*, job_id: UUID, found: ReadBack) -> None:
    """Keep what was read. No event: the job was over before."""
    Job.objects.filter(pk=job_id).update(
        text_verified=found.verdict.value,
        text_read=found.words,
        text_read_at=Now(),
    )


@transaction.atomic
def _claimed(engine: str) -> Job | None:
    """The next job, which from now on is being read: nobody else tries it."""
    waiting = Job.objects.filter(text_verified=Job.TextVerified.WAITING, engine=engine, deleted_at=None)
    job = waiting.select_for_update(skip_locked=True).order_by("finished_at").first()
    if job is not None:
        Job.objects.filter(pk=job.pk).update(text_verified=Job.TextVerified.READING, text_read_at=Now())
    return job


def _read(job: Job) -> ReadBack:
    """What the final picture says. Raises ``FileNotFoundError``."""
    kept = selectors.pictures(job)
    params = params_of(job)
    left, top, width, height = cast(list[int], job.headline_box)
    box = Box(left, top, width, height)
    lettering = Lettering(box, params.text_content, params.font_name or default_font().path)
    final, scene, asset = (picture_of(kept[kind]) for kind in NEEDED)
    return read_back(final, scene[..., :3], asset, lettering, settings.READ_BACK_SECONDS)
