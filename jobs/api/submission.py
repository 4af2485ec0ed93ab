"""From a request, JSON or multipart, to a submitted job."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, TypeVar

import pydantic
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from ninja import Header
from ninja.errors import ValidationError

from accounts.models import Shop
from jobs import moderation, selectors, services
from jobs.api.auth import Caller
from jobs.api.pictures import picture_bytes, within_limit
from jobs.api.request_schemas import FILE_PARTS
from jobs.api.schemas import PICTURE_FIELDS, GenerateRequest, PromptIn
from jobs.errors import Refused
from jobs.idempotency import HEADER, submitted_once
from jobs.models import Job, Photo
from jobs.params import ALIASES, AdParams
from jobs.photos import photo_create

Request = TypeVar("Request", bound=pydantic.BaseModel)

Key = Annotated[
    str | None,
    Header(
        None,
        alias=HEADER,
        description="다시 보낸 요청이 다시 실행되지 않게 하는 열쇠. 같은 열쇠와 같은 본문은 24시간 동안 같은 작업이고, "
        "다른 본문은 409입니다.",
    ),
]
"""The header, as endpoints declare it."""
MOST_IGNORED = 50
LONGEST_IGNORED_NAME = 60


@dataclass(slots=True)
class Pictures:
    """The bytes that came with a request, and under which name the product photo came."""

    product: bytes | None = None
    product_field: str = "input_image"
    step1: bytes | None = None
    step2: bytes | None = None
    ignored: list[str] = field(default_factory=list)


def ad_params(request: GenerateRequest) -> AdParams:
    """The fields that are stored, ``model_fields_set`` kept."""
    given = request.model_dump(include=set(AdParams.model_fields), exclude_unset=True)
    return AdParams.model_validate(given)


def _file_bytes(files: dict[str, UploadedFile[Any]], names: tuple[str, ...]) -> tuple[str, bytes] | None:
    for name in names:
        if (upload := files.get(name)) is not None:
            if not upload.size:
                raise Refused("photo.empty", status=422, field=name)
            return name, within_limit(upload.read(), field=name)
    return None


def pictures_of(request: GenerateRequest, files: dict[str, UploadedFile[Any]]) -> Pictures:
    """Decode what the start step has a use for; the rest is named in ``ignored``."""
    found = Pictures()
    text = {name: getattr(request, name) for name in PICTURE_FIELDS}
    wanted = {
        "input_image": request.start_step == 1 and not request.photo_id,
        "step1_image": request.start_step >= 2,
        "step2_image": request.start_step >= 3,
    }
    for name, used in wanted.items():
        names = FILE_PARTS if name == "input_image" else (name,)
        sent = any(part in files for part in names)
        if not used:
            found.ignored += [name] if text[name] or sent else []
            continue
        data: bytes | None = None
        if upload := _file_bytes(files, names):
            label, data = upload
            found.product_field = label if name == "input_image" else found.product_field
        elif text[name]:
            data = picture_bytes(text[name], field=name)
        if name == "input_image":
            found.product = data
        elif name == "step1_image":
            found.step1 = data
        else:
            found.step2 = data
    found.ignored += [name for name in files if name not in (*FILE_PARTS, *PICTURE_FIELDS)]
    return found


def _photo(caller: Caller, request: GenerateRequest, pictures: Pictures) -> Photo | None:
    if request.photo_id:
        return selectors.photo_get(shop=caller.shop, photo_id=request.photo_id)
    if pictures.product is None:
        return None
    try:
        return photo_create(shop=caller.shop, data=pictures.product)
    except Refused as refusal:
        refusal.field = pictures.product_field
        raise


def _as_sent(names: list[str], request: GenerateRequest, raw_names: set[str]) -> list[str]:
    """The ignored fields by the names that the sender used, each once."""
    sent_as = {name: alias for alias, name in ALIASES.items() if alias in raw_names and name not in raw_names}
    unknown = [name[:LONGEST_IGNORED_NAME] for name in (request.model_extra or {})]
    return list(dict.fromkeys([*unknown, *(sent_as.get(name, name) for name in names)]))[:MOST_IGNORED]


def fingerprint(operation: str, request: GenerateRequest, files: dict[str, UploadedFile[Any]]) -> str:
    """SHA-256 of what is asked: the fields by name, whatever their order or alias, and the files' bytes."""
    asked = request.model_dump(
        exclude_unset=True
    )  # as JSON pydantic refuses half a surrogate pair in unknown fields
    parts = {name: _file_digest(upload) for name, upload in files.items()}
    text = json.dumps([operation, asked, parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _file_digest(upload: UploadedFile[Any]) -> str:
    digest = hashlib.sha256(b"".join(upload.chunks())).hexdigest()
    upload.seek(0)
    return digest


def submit(
    *,
    caller: Caller,
    request: GenerateRequest,
    files: dict[str, UploadedFile[Any]] | None = None,
    sent: set[str],
    key: str | None = None,
) -> dict[str, Any]:
    """Submit the job; ``sent`` are the names of the fields as they came, ``key`` is its ``Idempotency-Key``."""
    files = files or {}
    asked = fingerprint("generate", request, files) if key else ""
    pictures = pictures_of(request, files)
    photo = _photo(caller, request, pictures)  # outside of the key's transaction: its file is not rolled back
    params = ad_params(request)
    words = params.model_dump(include=set(moderation.WORDS))
    moderation.content_check(shop=caller.shop, request=words, photo=photo)
    do = partial(
        services.job_submit,
        shop=caller.shop,
        params=params,
        user=caller.user,
        photo=photo,
        step1_image=pictures.step1,
        step2_image=pictures.step2,
        is_checked=True,
    )
    submission = submitted_once(shop=caller.shop, key=key, fingerprint=asked, submit=do) if key else do()
    ignored = _as_sent([*pictures.ignored, *submission.ignored], request, sent)
    return answer(submission.job.pk, submission.job.status, ignored)


def rerun(
    *, caller: Caller, job: Job, request: GenerateRequest, sent: set[str], key: str | None = None
) -> dict[str, Any]:
    """Submit a re-run; pictures that came with the request are of no use to it, for they come from the job itself."""
    params = ad_params(request)
    changes = params.model_dump(mode="json", include=params.model_fields_set - {"start_step"})
    words = moderation.changed_words(job, changes)
    moderation.content_check(shop=caller.shop, request=words)
    do = partial(
        services.job_rerun,
        job=job,
        start_step=request.start_step,
        changes=changes,
        user=caller.user,
        is_checked=True,
    )
    asked = fingerprint(f"rerun {job.pk}", request, {}) if key else ""
    submission = submitted_once(shop=caller.shop, key=key, fingerprint=asked, submit=do) if key else do()
    unused = [name for name in (*PICTURE_FIELDS, "photo_id") if name in request.model_fields_set]
    ignored = [*_as_sent(unused, request, sent), *submission.ignored]
    return answer(submission.job.pk, submission.job.status, list(dict.fromkeys(ignored)))


def wish_of(shop: Shop, request: PromptIn) -> dict[str, Any]:
    """What ``prompt_optimize`` is asked. Raises ``NotFound`` for a photo that is not the shop's."""
    return {
        "prompt": request.prompt,
        "headline": request.text_content,
        "industry": request.industry,
        "photo": selectors.photo_get(shop=shop, photo_id=request.photo_id) if request.photo_id else None,
    }


def answer(job_id: object, status: str, ignored: list[str]) -> dict[str, Any]:
    return {"job_id": job_id, "status": status, **({"ignored": ignored} if ignored else {})}


def validated(model: type[Request], data: object) -> Request:
    """The body as that model; raises the API's ``ValidationError`` when it does not fit."""
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise ValidationError([{**detail, "loc": ("body", *detail["loc"])} for detail in details]) from error


def is_form(request: HttpRequest) -> bool:
    """A multipart form; everything else is taken for JSON, as curl sends JSON under a form's type."""
    return (request.content_type or "") == "multipart/form-data"
