"""The job list's filters and paging: what they ask stays cheap with a hundred thousand rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from jobs.models import Job
from jobs.usage import start_of_day

MOST_COUNTED = 10_000
"""Rows beyond this are not counted: who looks for one narrows the list."""
MOST_MATCHES = 200
"""Shops or people a search word may name."""
SUGGESTED_SHOPS = 300
UUID_DIGITS = 32
_ID_PREFIX = re.compile(r"[0-9a-f-]{4,36}", re.IGNORECASE)


class CappedPaginator(Paginator[Any]):
    """Counts up to ``MOST_COUNTED`` rows, then stops."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


def is_capped(changes: ChangeList) -> bool:
    return bool(changes.result_count >= MOST_COUNTED)


def search_jobs(jobs: QuerySet[Job], words: str) -> QuerySet[Job]:
    """Jobs whose id begins with the words, whose title has them, or whose shop or person they name."""
    wanted = (
        Q(title__icontains=words) | Q(shop_id__in=_shops_named(words)) | Q(created_by_id__in=_people(words))
    )
    span = id_span(words)
    return jobs.filter(wanted | Q(pk__range=span)) if span else jobs.filter(wanted)


def id_span(prefix: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin so; None when it cannot be the beginning of one."""
    digits = prefix.replace("-", "").lower()
    if not _ID_PREFIX.fullmatch(prefix) or not 0 < len(digits) <= UUID_DIGITS:
        return None
    return UUID(digits.ljust(UUID_DIGITS, "0")), UUID(digits.ljust(UUID_DIGITS, "f"))


def _shops_named(words: str) -> list[int]:
    found = Shop.objects.filter(Q(name__icontains=words) | Q(slug__icontains=words))
    return list(found.values_list("pk", flat=True)[:MOST_MATCHES])


def _people(words: str) -> list[int]:
    return list(User.objects.filter(email__icontains=words).values_list("pk", flat=True)[:MOST_MATCHES])


class ShopFilter(admin.SimpleListFilter):
    """One shop by its address name, typed or picked from the newest."""

    title = _("가게")
    parameter_name = "shop"
    template = "admin/shop_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        newest = Shop.objects.order_by("-pk").values_list("slug", "name")[:SUGGESTED_SHOPS]
        return list(newest)

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        """One entry: what the template needs to keep the other filters."""
        others = {name: value for name, value in changelist.params.items() if name != self.parameter_name}
        yield {"others": others, "suggestions": self.lookup_choices, "value": self.value() or ""}

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = (self.value() or "").strip()
        if not wanted:
            return queryset
        shops = Shop.objects.filter(Q(slug=wanted) | Q(name=wanted)).values_list("pk", flat=True)
        return queryset.filter(shop_id__in=list(shops[:MOST_MATCHES]))


class ErrorCodeFilter(admin.SimpleListFilter):
    """Codes that jobs have ended with, from the index of failures."""

    title = _("오류 코드")
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        failed = Job.objects.exclude(error_code="").order_by("error_code")
        return [(code, code) for code in failed.values_list("error_code", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = self.value()
        return queryset.filter(error_code=code).exclude(error_code="") if code else queryset


class AgeFilter(admin.SimpleListFilter):
    title = _("접수한 날")
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("오늘")), ("7", _("최근 7일")), ("30", _("최근 30일")), ("90", _("최근 90일"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.value()
        if days not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(queued_at__gte=start_of_day(int(days) - 1))
