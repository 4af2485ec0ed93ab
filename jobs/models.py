"""What was asked and what became of it. The rules that must never break stand in the database as constraints."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop
from jobs.album_models import ShareLink, VariationSet
from jobs.data_export_models import DataExport, DataExportPart
from jobs.moderation_models import ModerationDecision
from jobs.order_models import DayOrders
from jobs.photo_models import Photo, matte_path, photo_path
from jobs.program_models import CallbackDelivery, IdempotencyKey
from jobs.versions import FIRST_VERSION
from jobs.words_models import ModelUse

__all__ = [
    "Artifact",
    "CallbackDelivery",
    "DataExport",
    "DataExportPart",
    "DayOrders",
    "Engine",
    "Export",
    "IdempotencyKey",
    "Job",
    "JobEvent",
    "ModelUse",
    "ModerationDecision",
    "Photo",
    "ShareLink",
    "VariationSet",
    "WorkerState",
    "matte_path",
    "photo_path",
]


def artifact_path(artifact: Artifact, filename: str) -> str:
    return f"jobs/{artifact.job_id}/{filename}"


class Engine(models.TextChoices):
    STUDIO = "studio", _("스튜디오 (CPU)")
    DIFFUSION = "diffusion", _("디퓨전 (GPU)")


class Job(models.Model):
    """One ad in the making. Its status changes only in ``jobs.transitions.job_transition``."""

    class Status(models.TextChoices):
        PENDING = "pending", _("대기 중")
        RUNNING = "running", _("만드는 중")
        COMPLETED = "completed", _("완성")
        FAILED = "failed", _("실패")
        STOPPED = "stopped", _("중지됨")

    class CurrentStep(models.TextChoices):
        BACKGROUND = "step1_background", _("배경")
        TEXT_ASSET = "step2_text_asset", _("3D 문구")
        COMPOSITE = "step3_composite", _("합성")

    class TextVerified(models.TextChoices):
        """What reading the final picture's headline found; empty where there is none to read."""

        WAITING = "waiting", _("읽을 차례를 기다림")
        READING = "reading", _("읽는 중")
        YES = "yes", _("문구와 같음")
        NO = "no", _("문구와 다름")
        UNKNOWN = "unknown", _("읽지 못함")

    ACTIVE = (Status.PENDING, Status.RUNNING)
    TERMINAL = (Status.COMPLETED, Status.FAILED, Status.STOPPED)
    UNREAD = ("", TextVerified.WAITING, TextVerified.READING)
    """States of ``text_verified`` that say nothing of the words yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="jobs")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    photo_gone = models.BooleanField(default=False, db_default=False)
    """The job had a photo, which was deleted since."""
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reruns"
    )
    variation_set = models.ForeignKey(
        "VariationSet", on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    foreign_background = models.BooleanField(default=False)
    """Its background came with a request. Kept here so that a re-run outlives the job it was made from."""
    title = models.CharField(_("제목"), max_length=120, blank=True)
    favourite = models.BooleanField(_("즐겨찾기"), default=False)
    request = models.JSONField(_("요청"), default=dict)
    brand = models.JSONField(_("브랜드"), default=dict, blank=True)
    """The shop's ``color`` and ``accent`` (``#rrggbb``) as they were when the job was submitted."""
    request_version = models.PositiveSmallIntegerField(default=FIRST_VERSION)
    """What a worker has to understand to make it (``jobs.versions``)."""
    engine = models.CharField(_("엔진"), max_length=12, choices=Engine.choices)
    seed = models.PositiveBigIntegerField(_("시드"))

    status = models.CharField(_("상태"), max_length=10, choices=Status.choices, default=Status.PENDING)
    current_step = models.CharField(_("단계"), max_length=20, choices=CurrentStep.choices)
    sub_step = models.CharField(_("세부 단계"), max_length=40, blank=True)
    progress_percent = models.PositiveSmallIntegerField(_("진행률"), default=0)
    message_code = models.CharField(_("메시지"), max_length=60, default="job.queued")
    error_code = models.CharField(_("오류"), max_length=60, blank=True)
    error_context = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(_("알림"), default=list, blank=True)
    """Codes of what the merchant should know, such as ``cutout.grabcut``."""
    sequence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(_("시도"), default=0)
    worker = models.CharField(_("작업기"), max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    product_difference = models.PositiveSmallIntegerField(_("제품 화소 최대 차이"), null=True, blank=True)
    step_seconds = models.JSONField(default=dict, blank=True)
    headline_box = models.JSONField(null=True, blank=True)
    """Where the headline's ink lies in the final picture: left, top, width, height in pixels."""
    text_verified = models.CharField(
        _("문구 확인"), max_length=8, choices=TextVerified.choices, blank=True, default="", db_default=""
    )
    text_read = models.TextField(_("읽은 문구"), blank=True, default="", db_default="")
    text_read_at = models.DateTimeField(_("문구를 읽은 때"), null=True, blank=True)

    queued_at = models.DateTimeField(_("접수"), auto_now_add=True)
    started_at = models.DateTimeField(_("시작"), null=True, blank=True)
    finished_at = models.DateTimeField(_("끝"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("지운 때"), null=True, blank=True)
    """Set while a deletion can still be undone: nobody sees the job any more, its files are still there."""

    class Meta:
        verbose_name = _("작업")
        verbose_name_plural = _("작업")
        ordering = ("-queued_at", "-id")
        indexes = (
            models.Index(fields=["shop", "-queued_at", "-id"], name="job_shop_newest"),
            models.Index(
                fields=["engine", "queued_at", "id"], condition=Q(status="pending"), name="job_waiting"
            ),
            models.Index(
                fields=["shop", "status"], condition=Q(status="running"), name="job_running_by_shop"
            ),
            models.Index(fields=["heartbeat_at"], condition=Q(status="running"), name="job_beating"),
            models.Index(fields=["shop", "started_at"], name="job_shop_started"),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="job_being_deleted"
            ),
            models.Index(fields=["-queued_at", "-id"], name="job_newest"),
            models.Index(fields=["status", "-queued_at", "-id"], name="job_status_newest"),
            models.Index(
                fields=["error_code", "-queued_at", "-id"],
                condition=~Q(error_code=""),
                name="job_error_newest",
            ),
            models.Index(fields=["finished_at"], name="job_finished"),
            models.Index(
                fields=["engine", "finished_at"],
                condition=Q(text_verified__in=["waiting", "reading"]),
                name="job_unread",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running", "completed", "failed", "stopped"]),
                name="job_status_known",
            ),
            models.CheckConstraint(condition=Q(engine__in=["studio", "diffusion"]), name="job_engine_known"),
            models.CheckConstraint(
                condition=Q(text_verified__in=["", "waiting", "reading", "yes", "no", "unknown"]),
                name="job_text_verified_known",
            ),
            models.CheckConstraint(condition=Q(progress_percent__lte=100), name="job_progress_in_range"),
            models.CheckConstraint(
                condition=~Q(status="running")
                | (Q(heartbeat_at__isnull=False) & ~Q(worker="") & Q(attempts__gte=1)),
                name="job_running_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "running"], finished_at__isnull=True)
                | Q(status__in=["completed", "failed", "stopped"], finished_at__isnull=False),
                name="job_terminal_is_finished",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error_code=""), name="job_failure_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(progress_percent=100), name="job_completed_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(status__in=["completed", "failed", "stopped"]),
                name="job_deleted_is_over",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title or self.engine} {str(self.pk)[:8]}"

    @property
    def is_terminal(self) -> bool:
        return self.status in self.TERMINAL


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


class JobEvent(models.Model):
    """Append-only: one row for each transition of a job, which support reads."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveIntegerField()
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    reason = models.CharField(max_length=60)
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("작업 기록")
        verbose_name_plural = _("작업 기록")
        ordering = ("sequence",)
        constraints = (
            models.UniqueConstraint(fields=["job", "sequence"], name="event_sequence_once"),
            models.CheckConstraint(condition=~Q(from_status=F("to_status")), name="event_is_a_change"),
        )

    def __str__(self) -> str:
        return f"{self.from_status or '∅'} → {self.to_status} ({self.reason})"


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
