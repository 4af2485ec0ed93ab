"""Photos: taken in, checked, cleaned, and their product cut out."""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import Shop
from generation import intake
from generation.errors import MerchantError
from generation.types import Cutout
from jobs import queue
from jobs.errors import Refused
from jobs.models import Photo

logger = logging.getLogger(__name__)
UNSURE_BELOW = 0.5
"""Confidence under which the merchant is asked to look at the cut-out."""


def refusal_of(error: MerchantError, field: str) -> Refused:
    status = 413 if error.code == "photo.too_large" else 422
    context: dict[str, Any] = dict(error.context)
    return Refused(error.code, status=status, field=field, **context)


def photo_create(*, shop: Shop, data: bytes) -> Photo:
    """Check and keep a photo; the same bytes again give the photo that is there. Raises ``Refused``."""
    if len(data) > settings.PHOTO_MAX_BYTES:
        raise Refused("photo.too_large", status=413, field="input_image")
    digest = hashlib.sha256(data).hexdigest()
    known = Photo.objects.filter(shop=shop, sha256=digest).exclude(matte_state="failed").first()
    if known is not None:
        return known
    try:
        clean, extension, size = intake.clean_copy(data)
    except MerchantError as error:
        raise refusal_of(error, "input_image") from error
    photo = Photo(shop=shop, width=size.width, height=size.height, sha256=digest, size=len(clean))
    photo.file.save(f"photo.{extension.lstrip('.')}", ContentFile(clean), save=False)
    photo.save(force_insert=True)
    transaction.on_commit(partial(queue.wake_for_photo, photo))
    return photo


def photo_matte_replace(*, photo: Photo, data: bytes) -> Photo:
    """Take the merchant's own matte: a PNG of the photo's size, its alpha (or its grey) the matte."""
    from generation.cutout import apply_matte

    try:
        matte = intake.read_photo(data).picture
        with photo.file.open("rb") as file:
            original = intake.read_photo(file.read()).picture
        if matte.shape[:2] != original.shape[:2]:
            raise ValueError("matte and photo differ in size")
        weight = matte[..., 3] if matte.shape[2] == 4 else matte[..., 0]
        cutout = apply_matte(original, weight.astype(np.float32) / np.float32(255))
    except (MerchantError, ValueError) as error:
        raise Refused("photo.matte_invalid", status=422, field="matte") from error
    return photo_cutout_store(photo=photo, cutout=cutout)


def photo_cutout_store(*, photo: Photo, cutout: Cutout) -> Photo:
    """Keep a cut-out; the file it replaces goes once the row points at the new one."""
    replaced = photo.matte.name
    photo.matte.save("matte.png", ContentFile(intake.encode_png(cutout.picture)), save=False)
    photo.matte_state = Photo.MatteState.READY
    photo.matte_error = ""
    photo.method = cutout.method
    photo.confidence = cutout.confidence
    photo.save(update_fields=["matte", "matte_state", "matte_error", "method", "confidence"])
    if replaced:
        transaction.on_commit(partial(photo.matte.storage.delete, replaced))
    return photo


def photo_cutout_failed(*, photo: Photo, code: str) -> None:
    Photo.objects.filter(pk=photo.pk, matte_state="pending").update(matte_state="failed", matte_error=code)


def photo_cutout(photo: Photo) -> Cutout:
    """The stored cut-out as pixels. Raises ValueError when there is none."""
    if not photo.matte:
        raise ValueError(f"photo {photo.pk} has no matte")
    with photo.matte.open("rb") as file:
        return Cutout(intake.read_layer(file.read()), photo.method, photo.confidence or 0.0)


def notes_of(photo: Photo) -> list[str]:
    """Codes of what the merchant should know about this cut-out."""
    notes = []
    if photo.method == "grabcut":
        notes.append("note.cutout_grabcut")
    if photo.confidence is not None and photo.confidence < UNSURE_BELOW:
        notes.append("note.cutout_unsure")
    return notes
