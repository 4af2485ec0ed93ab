"""What shops hand out: invitations and shared links. Support sees who, when and until when, and takes them back.

Neither's address is shown: an invitation's secret is not stored, and a link's is for those whom the shop gave it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from accounts.models import Invitation, Shop
from accounts.team import invitation_revoke
from jobs.admin.filters import CappedPaginator
from jobs.admin.job import badge, short_id
from jobs.admin.read_only import ReadOnlyAdmin
from jobs.models import ShareLink
from jobs.sharing import share_link_revoke


@dataclass(frozen=True, slots=True)
class State:
    """What may have become of one: its name, its rows, and the job's status whose colour it has."""

    label: StrOrPromise
    rows: Q
    colour: str


_UNENDED = Q(revoked_at=None)
REVOKED = State(gettext_lazy("거둠"), Q(revoked_at__isnull=False), "stopped")
INVITATION_STATES = {
    "open": State(
        gettext_lazy("기다리는 중"), _UNENDED & Q(accepted_at=None, expires_at__gt=Now()), "pending"
    ),
    "accepted": State(gettext_lazy("수락"), Q(accepted_at__isnull=False), "completed"),
    "expired": State(
        gettext_lazy("기한 지남"), _UNENDED & Q(accepted_at=None, expires_at__lte=Now()), "stopped"
    ),
    "revoked": REVOKED,
}
LINK_STATES = {
    "open": State(gettext_lazy("열려 있음"), _UNENDED & Q(expires_at__gt=Now()), "completed"),
    "expired": State(gettext_lazy("기한 지남"), _UNENDED & Q(expires_at__lte=Now()), "stopped"),
    "revoked": REVOKED,
}


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("상태")
    parameter_name = "state"
    states: ClassVar[dict[str, State]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return [(name, state.label) for name, state in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.states.get(self.value() or "")
        return queryset.filter(state.rows) if state else queryset


class InvitationState(StateFilter):
    states = INVITATION_STATES


class LinkState(StateFilter):
    states = LINK_STATES


class HandedOutAdmin(ReadOnlyAdmin):
    """Rows to look at, with one thing to do: take them back."""

    actions = ("revoke",)
    ordering = ("-created_at",)
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    states: ClassVar[dict[str, State]]

    def has_support_permission(self, request: HttpRequest) -> bool:
        """Whether this person may take them back."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @abstractmethod
    def take_back(self, row: Any) -> None: ...

    @abstractmethod
    def shop_of(self, row: Any) -> Shop: ...

    @admin.display(description=gettext_lazy("가게"))
    def shop_name(self, row: Any) -> str:
        return self.shop_of(row).name

    @admin.display(description=gettext_lazy("상태"))
    def state(self, row: Any) -> SafeString:
        state = self.states[self.state_of(row)]
        return badge(state.colour, str(state.label))

    def state_of(self, row: Any) -> str:
        if row.revoked_at is not None:
            return "revoked"
        return "expired" if row.expires_at <= timezone.now() else "open"

    @admin.action(description=gettext_lazy("거두기"), permissions=["support"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        good = [row for row in rows if self.state_of(row) == "open"]
        for row in good:
            self.take_back(row)
            self.log_change(request, row, _("거둠"))
        if not good:
            self.message_user(request, _("이미 끝난 것뿐입니다. 바뀐 것이 없습니다."), messages.WARNING)
            return
        told = ngettext("%(number)d개를 거두었습니다.", "%(number)d개를 거두었습니다.", len(good))
        self.message_user(request, told % {"number": len(good)}, messages.SUCCESS)


@admin.register(Invitation)
class InvitationAdmin(HandedOutAdmin):
    states = INVITATION_STATES
    list_display = ("whom", "shop_name", "role", "state", "invited", "created_at", "expires_at")
    list_filter = (InvitationState, "role")
    list_select_related = ("shop", "invited_by")
    search_fields = ("email", "shop__name", "shop__slug", "invited_by__email")
    fields = (
        "whom",
        "shop_name",
        "role",
        "state",
        "invited",
        "created_at",
        "expires_at",
        "renewals",
        "accepted_at",
        "accepted",
        "revoked_at",
    )

    def take_back(self, row: Invitation) -> None:
        invitation_revoke(invitation=row)

    def state_of(self, row: Invitation) -> str:
        return "accepted" if row.accepted_at is not None else super().state_of(row)

    @admin.display(description=gettext_lazy("받는 사람"))
    def whom(self, invitation: Invitation) -> str:
        return invitation.email or _("링크 초대")

    def shop_of(self, row: Invitation) -> Shop:
        return row.shop

    @admin.display(description=gettext_lazy("초대한 사람"), empty_value="–")
    def invited(self, invitation: Invitation) -> str | None:
        return str(invitation.invited_by) if invitation.invited_by else None

    @admin.display(description=gettext_lazy("수락한 사람"), empty_value="–")
    def accepted(self, invitation: Invitation) -> str | None:
        return str(invitation.accepted_by) if invitation.accepted_by else None


@admin.register(ShareLink)
class ShareLinkAdmin(HandedOutAdmin):
    states = LINK_STATES
    list_display = ("ad", "shop_name", "state", "made_by", "created_at", "expires_at")
    list_filter = (LinkState,)
    list_select_related = ("job__shop", "created_by")
    search_fields = ("job__title", "job__shop__name", "job__shop__slug", "created_by__email")
    fields = ("ad", "ad_page", "shop_name", "state", "made_by", "created_at", "expires_at", "revoked_at")

    def take_back(self, row: ShareLink) -> None:
        share_link_revoke(link=row)

    @admin.display(description=gettext_lazy("광고"))
    def ad(self, link: ShareLink) -> str:
        return f"{link.job.title or _('문구 없는 광고')} {short_id(link.job)}"

    @admin.display(description=gettext_lazy("작업"))
    def ad_page(self, link: ShareLink) -> SafeString:
        address = reverse("admin:jobs_job_change", args=[link.job_id])
        return format_html('<a href="{}">{}</a>', address, short_id(link.job))

    def shop_of(self, row: ShareLink) -> Shop:
        return row.job.shop

    @admin.display(description=gettext_lazy("만든 사람"), empty_value="–")
    def made_by(self, link: ShareLink) -> str | None:
        return str(link.created_by) if link.created_by else None
