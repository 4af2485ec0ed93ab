"""Answers of servers older, newer or other than the client; and how long it is patient."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from adstudio_client import ConnectionFailed, Font, Health, Job, NotFound, Unavailable, UnexpectedAnswer
from adstudio_client.performing import Retries, failure_of
from adstudio_client.reading import read, read_json
from adstudio_client.wire import Response

HEALTH = {"status": "healthy", "gpu_available": False, "server_time": "2026-11-25T12:00:00Z"}


def test_fields_of_a_newer_server_are_left_out() -> None:
    health = read(Health, {**HEALTH, "moon_phase": "full", "total_jobs": None})
    assert health.server_time == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert health.total_jobs is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "healthy"},
        {**HEALTH, "gpu_available": "no"},
        {**HEALTH, "total_jobs": True},
        {**HEALTH, "total_jobs": 1.5},
        {**HEALTH, "server_time": "noon"},
        [],
        None,
    ],
)
def test_another_shape_is_unexpected(wrong: Any) -> None:
    with pytest.raises(UnexpectedAnswer, match="Health"):
        read(Health, wrong)


def test_what_is_not_json_is_unexpected() -> None:
    for body in (b"", b"<html>", b"\xff"):
        with pytest.raises(UnexpectedAnswer):
            read_json(list[Font], body)
    with pytest.raises(UnexpectedAnswer):
        read_json(Job, b"{}")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"detail": "x"}'])
def test_an_error_in_other_words_still_has_its_status(body: bytes) -> None:
    error = failure_of(Response(404, {}, body))
    assert isinstance(error, NotFound)
    assert (error.code, error.status, error.message) == ("http.404", 404, "HTTP 404")


def test_retry_after_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    for header, least, most in ((soon, 25, 31), ("7", 7, 7)):
        error = failure_of(Response(503, {"retry-after": header}, b""))
        assert error is not None and error.retry_after is not None
        assert least <= error.retry_after <= most
    error = failure_of(Response(503, {"retry-after": "soon"}, b""))
    assert error is not None and error.retry_after is None


def test_patience_is_bounded_in_attempts_and_in_seconds() -> None:
    retries = Retries(most=3, longest_wait=60)
    busy = Unavailable("busy", code="queue.full", status=503, retry_after=25)
    assert retries.pause(busy, attempt=1, waited=0) == 25
    assert retries.pause(busy, attempt=2, waited=25) == 25
    assert retries.pause(busy, attempt=3, waited=50) is None
    assert retries.pause(busy, attempt=4, waited=0) is None
    lost = ConnectionFailed("cut", may_pass=True)
    pauses = [retries.pause(lost, attempt=attempt, waited=0) or 0 for attempt in (1, 2, 3)]
    assert all(least <= pause <= 1.5 * least for pause, least in zip(pauses, (0.5, 1, 2), strict=True))
    assert retries.pause(ConnectionFailed("no such scheme", may_pass=False), attempt=1, waited=0) is None
    assert retries.pause(NotFound("gone", code="job.not_found"), attempt=1, waited=0) is None
