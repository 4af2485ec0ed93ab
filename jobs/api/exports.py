"""A finished ad in a channel's format. Pictures are drawn by workers; this only hands them out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from ninja import P, QueryEx, Router

from generation.export.formats import FORMATS
from jobs import exports, selectors
from jobs.api.errors import error_response
from jobs.api.schemas import ExportWaiting, Identifier
from jobs.api.serving import caller
from jobs.media import download_name
from jobs.media_views import picture_response
from jobs.models import Artifact, Export, Job

router = Router(tags=["backend"])
RETRY_SECONDS = 2
OURS = ("engine.", "generation.", "verify.", "job.", "export.", "signing.")
"""Beginnings of the codes of failures that the caller cannot put right: answered 500, the others 422."""
FORMAT_DESCRIPTION = "채널 규격: " + ", ".join(f"`{key}`" for key in FORMATS)
_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS = {
    "responses": {
        200: {
            "description": "채널의 크기와 용량 제한에 맞는 그림. 쇼핑몰 규격은 흰 배경의 제품 사진입니다.",
            "content": {"image/png": _PICTURE, "image/jpeg": _PICTURE},
        },
    }
}


@router.get(
    "/jobs/{job_id}/export",
    response={202: ExportWaiting},
    openapi_extra=_ANSWERS,
    summary="완성 그림을 채널 규격으로",
)
def job_export(
    request: HttpRequest,
    job_id: Identifier,
    format: QueryEx[str, P(description=FORMAT_DESCRIPTION, examples=["instagram-story"])],
) -> HttpResponseBase:
    """The picture composed anew at the channel's own shape; 202 while a worker still draws it. Each is drawn once.

    409: the job is not finished, or there is nothing to draw it from. A failed drawing tells its failure for a
    minute; asked for after that it is drawn anew.
    """
    job = selectors.job_get(shop=caller(request).shop, job_id=job_id)
    found = exports.export_request(job=job, key=format)
    if isinstance(found, Artifact):
        return _picture(job, found)
    return _failure(found) if found.status == Export.Status.FAILED else _waiting(found)


def _picture(job: Job, artifact: Artifact) -> HttpResponseBase:
    extension = FORMATS[artifact.format].extension
    name = download_name(job, format_key=artifact.format, extension=extension)
    return picture_response(artifact.file, artifact.content_type, save_as=name)


def _failure(export: Export) -> HttpResponseBase:
    status = 500 if export.error_code.startswith(OURS) else 422
    return error_response(export.error_code, status=status, context=export.error_context)


def _waiting(export: Export) -> HttpResponseBase:
    """A row that has just been completed counts as running: the next question finds the picture."""
    is_pending = export.status == Export.Status.PENDING
    body: dict[str, Any] = {
        "job_id": export.job_id,
        "format": export.format,
        "status": Export.Status.PENDING if is_pending else Export.Status.RUNNING,
        "retry_after": RETRY_SECONDS,
    }
    response = JsonResponse(body, status=202)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
