"""Photos go when their shop says so: the row, the photo and its cut-out. Ads made of them keep their own pictures."""

from __future__ import annotations

from django.db import transaction

from adstudio.files import delete_on_commit
from jobs import selectors
from jobs.errors import NotFound, Refused
from jobs.models import Job, Photo


@transaction.atomic
def photo_delete(*, photo: Photo) -> None:
    """Raises ``Refused`` while an ad is being made of it, ``NotFound`` when it is gone already."""
    selectors.shop_hold(photo.shop_id)  # its deletion takes ads before photos, we the photo before its ads
    row = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if row is None:
        raise NotFound("photo.not_found")
    jobs = Job.objects.filter(photo=row)
    if jobs.filter(status__in=Job.ACTIVE).exists():
        raise Refused("photo.in_use", status=409)
    jobs.update(photo_gone=True)
    for file in (row.file, row.matte):
        if file:
            delete_on_commit(file.storage, str(file.name))
    row.delete()
