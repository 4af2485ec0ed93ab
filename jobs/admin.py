"""What support works with: jobs with their pictures and history, photos, workers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from jobs.errors import Refused
from jobs.media import artifact_url, matte_url, photo_url
from jobs.messages import sentence
from jobs.models import Artifact, CallbackDelivery, Export, Job, JobEvent, Photo, WorkerState
from jobs.services import job_rerun, job_stop

THUMB = 'style="max-height:220px;border-radius:8px;margin-right:12px"'


class _ReadOnlyInline(admin.TabularInline[Any, Any]):
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return tuple(self.fields or ())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class JobEventInline(_ReadOnlyInline):
    model = JobEvent
    fields = ("sequence", "at", "from_status", "to_status", "reason", "attempt", "worker")


class ArtifactInline(_ReadOnlyInline):
    model = Artifact
    fields = ("kind", "format", "attempt", "width", "height", "size", "sha256", "created_at")


class ExportInline(_ReadOnlyInline):
    model = Export
    fields = ("format", "status", "engine", "attempts", "worker", "error_code", "queued_at", "finished_at")


class CallbackInline(_ReadOnlyInline):
    model = CallbackDelivery
    fields = ("url", "status", "attempts", "attempted_at", "next_attempt_at", "last_answer")


@admin.register(Job)
class JobAdmin(admin.ModelAdmin[Job]):
    list_display = (
        "short_id",
        "title",
        "shop",
        "status",
        "engine",
        "progress_percent",
        "attempts",
        "error_code",
        "queued_at",
    )
    list_filter = ("status", "engine", "error_code", "queued_at")
    search_fields = ("id", "title", "shop__name", "shop__slug", "created_by__email")
    date_hierarchy = "queued_at"
    list_select_related = ("shop",)
    inlines = (JobEventInline, ArtifactInline, ExportInline, CallbackInline)
    actions = ("retry", "stop")

    def get_readonly_fields(self, request: HttpRequest, obj: Job | None = None) -> list[str]:
        return ["gallery", *(field.name for field in Job._meta.fields)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("작업"))
    def short_id(self, job: Job) -> str:
        return str(job.pk)[:8]

    @admin.display(description=_("그림"))
    def gallery(self, job: Job) -> SafeString:
        return format_html_join(
            "",
            '<a href="{}" title="{}"><img src="{}" alt="{}" ' + THUMB + "></a>",
            ((artifact_url(a), a.kind, artifact_url(a), a.kind) for a in job.artifacts.all()),
        )

    @admin.action(description=_("다시 만들기 (처음부터)"))
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        for job in jobs:
            try:
                made = job_rerun(job=job, start_step=1, changes={}).job
            except Refused as refusal:
                self.message_user(request, sentence(refusal.code, refusal.context), messages.ERROR)
            else:
                self.message_user(request, f"{str(job.pk)[:8]} → {made.pk}", messages.SUCCESS)

    @admin.action(description=_("중지"))
    def stop(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        for job in jobs:
            after = job_stop(job=job)
            self.message_user(request, f"{str(job.pk)[:8]}: {after.get_status_display()}", messages.SUCCESS)


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin[Photo]):
    list_display = ("__str__", "shop", "width", "height", "matte_state", "method", "confidence", "created_at")
    list_filter = ("matte_state", "method")
    search_fields = ("id", "shop__name", "sha256")

    def get_readonly_fields(self, request: HttpRequest, obj: Photo | None = None) -> list[str]:
        return ["both", *(field.name for field in Photo._meta.fields)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("사진과 누끼"))
    def both(self, photo: Photo) -> SafeString:
        cut = matte_url(photo)
        second = format_html('<img src="{}" alt="matte" ' + THUMB + ">", cut) if cut else ""
        return format_html('<img src="{}" alt="photo" ' + THUMB + ">{}", photo_url(photo), second)


@admin.register(WorkerState)
class WorkerAdmin(admin.ModelAdmin[WorkerState]):
    list_display = ("name", "engine", "host", "pid", "memory_mb", "held", "job", "started_at", "last_seen")
    list_filter = ("engine", "host")

    @admin.display(description=_("올라온 모델"))
    def held(self, worker: WorkerState) -> SafeString:
        return format_html_join(
            "",
            "<div>{} {} GB, {}, {}: {}</div>",
            (
                (part["name"], part["gb"], part["precision"], part["place"], part["why"])
                for part in worker.resident_models
            ),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
