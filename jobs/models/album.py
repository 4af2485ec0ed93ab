"""What a shop keeps of its finished ads: backgrounds to choose from, links for people without an account."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


class VariationSet(models.Model):
    """The same ad before several backgrounds, made to be looked at side by side; one of them may be chosen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="variation_sets")
    source = models.ForeignKey(
        "jobs.Job", on_delete=models.SET_NULL, null=True, related_name="variation_sets"
    )
    chosen = models.ForeignKey("jobs.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("만든 날"), auto_now_add=True)

    class Meta:
        verbose_name = _("배경 후보")
        verbose_name_plural = _("배경 후보")

    def __str__(self) -> str:
        return str(self.pk)[:8]


class ShareLink(models.Model):
    """Leave to see one finished ad without signing in. Its address is this key, signed (``jobs.sharing``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey("jobs.Job", on_delete=models.CASCADE, related_name="share_links")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("만든 날"), auto_now_add=True)
    expires_at = models.DateTimeField(_("끝나는 날"), db_index=True)
    revoked_at = models.DateTimeField(_("거둔 날"), null=True, blank=True)

    class Meta:
        verbose_name = _("공유 링크")
        verbose_name_plural = _("공유 링크")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.job_id} {self.expires_at:%Y-%m-%d}"
