"""What tells that Postgres or Valkey does not answer, and what a page of the portal says then.

Nothing is lost in it: what was not stored was not accepted. The API's paths get their own shape from this answer
(``jobs.middleware``), its operations say the same (``jobs.api.errors``).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
OUTAGES = (OperationalError, InterfaceError, RedisError)
"""Postgres's are those that it answers with while it starts, stops or recovers, and those of a broken connection."""
RETRY_SECONDS = 5
"""A restart of either takes about as long."""


class OutageMiddleware:
    """A view that could not ask the database or Valkey is answered 503 instead of 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _away(request, exception) if isinstance(exception, OUTAGES) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``. It also has what no view raised: a session that could not be saved, say."""
    error = sys.exc_info()[1]
    return _away(request, error) if isinstance(error, OUTAGES) else defaults.server_error(request)


def away_page(request: HttpRequest, *, retry_after: int = RETRY_SECONDS, message: str = "") -> HttpResponse:
    """For people: that it does not work just now, ``message`` where more is known, and what to do."""
    # As for a 500, without the request: what pages otherwise show of their reader has to be asked of the database.
    is_get = request.method == "GET"
    again = request.get_full_path() if is_get else "/"
    context = {"again": again, "message": message, "is_sent": not is_get}
    page = loader.get_template("503.html").render(context)
    return HttpResponse(page, status=503, headers={"Retry-After": str(retry_after)})


def _away(request: HttpRequest, error: BaseException) -> HttpResponse:
    logger.warning("%s %s is answered 503: %s", request.method, request.path, error)
    return away_page(request)
