"""What was decided about the content of ads. What people wrote is not kept here, nor any picture."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


class ModerationDecision(models.Model):
    """One look at what goes into an ad, or at the finished picture."""

    class Stage(models.TextChoices):
        INPUT = "input", _("주문할 때")
        OUTPUT = "output", _("완성 그림")

    class Verdict(models.TextChoices):
        ALLOWED = "allowed", _("통과")
        REFUSED = "refused", _("거절")

    class Judge(models.TextChoices):
        OPENAI = "openai", _("OpenAI")
        LOCAL = "local", _("낱말 목록")
        NOBODY = "nobody", _("확인하지 못함")

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="moderation_decisions")
    job = models.ForeignKey(
        "jobs.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="moderation_decisions"
    )
    """Of a finished picture; what is refused at submission becomes no job."""
    stage = models.CharField(_("언제"), max_length=10, choices=Stage.choices)
    verdict = models.CharField(_("판정"), max_length=10, choices=Verdict.choices)
    judge = models.CharField(_("판정한 것"), max_length=10, choices=Judge.choices)
    service_failed = models.CharField(_("OpenAI의 문제"), max_length=20, blank=True)
    """Why OpenAI, which was to be asked, gave no answer."""
    field = models.CharField(_("필드"), max_length=40, blank=True)
    categories = models.JSONField(_("분류"), default=list, blank=True)
    listed_word = models.CharField(_("목록의 낱말"), max_length=60, blank=True)
    seconds = models.FloatField(_("초"), default=0.0)
    decided_at = models.DateTimeField(_("판정한 때"), default=timezone.now)

    class Meta:
        verbose_name = _("내용 확인")
        verbose_name_plural = _("내용 확인")
        ordering = ("-decided_at",)
        indexes = (
            models.Index(fields=["decided_at"], name="moderation_decided"),
            models.Index(fields=["shop", "decided_at"], name="moderation_of_shop"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(verdict__in=["allowed", "refused"]), name="moderation_verdict_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.verdict} {self.decided_at:%Y-%m-%d}"
