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
    return max(0, shop.daily_job_limit - _ordered_today(shop))


def order_count(shop: Shop) -> None:
    """Count the job that was just stored, in its transaction."""
    today, ordered = timezone.localdate(), _ordered_today(shop)
    before = DayOrders.objects.filter(shop=shop, day=today).values_list("ordered", flat=True).first() or 0
    DayOrders.objects.update_or_create(
        shop=shop, defaults={"day": today, "ordered": max(before + 1, ordered)}
    )


def _ordered_today(shop: Shop) -> int:
    """Also where a web process of an older release, which counts nothing, took some of the orders."""
    kept = Job.objects.filter(shop=shop, queued_at__gte=midnight()).count()
    counted = DayOrders.objects.filter(shop=shop, day=timezone.localdate()).values_list("ordered", flat=True)
    return max(kept, counted.first() or 0)
