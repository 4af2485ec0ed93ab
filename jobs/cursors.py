"""Where a page of jobs, newest first, ends and the next one goes on: jobs ordered meanwhile do not shift it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q

from jobs.models import Job


def cursor_of(job: Job) -> str:
    return base64.urlsafe_b64encode(f"{job.queued_at.isoformat()}|{job.pk}".encode()).decode().rstrip("=")


def older_than(cursor: str) -> Q:
    """Jobs older than the one that the cursor names. Raises ValueError when it is not one of ours."""
    padded = cursor + "=" * (-len(cursor) % 4)
    queued_at, key = base64.b64decode(padded, b"-_", validate=True).decode().split("|")
    when, pk = _in_utc(datetime.fromisoformat(queued_at)), UUID(key)
    return Q(queued_at__lt=when) | Q(queued_at=when, pk__lt=pk)


def _in_utc(when: datetime) -> datetime:
    """Python knows zones, down to fractions of a second, that Postgres refuses."""
    if when.tzinfo is None:
        raise ValueError("a cursor's time has a zone")
    try:
        return when.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a cursor's time is one of the years 1 to 9999") from error
