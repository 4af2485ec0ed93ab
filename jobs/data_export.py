"""A person's own data as ZIP files: the account, the shops they own, those shops' photos and ads.

A worker makes them, one part at a time and behind the ads that wait: a shop's pictures are gigabytes, which a web
process cannot stream (the server in front of Django buffers what a slow reader has not taken). Each part holds what a
request may carry in memory; between two parts the export's row keeps how far it came, so a worker that dies costs one.
Who makes which part stands in ``jobs.claims.data_exports``.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Membership, Shop, User
from adstudio.files import delete_on_commit
from jobs import queue
from jobs.claims import left_by_a_dead_worker
from jobs.claims.data_exports import DataExportClaim
from jobs.models import DataExport, DataExportPart, Job, Photo

PART_BYTES = 64_000_000
"""A part ends with the item that goes beyond."""
PATIENCE = timedelta(minutes=2)
"""An export that no worker looked after for so long is woken anew."""
ACCOUNT = "1-account"
PHOTO = "2-photo"
JOB = "3-job"
SHOP_FIELDS = (
    *("slug", "name", "industry", "tone", "brand_color", "accent_color", "default_font", "default_formats"),
    *("ai_label", "photo_to_openai_at", "created_at"),
)
PHOTO_FIELDS = ("id", "width", "height", "size", "sha256", "matte_state", "method", "created_at")
JOB_FIELDS = (
    *("id", "title", "engine", "seed", "status", "error_code", "request", "photo_id", "parent_id"),
    *("queued_at", "started_at", "finished_at"),
)


def shops_owned(user: User) -> QuerySet[Shop]:
    return Shop.objects.filter(memberships__user=user, memberships__role=Membership.Role.OWNER).order_by("pk")


@transaction.atomic
def data_export_request(*, user: User) -> DataExport:
    """Begin an export, or go on with the one that is being made. Finished ones of before go."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # of two clicks the second waits
    running = DataExport.objects.filter(user=user, finished_at=None).first()
    if running is not None:
        return running
    for old in DataExport.objects.filter(user=user):
        data_export_delete(export=old)
    export = DataExport.objects.create(user=user)
    transaction.on_commit(partial(queue.wake_for_data_export, export))
    return export


@transaction.atomic
def data_export_delete(*, export: DataExport) -> None:
    _delete_parts(export)
    DataExport.objects.filter(pk=export.pk).delete()


def _delete_parts(export: DataExport) -> None:
    for part in DataExportPart.objects.select_for_update().filter(export=export):
        delete_on_commit(part.file.storage, str(part.file.name))
        part.delete()


@transaction.atomic
def data_export_give_up(*, export: DataExport) -> None:
    """Three workers ended at the same part. Half a copy would pass for a whole one, so what was made goes."""
    unfinished = DataExport.objects.filter(pk=export.pk, finished_at=None, heartbeat_at=None)
    if unfinished.update(finished_at=Now(), error_code="data_export.worker_lost"):
        _delete_parts(export)


def look_after_left_alone() -> None:
    """Wake-ups for unfinished exports that no worker is at: at once where one died, else now and then. Those that were
    tried too often are given up."""
    long_ago = Now() - PATIENCE
    forgotten = Q(looked_after_at=None, requested_at__lt=long_ago) | Q(looked_after_at__lt=long_ago)
    left = left_by_a_dead_worker() | (Q(heartbeat_at=None) & forgotten)
    for export in DataExport.objects.filter(left, finished_at=None):
        DataExport.objects.filter(pk=export.pk).update(looked_after_at=Now(), heartbeat_at=None)
        if export.attempts >= settings.JOB_MAX_ATTEMPTS:
            data_export_give_up(export=export)
        else:
            queue.wake_for_data_export(export)


def forget_old_exports() -> None:
    """Files that nobody fetched within ``KEEP_DATA_EXPORTS_DAYS`` go."""
    limit = Now() - timedelta(days=settings.KEEP_DATA_EXPORTS_DAYS)
    for export in DataExport.objects.filter(finished_at__lt=limit):
        data_export_delete(export=export)


def next_part(claim: DataExportClaim) -> None:
    """Make one part and, when more is to come, ask for the next."""
    export = claim.rows.select_related("user").first()
    if export is None:
        return
    try:
        with tempfile.TemporaryFile() as scratch:
            done_up_to, is_last = _fill(scratch, export)
            size = scratch.tell()
            scratch.seek(0)
            _keep(claim, File(scratch), size, done_up_to, is_last)
    finally:
        claim.release()
    if not is_last:
        queue.wake_for_data_export(export)


def _keep(claim: DataExportClaim, file: File[bytes], size: int, done_up_to: str, is_last: bool) -> None:
    """The part and how far it goes, unless another worker took over or the export is gone."""
    with transaction.atomic():
        row = claim.rows.select_for_update().first()
        if row is None:
            return
        part = DataExportPart(export=row, number=row.parts.count() + 1, size=size)
        part.file.save(f"adstudio-{timezone.localdate():%Y%m%d}-{part.number}.zip", file, save=False)
        part.save(force_insert=True)
        row.done_up_to = done_up_to
        row.finished_at = timezone.now() if is_last else None
        row.attempts, row.heartbeat_at = 0, None
        row.save(update_fields=["done_up_to", "finished_at", "attempts", "heartbeat_at"])


def _fill(scratch: Any, export: DataExport) -> tuple[str, bool]:
    """Write items until the part is full; how far it came, and whether that was all."""
    items = [key for key in _items(export.user) if key > export.done_up_to]
    done_up_to = export.done_up_to
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
        for key in items:
            _write_item(archive, export.user, key)
            done_up_to = key
            if scratch.tell() > PART_BYTES:
                break
    return done_up_to, done_up_to == items[-1] if items else True


def _items(user: User) -> list[str]:
    """What belongs to the person, in an order that stays: the account, then photos, then ads."""
    shops = shops_owned(user)
    photos = Photo.objects.filter(shop__in=shops).order_by().values_list("pk", flat=True)
    jobs = Job.objects.filter(shop__in=shops).order_by().values_list("pk", flat=True)
    return sorted([ACCOUNT, *(f"{PHOTO}:{pk}" for pk in photos), *(f"{JOB}:{pk}" for pk in jobs)])


def _write_item(archive: zipfile.ZipFile, user: User, key: str) -> None:
    kind, _, pk = key.partition(":")
    if kind == ACCOUNT:
        _write_json(archive, "account.json", _account(user))
        for shop in shops_owned(user):
            _write_file(archive, shop.slug, shop.logo)
    elif kind == PHOTO:
        _write_photo(archive, UUID(pk))
    else:
        _write_job(archive, UUID(pk))


def _account(user: User) -> dict[str, Any]:
    memberships = user.memberships.select_related("shop").order_by("pk")
    return {
        "email": user.email,
        "name": user.name,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "terms_accepted_at": user.terms_accepted_at,
        "privacy_accepted_at": user.privacy_accepted_at,
        "works_in": [
            {"shop": each.shop.slug, "role": each.role, "since": each.created_at} for each in memberships
        ],
        "shops": [_shop(shop) for shop in shops_owned(user)],
    }


def _shop(shop: Shop) -> dict[str, Any]:
    tokens = shop.api_tokens.order_by("created_at").values("name", "prefix", "created_at", "last_used_at")
    return {**{name: getattr(shop, name) for name in SHOP_FIELDS}, "api_tokens": list(tokens)}


def _write_photo(archive: zipfile.ZipFile, pk: UUID) -> None:
    photo = Photo.objects.select_related("shop").filter(pk=pk).first()
    if photo is None:  # deleted since the list was made
        return
    folder = f"{photo.shop.slug}/photos/{pk}"
    _write_json(archive, f"{folder}/photo.json", {name: getattr(photo, name) for name in PHOTO_FIELDS})
    for file in (photo.file, photo.matte):
        _write_file(archive, folder, file)


def _write_job(archive: zipfile.ZipFile, pk: UUID) -> None:
    job = Job.objects.select_related("shop").filter(pk=pk).first()
    if job is None:
        return
    folder = f"{job.shop.slug}/ads/{pk}"
    _write_json(archive, f"{folder}/ad.json", {name: getattr(job, name) for name in JOB_FIELDS})
    for artifact in job.artifacts.exclude(kind="preview"):
        _write_file(archive, folder, artifact.file)


def _write_json(archive: zipfile.ZipFile, name: str, content: dict[str, Any]) -> None:
    archive.writestr(name, json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))


def _write_file(archive: zipfile.ZipFile, folder: str, file: FieldFile) -> None:
    if not file:
        return
    try:
        with file.open("rb") as source:
            archive.writestr(f"{folder}/{PurePosixPath(str(file.name)).name}", source.read())
    except FileNotFoundError:  # deleted, with its row, between the two looks
        return
