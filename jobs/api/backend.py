"""The backend API under ``/api``: photos, jobs page by page, prompts and copy."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import P, Query, QueryEx, Router, Status

from jobs import selectors, services
from jobs.api.body import JsonParser, json_body
from jobs.api.etags import NOT_MODIFIED, is_known, job_etag, not_modified, tagged
from jobs.api.pictures import picture_bytes, within_limit
from jobs.api.request_schemas import FILE_PARTS
from jobs.api.schemas import (
    CopyIn,
    CopyOut,
    CutoutIn,
    GenerateForm,
    GenerateRequest,
    Identifier,
    JobAnswer,
    JobDetail,
    JobPage,
    MatteIn,
    PhotoIn,
    PhotoOut,
    PromptIn,
    PromptOut,
    Submitted,
)
from jobs.api.serving import caller, sent_fields
from jobs.api.submission import Key, is_form, rerun, submit, validated, wish_of
from jobs.cursors import cursor_of, older_than
from jobs.errors import Refused
from jobs.events import job_row
from jobs.fields import Between
from jobs.media import matte_screen_url, matte_url, photo_screen_url, photo_url
from jobs.messages import sentence
from jobs.models import Artifact, Job, Photo
from jobs.photo_deletion import photo_delete
from jobs.photos import (
    is_unsure,
    other_method,
    photo_create,
    photo_cutout_again,
    photo_matte_brush,
    photo_matte_replace,
)
from jobs.versions import request_of
from jobs.words.copywriting import AdWords, copy_write
from jobs.words.prompts import prompt_optimize

router = Router(tags=["backend"])
FILE: dict[str, Any] = {"type": "string", "format": "binary"}
MATTE_PARTS = ("matte", "file")
BRUSH_PART = "brush"
MATTE = "사진과 크기가 같은 누끼 PNG."
BRUSH = "붓 자국 PNG, 사진 전체에 덮습니다. 흰색은 남기고 검은색은 지우며 투명한 곳은 그대로 둡니다."
PAGE = 20
LARGEST_PAGE = 100
Limit = Annotated[int, Between(1, LARGEST_PAGE), Query(PAGE, description="한 쪽의 작업 수.")]


def _body(model: str, form: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI's requestBody of an endpoint that reads it itself: JSON, a form, or others by their media type."""
    schemas = {
        "application/json": {"$ref": f"#/components/schemas/{model}"},
        "multipart/form-data": form,
        **others,
    }
    content = {media_type: {"schema": schema} for media_type, schema in schemas.items()}
    return {"requestBody": {"required": True, "content": content}}


def _files(**described: str) -> dict[str, Any]:
    """A form with a file under one of these names."""
    files = {name: {**FILE, "description": text} for name, text in described.items()}
    needed = [{"required": [name]} for name in described]
    return {"type": "object", "properties": files, **({"anyOf": needed} if len(needed) > 1 else needed[0])}


def _uploads(request: HttpRequest) -> dict[str, UploadedFile[Any]]:
    """The form's files by name. Django itself reads forms of POST requests only."""
    if request.method == "POST":
        return {name: file for name, file in request.FILES.items() if not isinstance(file, list)}
    _fields, files = request.parse_file_upload(request.META, request)
    return {name: file for name, file in files.items() if not isinstance(file, list)}


def _uploaded(request: HttpRequest, names: tuple[str, ...]) -> tuple[str, bytes]:
    files = _uploads(request)
    for name in names:
        if name in files:
            return name, within_limit(files[name].read(), field=name)
    raise Refused("request.field_invalid", status=422, field="file", reason=sentence("reason.missing"))


def photo_row(photo: Photo) -> dict[str, Any]:
    failure = (
        {"code": photo.matte_error, "message": sentence(photo.matte_error)} if photo.matte_error else None
    )
    return {
        "photo_id": photo.pk,
        "width": photo.width,
        "height": photo.height,
        "size": photo.size,
        "sha256": photo.sha256,
        "url": photo_url(photo),
        "screen_url": photo_screen_url(photo),
        "matte_state": photo.matte_state,
        "matte_url": matte_url(photo),
        "matte_screen_url": matte_screen_url(photo),
        "matte_error": failure,
        "method": photo.method,
        "confidence": photo.confidence,
        "unsure": is_unsure(photo),
        "other_method": other_method(photo),
        "created_at": photo.created_at,
    }


@router.post(
    "/photos",
    response={201: PhotoOut},
    summary="사진을 올립니다",
    openapi_extra=_body("PhotoIn", _files(file="제품 사진.")),
)
def photo_upload(request: HttpRequest) -> Status[dict[str, Any]]:
    """Stores the photo and starts its cut-out. The same photo again is the same `photo_id`."""
    if is_form(request):
        field, data = _uploaded(request, FILE_PARTS)
    else:
        field = "input_image"
        data = picture_bytes(validated(PhotoIn, json_body(request)).input_image, field=field)
    try:
        photo = photo_create(shop=caller(request).shop, data=data)
    except Refused as refusal:
        refusal.field = field
        raise
    return Status(201, photo_row(photo))


@router.get("/photos/{photo_id}", response=PhotoOut, summary="사진과 누끼의 상태")
def photo_detail(request: HttpRequest, photo_id: Identifier) -> dict[str, Any]:
    return photo_row(selectors.photo_get(shop=caller(request).shop, photo_id=photo_id))


@router.delete("/photos/{photo_id}", response={204: None}, summary="사진을 지웁니다")
def photo_remove(request: HttpRequest, photo_id: Identifier) -> Status[None]:
    """The photo and its cut-out are gone for good; ads made of it keep their pictures. 409 while one is being made."""
    photo_delete(photo=selectors.photo_get(shop=caller(request).shop, photo_id=photo_id))
    return Status(204, None)


@router.post("/photos/{photo_id}/cutout", response=PhotoOut, summary="다른 방법으로 누끼를 다시 땁니다")
def cutout_again(request: HttpRequest, photo_id: Identifier, payload: CutoutIn) -> dict[str, Any]:
    """`matte_state` is `pending` until the new matte is there; the matte of before stays until then."""
    photo = selectors.photo_get(shop=caller(request).shop, photo_id=photo_id)
    return photo_row(photo_cutout_again(photo=photo, method=payload.method or ""))


@router.put(
    "/photos/{photo_id}/matte",
    response=PhotoOut,
    summary="누끼를 바꿉니다",
    openapi_extra=_body("MatteIn", _files(matte=MATTE, brush=BRUSH), **{"image/png": FILE}),
)
def matte_replace(request: HttpRequest, photo_id: Identifier) -> dict[str, Any]:
    """A PNG of the photo's size: as the raw body (`image/png`), as the form's file or as base64 JSON.

    Or strokes over the cut-out that is there, as the form's file `brush`: a PNG of any size over the whole photo,
    white keeps, black erases, and where it is clear the cut-out stays as it was to the bit.
    """
    photo = selectors.photo_get(shop=caller(request).shop, photo_id=photo_id)
    if (request.content_type or "").startswith("image/"):
        data = within_limit(request.body, field="matte")
    elif is_form(request):
        name, data = _uploaded(request, (*MATTE_PARTS, BRUSH_PART))
        if name == BRUSH_PART:
            return photo_row(photo_matte_brush(photo=photo, data=data))
    else:
        data = picture_bytes(validated(MatteIn, json_body(request)).matte, field="matte")
    return photo_row(photo_matte_replace(photo=photo, data=data))


@router.post(
    "/generate",
    response=Submitted,
    exclude_none=True,
    summary="광고를 주문합니다 (JSON, 파일, photo_id)",
    openapi_extra=_body("GenerateRequest", {"$ref": "#/components/schemas/GenerateForm"}),
)
def generate_upload(request: HttpRequest, key: Key = None) -> dict[str, Any]:
    """As `/generate`; also a multipart form with the photo as a file part, or the `photo_id` of an earlier upload."""
    if not is_form(request):
        payload = validated(GenerateRequest, JsonParser().parse_body(request))
        return submit(caller=caller(request), request=payload, sent=sent_fields(request), key=key)
    fields, files = request.POST.dict(), _uploads(request)
    if not fields and not files:  # nothing that was sent could be read as a form
        raise BadRequest
    form = validated(GenerateForm, fields)
    return submit(
        caller=caller(request),
        request=form,
        files=files,
        sent={str(name) for name in fields},
        key=key,
    )


def _after(cursor: str) -> Q:
    try:
        return older_than(cursor)
    except ValueError as error:
        reason = sentence("reason.not_a_cursor")
        raise Refused("request.field_invalid", status=422, field="cursor", reason=reason) from error


@router.get("/jobs", response=JobPage, summary="가게의 작업들, 쪽으로 나누어")
def job_page(
    request: HttpRequest,
    cursor: QueryEx[str, P(description="앞 쪽의 next")] = "",
    limit: Limit = PAGE,
) -> dict[str, Any]:
    """Newest first. Jobs submitted meanwhile do not shift the pages."""
    found = selectors.jobs_of(caller(request).shop)
    if cursor:
        found = found.filter(_after(cursor))
    page = list(found[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    return {"items": [job_row(job) for job in page], "next": cursor_of(page[-1]) if more else None}


@router.get(
    "/jobs/{job_id}",
    response=JobDetail,
    openapi_extra=NOT_MODIFIED,
    summary="작업 하나와 그림들의 주소",
)
def job_detail(
    request: HttpRequest, response: HttpResponse, job_id: Identifier
) -> HttpResponse | dict[str, Any]:
    """Send the answer's `ETag` back as `If-None-Match`: 304 while the job has not changed."""
    job = selectors.job_get(shop=caller(request).shop, job_id=job_id)
    etag = job_etag(job, "detail")
    if is_known(request, etag):
        return not_modified(etag)
    tagged(response, etag)
    return {
        **job_row(job),
        "photo_id": job.photo_id,
        "parent_id": job.parent_id,
        "source_type": selectors.source_of(job, Artifact.Kind.FINAL),
        "seed": job.seed,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "parameters": request_of(job),
        "text_verified": None if job.text_verified in Job.UNREAD else job.text_verified,
        "text_read": job.text_read or None,
    }


@router.post("/jobs/{job_id}/stop", response=JobAnswer, summary="작업을 중지합니다")
def job_stop(request: HttpRequest, job_id: Identifier) -> dict[str, Any]:
    job = services.job_stop(job=selectors.job_get(shop=caller(request).shop, job_id=job_id))
    return {"job_id": job.pk, "status": job.status}


@router.post("/jobs/{job_id}/rerun", response=Submitted, exclude_none=True, summary="단계부터 다시 만듭니다")
def job_rerun(
    request: HttpRequest, job_id: Identifier, payload: GenerateRequest, key: Key = None
) -> dict[str, Any]:
    """A new job from `start_step` on, with the fields given here changed; earlier steps' pictures are reused."""
    job = selectors.job_get(shop=caller(request).shop, job_id=job_id)
    return rerun(caller=caller(request), job=job, request=payload, sent=sent_fields(request), key=key)


@router.post("/optimize-prompt", response=PromptOut, summary="프롬프트를 다듬습니다")
def optimize_prompt(request: HttpRequest, payload: PromptIn) -> dict[str, Any]:
    """Words in Korean or English become a scene, a text style and English prompts, and a reason.

    Where the operator has set up OpenAI it is asked (`source` is `openai`); without it, beyond the shop's monthly
    limit, or when it does not answer in time, rules do it (`rules`). Nothing but what is sent here leaves, and the
    photo only with the consent of the shop's owner.
    """
    shop = caller(request).shop
    return asdict(prompt_optimize(shop=shop, **wish_of(shop, payload)))


@router.post("/copy", response=CopyOut, summary="헤드라인과 올릴 글을 제안합니다")
def suggest_copy(request: HttpRequest, payload: CopyIn) -> dict[str, Any]:
    """Headlines, a small line, hashtags, alt text and a caption for each channel, in the shop's tone and the season's.

    Every headline is short enough for a picture; the next `seed` gives five others."""
    found = copy_write(shop=caller(request).shop, ad=AdWords(**payload.model_dump()))
    return {**asdict(found), "suggestions": found.headlines}
