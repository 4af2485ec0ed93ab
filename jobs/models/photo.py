"""A shop's product photos."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


def photo_path(photo: Photo, filename: str) -> str:
    return f"photos/{photo.pk}/photo{PurePosixPath(filename).suffix}"


def matte_path(photo: Photo, filename: str) -> str:
    return f"photos/{photo.pk}/matte-{uuid.uuid4().hex[:8]}.png"


class Photo(models.Model):
    """A product photo, cleaned of metadata, and the matte that cuts the product out of it."""

    class MatteState(models.TextChoices):
        PENDING = "pending", _("준비 중")
        READY = "ready", _("완료")
        FAILED = "failed", _("실패")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(_("사진"), upload_to=photo_path, max_length=200)
    width = models.PositiveIntegerField(_("너비"))
    height = models.PositiveIntegerField(_("높이"))
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(_("바이트"))
    matte = models.FileField(_("매트"), upload_to=matte_path, max_length=200, blank=True)
    matte_state = models.CharField(
        _("누끼 상태"), max_length=10, choices=MatteState.choices, default=MatteState.PENDING
    )
    matte_error = models.CharField(max_length=60, blank=True)
    cut_attempts = models.PositiveSmallIntegerField(default=0)
    """Workers that began to cut the product out and did not come to an end."""
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    """The last beat of the worker that is cutting it out."""
    method = models.CharField(_("누끼 방법"), max_length=20, blank=True)
    confidence = models.FloatField(_("확신도"), null=True, blank=True)
    created_at = models.DateTimeField(_("올린 날"), auto_now_add=True)

    class Meta:
        verbose_name = _("사진")
        verbose_name_plural = _("사진")
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["created_at"], name="photo_created"),
            models.Index(fields=["created_at"], condition=Q(matte_state="pending"), name="photo_uncut"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(matte_state="ready") | ~Q(matte=""), name="photo_ready_has_matte"
            ),
        )

    def __str__(self) -> str:
        return f"{self.width}x{self.height} {str(self.pk)[:8]}"
