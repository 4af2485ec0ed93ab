"""Which errors each operation may answer with, and how OpenAPI tells them. Tests hold it against the code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import translation

from jobs.api.errors import error_body
from jobs.messages import sentence

Codes = dict[int, tuple[str, ...]]
"""Error codes by HTTP status."""

COMMON: Codes = {
    400: ("request.invalid",),
    401: ("auth.required", "auth.token_invalid", "token.expired", "token.revoked"),
    403: ("auth.csrf", "auth.no_shop", "token.read_only"),
    413: ("request.too_large",),
    429: ("request.too_many", "token.rate_limited"),
    500: ("server.error",),
    503: ("server.away",),
}
A_JOB: Codes = {404: ("job.not_found",)}
A_SHOP: Codes = {404: ("shop.gone",)}
A_PHOTO: Codes = {404: ("photo.not_found",)}
A_BODY: Codes = {400: ("request.not_json",), 422: ("request.not_an_object", "request.field_invalid")}
A_QUERY: Codes = {422: ("request.field_invalid",)}
A_PICTURE: Codes = {
    413: ("photo.too_large",),
    422: (
        "request.not_base64",
        "photo.empty",
        "photo.unreadable",
        "photo.format_unsupported",
        "photo.too_small",
    ),
    429: ("photo.too_many",),
}
A_SUBMISSION: Codes = {
    409: ("idempotency.other_request", "idempotency.job_deleted"),
    422: (
        "font.unknown",
        "scene.unknown",
        "style.unknown",
        "format.unknown",
        "text.glyph_missing",
        "step.image_missing",
        "step.text_missing",
        "callback.url_invalid",
        "callback.url_private",
        "callback.port_refused",
        "logo.missing",
        "content.refused",
        "content.photo_refused",
    ),
    429: ("shop.over_quota",),
    503: ("queue.full", "engine.unavailable"),
}
A_DRAWING: Codes = {
    409: ("job.not_finished", "export.no_final_picture", "export.no_photo", "export.foreign_background"),
    422: ("request.field_invalid", "format.unknown", "photo.no_product", "export.file_too_large"),
    500: ("generation.failed", "export.worker_lost", "job.storage_failed", "signing.failed"),
    503: ("queue.full", "engine.unavailable"),
}
A_FILE: Codes = {503: ("storage.away",)}
"""Of operations that write or read files."""
OF_OPERATION: dict[str, tuple[Codes, ...]] = {
    "generate": (A_BODY, A_PICTURE, A_SUBMISSION, A_PHOTO, A_SHOP, A_FILE),
    "status": (A_JOB, A_QUERY),
    "stop": (A_JOB,),
    "jobs": (),
    "delete": (A_JOB, {400: ("job.running",)}),
    "health": (),
    "list_fonts": (),
    "resources": (),
    "photo_upload": (A_BODY, A_PICTURE, A_SHOP, A_FILE),
    "photo_detail": (A_PHOTO,),
    "photo_remove": (A_PHOTO, A_SHOP, {409: ("photo.in_use",)}),
    "cutout_again": (A_PHOTO, A_BODY, {422: ("photo.no_other_method",)}),
    "matte_replace": (
        A_PHOTO,
        A_BODY,
        {413: ("photo.too_large",), 422: ("request.not_base64", "photo.matte_invalid", "photo.nothing_kept")},
        A_FILE,
    ),
    "generate_upload": (A_BODY, A_PICTURE, A_SUBMISSION, A_PHOTO, A_SHOP, A_FILE),
    "job_page": (A_QUERY,),
    "job_detail": (A_JOB,),
    "job_stop": (A_JOB,),
    "job_rerun": (A_JOB, A_SHOP, A_BODY, A_SUBMISSION, {409: ("photo.gone", "job.request_too_new")}, A_FILE),
    "optimize_prompt": (A_BODY, A_PHOTO),
    "suggest_copy": (A_BODY,),
    "check_words": (A_BODY, {422: ("font.unknown", "format.unknown")}),
    "job_export": (A_JOB, A_DRAWING),
}
MEANING = {
    400: "요청을 이해하지 못했습니다.",
    401: "로그인이나 올바른 API 토큰이 필요합니다.",
    403: "허락되지 않았습니다.",
    404: "없거나 다른 가게의 것입니다.",
    409: "지금의 상태와 맞지 않습니다.",
    413: "본문이 48 MB를, 또는 사진이 32 MB나 8천만 화소를 넘습니다.",
    422: "값이 올바르지 않습니다. error.field가 어느 필드인지 말합니다.",
    429: "너무 잦거나 하루 한도를 넘었습니다. Retry-After 초 뒤에 다시 보내세요.",
    500: "서버의 문제입니다.",
    503: "지금은 받을 수 없습니다. Retry-After 초 뒤에 다시 보내세요.",
}
SAMPLE = {
    "field": "strength",
    "reason": "0부터 1까지 쓸 수 있습니다.",
    "allowed": "…",
    "limit": 200,
    "characters": "🔥",
    "word": "…",
}
"""What the examples' sentences are about."""
RETRY_AFTER = {
    "Retry-After": {
        "description": "다시 보낼 때까지의 초",
        "schema": {"type": "integer", "minimum": 0},
        "required": True,
    }
}
WWW_AUTHENTICATE = {
    "WWW-Authenticate": {"description": "언제나 Bearer", "schema": {"type": "string"}, "required": True}
}
HEADERS: dict[int, dict[str, Any]] = {401: WWW_AUTHENTICATE, 429: RETRY_AFTER, 503: RETRY_AFTER}


def codes_of(operation_id: str) -> Codes:
    """Every error of the operation, its own before those that all have."""
    found: dict[int, list[str]] = {}
    for codes in (*OF_OPERATION[operation_id], COMMON):
        for status, names in codes.items():
            found.setdefault(status, []).extend(name for name in names if name not in found[status])
    return {status: tuple(names) for status, names in sorted(found.items())}


def error_responses(operation_id: str) -> dict[int, dict[str, Any]]:
    return {status: _response(status, codes) for status, codes in codes_of(operation_id).items()}


def _response(status: int, codes: tuple[str, ...]) -> dict[str, Any]:
    model = "BusyResponse" if status == 503 else "ErrorResponse"
    content = {
        "schema": {"$ref": f"#/components/schemas/{model}"},
        "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
    }
    told = {"description": MEANING[status], "content": {"application/json": content}}
    return {**told, "headers": HEADERS[status]} if status in HEADERS else told


def error_examples(operation_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """One example of every code, in the error shape and in Korean."""
    codes = {code for key in operation_ids for names in codes_of(key).values() for code in names}
    with translation.override("ko"):
        return {code: {"value": _example(code)} for code in sorted(codes)}


def _example(code: str) -> dict[str, Any]:
    field = SAMPLE["field"] if code == "request.field_invalid" else None
    body = error_body(code, sentence(code, SAMPLE), str(field) if field else None)
    if code != "queue.full":
        return body
    return {"status": "busy", "message": body["detail"], "retry_after": 30, **body}
