"""Who makes which part of somebody's data. As with jobs, a part whose worker dies is made by another, and the export is
given up once three have died of the same part."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from jobs.claims import left_by_a_dead_worker
from jobs.models import DataExport


@dataclass(frozen=True, slots=True)
class DataExportClaim:
    """A worker's hold on an export while it makes one part."""

    export_id: UUID
    attempt: int
    job_id: None = None

    @property
    def rows(self) -> QuerySet[DataExport]:
        """The export's row while it is held, no row afterwards."""
        return DataExport.objects.filter(
            pk=self.export_id, finished_at=None, attempts=self.attempt, heartbeat_at__isnull=False
        )

    def release(self) -> None:
        """Let go of it. The attempt counts, unless the part was kept."""
        self.rows.update(heartbeat_at=None)


@transaction.atomic
def data_export_claim(export_id: str) -> DataExportClaim | None:
    """Take the export for its next part, if no other worker is at it and it was not tried too often."""
    free = DataExport.objects.filter(
        Q(heartbeat_at=None) | left_by_a_dead_worker(),
        pk=export_id,
        finished_at=None,
        attempts__lt=settings.JOB_MAX_ATTEMPTS,
    )
    export = free.select_for_update().first()
    if export is None:
        return None
    DataExport.objects.filter(pk=export.pk).update(
        attempts=F("attempts") + 1, heartbeat_at=Now(), looked_after_at=Now()
    )
    return DataExportClaim(export.pk, export.attempts + 1)
