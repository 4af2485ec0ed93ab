"""How much is made: jobs by shop, day and status, and how long they take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Shop
from jobs.models import Job

MOST_SHOPS = 20
"""So many shops the list of the busiest names."""

_TOOK = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
_FIGURES: dict[str, Any] = {
    "completed": Count("pk", filter=Q(status=Job.Status.COMPLETED)),
    "failed": Count("pk", filter=Q(status=Job.Status.FAILED)),
    "stopped": Count("pk", filter=Q(status=Job.Status.STOPPED)),
    "active": Count("pk", filter=Q(status__in=Job.ACTIVE)),
    "took": Avg(_TOOK, filter=Q(status=Job.Status.COMPLETED)),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of jobs by what became of them; seconds that a completed one took, on average."""

    completed: int = 0
    failed: int = 0
    stopped: int = 0
    active: int = 0
    seconds: float | None = None

    @property
    def total(self) -> int:
        return self.completed + self.failed + self.stopped + self.active


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class ShopUsage:
    slug: str
    name: str
    figures: Figures


def start_of_day(days_ago: int = 0) -> datetime:
    """Midnight in the service's time zone."""
    today = timezone.localdate() - timedelta(days=days_ago)
    return timezone.make_aware(datetime.combine(today, time()))


def usage_by_day(*, days: int, shop: Shop | None = None) -> list[Day]:
    """Each of the last ``days`` days up to today, oldest first, empty ones too."""
    rows = (
        _jobs(days, shop).annotate(day=TruncDate("queued_at")).order_by().values("day").annotate(**_FIGURES)
    )
    found = {row["day"]: _figures(row) for row in rows}
    today = timezone.localdate()
    dates = [today - timedelta(days=days - 1 - number) for number in range(days)]
    return [Day(each, found.get(each, Figures())) for each in dates]


def usage_by_shop(*, days: int) -> list[ShopUsage]:
    """The busiest shops of the last ``days`` days."""
    rows = _jobs(days, None).order_by().values("shop_id").annotate(jobs=Count("pk"), **_FIGURES)
    busiest = list(rows.order_by("-jobs", "shop_id")[:MOST_SHOPS])
    shops = Shop.objects.in_bulk([row["shop_id"] for row in busiest])
    return [
        ShopUsage(shops[row["shop_id"]].slug, shops[row["shop_id"]].name, _figures(row)) for row in busiest
    ]


def usage_by_shop_and_day(*, days: int, shop: Shop | None = None) -> Iterable[tuple[date, str, str, Figures]]:
    """Day, slug, name and figures of each shop that had jobs that day, oldest first."""
    rows = (
        _jobs(days, shop)
        .annotate(day=TruncDate("queued_at"))
        .order_by()
        .values("day", "shop__slug", "shop__name")
        .annotate(**_FIGURES)
        .order_by("day", "shop__slug")
    )
    return ((row["day"], row["shop__slug"], row["shop__name"], _figures(row)) for row in rows.iterator())


def total(days: Iterable[Day]) -> Figures:
    """The sum of the days; seconds on average over all completed jobs."""
    rows = [day.figures for day in days]
    completed = sum(row.completed for row in rows)
    spent = sum(row.completed * row.seconds for row in rows if row.seconds is not None)
    return Figures(
        completed=completed,
        failed=sum(row.failed for row in rows),
        stopped=sum(row.stopped for row in rows),
        active=sum(row.active for row in rows),
        seconds=spent / completed if completed else None,
    )


def _jobs(days: int, shop: Shop | None) -> QuerySet[Job]:
    jobs = Job.objects.filter(queued_at__gte=start_of_day(days - 1))
    return jobs if shop is None else jobs.filter(shop=shop)


def _figures(row: Any) -> Figures:
    took: timedelta | None = row["took"]
    return Figures(
        completed=row["completed"],
        failed=row["failed"],
        stopped=row["stopped"],
        active=row["active"],
        seconds=None if took is None else round(took.total_seconds(), 1),
    )
