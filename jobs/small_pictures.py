"""The small pictures of lists: workers draw them with each ad, and, a few at a time, those that older ads lack."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from generation import intake
from generation.errors import GenerationError
from generation.types import Picture
from jobs import queue, selectors
from jobs.artifacts import artifact_draft, artifact_kept, picture_of
from jobs.cursors import cursor_of, older_than
from jobs.errors import NotFound
from jobs.models import Artifact, Job

logger = logging.getLogger(__name__)

SIDES = {Artifact.Kind.PREVIEW: 512, Artifact.Kind.THUMB: 320}
"""Longer sides. Cards show the ``thumb`` on ordinary screens, the ``preview`` on finer ones."""
JPEG_QUALITY = 82
BATCH = 20
"""Older ads that one wake-up draws for, in about two seconds: new ads wait no longer for it."""
LOOK_EVERY_SECONDS = 3600
"""How often older ads without small pictures are looked for; a round that broke off goes on then."""
_LOOKED = "small-pictures-looked-for"


class _DrawnMeanwhile(Exception):
    """Another worker drew it."""


def small_picture(picture: Picture, kind: str) -> tuple[Picture, bytes]:
    """The small picture of that kind, sRGB, and its JPEG file."""
    small = intake.thumbnail(picture, SIDES[Artifact.Kind(kind)])[..., :3]
    return small, intake.encode_jpeg(small, JPEG_QUALITY)


def jobs_without() -> QuerySet[Job]:
    """Finished ads whose list picture is the large one, newest first."""
    pictures = Artifact.objects.filter(job=OuterRef("pk"), format="")
    return Job.objects.filter(
        Exists(pictures.filter(kind=Artifact.Kind.FINAL)),
        ~Exists(pictures.filter(kind=Artifact.Kind.THUMB)),
        status=Job.Status.COMPLETED,
        deleted_at=None,
    ).order_by("-queued_at", "-pk")


def wake_for_older_ads() -> None:
    """Begin a round through the ads that lack small pictures, once an hour and only where there are any."""
    if cache.add(_LOOKED, True, timeout=LOOK_EVERY_SECONDS) and jobs_without().exists():
        queue.wake_for_small_pictures("")


def draw_batch(cursor: str) -> None:
    """Draw for the next few ads older than the cursor's, then ask for those after them."""
    jobs = jobs_without()
    batch = list((jobs.filter(older_than(cursor)) if cursor else jobs)[:BATCH])
    for job in batch:
        try:
            _draw(job)
        except (NotFound, OSError, GenerationError):
            logger.warning("no small pictures for job %s", job.pk, exc_info=True)
    if len(batch) == BATCH:
        queue.wake_for_small_pictures(cursor_of(batch[-1]))


def _draw(job: Job) -> None:
    """Raises ``NotFound`` where the ad was deleted meanwhile, OSError or ``GenerationError`` where its file is bad."""
    final = job.artifacts.filter(kind=Artifact.Kind.FINAL, format="").first()
    if final is None:
        raise NotFound
    picture = picture_of(final)
    for kind in [kind for kind in SIDES if kind not in _kinds_of(job)]:
        small, data = small_picture(picture, kind)
        height, width = small.shape[:2]
        drawn = artifact_draft(
            job=job,
            kind=kind,
            data=data,
            size=(width, height),
            attempt=job.attempts,
            content_type="image/jpeg",
        )
        with suppress(_DrawnMeanwhile), artifact_kept(drawn, _lacking(job, kind)):
            pass


def _kinds_of(job: Job) -> set[str]:
    return set(job.artifacts.values_list("kind", flat=True))


@contextmanager
def _lacking(job: Job, kind: str) -> Iterator[None]:
    """A transaction in which the ad is certainly there without that picture. Raises ``NotFound`` or
    ``_DrawnMeanwhile``."""
    with transaction.atomic():
        selectors.job_hold(job)
        if kind in _kinds_of(job):
            raise _DrawnMeanwhile
        yield
