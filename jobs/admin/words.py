"""Questions to the language model and decisions about content, for support: to look at, never to edit."""

from __future__ import annotations

from django.contrib import admin

from jobs.admin.filters import CappedPaginator, ShopFilter
from jobs.admin.read_only import ReadOnlyAdmin
from jobs.models import ModelUse, ModerationDecision


class _Rows(ReadOnlyAdmin):
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER


@admin.register(ModelUse)
class ModelUseAdmin(_Rows):
    list_select_related = ("shop",)
    list_display = (
        "asked_at",
        "shop",
        "purpose",
        "outcome",
        "model",
        "with_picture",
        "requests",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "seconds",
    )
    list_filter = ("purpose", "outcome", "asked_at", ShopFilter)
    sortable_by = ("asked_at",)


@admin.register(ModerationDecision)
class ModerationDecisionAdmin(_Rows):
    list_display = (
        "decided_at",
        "shop",
        "stage",
        "verdict",
        "judge",
        "field",
        "categories",
        "listed_word",
        "service_failed",
        "seconds",
    )
    list_filter = ("verdict", "stage", "judge", "service_failed", "decided_at", ShopFilter)
    list_select_related = ("shop", "job")
    sortable_by = ("decided_at",)
