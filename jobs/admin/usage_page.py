"""Usage for support: a chart, the same numbers as a table, and the file for a spreadsheet."""

from __future__ import annotations

import codecs
import csv
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import Shop
from jobs.admin.chart import chart_of
from jobs.admin.filters import SUGGESTED_SHOPS
from jobs.usage import total, usage_by_day, usage_by_shop, usage_by_shop_and_day
from jobs.words.usage import months_by_shop

SPANS = (30, 90)
"""Days that can be asked for; the first is the usual one."""
SHOP_PAGE_DAYS = SPANS[0]
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to spreadsheets."""


def usage_parts(days: int, shop: Shop | None) -> dict[str, Any]:
    """What the chart's template needs."""
    found = usage_by_day(days=days, shop=shop)
    return {
        "chart": chart_of(found),
        "usage": list(reversed(found)),
        "usage_total": total(found),
        "days": days,
    }


def usage_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    days, wanted, shop = _asked(request)
    unknown = bool(wanted) and shop is None
    context |= {
        "title": _("사용량"),
        "subtitle": shop.name if shop else None,
        "spans": SPANS,
        "days": days,
        "shop": shop,
        "wanted": wanted,
        "unknown": unknown,
        "suggestions": Shop.objects.order_by("-pk")[:SUGGESTED_SHOPS],
    }
    if not unknown:
        context |= usage_parts(days, shop)
        context["busiest"] = usage_by_shop(days=days) if shop is None else []
        context["words"] = months_by_shop(shop)
    return TemplateResponse(request, "admin/usage.html", context)


def usage_csv(request: HttpRequest) -> HttpResponse:
    """A row for each shop and day; with a byte order mark, without which Excel misreads Hangul."""
    days, wanted, shop = _asked(request)
    name = f"adstudio-usage-{shop.slug if shop else 'all'}-{days}d.csv"
    response = HttpResponse(codecs.BOM_UTF8, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    rows = csv.writer(response)
    rows.writerow(
        [
            _("날짜"),
            _("주소 이름"),
            _("가게"),
            _("합계"),
            _("완성"),
            _("실패"),
            _("중지됨"),
            _("진행 중"),
            _("평균 초"),
        ]
    )
    if wanted and shop is None:
        return response
    for day, slug, shop_name, it in usage_by_shop_and_day(days=days, shop=shop):
        seconds = "" if it.seconds is None else it.seconds
        rows.writerow(
            [day, slug, as_text(shop_name), it.total, it.completed, it.failed, it.stopped, it.active, seconds]
        )
    return response


def as_text(value: str) -> str:
    """A name that a spreadsheet would take for a formula, marked as text."""
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value


def _asked(request: HttpRequest) -> tuple[int, str, Shop | None]:
    """Days, the shop's name as it was typed, and that shop if there is one."""
    days = request.GET.get("days", "")
    wanted = request.GET.get("shop", "").strip()
    span = int(days) if days in map(str, SPANS) else SPANS[0]
    shop = Shop.objects.filter(Q(slug=wanted) | Q(name=wanted)).order_by("pk").first() if wanted else None
    return span, wanted, shop
