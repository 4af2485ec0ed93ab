"""People, shops and tokens for those who run the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import ForeignKey, QuerySet
from django.forms import Field, ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import ApiToken, Membership, Shop, User
from accounts.permissions import PermissionsNamed
from accounts.selectors import tokens_in
from accounts.tokens import token_revoke

_TOKEN_HISTORY = ("created_by", "created_at", "last_used_at", "expires_at", "revoked_at")


class UserCreation(BaseUserCreationForm[User]):
    """Adds a person by e-mail."""

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, type[Field]] = {}  # Django's own form names a username field here


class ShopsOfPerson(admin.TabularInline[Membership, User]):
    model = Membership
    extra = 0
    autocomplete_fields = ("shop",)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        return super().formfield_for_foreignkey(db_field, request, label=_("가게"), **kwargs)


@admin.register(User)
class PersonAdmin(PermissionsNamed, UserAdmin[User]):
    add_form = UserCreation
    list_display = ("__str__", "name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    readonly_fields = ("date_joined", "last_login", "terms_accepted_at", "privacy_accepted_at")
    inlines = (ShopsOfPerson,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("권한"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("기록"), {"fields": ("date_joined", "last_login", "terms_accepted_at", "privacy_accepted_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)


admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(PermissionsNamed, GroupAdmin):
    """Groups of the staff, with permissions by readable names."""


class Members(admin.TabularInline[Membership, Shop]):
    """A shop's people, for the shop's page (``jobs.admin.shops``: it shows jobs too)."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        return super().formfield_for_foreignkey(db_field, request, label=_("사용자"), **kwargs)


class TokenState(admin.SimpleListFilter):
    title = _("상태")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[ApiToken]
    ) -> Sequence[tuple[str, StrOrPromise]]:
        return ApiToken.State.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
        value = self.value()
        return queryset if value is None else queryset.filter(tokens_in(ApiToken.State(value)))


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Tokens are made in the portal or by ``manage.py api_token``, which show the plain text once; here they are
    revoked and given a limit of their own."""

    list_display = ("name", "shop", "prefix", "scope", "last_used_at", "state", "rate_per_minute")
    list_filter = (TokenState, "scope")
    list_select_related = ("shop",)
    search_fields = ("name", "prefix", "shop__name")
    fields = ("name", "shop", "prefix", "scope", "state", "rate_per_minute", *_TOKEN_HISTORY)
    readonly_fields = ("shop", "prefix", "scope", "state", *_TOKEN_HISTORY)
    ordering = ("-created_at",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("상태"))
    def state(self, token: ApiToken) -> StrOrPromise:
        return token.state.label

    @admin.action(description=_("선택한 토큰 폐기"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            token_revoke(token=token)
