"""The one shape in which the API tells an error, and what becomes of every exception."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from adstudio.outages import OUTAGES, RETRY_SECONDS
from adstudio.storage import StorageAway
from generation.errors import GenerationError, MerchantError
from jobs.errors import Busy, Refused, StorageUnavailable
from jobs.messages import sentence

if TYPE_CHECKING:
    from ninja import NinjaAPI

logger = logging.getLogger(__name__)

CODE_OF_STATUS = {
    400: "request.invalid",
    401: "auth.required",
    403: "auth.csrf",
    404: "request.not_found",
    405: "request.method_not_allowed",
    413: "request.too_large",
    429: "request.too_many",
    503: "server.away",
}
"""What a status means when nobody said it more exactly."""

REASONS: dict[str, str] = {
    "missing": "reason.missing",
    "enum": "reason.not_a_choice",
    "literal_error": "reason.not_a_choice",
    "out_of_range": "reason.out_of_range",
    "finite_number": "reason.not_a_number",
    "number_type": "reason.not_a_number",
    "int_type": "reason.not_a_number",
    "int_parsing": "reason.not_a_number",
    "int_parsing_size": "reason.not_a_number",
    "int_from_float": "reason.not_whole",
    "float_type": "reason.not_a_number",
    "float_parsing": "reason.not_a_number",
    "bool_type": "reason.not_a_switch",
    "bool_parsing": "reason.not_a_switch",
    "string_type": "reason.not_text",
    "string_unicode": "reason.not_text",
    "string_too_long": "reason.too_long",
    "too_long": "reason.too_long",
    "string_too_short": "reason.missing",
    "steps_out_of_order": "reason.steps_out_of_order",
    "model_type": "reason.not_an_object",
    "model_attributes_type": "reason.not_an_object",
    "dict_type": "reason.not_an_object",
}
"""Sentence codes by pydantic's type of error; the sentence is the ``reason`` inside ``request.field_invalid``."""


def error_body(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "field": field}, "detail": message}


def error_response(
    code: str, *, status: int, field: str | None = None, context: Mapping[str, object] | None = None
) -> HttpResponse:
    message = sentence(code, {"field": field or "", **(context or {})})
    response = JsonResponse(error_body(code, message, field), status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def status_response(status: int) -> HttpResponse:
    """The error shape for a bare HTTP status."""
    general = "server.error" if status >= 500 else "request.invalid"
    response = error_response(CODE_OF_STATUS.get(status, general), status=status)
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def refused_response(refusal: Refused) -> HttpResponse:
    response = error_response(
        refusal.code, status=refusal.status, field=refusal.field, context=refusal.context
    )
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, Busy):
        message = sentence(refusal.code, refusal.context)
        busy = {"status": "busy", "message": message, "retry_after": refusal.retry_after}
        response.content = json.dumps({**busy, **error_body(refusal.code, message)}).encode()
    return response


def generation_response(error: GenerationError) -> HttpResponse:
    """The merchant's to fix is 422; ours is 500 and logged."""
    if isinstance(error, MerchantError):
        return error_response(error.code, status=422, context=error.context)
    logger.error("generation failed in a request", exc_info=error)
    return error_response(error.code, status=500, context=error.context)


def _reason(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    allowed = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
    code = REASONS.get(error["type"])
    if code is None:
        return str(error["msg"])
    return sentence(code, {**context, "limit": context.get("max_length", ""), "allowed": allowed})


def _field(location: tuple[Any, ...]) -> str | None:
    """The field's own name: what follows the parameter's source and its name in ninja's location."""
    names = [part for part in location[1:] if isinstance(part, str) and part not in ("payload", "listing")]
    return names[0] if names else None


def validation_response(errors: list[dict[str, Any]]) -> HttpResponse:
    """422 for the first wrong field; ``errors`` are pydantic's, each with its location."""
    first = errors[0]
    field = _field(tuple(first.get("loc", ())))
    if field is None:
        return error_response("request.not_an_object", status=422)
    return error_response(
        "request.field_invalid", status=422, field=field, context={"reason": _reason(first)}
    )


def _http_error(error: HttpError) -> HttpResponse:
    """Ninja turns whatever the parser raises into a 400 of its own."""
    parsing = error.__cause__ or error.__context__
    if isinstance(parsing, Refused):
        return refused_response(parsing)
    if isinstance(parsing, RequestDataTooBig):
        return status_response(413)
    if error.status_code == 400:
        return error_response("request.not_json", status=400)
    return status_response(error.status_code)


def _storage_away(error: StorageAway) -> HttpResponse:
    logger.warning("storage away: %s", error)
    return refused_response(StorageUnavailable())


def outage_response(error: Exception) -> HttpResponse:
    """Postgres or Valkey does not answer."""
    logger.warning("a request is answered 503: %s", error)
    return status_response(503)


def _server_error(request: HttpRequest, error: Any) -> HttpResponse:
    logger.exception("%s %s failed", request.method, request.path, exc_info=error)
    return status_response(500)


def answer_errors_of(api: NinjaAPI) -> None:
    """Register the answers to everything an endpoint may raise."""

    def answer(kind: type[Exception], told: Callable[[Any], HttpResponse]) -> None:
        api.add_exception_handler(kind, lambda request, error: told(error))

    answer(Refused, refused_response)
    answer(StorageAway, _storage_away)
    answer(GenerationError, generation_response)
    answer(ValidationError, lambda error: validation_response(error.errors))
    answer(AuthenticationError, lambda error: status_response(401))
    answer(HttpError, _http_error)
    answer(Http404, lambda error: status_response(404))
    answer(RequestDataTooBig, lambda error: status_response(413))
    answer(BadRequest, lambda error: status_response(400))
    answer(MultiPartParserError, lambda error: status_response(400))
    answer(RawPostDataException, lambda error: status_response(400))
    answer(SuspiciousOperation, lambda error: status_response(400))
    for outage in OUTAGES:
        answer(outage, outage_response)
    api.add_exception_handler(Exception, _server_error)
