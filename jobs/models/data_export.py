"""What a person asked to be handed of their own data."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def part_path(part: DataExportPart, filename: str) -> str:
    return f"exports/{part.export_id}/{filename}"


class DataExport(models.Model):
    """One request. A worker makes it part by part, as ZIP files that are gone after some days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports")
    requested_at = models.DateTimeField(_("요청"), default=timezone.now)
    looked_after_at = models.DateTimeField(null=True, blank=True)
    """When a worker was last asked to look after it."""
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    """Workers that began the part after ``done_up_to`` and did not come to its end."""
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    """The last beat of the worker that is making a part."""
    error_code = models.CharField(max_length=60, blank=True, db_default="")
    """Why it was given up; then it has no parts."""
    done_up_to = models.CharField(max_length=60, blank=True)
    """The last item that is in a part; see ``jobs.data_export``."""
    finished_at = models.DateTimeField(_("끝"), null=True, blank=True)

    class Meta:
        verbose_name = _("자료 내보내기")
        verbose_name_plural = _("자료 내보내기")
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(finished_at=None), name="data_export_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class DataExportPart(models.Model):
    """One ZIP file of an export."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    export = models.ForeignKey(DataExport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to=part_path, max_length=200)
    size = models.PositiveBigIntegerField(_("바이트"))

    class Meta:
        verbose_name = _("내보낸 파일")
        verbose_name_plural = _("내보낸 파일")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["export", "number"], name="data_export_part_once"),)

    def __str__(self) -> str:
        return f"{self.export_id} {self.number}"
