"""How long photos and ads are kept: as the operator sets it, for ever where nothing is set."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from jobs.errors import Refused
from jobs.models import Job, ModerationDecision, Photo
from jobs.photo_deletion import photo_delete
from jobs.services import job_delete

logger = logging.getLogger(__name__)
DECISIONS_KEPT = timedelta(days=180)
BATCH = 20
"""Photos, and ads, that one round takes away: reconciling must stay quick."""


def jobs_due() -> QuerySet[Job]:
    """Finished ads older than ``KEEP_JOBS_DAYS``, oldest first; favourites are kept."""
    if not settings.KEEP_JOBS_DAYS:
        return Job.objects.none()
    limit = Now() - timedelta(days=settings.KEEP_JOBS_DAYS)
    old = Job.objects.filter(status__in=Job.TERMINAL, finished_at__lt=limit, favourite=False)
    return old.order_by("finished_at")


def photos_due() -> QuerySet[Photo]:
    """Photos neither uploaded nor used for a new ad within ``KEEP_PHOTOS_DAYS``, oldest first."""
    if not settings.KEEP_PHOTOS_DAYS:
        return Photo.objects.none()
    limit = Now() - timedelta(days=settings.KEEP_PHOTOS_DAYS)
    its_jobs = Job.objects.filter(photo=OuterRef("pk"))
    used = its_jobs.filter(queued_at__gte=limit) | its_jobs.filter(status__in=Job.ACTIVE)
    return Photo.objects.filter(~Exists(used), created_at__lt=limit).order_by("created_at")


def forget_old_decisions() -> int:
    """Decisions about content that are older than ``DECISIONS_KEPT``; returns how many."""
    return ModerationDecision.objects.filter(decided_at__lt=Now() - DECISIONS_KEPT).delete()[0]


def expire() -> tuple[int, int]:
    """Take away one batch of what is due; returns how many ads and photos went."""
    jobs = photos = 0
    for job in jobs_due()[:BATCH]:
        try:
            job_delete(job=job)
            jobs += 1
        except Refused:
            logger.info("job %s was not expired: somebody else was at it", job.pk)
    for photo in photos_due()[:BATCH]:
        try:
            photo_delete(photo=photo)
            photos += 1
        except Refused:
            logger.info("photo %s was not expired: it is in use", photo.pk)
    return jobs, photos
