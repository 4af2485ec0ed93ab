"""Shops for support: the daily limit edited in the list, use and storage beside it, people and tokens inside."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin import Members
from accounts.models import ApiToken, Shop
from jobs.account_deletion import shop_delete
from jobs.admin.usage_page import SHOP_PAGE_DAYS, usage_parts
from jobs.models import Artifact, Job, Photo
from jobs.usage import start_of_day


class Tokens(admin.TabularInline[ApiToken, Shop]):
    """To look at; they are made and revoked elsewhere."""

    model = ApiToken
    extra = 0
    can_delete = False
    show_change_link = True
    fields = readonly_fields = ("name", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin[Shop]):
    list_display = ("name", "slug", "industry", "daily_jobs", "limit", "today", "photos", "storage")
    list_editable = ("daily_jobs",)
    list_filter = ("industry",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ("name", "slug")
    search_fields = ("name", "slug", "memberships__user__email")
    exclude = ("logo", "photo_to_openai_by")
    """A logo is cleaned by ``jobs.brand`` on its way in, which only the shop's own page does."""
    readonly_fields = (
        "default_formats",
        "photo_to_openai_at",
        "limit",
        "today",
        "photos",
        "storage",
        "created_at",
    )
    inlines = (Members, Tokens)
    change_form_template = "admin/accounts/shop/page.html"

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The column's heading is no label of its fields."""
        named = AdminIntegerFieldWidget(attrs={"aria-label": _("하루 작업 한도")})
        return super().get_changelist_form(request, widgets={"daily_jobs": named}, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        """With today's jobs, photos and bytes: each a subquery of the rows that are shown only."""
        jobs = Job.objects.filter(shop=OuterRef("pk"), queued_at__gte=start_of_day())
        photos = Photo.objects.filter(shop=OuterRef("pk"))
        pictures = Artifact.objects.filter(job__shop=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                jobs_today=_one(jobs.order_by().values("shop").values(n=Count("pk"))),
                photo_count=_one(photos.order_by().values("shop").values(n=Count("pk"))),
                bytes_stored=_one(photos.order_by().values("shop").values(n=Sum("size")))
                + _one(pictures.order_by().values("job__shop").values(n=Sum("size"))),
            )
            .order_by(F("created_at").desc(), "pk")
        )

    def delete_model(self, request: HttpRequest, obj: Shop) -> None:
        """With its files."""
        shop_delete(shop=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        for shop in queryset:
            shop_delete(shop=shop)

    @admin.display(description=_("실제 한도"))
    def limit(self, shop: Shop) -> int:
        return shop.daily_job_limit

    @admin.display(description=_("오늘 작업"))
    def today(self, shop: Any) -> SafeString:
        is_full = shop.jobs_today >= shop.daily_job_limit
        return format_html(
            '<a href="{}?shop={}&amp;since=1" class="{}">{}</a>',
            reverse("admin:jobs_job_changelist"),
            shop.slug,
            "is-full" if is_full else "",
            f"{shop.jobs_today} / {shop.daily_job_limit}",
        )

    @admin.display(description=_("사진"))
    def photos(self, shop: Any) -> int:
        return int(shop.photo_count)

    @admin.display(description=_("저장 공간"))
    def storage(self, shop: Any) -> str:
        return filesizeformat(shop.bytes_stored)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shop: Shop | None = context.get("original")
        if shop is not None and request.user.has_perm("jobs.view_job"):
            context |= {**usage_parts(SHOP_PAGE_DAYS, shop), "shop": shop}
        return super().render_change_form(request, context, *args, **kwargs)


def _one(rows: QuerySet[Any, Any]) -> Coalesce:
    """The one number of a grouped subquery, 0 where there are no rows."""
    return Coalesce(Subquery(rows), 0)
