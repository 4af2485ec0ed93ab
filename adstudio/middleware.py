"""What holds for every page: no NUL in an address, and no cache but the reader's own."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from jobs.middleware import is_api_path

ENCODED_NUL = "%00"
OWN_AND_ASKED = "private, no-cache"
"""A cache between us and the reader keeps nothing; the reader's own asks each time."""


class PlainAddressMiddleware:
    """400 where a page is asked for with a NUL in the address, which no form of ours sends and Postgres takes no text
    with. The API tells which of its fields is wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        query = str(request.META.get("QUERY_STRING", ""))
        has_nul = ENCODED_NUL in query or "\0" in query or "\0" in request.path_info
        if has_nul and not is_api_path(request.path_info):
            raise BadRequest("a NUL in the address")


class OwnCacheMiddleware:
    """Whatever says nothing of caches is kept by none but the reader's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", OWN_AND_ASKED)
        return response
