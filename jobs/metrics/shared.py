"""Counts of what happened, kept in Valkey for all hosts together.

Rows cannot be counted for this: ads are deleted and expire, and a counter must never fall. Valkey emptied is a counter
begun anew, which Prometheus knows how to read.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from redis import RedisError

from adstudio.valkey import valkey
from jobs.models import Job
from jobs.versions import request_of

logger = logging.getLogger(__name__)

KEY: Final = "adstudio:metrics"
BUCKETS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0)
"""Upper bounds of durations, in seconds."""
_FIRST_UNBOUNDED: Final = len(BUCKETS)
WAITING, MAKING = "waiting", "making"
"""Before the first worker took the job, and from then to its end."""


def job_ended(job: Job) -> None:
    """Count a job's end, and how long its steps took where it was completed. Never raises."""
    bucket_of = [("ended", job.engine, job.status, job.error_code)]
    sums: list[tuple[str, str, str, float]] = []
    if job.status == Job.Status.COMPLETED and not request_of(job).get("test_mode"):
        for name, seconds in _durations(job):
            bucket_of.append(("took", job.engine, name, str(bisect_left(BUCKETS, seconds))))
            sums.append(("spent", job.engine, name, seconds))
    _count(bucket_of, sums)


def attempt_lost(job: Job) -> None:
    """Count an attempt that ended without an end of its job: its worker died or let go of it. Never raises."""
    _count([("lost", job.engine, "", "")], [])


def _durations(job: Job) -> Iterator[tuple[str, float]]:
    yield from ((step, float(seconds)) for step, seconds in job.step_seconds.items())
    if job.started_at and job.finished_at:
        yield WAITING, (job.started_at - job.queued_at).total_seconds()
        yield MAKING, (job.finished_at - job.started_at).total_seconds()


def _count(fields: list[tuple[str, str, str, str]], sums: list[tuple[str, str, str, float]]) -> None:
    try:
        with valkey().pipeline(transaction=True) as counting:
            for parts in fields:
                counting.hincrby(KEY, "|".join(parts), 1)
            for kind, engine, name, seconds in sums:
                counting.hincrbyfloat(KEY, f"{kind}|{engine}|{name}|", seconds)
            counting.execute()
    except RedisError as error:
        logger.warning("not counted for /metrics: %s", error)


@dataclass(slots=True)
class Durations:
    """A histogram as it is kept: how many fell into each bucket (the last has no bound), and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (_FIRST_UNBOUNDED + 1))
    total: float = 0.0

    @property
    def cumulative(self) -> list[tuple[str, float]]:
        """As Prometheus wants it: how many were at most so long."""
        found, so_far = [], 0
        for bound, count in zip((*BUCKETS, "+Inf"), self.counts, strict=True):
            so_far += count
            found.append((str(bound), float(so_far)))
        return found


@dataclass(slots=True)
class Counts:
    """Everything counted so far."""

    ended: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """By engine, status and error code (empty unless failed)."""
    lost: dict[str, int] = field(default_factory=dict)
    """Attempts, by engine."""
    durations: dict[tuple[str, str], Durations] = field(default_factory=lambda: defaultdict(Durations))
    """By engine, and step or ``WAITING`` or ``MAKING``."""


def counts() -> Counts:
    """What was counted by all hosts. Raises RedisError when Valkey does not answer."""
    found = Counts()
    kept = cast("dict[str, str]", valkey().hgetall(KEY))
    for name, value in kept.items():
        kind, engine, what, more = name.split("|")
        if kind == "ended":
            found.ended[engine, what, more] = int(value)
        elif kind == "lost":
            found.lost[engine] = int(value)
        elif kind == "took":
            found.durations[engine, what].counts[int(more)] = int(value)
        else:
            found.durations[engine, what].total = float(value)
    return found
