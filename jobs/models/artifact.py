"""The pictures that jobs made."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.job import Job


def artifact_path(artifact: Artifact, filename: str) -> str:
    return f"jobs/{artifact.job_id}/{filename}"


class Artifact(models.Model):
    """A picture a job made. ``cutout`` is the product layer exactly as step 1 placed it in its picture, ``logo`` the
    shop's as it was when the job was submitted."""

    class Kind(models.TextChoices):
        CUTOUT = "cutout", _("누끼")
        STEP1 = "step1_result", _("배경")
        STEP2 = "step2_result", _("3D 문구")
        FINAL = "final_result", _("완성 그림")
        PACKSHOT = "packshot", _("흰 배경 사진")
        PREVIEW = "preview", _("미리보기")
        THUMB = "thumb", _("작은 그림")
        EXPORT = "export", _("채널 규격")
        LOGO = "logo", _("로고")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="artifacts")
    kind = models.CharField(_("종류"), max_length=16, choices=Kind.choices)
    format = models.CharField(_("규격"), max_length=30, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(_("파일"), upload_to=artifact_path, max_length=200)
    content_type = models.CharField(max_length=40, default="image/png")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(_("바이트"))
    sha256 = models.CharField(max_length=64)
    source = models.CharField(_("출처"), max_length=40, blank=True, db_default="")
    """A ``generation.provenance.SourceType``: where the picture comes from, empty where that is not known."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("그림")
        verbose_name_plural = _("그림")
        ordering = ("created_at",)
        indexes = (models.Index(fields=["file"], name="artifact_file"),)
        constraints = (
            models.UniqueConstraint(
                fields=["job", "kind", "format"], name="artifact_one_of_a_kind", condition=~Q(kind="preview")
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.job_id}"
