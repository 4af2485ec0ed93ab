"""What people and programs can do with jobs: submit, stop, delete, re-run."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping
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
from generation.errors import GenerationError, MerchantError
from generation.export.formats import FORMATS
from generation.provenance import SourceType, declared, xmp
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import LogoCorner, Picture
from generation.typography.fonts import check_glyphs, default_font
from jobs import moderation, queue, selectors
from jobs.artifacts import artifact_store
from jobs.callbacks import callback_check
from jobs.day_orders import order_count, orders_left_today
from jobs.errors import Busy, EngineUnavailable, NotFound, OverQuota, Refused
from jobs.models import Artifact, Engine, Job, JobEvent, Photo
from jobs.moderation import content_check
from jobs.params import ALIASES, FIRST_STEP, LAST_STEP, AdParams
from jobs.photos import (
    photo_create,
    photo_cutout_again,
    photo_matte_brush,
    photo_matte_replace,
    refusal_of,
)
from jobs.transitions import job_transition
from jobs.versions import is_understood, request_of, version_of

BUSY_RETRY_SECONDS = 30
SEED_BITS = 31
TITLE_LENGTH = 120
_BACKGROUND_FIELDS = ("scene", "camera", "match_light", "bg_prompt", "bg_negative_prompt")
_BACKGROUND_TUNING = (
    "bg_model",
    "strength",
    "guidance_scale",
    "num_inference_steps",
    "bg_composition_prompt",
    "bg_composition_negative_prompt",
)
_SCULPTING_FIELDS = ("text_style", "text_model_prompt", "text_negative_prompt")
_DETAIL_FIELDS = ("subline", "price_before", "price_now")
_COMPOSITION_TUNING = (
    "composition_prompt",
    "composition_negative_prompt",
    "composition_strength",
    "composition_steps",
    "composition_guidance_scale",
)

__all__ = [
    "Submission",
    "artifact_store",
    "job_delete",
    "job_rerun",
    "job_stop",
    "job_submit",
    "photo_create",
    "photo_cutout_again",
    "photo_matte_brush",
    "photo_matte_replace",
]


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
    _check_choices(params, shop)
    engine = _resolve_engine(params)
    _check_room(shop, engine)
    logo = _logo_for(params, shop, parent)
    supplied: dict[str, bytes | None] = {Artifact.Kind.STEP1: step1_image, Artifact.Kind.STEP2: step2_image}
    pictures = _check_step_images(params, step1_image, step2_image)
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
        brand=parent.brand if parent is not None else _brand_of(shop),
    )
    job.request["font_name"] = _font(params, shop)
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
    return Submission(job, _unused(params, engine))


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
    _check_names(changes)
    settled = [
        name
        for name in (*_BACKGROUND_FIELDS, *_BACKGROUND_TUNING, "format")
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
        content_check(shop=shop, request=moderation.changed_words(job.request, changes))
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
    images = {kind: _stored_bytes(kept[kind]) for kind in needed if kind in kept}
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
            data=_stored_bytes(layer),
            size=(layer.width, layer.height),
        )
    return submission


def _stored_bytes(artifact: Artifact) -> bytes:
    with artifact.file.open("rb") as file:
        data: bytes = file.read()
    return data


def _check_choices(params: AdParams, shop: Shop) -> None:
    """What must be known and drawable, on every engine, before anything is queued."""
    _check_names({name: getattr(params, name) for name in ("scene", "text_style", "format")})
    for name in ("text_content", *_DETAIL_FIELDS):
        try:
            check_glyphs(_font(params, shop), getattr(params, name))
        except GenerationError as error:
            at = "font_name" if error.code == "font.unknown" else name
            context: dict[str, Any] = dict(error.context)
            raise Refused(error.code, status=422, field=at, **context) from error
    if params.callback_url:
        callback_check(params.callback_url)
    if params.start_step == 2 and not params.text_content:
        raise Refused("step.text_missing", status=422, field="text_content")


def _check_names(given: Mapping[str, Any]) -> None:
    """Names that catalogues must know; empty is "not given"."""
    for name, known, code in (
        ("scene", scenes(), "scene.unknown"),
        ("text_style", styles(), "style.unknown"),
        ("format", FORMATS, "format.unknown"),
    ):
        value = given.get(name)
        if value and value not in known:
            raise Refused(code, status=422, field=name, allowed=", ".join(known))


def _logo_for(params: AdParams, shop: Shop, parent: Job | None) -> bytes | None:
    """The logo's file for a job that asks for it: that of the job it re-runs, else the shop's."""
    if params.logo is LogoCorner.NONE:
        return None
    kept = selectors.pictures(parent).get(Artifact.Kind.LOGO) if parent is not None else None
    if kept is not None:
        return _stored_bytes(kept)
    if not shop.logo:
        raise Refused("logo.missing", status=422, field="logo")
    with shop.logo.open("rb") as file:
        data: bytes = file.read()
    return data


def _brand_of(shop: Shop) -> dict[str, str]:
    named = {"color": shop.brand_color, "accent": shop.accent_color}
    return {name: color for name, color in named.items() if color}


def _font(params: AdParams, shop: Shop) -> str:
    return params.font_name or shop.default_font or default_font().path


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
        raise Busy(BUSY_RETRY_SECONDS)
    if not orders_left_today(shop):
        raise OverQuota(selectors.seconds_until_tomorrow(), shop.daily_job_limit)


def _check_step_images(
    params: AdParams, step1_image: bytes | None, step2_image: bytes | None
) -> dict[str, Picture]:
    """The supplied pictures that the start step needs, checked and decoded."""
    supplied = {"step1_image": step1_image, "step2_image": step2_image}
    needed = ["step1_image"][: params.start_step - 1] + ["step2_image"][: max(0, params.start_step - 2)]
    kinds = {"step1_image": Artifact.Kind.STEP1, "step2_image": Artifact.Kind.STEP2}
    pictures: dict[str, Picture] = {}
    for name in needed:
        data = supplied[name]
        if not data:
            raise Refused("step.image_missing", status=422, field=name)
        try:
            pictures[kinds[name]] = intake.read_photo(data).picture
        except MerchantError as error:
            raise refusal_of(error, name) from error
    return pictures


def _keep_supplied(job: Job, kind: str, picture: Picture, source: SourceType) -> None:
    height, width = picture.shape[:2]
    data = intake.encode_png(picture, xmp=xmp(source))
    artifact_store(job=job, kind=kind, data=data, size=(width, height), source=source)


def _unused(params: AdParams, engine: str) -> list[str]:
    """Names of fields that were given but that this engine, or the steps it is to make, have no use for."""
    unused: list[str] = []
    if params.start_step > 1:
        unused += _BACKGROUND_FIELDS + _BACKGROUND_TUNING
    if params.start_step > 2 or not params.text_content:
        unused += _SCULPTING_FIELDS
    if params.stop_step is not None and params.stop_step < LAST_STEP:
        unused += ("logo", "ai_label")
    if params.start_step == FIRST_STEP and engine == Engine.STUDIO:
        unused += ("ai_label",)  # nothing in it is painted by a model
    if params.start_step < 3 and not params.text_content:
        unused += _DETAIL_FIELDS + _COMPOSITION_TUNING
    given = [name for name in unused if name in params.model_fields_set]
    return list(dict.fromkeys(params.of_no_use(engine) + given))
