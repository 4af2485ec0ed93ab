"""How much a shop has ordered in a day, whatever became of the jobs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop


class DayOrders(models.Model):
    """A shop's orders of the last day on which it ordered. Deleting a job gives none of them back."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="day_orders", primary_key=True)
    day = models.DateField(_("날짜"))
    """In the service's time zone."""
    ordered = models.PositiveIntegerField(_("주문"))

    class Meta:
        verbose_name = _("하루 주문")
        verbose_name_plural = _("하루 주문")

    def __str__(self) -> str:
        return f"{self.shop_id} {self.day} {self.ordered}"
