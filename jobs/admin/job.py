"""Jobs for support: found, read, made again, stopped. Nothing here is edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from adstudio.josa import with_josa
from jobs.admin.filters import AgeFilter, CappedPaginator, ErrorCodeFilter, ShopFilter, search_jobs
from jobs.admin.job_page import JobSheet, seconds_text
from jobs.admin.read_only import ReadOnlyAdmin
from jobs.admin.usage_page import usage_csv, usage_page
from jobs.errors import Refused
from jobs.messages import sentence
from jobs.models import Job
from jobs.selectors import elapsed_seconds
from jobs.services import job_stop
from jobs.support import job_carry_on, step_to_retry_from

MOST_AT_ONCE = 100
"""Jobs that one action of the list takes; beyond it a slip would cost too much."""
A_MINUTE = 60

Told = tuple[int, str | SafeString]
"""A level of Django's messages and what became of one job."""
Act = Callable[[HttpRequest, Job], Told]


def short_id(job: Job) -> str:
    return str(job.pk)[:8]


def badge(status: str, label: str) -> SafeString:
    return format_html('<span class="badge badge-{}">{}</span>', status, label)


def _span(job: Job) -> str:
    """How long ago it was handed in: seconds within the first minute, then one unit."""
    seconds = (timezone.now() - job.queued_at).total_seconds()
    return seconds_text(seconds) if seconds < A_MINUTE else timesince(job.queued_at, depth=1)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "shop_link", "engine_name", "age", "duration", "error_code")
    list_filter = ("status", AgeFilter, ErrorCodeFilter, "engine", ShopFilter)
    list_select_related = ("shop",)
    list_per_page = 50
    sortable_by = ("age",)
    search_fields = ("id",)
    """Shows the box; ``search_jobs`` says what is looked through."""
    search_help_text = gettext_lazy("작업 번호의 앞자리, 제목, 가게 이름, 이메일")
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("retry", "stop")
    fields = ()
    change_form_template = "admin/jobs/job/page.html"
    change_list_template = "admin/jobs/job/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("shop", "created_by", "photo", "parent")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        return (search_jobs(queryset, words) if words else queryset), False

    def has_support_permission(self, request: HttpRequest) -> bool:
        """Whether this person may make jobs again and stop them."""
        return request.user.has_perm("jobs.change_job")

    # The list ---------------------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("작업"))
    def name(self, job: Job) -> SafeString:
        return format_html(
            '{} <span class="quiet-id">{}</span>', job.title or _("문구 없는 광고"), short_id(job)
        )

    @admin.display(description=gettext_lazy("상태"))
    def state(self, job: Job) -> SafeString:
        label = job.get_status_display()
        running = job.status == Job.Status.RUNNING
        if job.deleted_at is not None:
            label = f"{label} · {_('지우는 중')}"
        return badge(job.status, f"{label} {job.progress_percent} %" if running else label)

    @admin.display(description=gettext_lazy("가게"))
    def shop_link(self, job: Job) -> SafeString:
        return format_html('<a href="?shop={}">{}</a>', job.shop.slug, job.shop.name)

    @admin.display(description=gettext_lazy("엔진"))
    def engine_name(self, job: Job) -> str:
        return job.engine

    @admin.display(description=gettext_lazy("접수"), ordering="queued_at")
    def age(self, job: Job) -> SafeString:
        at = timezone.localtime(job.queued_at)
        ago = _("%(span)s 전") % {"span": _span(job)}
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}", ago
        )

    @admin.display(description=gettext_lazy("걸린 시간"), empty_value="–")
    def duration(self, job: Job) -> str | None:
        return seconds_text(elapsed_seconds(job)) if job.started_at else None

    # What support does ------------------------------------------------------------------------------------
    @admin.action(
        description=gettext_lazy("다시 만들기 (끊긴 단계부터 새 작업으로)"), permissions=["support"]
    )
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self._each(request, jobs, self._retry_one)

    @admin.action(description=gettext_lazy("중지"), permissions=["support"])
    def stop(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self._each(request, jobs, self._stop_one)

    def _each(self, request: HttpRequest, jobs: QuerySet[Job], act: Act) -> None:
        chosen = list(jobs.order_by("queued_at", "pk")[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            told = _("한 번에 %(number)d개까지 됩니다. 목록을 좁혀 나눠서 해 주세요.") % {
                "number": MOST_AT_ONCE
            }
            self.message_user(request, told, messages.ERROR)
            return
        for job in chosen:
            level, text = act(request, job)
            self.message_user(request, text, level)

    def _retry_one(self, request: HttpRequest, job: Job) -> Told:
        step = Job.CurrentStep.choices[step_to_retry_from(job) - 1][1]
        try:
            made = job_carry_on(job=job).job
        except Refused as refusal:
            words = {"job": with_josa(job, "을/를"), "why": sentence(refusal.code, refusal.context)}
            return messages.ERROR, _("%(job)s 다시 만들지 못했습니다. %(why)s") % words
        done = {"step": step, "new": short_id(made), "old": short_id(job)}
        self.log_change(request, job, _("다시 만들기: %(step)s부터 새 작업 %(new)s") % done)
        self.log_addition(request, made, _("작업 %(old)s의 다시 만들기: %(step)s부터") % done)
        text = _("새 작업을 넣었습니다. 시작 단계: %(step)s.") % done
        link = reverse("admin:jobs_job_change", args=[made.pk])
        return messages.SUCCESS, format_html(
            '{}: {} <a href="{}">{}</a>', str(job), text, link, short_id(made)
        )

    def _stop_one(self, request: HttpRequest, job: Job) -> Told:
        if job.is_terminal:
            words = {"job": with_josa(job, "은/는"), "status": job.get_status_display()}
            return messages.WARNING, _("%(job)s 이미 끝났습니다 (%(status)s). 바뀐 것이 없습니다.") % words
        after = job_stop(job=job)
        self.log_change(request, job, _("중지"))
        words = {"job": with_josa(after, "을/를")}
        if after.is_terminal:
            return messages.SUCCESS, _("%(job)s 중지했습니다.") % words
        return messages.SUCCESS, _("%(job)s 중지하라고 요청했습니다. 작업기가 곧 멈춥니다.") % words

    # Pages ------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        def guarded(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("usage/", guarded(self.usage_view), name="jobs_job_usage"),
            path("usage.csv", guarded(self.usage_csv_view), name="jobs_job_usage_csv"),
            path("<uuid:job_id>/retry/", guarded(require_POST(self.retry_view)), name="jobs_job_retry"),
            path("<uuid:job_id>/stop/", guarded(require_POST(self.stop_view)), name="jobs_job_stop"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        job: Job = context["original"]
        context |= {
            "sheet": JobSheet(job),
            "may_act": self.has_support_permission(request),
            "title": job.title or _("문구 없는 광고"),
            "subtitle": None,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def retry_view(self, request: HttpRequest, job_id: UUID) -> HttpResponseBase:
        return self._act_on_page(request, job_id, self._retry_one)

    def stop_view(self, request: HttpRequest, job_id: UUID) -> HttpResponseBase:
        return self._act_on_page(request, job_id, self._stop_one)

    def _act_on_page(self, request: HttpRequest, job_id: UUID, act: Act) -> HttpResponseBase:
        if not self.has_support_permission(request):
            raise PermissionDenied
        job = self.get_queryset(request).filter(pk=job_id).first()
        if job is None:
            raise Http404
        level, text = act(request, job)
        self.message_user(request, text, level)
        return redirect("admin:jobs_job_change", job.pk)

    def usage_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return usage_page(request, {**self.admin_site.each_context(request), "opts": self.opts})

    def usage_csv_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return usage_csv(request)
