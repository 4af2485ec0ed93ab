"""Who draws which export. As for jobs, Postgres is the queue of record and every write of a worker is fenced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now

from jobs import versions
from jobs.claims import LostClaim, left_by_a_dead_worker, locked
from jobs.models import Export, Job


@dataclass(frozen=True, slots=True)
class ExportClaim:
    """A worker's hold on an export: valid while the row is running with this attempt number."""

    export_id: int
    job_id: UUID
    attempt: int
    worker: str

    @property
    def rows(self) -> QuerySet[Export]:
        """The export's row while it is held, no row afterwards."""
        return Export.objects.filter(
            pk=self.export_id, status=Export.Status.RUNNING, attempts=self.attempt, worker=self.worker
        )

    @contextmanager
    def held(self) -> Iterator[Export]:
        """A transaction in which job and export are locked and the export is certainly this worker's."""
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(pk=self.job_id).first()
            export = self.rows.select_for_update().first() if job else None
            if export is None:
                raise LostClaim(str(self.export_id))
            yield export

    def end(self, *, to: str, **changes: Any) -> None:
        """Complete or fail the export; raises ``LostClaim`` when it is not held any more."""
        over = {"status": to, "finished_at": Now(), "worker": "", "heartbeat_at": None}
        if not self.rows.update(**over, **changes):
            raise LostClaim(str(self.export_id))


def _of_the_shop() -> QuerySet[Export, Any]:
    return Export.objects.filter(job__shop_id=OuterRef("job__shop_id")).order_by().values("job__shop_id")


@transaction.atomic
def export_claim_next(*, engine: str, worker: str) -> ExportClaim | None:
    """Take the next waiting export of the engine, or None when there is none: the shop with the fewest exports being
    drawn first, then the one that waited longest for its turn, then the oldest export."""
    drawing = _of_the_shop().filter(status=Export.Status.RUNNING).values(n=Count("pk"))
    last_turn = _of_the_shop().values(at=Max("started_at"))
    export = (
        Export.objects.filter(status=Export.Status.PENDING, engine=engine)
        .filter(job__request_version__lte=versions.REQUEST_VERSION)
        .annotate(drawing=Coalesce(Subquery(drawing), Value(0)), last_turn=Subquery(last_turn))
        .order_by("drawing", F("last_turn").asc(nulls_first=True), "queued_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if export is None:
        return None
    attempt = export.attempts + 1
    Export.objects.filter(pk=export.pk).update(
        status=Export.Status.RUNNING, attempts=attempt, worker=worker, heartbeat_at=Now(), started_at=Now()
    )
    return ExportClaim(export.pk, export.job_id, attempt, worker)


@transaction.atomic
def take_back_stale_exports() -> int:
    """Exports whose worker stopped beating wait again, or fail after the last attempt. Returns how many."""
    stale = locked(Export.objects.filter(left_by_a_dead_worker(), status=Export.Status.RUNNING))
    given_up = stale.filter(attempts__gte=settings.JOB_MAX_ATTEMPTS).update(
        status=Export.Status.FAILED,
        error_code="export.worker_lost",
        finished_at=Now(),
        worker="",
        heartbeat_at=None,
    )
    waiting = stale.filter(status=Export.Status.RUNNING)
    return given_up + waiting.update(status=Export.Status.PENDING, worker="", heartbeat_at=None)
