"""Who cuts out which photo. As for jobs, a photo whose worker dies is taken back, and after three such deaths it is
given up: it may be the photo that ends them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from jobs.claims import left_by_a_dead_worker, locked
from jobs.models import Photo
from jobs.photos import photo_cutout_failed


@dataclass(frozen=True, slots=True)
class PhotoClaim:
    """A worker's hold on a photo: valid while its cut-out is pending in this attempt."""

    photo_id: UUID
    attempt: int
    job_id: None = None

    @property
    def rows(self) -> QuerySet[Photo]:
        """The photo's row while it is held, no row afterwards."""
        return Photo.objects.filter(
            pk=self.photo_id,
            matte_state=Photo.MatteState.PENDING,
            cut_attempts=self.attempt,
            heartbeat_at__isnull=False,
        )


@transaction.atomic
def photo_claim(photo_id: str) -> PhotoClaim | None:
    """Take the photo if its cut-out is pending and no other worker is at it."""
    free = Photo.objects.filter(
        pk=photo_id, matte_state=Photo.MatteState.PENDING, heartbeat_at=None
    ).select_for_update()
    photo = free.first()
    if photo is None:
        return None
    Photo.objects.filter(pk=photo.pk).update(cut_attempts=F("cut_attempts") + 1, heartbeat_at=Now())
    return PhotoClaim(photo.pk, photo.cut_attempts + 1)


@transaction.atomic
def take_back_stale_photos() -> int:
    """Photos whose worker stopped beating wait again, or fail after the last attempt. Returns how many."""
    stale = locked(Photo.objects.filter(left_by_a_dead_worker(), matte_state=Photo.MatteState.PENDING))
    given_up = list(stale.filter(cut_attempts__gte=settings.JOB_MAX_ATTEMPTS))
    for photo in given_up:
        photo_cutout_failed(photo=photo, code="photo.worker_lost")
    waiting = stale.filter(matte_state=Photo.MatteState.PENDING)
    return len(given_up) + waiting.update(heartbeat_at=None)
