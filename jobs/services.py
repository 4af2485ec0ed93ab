"""What people and programs can do with jobs: submit, stop, delete, re-run."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from PIL import Image
from pydantic import ValidationError

from accounts.models import Shop, User
from adstudio.files import delete_on_commit
from generation import intake
from generation.provenance import SourceType, declared, xmp
from generation.types import Picture
from jobs import moderation, queue, selectors
from jobs.acceptance import (
    BACKGROUND_FIELDS,
    BACKGROUND_TUNING,
    brand_of,
    check_choices,
    check_names,
    check_step_images,
    font_of,
    logo_for,
    unused_fields,
)
from jobs.artifacts import artifact_store, stored_bytes
from jobs.day_orders import order_count, orders_left_today
from jobs.errors import Busy, EngineUnavailable, NotFound, OverQuota, Refused
from jobs.models import Artifact, Engine, Job, JobEvent, Photo
from jobs.moderation import content_check
from jobs.params import ALIASES, AdParams
from jobs.transitions import job_transition
from jobs.versions import is_understood, request_of, version_of

SEED_BITS = 31
TITLE_LENGTH = 120


@dataclass(frozen=True)
class Submission:
    """A job accepted, and the names of fields that were given but are of no use to it."""

    job: Job
    ignored: list[str] = field(default_factory=list)


def job_submit(
    *,
    shop: Shop,
    params: AdParams,
    user: User | None = None,
    photo: Photo | None = None,
    step1_image: bytes | None = None,
    step2_image: bytes | None = None,
    parent: Job | None = None,
    is_checked: bool = False,
) -> Submission:
    """Accept a job, or raise ``Refused`` and change nothing.

    ``is_checked``: its content was looked at already (``jobs.moderation``), as who calls within a transaction sees to.

    ``step1_image`` and ``step2_image`` are encoded pictures that stand for the steps before ``start_step``. Logo and
    brand colours are kept with the job, the parent's where it has them, so that a shop's new ones change no old ad.
    """
    if not is_checked:
        content_check(shop=shop, request=params.model_dump(include=set(moderation.WORDS)), photo=photo)
    return _accept(shop, params, user, photo, step1_image, step2_image, parent)


@transaction.atomic
def _accept(
    shop: Shop,
    params: AdParams,
    user: User | None,
    photo: Photo | None,
    step1_image: bytes | None,
    step2_image: bytes | None,
    parent: Job | None,
) -> Submission:
    selectors.shop_hold(shop.pk)
    check_choices(params, shop)
    engine = _resolve_engine(params)
    _check_room(shop, engine)
    logo = logo_for(params, shop, parent)
    supplied: dict[str, bytes | None] = {Artifact.Kind.STEP1: step1_image, Artifact.Kind.STEP2: step2_image}
    pictures = check_step_images(params, step1_image, step2_image)
    if photo is not None and not _lock_photo(photo, shop):
        raise Refused("photo.not_found", status=404, field="photo_id")
    job = Job(
        shop=shop,
        created_by=user,
        photo=photo,
        parent=parent,
        foreign_background=params.start_step > 1 and (parent is None or parent.foreign_background),
        title=" ".join(params.text_content.split())[:TITLE_LENGTH],
        request=params.model_dump(mode="json", exclude={"seed"}, exclude_unset=True),
        engine=engine,
        seed=secrets.randbits(SEED_BITS) if params.seed is None else params.seed,
        current_step=Job.CurrentStep.values[params.start_step - 1],
        brand=parent.brand if parent is not None else brand_of(shop),
    )
    job.request["font_name"] = font_of(params, shop)
    if parent is None and shop.ai_label:
        job.request.setdefault("ai_label", True)
    job.request_version = version_of(job.request)
    job.full_clean(exclude=["photo", "parent", "shop", "created_by"])
    job.save(force_insert=True)
    order_count(shop)
    JobEvent.objects.create(job=job, sequence=0, to_status=job.status, reason="submitted")
    for kind, picture in pictures.items():
        known = selectors.source_of(parent, kind) if parent is not None else declared(supplied[kind] or b"")
        _keep_supplied(job, kind, picture, known)
    if logo is not None:
        with Image.open(io.BytesIO(logo)) as art:
            artifact_store(job=job, kind=Artifact.Kind.LOGO, data=logo, size=art.size)
    transaction.on_commit(partial(queue.wake, engine))
    return Submission(job, unused_fields(params, engine))


def job_stop(*, job: Job) -> Job:
    """Stop the job: a waiting one at once, a running one as soon as its worker sees the flag. Idempotent.

    Returns the job as it was when the flag was set, however quick its worker is. Raises ``NotFound`` when it is gone.
    """
    stopped = job_transition(
        job=job,
        to=Job.Status.STOPPED,
        reason="stopped by request",
        sources=[Job.Status.PENDING],
        changes={"message_code": "job.stopped"},
    )
    if stopped is not None:
        return stopped
    with transaction.atomic():
        row = Job.objects.select_for_update().filter(pk=job.pk).first()
        if row is None:
            raise NotFound
        if row.status == Job.Status.RUNNING and row.cancel_requested_at is None:
            row.cancel_requested_at = Now()
            row.save(update_fields=["cancel_requested_at"])
            row.refresh_from_db()
    return row


def job_delete(*, job: Job) -> None:
    """Remove the job and its files. Raises ``Refused`` while it runs, ``NotFound`` when it is gone already."""
    with transaction.atomic():
        row = Job.objects.select_for_update().filter(pk=job.pk).first()
        if row is None:
            raise NotFound
        if row.status == Job.Status.RUNNING:
            raise Refused("job.running", status=400)
        files = [(artifact.file.storage, str(artifact.file.name)) for artifact in row.artifacts.all()]
        row.delete()
        for storage, name in files:
            delete_on_commit(storage, name)


def job_rerun(
    *,
    job: Job,
    start_step: int,
    changes: dict[str, Any],
    user: User | None = None,
    is_checked: bool = False,
) -> Submission:
    """A new job like this one from ``start_step`` on, with some fields changed. ``is_checked``: see ``job_submit``.

    What it reuses is copied, so that deleting the first one breaks nothing. Its end is told to a ``callback_url`` of
    its own only. Changes to a background that is reused have no effect; ``ignored`` names them.
    """
    if not is_understood(job):  # a web process of an older release: it would drop what it does not know
        raise Refused("job.request_too_new", status=409)
    changes = {ALIASES.get(name, name): value for name, value in changes.items()}
    check_names(changes)
    settled = [
        name
        for name in (*BACKGROUND_FIELDS, *BACKGROUND_TUNING, "format")
        if start_step > 1 and name in changes
    ]
    changes = {name: value for name, value in changes.items() if name not in settled}
    values = {
        **{name: value for name, value in request_of(job).items() if name != "callback_url"},
        "seed": job.seed,
        **changes,
        "start_step": start_step,
        "stop_step": changes.get("stop_step"),
    }
    try:
        params = AdParams.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][-1]) if first["loc"] else "request"
        raise Refused("request.field_invalid", status=422, field=name, reason=first["msg"]) from error
    if start_step == 1 and job.photo_gone:
        raise Refused("photo.gone", status=409, field="photo_id")
    if not is_checked:
        shop = selectors.shop_of_job(job)
        content_check(shop=shop, request=moderation.changed_words(job, changes))
    with transaction.atomic():
        selectors.shop_hold(job.shop_id)
        selectors.job_hold(job)
        submission = _submit_again(job, params, user)
    return Submission(submission.job, settled + [name for name in submission.ignored if name in changes])


def _submit_again(job: Job, params: AdParams, user: User | None) -> Submission:
    """Submit with copies of the pictures that ``job`` made before the step to start from."""
    kept = selectors.pictures(job)
    needed = {2: [Artifact.Kind.STEP1], 3: [Artifact.Kind.STEP1, Artifact.Kind.STEP2]}.get(
        params.start_step, []
    )
    images = {kind: stored_bytes(kept[kind]) for kind in needed if kind in kept}
    submission = job_submit(
        shop=job.shop,
        params=params,
        user=user,
        photo=job.photo,
        step1_image=images.get(Artifact.Kind.STEP1),
        step2_image=images.get(Artifact.Kind.STEP2),
        parent=job,
        is_checked=True,
    )
    if job.photo_gone:
        submission.job.photo_gone = True
        submission.job.save(update_fields=["photo_gone"])
    if params.start_step > 1 and Artifact.Kind.CUTOUT in kept:
        layer = kept[Artifact.Kind.CUTOUT]
        artifact_store(
            job=submission.job,
            kind=layer.kind,
            data=stored_bytes(layer),
            size=(layer.width, layer.height),
        )
    return submission


def _resolve_engine(params: AdParams) -> str:
    """``auto`` is settled now: the GPU when one is alive that understands the request, else the studio."""
    gpu = selectors.live_workers(Engine.DIFFUSION)
    if params.engine == "auto":
        needed = version_of(params.model_dump(mode="json", exclude_unset=True))
        return Engine.DIFFUSION if gpu.filter(request_version__gte=needed).exists() else Engine.STUDIO
    if params.engine == "diffusion" and not gpu.exists():
        raise EngineUnavailable
    return params.engine


def _lock_photo(photo: Photo, shop: Shop) -> bool:
    """Keep the photo from being deleted until the job that needs it is stored; False when it is not the shop's."""
    return Photo.objects.select_for_update(no_key=True).filter(pk=photo.pk, shop=shop).exists()


def _check_room(shop: Shop, engine: str) -> None:
    if selectors.waiting_count(engine) >= settings.QUEUE_LIMIT:
        raise Busy
    if not orders_left_today(shop):
        raise OverQuota(selectors.seconds_until_tomorrow(), shop.daily_job_limit)


def _keep_supplied(job: Job, kind: str, picture: Picture, source: SourceType) -> None:
    height, width = picture.shape[:2]
    data = intake.encode_png(picture, xmp=xmp(source))
    artifact_store(job=job, kind=kind, data=data, size=(width, height), source=source)
