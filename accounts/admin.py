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

_POWER = ("is_staff", "is_superuser", "groups", "user_permissions")
"""Fields of a person that give power in the admin."""
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

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Staff who may change people hand out no more power than they have: none."""
        kept = super().get_readonly_fields(request, obj)
        return kept if request.user.is_superuser else (*kept, *_POWER)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever may set a password or an address of another operator could sign in as that one."""
        return super().has_change_permission(request, obj) and _is_below(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_below(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Also where many are chosen in the list."""
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        above = [str(user) for user in objs if not _is_below(request, user)]
        return found, counts, needed, [*protected, *above]


def _is_below(request: HttpRequest, person: User | None) -> bool:
    """Whether the one who asks may act on this person: on operators, superusers alone, and everybody on themselves."""
    is_operator = person is not None and (person.is_staff or person.is_superuser)
    return request.user.is_superuser or not is_operator or person == request.user


admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(PermissionsNamed, GroupAdmin):
    """Groups of the staff, with permissions by readable names. Superusers change them alone: who could would give
    any permission to a group of their own."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)


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
        value = self.value() or ""
        return queryset.filter(tokens_in(ApiToken.State(value))) if value in ApiToken.State else queryset


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
