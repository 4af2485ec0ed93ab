"""The workers' page: who lives, on what, with which models, and what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from jobs import operations
from jobs.admin.job_page import seconds_text
from jobs.admin.read_only import ReadOnlyAdmin
from jobs.models import WorkerState

MEGABYTES_PER_GIGABYTE = 1024


@dataclass(frozen=True, slots=True)
class WorkerCard:
    worker: WorkerState
    is_live: bool
    silent: str
    memory_gb: float

    @property
    def models(self) -> list[dict[str, Any]]:
        """What it holds, the card's first."""
        return sorted(self.worker.resident_models, key=lambda part: part.get("place") != "device")


@admin.register(WorkerState)
class WorkerAdmin(ReadOnlyAdmin):
    """One page for all of them; a worker writes its own row and takes it away when it ends."""

    fields = (
        "name",
        "engine",
        "host",
        "pid",
        "memory_mb",
        "request_version",
        "gpu",
        "resident_models",
        "started_at",
        "last_seen",
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "queues": operations.queues(),
            "cards": [_card(worker) for worker in operations.workers()],
            "may_view_jobs": request.user.has_perm("jobs.view_job"),
        }
        return TemplateResponse(request, "admin/workers.html", context)


def _card(worker: Any) -> WorkerCard:
    return WorkerCard(
        worker=worker,
        is_live=worker.is_live,
        silent=seconds_text(max(worker.silent.total_seconds(), 0.0)),
        memory_gb=round(worker.memory_mb / MEGABYTES_PER_GIGABYTE, 2),
    )
