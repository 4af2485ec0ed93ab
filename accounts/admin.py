"""People, shops and tokens for those who run the service."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.db.models import QuerySet
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Membership, Shop, User
from accounts.tokens import token_revoke


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


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
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


class Members(admin.TabularInline[Membership, Shop]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin[Shop]):
    list_display = ("name", "slug", "industry", "daily_jobs", "created_at")
    list_filter = ("industry",)
    search_fields = ("name", "slug", "memberships__user__email")
    readonly_fields = ("created_at", "logo")  # a logo is cleaned on its way in, by the shop's own page
    inlines = (Members,)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Tokens are made by ``manage.py api_token``, which shows the plain text once; here they are revoked."""

    list_display = ("name", "shop", "prefix", "created_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at",)
    search_fields = ("name", "prefix", "shop__name")
    readonly_fields = ("shop", "prefix", "created_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("선택한 토큰 폐기"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            token_revoke(token=token)
