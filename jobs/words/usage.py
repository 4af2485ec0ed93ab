"""What shops' questions to the language model come to, by the month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Shop
from jobs.models import ModelUse
from jobs.words import asked_this_month, start_of_month

MOST_ROWS = 60
_SUMS: dict[str, Any] = {
    "questions": Count("pk"),
    "answered": Count("pk", filter=Q(outcome=ModelUse.Outcome.ANSWERED)),
    "tokens_read": Sum("input_tokens"),
    "tokens_written": Sum("output_tokens"),
    "cost": Sum("cost_usd"),
    "unpriced": Count("pk", filter=Q(cost_usd=None, output_tokens__gt=0)),
}


@dataclass(frozen=True, slots=True)
class Month:
    """One shop's month so far, as its owner sees it."""

    asked: int
    limit: int
    """0 is no limit."""
    cost: Decimal | None
    """US dollars; None where a model's price is not known."""


@dataclass(frozen=True, slots=True)
class ShopMonth:
    month: datetime
    slug: str
    name: str
    questions: int
    answered: int
    tokens_read: int
    tokens_written: int
    cost: Decimal | None
    """US dollars, of what has a price; None where nothing has."""
    unpriced: int
    """Questions that spent tokens of an unknown price."""


def month_of(shop: Shop) -> Month | None:
    """The shop's present month; None where no model is set up."""
    if not settings.OPENAI_API_KEY:
        return None
    this_month = ModelUse.objects.filter(shop=shop, asked_at__gte=start_of_month())
    sums = this_month.order_by().aggregate(cost=_SUMS["cost"], unpriced=_SUMS["unpriced"])
    cost = None if sums["unpriced"] else sums["cost"] or Decimal(0)
    return Month(asked_this_month(shop), settings.OPENAI_MONTHLY_LIMIT, cost)


def months_by_shop(shop: Shop | None = None) -> list[ShopMonth]:
    """The newest months, those with the most questions first."""
    rows = _rows(ModelUse.objects.all() if shop is None else ModelUse.objects.filter(shop=shop))
    return [
        ShopMonth(
            month=row["month"],
            slug=row["shop__slug"],
            name=row["shop__name"],
            **{name: row[name] for name in _SUMS},
        )
        for row in rows
    ]


def _rows(uses: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    by_month: QuerySet[Any, Any] = uses.annotate(month=TruncMonth("asked_at")).order_by()
    grouped: QuerySet[Any, Any] = by_month.values("month", "shop__slug", "shop__name").annotate(**_SUMS)
    return grouped.order_by("-month", "-questions", "shop__slug")[:MOST_ROWS]
