"""What is kept for shops' programs: the names of their requests, and ends of jobs to be told to them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


class IdempotencyKey(models.Model):
    """What a shop's program, or a form of the portal, calls a request, so that sent again it is not done again."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of what was asked; see ``jobs.idempotency``."""
    job = models.ForeignKey("jobs.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    ignored = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("멱등 키")
        verbose_name_plural = _("멱등 키")
        constraints = (models.UniqueConstraint(fields=["shop", "key"], name="idempotency_key_once"),)

    def __str__(self) -> str:
        return self.key


class CallbackDelivery(models.Model):
    """A job's end to be told to its ``callback_url``. Written with the end itself; a worker delivers it."""

    class Status(models.TextChoices):
        PENDING = "pending", _("대기 중")
        DELIVERED = "delivered", _("전달됨")
        FAILED = "failed", _("실패")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField("jobs.Job", on_delete=models.CASCADE, related_name="callback")
    url = models.CharField(_("주소"), max_length=2000)
    status = models.CharField(_("상태"), max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("시도"), default=0)
    next_attempt_at = models.DateTimeField(_("다음 시도"), default=timezone.now)
    attempted_at = models.DateTimeField(_("마지막 시도"), null=True, blank=True)
    last_answer = models.CharField(_("마지막 답"), max_length=60, blank=True)
    """The HTTP status, or why there was none."""

    class Meta:
        verbose_name = _("콜백")
        verbose_name_plural = _("콜백")
        indexes = (
            models.Index(fields=["next_attempt_at"], condition=Q(status="pending"), name="callback_due"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["pending", "delivered", "failed"]), name="callback_status_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.status} {self.job_id}"
