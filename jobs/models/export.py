"""Finished ads in channels' formats."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.job import Engine, Job


class Export(models.Model):
    """A finished ad asked for in a channel's format. The picture itself is the job's ``export`` artifact."""

    class Status(models.TextChoices):
        PENDING = "pending", _("대기 중")
        RUNNING = "running", _("그리는 중")
        COMPLETED = "completed", _("완성")
        FAILED = "failed", _("실패")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(_("규격"), max_length=30)
    engine = models.CharField(_("엔진"), max_length=12, choices=Engine.choices)
    status = models.CharField(_("상태"), max_length=10, choices=Status.choices, default=Status.PENDING)
    error_code = models.CharField(_("오류"), max_length=60, blank=True)
    error_context = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(_("시도"), default=0)
    worker = models.CharField(_("작업기"), max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(_("접수"), default=timezone.now)
    started_at = models.DateTimeField(_("시작"), null=True, blank=True)
    finished_at = models.DateTimeField(_("끝"), null=True, blank=True)

    class Meta:
        verbose_name = _("채널 규격 그림")
        verbose_name_plural = _("채널 규격 그림")
        ordering = ("queued_at", "pk")
        indexes = (
            models.Index(
                fields=["engine", "queued_at"], condition=Q(status="pending"), name="export_waiting"
            ),
            models.Index(fields=["heartbeat_at"], condition=Q(status="running"), name="export_beating"),
        )
        constraints = (
            models.UniqueConstraint(fields=["job", "format"], name="export_once"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running", "completed", "failed"]),
                name="export_status_known",
            ),
            models.CheckConstraint(
                condition=Q(engine__in=["studio", "diffusion"]), name="export_engine_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="running")
                | (Q(heartbeat_at__isnull=False) & ~Q(worker="") & Q(attempts__gte=1)),
                name="export_running_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running"], finished_at__isnull=True)
                | Q(status__in=["completed", "failed"], finished_at__isnull=False),
                name="export_end_is_finished",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error_code=""), name="export_failure_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.format} {self.job_id}"
