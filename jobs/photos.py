"""Photos: taken in, checked, cleaned, and their product cut out."""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Shop
from adstudio.files import delete_on_commit, discard
from generation import intake, weights
from generation.engines import Engine
from generation.errors import MerchantError, ProductNotFound, WeightsCorrupt
from generation.types import Cutout, Picture, Report
from jobs import queue, selectors
from jobs.errors import NotFound, Refused, TooManyPhotos
from jobs.models import Photo

logger = logging.getLogger(__name__)
PHOTOS_FOR_EACH_AD = 5
"""So many may be uploaded in a day for each ad that may be ordered."""
UNSURE_BELOW = 0.6
"""Confidence under which the merchant is asked to look at the cut-out."""
_NOBODY_CUTS_IT: dict[str, Any] = {"heartbeat_at": None, "cut_attempts": 0}
OPPOSITE = {"isnet": "grabcut", "birefnet": "grabcut", "grabcut": "isnet"}


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
    _check_day(shop)  # and again below, where of many at once none slips past: this one spares the decoding
    try:
        clean, extension, size = intake.clean_copy(data)
    except MerchantError as error:
        raise refusal_of(error, "input_image") from error
    photo = Photo(shop=shop, width=size.width, height=size.height, sha256=digest, size=len(clean))
    photo.file.save(f"photo.{extension.lstrip('.')}", ContentFile(clean), save=False)
    try:
        with transaction.atomic():
            selectors.shop_hold(shop.pk)
            _check_day(shop)
            photo.save(force_insert=True)
            transaction.on_commit(partial(queue.wake_for_photo, photo))
    except Refused:  # the shop was deleted meanwhile, or its day filled up
        photo.file.storage.delete(str(photo.file.name))
        raise
    return photo


def _check_day(shop: Shop) -> None:
    """Raises ``TooManyPhotos``. Deleting makes room: what is limited is what a shop can fill the storage with."""
    limit = max(1, shop.daily_job_limit) * PHOTOS_FOR_EACH_AD
    if Photo.objects.filter(shop=shop, created_at__gte=selectors.midnight()).count() >= limit:
        raise TooManyPhotos(selectors.seconds_until_tomorrow(), limit)


def photo_matte_replace(*, photo: Photo, data: bytes) -> Photo:
    """Take the merchant's own matte: a PNG of the photo's size, its alpha (or its grey) the matte."""
    from generation.cutout import apply_matte

    try:
        matte = intake.read_photo(data).picture
        original = photo_picture(photo)
        if matte.shape[:2] != original.shape[:2]:
            raise ValueError("matte and photo differ in size")
        weight = matte[..., 3] if matte.shape[2] == 4 else matte[..., 0]
        cutout = apply_matte(original, weight.astype(np.float32) / np.float32(255))
    except (MerchantError, ValueError) as error:
        raise Refused("photo.matte_invalid", status=422, field="matte") from error
    return photo_cutout_store(photo=photo, cutout=cutout)


def photo_matte_brush(*, photo: Photo, data: bytes) -> Photo:
    """Take the merchant's brush strokes: a PNG over the whole photo, of any size. What no stroke touched stays to the
    bit. Raises ``Refused``."""
    from generation.cutout.brush import brushed

    try:
        strokes = intake.read_layer(data)
        original = photo_picture(photo)
        before = photo_cutout(photo).picture if photo.matte else None
        cutout = brushed(original, before, strokes)
    except ProductNotFound as error:
        raise Refused("photo.nothing_kept", status=422, field="brush") from error
    except MerchantError as error:
        raise Refused("photo.matte_invalid", status=422, field="brush") from error
    return photo_cutout_store(photo=photo, cutout=cutout)


def photo_cutout_again(*, photo: Photo, method: str = "") -> Photo:
    """Have the product cut out once more, by ``method`` or, without one, by the other method. The matte that is there
    stays until the new one is. A photo being cut out already is left to that. Raises ``Refused``."""
    offered = other_method(photo)
    wanted = method or offered
    if photo.matte_state != Photo.MatteState.PENDING:
        if not wanted or wanted not in (offered, photo.method):
            raise Refused("photo.no_other_method", status=422, field="method")
        finished = Photo.objects.filter(pk=photo.pk).exclude(matte_state=Photo.MatteState.PENDING)
        again = {"matte_state": Photo.MatteState.PENDING, "matte_error": "", "method": wanted}
        if finished.update(**again, **_NOBODY_CUTS_IT):
            transaction.on_commit(partial(queue.wake_for_photo, photo))
        photo.refresh_from_db()
    return photo


def other_method(photo: Photo) -> str:
    """The method to offer in place of the one that was used; empty where there is none."""
    if photo.method == "brush":  # back to what the machine finds
        return "isnet" if _has_isnet() else "grabcut"
    failed_at_first = photo.matte_state == Photo.MatteState.FAILED and not photo.method
    other = "grabcut" if failed_at_first else OPPOSITE.get(photo.method, "")
    needs_weights = other == "isnet" or failed_at_first  # without them GrabCut is what failed
    return "" if needs_weights and not _has_isnet() else other


def _has_isnet() -> bool:
    try:
        return weights.isnet_path() is not None
    except WeightsCorrupt:
        return False


def is_unsure(photo: Photo) -> bool:
    """Whether the merchant should look at the cut-out's edges."""
    return photo.confidence is not None and photo.confidence < UNSURE_BELOW


def cut_out_picture(photo: Photo, picture: Picture, engine: Engine, report: Report) -> Cutout:
    """Cut the product out of a photo's pixels: by the method asked for, else as the engine does."""
    if not photo.method:
        return engine.cut_out(picture, report)
    from generation import cutout

    return cutout.cut_out(picture, report, photo.method)


def photo_cutout_store(*, photo: Photo, cutout: Cutout) -> Photo:
    """Keep a person's cut-out in place of any other. Raises ``NotFound`` when the photo was deleted meanwhile; then
    nothing is kept."""
    if not _cutout_keep(photo, cutout, Photo.objects.all()):
        raise NotFound("photo.not_found")
    return photo


def photo_cutout_found(*, photo: Photo, cutout: Cutout, rows: QuerySet[Photo]) -> bool:
    """Keep what a machine cut out, as long as the photo is one of ``rows``; False where it is not any more. Cutting out
    takes seconds, in which somebody else may have been quicker: the merchant's own strokes, above all, stay."""
    return _cutout_keep(photo, cutout, rows)


def _cutout_keep(photo: Photo, cutout: Cutout, rows: QuerySet[Photo]) -> bool:
    """The file first: a storage may be slow, and no row is to be locked for so long. The one it replaces goes once the
    row points at the new one."""
    made = Photo(pk=photo.pk)
    data = intake.encode_png(cutout.picture, intake.CLEAN_PNG_LEVEL)
    made.matte.save("matte.png", ContentFile(data), save=False)
    values: dict[str, Any] = {
        "matte": made.matte.name,
        "matte_state": Photo.MatteState.READY,
        "matte_error": "",
        "method": cutout.method,
        "confidence": cutout.confidence,
        **_NOBODY_CUTS_IT,
    }
    with transaction.atomic():
        row = rows.select_for_update().filter(pk=photo.pk).first()
        if row is not None:
            Photo.objects.filter(pk=row.pk).update(**values)
            if row.matte:
                delete_on_commit(row.matte.storage, str(row.matte.name))
    if row is None:
        discard(made.matte.storage, str(made.matte.name))
        return False
    for name, value in values.items():
        setattr(photo, name, value)
    return True


@transaction.atomic
def photo_cutout_failed(*, photo: Photo, code: str, rows: QuerySet[Photo] | None = None) -> None:
    """The photo is marked; a matte that it had before stays in use. ``rows``: only as long as it is one of these."""
    of = Photo.objects.all() if rows is None else rows
    row = of.select_for_update().filter(pk=photo.pk, matte_state=Photo.MatteState.PENDING).first()
    if row is None:
        return
    if row.matte:
        row.matte_state, row.method = Photo.MatteState.READY, OPPOSITE[row.method]
    else:
        row.matte_state = Photo.MatteState.FAILED
    told = {"matte_error": code, **_NOBODY_CUTS_IT}
    Photo.objects.filter(pk=row.pk).update(matte_state=row.matte_state, method=row.method, **told)


def photo_picture(photo: Photo) -> Picture:
    """The photo's own pixels."""
    with photo.file.open("rb") as file:
        return intake.read_photo(file.read()).picture


def photo_cutout(photo: Photo) -> Cutout:
    """The stored cut-out as pixels. Raises ValueError when there is none."""
    if not photo.matte:
        raise ValueError(f"photo {photo.pk} has no matte")
    with photo.matte.open("rb") as file:
        return Cutout(intake.read_layer(file.read()), photo.method, photo.confidence or 0.0)


def photo_as_cut(photo_id: UUID) -> tuple[Photo, Cutout]:
    """The photo and its cut-out as they are now, also where the merchant replaces the matte this very moment. Raises
    ``Photo.DoesNotExist``, ValueError when there is no matte, FileNotFoundError when its file is lost."""
    while True:
        photo = Photo.objects.get(pk=photo_id)
        try:
            return photo, photo_cutout(photo)
        except FileNotFoundError:
            if Photo.objects.filter(pk=photo_id, matte=photo.matte.name).exists():
                raise


def notes_of(photo: Photo) -> list[str]:
    """Codes of what the merchant should know about this cut-out."""
    notes = []
    if photo.method == "grabcut":
        notes.append("note.cutout_grabcut")
    if is_unsure(photo):
        notes.append("note.cutout_unsure")
    return notes
