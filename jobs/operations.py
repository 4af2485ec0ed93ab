"""How the service fares just now: queues, workers, today's jobs, the disk, the last round of reconciling."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Min,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Now

from adstudio.valkey import valkey
from jobs.models import Engine, Export, Job, WorkerState
from jobs.selectors import WORKER_ALIVE, live_workers
from jobs.usage import start_of_day

GIGABYTE = 1024**3
SHARE_FREE_WARNED = 0.1
"""A disk with less of it free is told as a warning."""
RECONCILED: Final = "adstudio:reconciled"
"""In Valkey, for ``LONG_AGO_SECONDS`` from the last round on: what is left of them tells how long ago that was."""
LONG_AGO_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Queue:
    engine: str
    name: str
    workers: int
    """Alive."""
    running: int
    waiting: int
    oldest: timedelta | None
    """How long the one that waits longest has waited."""
    exports: int
    """Pictures in channels' formats that wait for a worker of this engine."""

    @property
    def is_stuck(self) -> bool:
        return self.workers == 0 and (self.waiting > 0 or self.exports > 0)


@dataclass(frozen=True, slots=True)
class Disk:
    free_gb: float
    total_gb: float

    @property
    def used_percent(self) -> int:
        return round(100 * (1 - self.free_gb / self.total_gb)) if self.total_gb else 0

    @property
    def is_scarce(self) -> bool:
        return self.free_gb < self.total_gb * SHARE_FREE_WARNED


@dataclass(frozen=True, slots=True)
class Today:
    total: int
    completed: int
    failed: int
    stopped: int
    active: int
    failures: list[tuple[str, int]]
    """Error codes and how often, most frequent first."""


_Rows = dict[str, dict[str, Any]]


def workers() -> QuerySet[WorkerState]:
    """All workers heard of within a day, live ones first; ``is_live`` and ``silent`` by the database's clock."""
    silent = ExpressionWrapper(Now() - F("last_seen"), output_field=DurationField())
    live = Case(
        When(last_seen__gt=Now() - WORKER_ALIVE, then=True), default=False, output_field=BooleanField()
    )
    return (
        WorkerState.objects.select_related("job")
        .annotate(is_live=live, silent=silent)
        .order_by("-is_live", "engine", "name")
    )


def queues() -> list[Queue]:
    """One for each engine; three queries for all of them."""
    jobs = _by_engine(
        Job.objects.filter(status__in=Job.ACTIVE),
        waiting=Count("pk", filter=Q(status=Job.Status.PENDING)),
        running=Count("pk", filter=Q(status=Job.Status.RUNNING)),
        oldest=ExpressionWrapper(
            Now() - Min("queued_at", filter=Q(status=Job.Status.PENDING)), output_field=DurationField()
        ),
    )
    exports = _by_engine(Export.objects.filter(status=Export.Status.PENDING), waiting=Count("pk"))
    alive = _by_engine(live_workers(), number=Count("pk"))
    return [_queue(engine, jobs, exports, alive) for engine in Engine]


def _queue(engine: Engine, jobs: _Rows, exports: _Rows, alive: _Rows) -> Queue:
    mine = jobs.get(engine, {})
    return Queue(
        engine=engine.value,
        name=str(engine.label),
        workers=alive.get(engine, {}).get("number", 0),
        running=mine.get("running", 0),
        waiting=mine.get("waiting", 0),
        oldest=mine.get("oldest"),
        exports=exports.get(engine, {}).get("waiting", 0),
    )


def _by_engine(rows: Any, **figures: Any) -> _Rows:
    return {row["engine"]: row for row in rows.order_by().values("engine").annotate(**figures)}


def today() -> Today:
    """Jobs handed in since midnight, and by which codes some of them failed."""
    jobs = Job.objects.filter(queued_at__gte=start_of_day()).order_by()
    numbers = dict(jobs.values_list("status").annotate(Count("pk")))
    failures = jobs.filter(status=Job.Status.FAILED).values_list("error_code").annotate(number=Count("pk"))
    return Today(
        total=sum(numbers.values()),
        completed=numbers.get(Job.Status.COMPLETED, 0),
        failed=numbers.get(Job.Status.FAILED, 0),
        stopped=numbers.get(Job.Status.STOPPED, 0),
        active=sum(numbers.get(status, 0) for status in Job.ACTIVE),
        failures=list(failures.order_by("-number", "error_code")),
    )


def disk() -> Disk:
    """The disk that pictures, or on object storage logs, are kept on."""
    folder = Path(settings.MEDIA_ROOT)
    space = shutil.disk_usage(folder if folder.exists() else settings.RUN_DIR)
    return Disk(free_gb=round(space.free / GIGABYTE, 1), total_gb=round(space.total / GIGABYTE, 1))


def round_ended() -> None:
    """Note that a round of reconciling is done. Raises RedisError when Valkey does not answer."""
    valkey().set(RECONCILED, 1, ex=LONG_AGO_SECONDS)


def reconciled_seconds() -> float:
    """How long ago any host's last round was done; at most a day. Raises RedisError when Valkey does not answer."""
    left = valkey().pttl(RECONCILED)  # negative where there is none
    return LONG_AGO_SECONDS - max(0, left) / 1000
