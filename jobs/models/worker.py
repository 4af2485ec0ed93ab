"""Who works."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.job import Engine, Job
from jobs.versions import FIRST_VERSION


class WorkerState(models.Model):
    """What a worker last said of itself; feeds /health, /resources and the admin."""

    name = models.CharField(_("이름"), max_length=120, primary_key=True)
    host = models.CharField(_("호스트"), max_length=120)
    pid = models.PositiveIntegerField()
    engine = models.CharField(_("엔진"), max_length=12, choices=Engine.choices)
    gpu = models.JSONField(default=list, blank=True)
    resident_models = models.JSONField(_("올라온 모델"), default=list, blank=True)
    memory_mb = models.PositiveIntegerField(_("메모리 MB"), default=0)
    request_version = models.PositiveSmallIntegerField(
        _("요청 버전"), default=FIRST_VERSION, db_default=FIRST_VERSION
    )
    """The newest requests it understands; older releases know no such column and understand the first alone."""
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(_("시작"), auto_now_add=True)
    last_seen = models.DateTimeField(_("마지막 신호"))

    class Meta:
        verbose_name = _("작업기")
        verbose_name_plural = _("작업기")

    def __str__(self) -> str:
        return self.name
