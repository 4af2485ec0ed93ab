"""What daphne does with a request before Django has it, put right."""

from __future__ import annotations

import time
from typing import Any

from daphne import http_protocol

from jobs.api.errors import status_response
from jobs.middleware import is_api_path

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of a body that are taken in before anybody is asked who sends it; the proxy has the same limit. What Django
refuses beyond 48 MB it refuses with a word on why."""


class Request(http_protocol.WebRequest):  # type: ignore[misc]
    """Leaves forms to Django, and answers in the API's error shape where daphne itself refuses on an API path.

    Twisted would read every POSTed form into memory a second time, and close the connection on one that it
    cannot read, without an answer that says why. It would also write a body of any size to the disk.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parsePOSTFormSubmission = False
        self._received = 0

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._received += len(data)
        if self._received <= LARGEST_BODY:
            super().handleContentChunk(data)

    def process(self) -> Any:
        if self._received <= LARGEST_BODY:
            return super().process()
        self.request_start = time.time()
        self.basic_error(413, b"Content Too Large", "The request is too large.")
        return None

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        path = self.uri.partition(b"?")[0].decode("ascii", "replace")
        if not is_api_path(path):
            super().basic_error(status, status_text, body)
            return
        told = status_response(status)
        headers = [(name.encode(), value.encode()) for name, value in told.items()]
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": told.content})


def install() -> None:
    """Daphne looks the class up by name for each connection."""
    http_protocol.WebRequest = Request
