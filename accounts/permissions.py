"""Django's permissions by names in the reader's language; the stored ones mix English with Korean."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, Promise] = {
    "add": pgettext_lazy("permission", "추가"),
    "change": pgettext_lazy("permission", "변경"),
    "delete": pgettext_lazy("permission", "삭제"),
    "view": pgettext_lazy("permission", "보기"),
}
"""By the beginning of a permission's codename."""


class PermissionChoices(forms.ModelMultipleChoiceField[Permission]):
    """``광고 작업 | 작업 | 보기`` for ``jobs.view_job``."""

    def label_from_instance(self, obj: Permission) -> str:
        return f"{obj.content_type} | {ACTIONS.get(obj.codename.partition('_')[0], obj.name)}"


class PermissionsNamed(admin.ModelAdmin[Any]):
    """An admin page with permissions to choose."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField[Any] | None:
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionChoices
        return super().formfield_for_manytomany(db_field, cast(HttpRequest, request), **kwargs)
