"""A call carried out: its errors told as exceptions, what may pass tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from adstudio_client.calls import Answer, Call
from adstudio_client.errors import (
    BY_STATUS,
    AdStudioError,
    ApiError,
    ConnectionFailed,
    InvalidRequest,
    NotFound,
    ServerFailed,
    TooMany,
    Unavailable,
    UnexpectedAnswer,
    WaitTimeout,
)
from adstudio_client.reading import decoded
from adstudio_client.types import Picture
from adstudio_client.wire import Flow, Response, send, sleep

FIRST_PAUSE = 0.5
"""Seconds before the second attempt where the server names none; doubled each time."""
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Retries:
    most: int
    """Attempts after the first one."""
    longest_wait: float
    """Seconds that one call may spend waiting between its attempts, all together."""

    def pause(self, error: AdStudioError, attempt: int, waited: float) -> float | None:
        """Seconds before the next attempt; None when there is to be none."""
        if attempt > self.most or not _may_pass(error):
            return None
        backoff = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(1, 1.5)  # noqa: S311  (not a secret)
        pause = backoff if error.retry_after is None else error.retry_after
        return pause if waited + pause <= self.longest_wait else None


def _may_pass(error: AdStudioError) -> bool:
    return isinstance(error, TooMany | Unavailable) or (
        isinstance(error, ConnectionFailed) and error.may_pass
    )


def perform(call: Call[Answer], retries: Retries) -> Flow[Answer]:
    """The call's answer. Raises ``ApiError``, ``ConnectionFailed`` or ``UnexpectedAnswer``."""
    attempt, waited = 0, 0.0
    while True:
        attempt += 1
        try:
            response = yield from send(call.request)
            return _answer(call, response, is_repeated=attempt > 1)
        except AdStudioError as error:
            pause = retries.pause(error, attempt, waited)
            if pause is None:
                raise
        waited += pause
        yield from sleep(pause)


def _answer(call: Call[Answer], response: Response, *, is_repeated: bool) -> Answer:
    failure = failure_of(response)
    if failure is None or (call.gone_is_done and is_repeated and isinstance(failure, NotFound)):
        return call.read(response)
    raise failure


def failure_of(response: Response) -> AdStudioError | None:
    """The error that an answer tells, or None when it is none."""
    if response.status in REDIRECTS:
        target = response.headers.get("location", "elsewhere")
        return UnexpectedAnswer(f"redirected to {target}: use that address", status=response.status)
    if response.status < 400:
        return None
    kind = BY_STATUS.get(response.status, ServerFailed if response.status >= 500 else InvalidRequest)
    return _told(kind, response)


def _told(kind: type[ApiError], response: Response) -> ApiError:
    """A proxy in front of the server answers in its own words."""
    told: Mapping[str, Any] = {}
    try:
        body = decoded(response.body)
        told = body["error"] if isinstance(body, dict) and isinstance(body.get("error"), dict) else {}
    except UnexpectedAnswer:
        pass
    return kind(
        str(told.get("message") or f"HTTP {response.status}"),
        code=str(told.get("code") or f"http.{response.status}"),
        field=told.get("field"),
        status=response.status,
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _seconds(header: str | None) -> float | None:
    """Retry-After is a number of seconds or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def drawn(call: Call[Picture | float], timeout: float, retries: Retries) -> Flow[Picture]:
    """Ask until the picture is drawn. Raises ``WaitTimeout``."""
    end = time.monotonic() + timeout
    while True:
        answer = yield from perform(call, retries)
        if isinstance(answer, Picture):
            return answer
        if time.monotonic() + answer > end:
            raise WaitTimeout(f"The picture was not drawn within {timeout:g} s.")
        yield from sleep(answer)
