"""Keeps HTML off the API's paths: whatever Django answers there on its own becomes the API's error shape."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.rates import Allowance
from adstudio.outages import away_page
from adstudio.storage import StorageAway
from jobs.api.errors import refused_response, status_response
from jobs.errors import Refused, StorageUnavailable
from jobs.messages import sentence

logger = logging.getLogger(__name__)

API_SEGMENTS = frozenset(
    {"api", "generate", "status", "stop", "jobs", "health", "fonts", "resources", "media", "metrics"}
)
"""First segments of the paths that programs call."""
KEPT_HEADERS = ("Allow", "Retry-After")


def is_api_path(path: str) -> bool:
    return path.lstrip("/").partition("/")[0] in API_SEGMENTS


def _body_too_big(request: HttpRequest) -> bool:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    except ValueError:
        return False


def _methods(response: HttpResponse) -> str:
    """Every method that would have been answered, from the Allow header of a 405."""
    allowed = {method.strip() for method in response.get("Allow", "").split(",")} | {"OPTIONS"}
    return ", ".join(sorted((allowed | {"HEAD"} if "GET" in allowed else allowed) - {""}))


def _drop_body(response: HttpResponseBase) -> None:
    """Status and headers stay; the length is what GET would have sent, where it is known."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
        return
    assert isinstance(response, HttpResponse)
    length = len(response.content)
    response.content = b""
    response["Content-Length"] = str(length)


class ApiErrorMiddleware:
    """404 of an unknown path, 405, 413, a bad host, an unhandled exception: one shape, never a traceback."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api_path(request.path_info):
            return self.get_response(request)
        if _body_too_big(request):
            return status_response(413)
        response = self._answered(request)
        if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
            return response
        told = status_response(response.status_code)
        for name in KEPT_HEADERS:
            if name in response:
                told[name] = response[name]
        return told

    def _answered(self, request: HttpRequest) -> HttpResponse:
        """HEAD is GET without its body, OPTIONS tells the methods: ninja knows neither."""
        if request.method == "HEAD":
            return self._head(request)
        response = self.get_response(request)
        if response.status_code != 405:
            return response
        response["Allow"] = _methods(response)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": response["Allow"]})
        return response

    def _head(self, request: HttpRequest) -> HttpResponse:
        request.method = "GET"
        try:
            response = self.get_response(request)
        finally:
            request.method = "HEAD"
        _drop_body(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refusals of views that are not the API's own, such as ``/media/``, and a storage that is away."""
        if isinstance(exception, StorageAway):
            logger.warning("%s %s: storage away: %s", request.method, request.path, exception)
            exception = StorageUnavailable()
        if isinstance(exception, Refused) and is_api_path(request.path_info):
            return refused_response(exception)
        if isinstance(exception, StorageUnavailable):
            return away_page(
                request,
                retry_after=exception.RETRY_SECONDS,
                message=sentence(exception.code, exception.context),
            )
        return None


class AllowanceHeadersMiddleware:
    """Tells a program, with every counted answer, how many requests its token has left and for how long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        allowance: Allowance | None = getattr(request, "allowance", None)
        if allowance is not None:
            response["X-RateLimit-Limit"] = str(allowance.limit)
            response["X-RateLimit-Remaining"] = str(allowance.remaining)
            response["X-RateLimit-Reset"] = str(allowance.resets_in)
        return response
