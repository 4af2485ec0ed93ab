"""Reads JSON bodies: strictly JSON, an endless nest or a broken text told apart from a wrong value."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.parser import Parser

from jobs.errors import Refused


def _no_such_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The decoded body, an object. Raises ``Refused``: 400 when it is not JSON, 422 when it is something else."""
    body = request.body
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:  # sent in chunks, without a Content-Length
        raise RequestDataTooBig
    try:
        data = json.loads(body, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise Refused("request.not_json", status=400) from error
    if not isinstance(data, dict):
        raise Refused("request.not_an_object", status=422)
    return data


class JsonParser(Parser):
    """Ninja's parser, which also remembers under which names the fields came."""

    def parse_body(self, request: HttpRequest) -> Any:
        data = json_body(request)
        request.sent_fields = set(data)  # type: ignore[attr-defined]
        return data
