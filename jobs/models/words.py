"""What is kept of questions to a language model: what they spent, never what was asked or answered."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


class ModelUse(models.Model):
    """One question of a shop. The row is written before the question is sent, so that none goes uncounted."""

    class Purpose(models.TextChoices):
        PROMPT = "prompt", _("프롬프트 다듬기")
        COPY = "copy", _("문구 제안")

    class Outcome(models.TextChoices):
        ASKED = "asked", _("묻는 중")
        ANSWERED = "answered", _("답함")
        REFUSED = "refused", _("모델이 거절함")
        MALFORMED = "malformed", _("답의 형식이 틀림")
        TIMEOUT = "timeout", _("시간 초과")
        UNREACHABLE = "unreachable", _("연결되지 않음")
        RATE_LIMITED = "rate_limited", _("요청이 너무 많음")
        SERVER = "server", _("서버 오류")
        DENIED = "denied", _("열쇠나 모델이 맞지 않음")
        REJECTED = "rejected", _("요청을 받지 않음")

    COUNTED = (Outcome.ASKED, Outcome.ANSWERED, Outcome.REFUSED, Outcome.MALFORMED)
    """What counts towards the shop's month: the others are not the shop's doing, and cost nothing."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="model_uses")
    purpose = models.CharField(_("용도"), max_length=20, choices=Purpose.choices)
    model = models.CharField(_("모델"), max_length=80)
    outcome = models.CharField(_("결과"), max_length=20, choices=Outcome.choices, default=Outcome.ASKED)
    with_picture = models.BooleanField(_("사진과 함께"), default=False)
    requests = models.PositiveSmallIntegerField(_("요청 수"), default=0)
    input_tokens = models.PositiveIntegerField(_("읽은 토큰"), default=0)
    cached_tokens = models.PositiveIntegerField(_("그중 캐시"), default=0)
    output_tokens = models.PositiveIntegerField(_("쓴 토큰"), default=0)
    cost_usd = models.DecimalField(_("비용 (달러)"), max_digits=12, decimal_places=6, null=True, blank=True)
    """None: the model has no price in ``OPENAI_PRICES``."""
    seconds = models.FloatField(_("초"), default=0.0)
    asked_at = models.DateTimeField(_("물은 때"), default=timezone.now)

    class Meta:
        verbose_name = _("언어 모델 사용")
        verbose_name_plural = _("언어 모델 사용")
        ordering = ("-asked_at",)
        indexes = (
            models.Index(fields=["shop", "asked_at"], name="model_use_of_shop"),
            models.Index(fields=["asked_at"], name="model_use_asked"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.asked_at:%Y-%m-%d}"
