"""The shop's day: how much it has ordered and may order still.

Counted apart from the jobs, so that deleting them makes no room. Whoever orders holds the shop's row
(``selectors.shop_hold``), so of many that come at once none slips past.
"""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Shop
from jobs.models import DayOrders, Job
from jobs.selectors import midnight


def orders_left_today(shop: Shop) -> int:
    """How many more the shop may order until midnight."""
    return max(0, shop.daily_job_limit - max(_counted(shop), _kept(shop)))


def order_count(shop: Shop) -> None:
    """Count the job that was just stored, in its transaction."""
    ordered = max(_counted(shop) + 1, _kept(shop))
    DayOrders.objects.update_or_create(shop=shop, defaults={"day": timezone.localdate(), "ordered": ordered})


def _counted(shop: Shop) -> int:
    today = DayOrders.objects.filter(shop=shop, day=timezone.localdate())
    return today.values_list("ordered", flat=True).first() or 0


def _kept(shop: Shop) -> int:
    """More than are counted where a web process of an older release, which counts nothing, took some."""
    return Job.objects.filter(shop=shop, queued_at__gte=midnight()).count()
