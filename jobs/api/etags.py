"""Nothing new: 304 to a program that polls with the ETag it was last given."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from django.utils.translation import get_language

from jobs import selectors
from jobs.models import Job

REVALIDATE = "private, no-cache"
"""Kept by the caller alone, and asked about each time."""
_HEADERS = {
    "ETag": {
        "schema": {"type": "string"},
        "description": "다음에 If-None-Match로 보내세요.",
        "required": True,
    },
    "Cache-Control": {"schema": {"const": REVALIDATE}, "description": "매번 물어보세요.", "required": True},
}
NOT_MODIFIED: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "If-None-Match",
            "required": False,
            "schema": {"type": "string"},
            "description": "지난 답의 ETag. 바뀐 것이 없으면 304입니다.",
        }
    ],
    "responses": {
        200: {"headers": _HEADERS},
        304: {
            "description": "If-None-Match의 ETag 뒤로 바뀐 것이 없습니다. 본문이 없습니다.",
            "headers": _HEADERS,
        },
    },
}
"""What OpenAPI tells of an endpoint that answers 304."""


def job_etag(job: Job, view: str, *, with_pictures: bool = True) -> str:
    """Changes when anything about the job does. Weak: clocks, forecasts and the machine's load are left out.

    ``view`` names which answer it is for: the same job has one with pictures and one without.
    """
    pictures = selectors.pictures(job) if with_pictures else {}
    made = sorted((kind, str(artifact.pk)) for kind, artifact in pictures.items())
    position = selectors.queue_position(job)
    parts = (
        job.pk,
        view,
        get_language(),
        job.sequence,
        job.status,
        position,
        job.notes,
        job.text_verified,
        made,
    )
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether the caller has this answer already, by the weak comparison that RFC 9110 asks for."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in known}


def not_modified(etag: str) -> HttpResponse:
    return tagged(HttpResponse(status=304), etag)


def tagged(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = REVALIDATE
    return response
