"""The shop's people: who works there, who is invited, and the page that an invitation's link opens."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import in_shop, owner_only, shop_of_request
from accounts.errors import TeamRefused
from accounts.forms import InvitationForm, RoleForm
from accounts.invited import invitation_follow, join
from accounts.models import Invitation, Membership, Shop, User
from accounts.selectors import members_of, open_invitations, owns
from accounts.team import (
    invitation_create,
    invitation_find,
    invitation_renew,
    invitation_revoke,
    member_remove,
    member_role_change,
)

logger = logging.getLogger(__name__)
REFUSED = 422


@never_cache
@require_http_methods(["GET", "POST"])
@in_shop
def team(request: HttpRequest) -> HttpResponse:
    """The members; an owner's POST invites somebody, and the answer shows the new link, this once."""
    if request.method == "GET":
        return _page(request, InvitationForm())
    return cast(HttpResponse, _invite(request))


@owner_only
def _invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=REFUSED)
    try:
        made, secret = invitation_create(
            shop=shop_of_request(request),
            by=cast(User, request.user),
            email=form.cleaned_data["email"],
            role=form.cleaned_data["role"],
        )
    except TeamRefused as refusal:
        form.add_error(refusal.field, refusal.message)
        return _page(request, form, status=REFUSED)
    return _handed_over(request, made, secret)


@never_cache
@require_POST
@owner_only
def invitation(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Send an open invitation again, with a new link, or take it back."""
    found = get_object_or_404(open_invitations(shop_of_request(request)), pk=invitation_id)
    if request.POST.get("do") == "revoke":
        invitation_revoke(invitation=found)
        messages.success(request, _("초대를 취소했어요. 보낸 링크는 이제 열리지 않아요."))
        return redirect("shop_team")
    try:
        renewed, secret = invitation_renew(invitation=found, by=cast(User, request.user))
    except TeamRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("shop_team")
    return _handed_over(request, renewed, secret)


@require_POST
@owner_only
def role(request: HttpRequest, membership_id: int) -> HttpResponse:
    member = _member(request, membership_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            member_role_change(membership=member, role=form.cleaned_data["role"])
        except TeamRefused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("역할을 바꿨어요."))
    return redirect("shop_team")


@require_POST
@in_shop
def remove(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Remove a member, which owners may, or leave oneself, which everyone may."""
    member = _member(request, membership_id)
    if member.user_id == cast(User, request.user).pk:
        return _end(request, member, _("%(shop)s에서 나왔어요."), "/")
    return cast(HttpResponse, _remove_other(request, member))


@owner_only
def _remove_other(request: HttpRequest, member: Membership) -> HttpResponse:
    return _end(request, member, _("이제 %(shop)s에 들어올 수 없어요."), reverse("shop_team"))


def _end(request: HttpRequest, member: Membership, told: str, then: str) -> HttpResponse:
    try:
        member_remove(membership=member)
    except TeamRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("shop_team")
    messages.success(request, told % {"shop": member.shop.name})
    return redirect(then)


@never_cache
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
def joining(request: HttpRequest, secret: str) -> HttpResponse:
    """What an invitation's link opens: signed in, one click joins; else sign-in or sign-up leads on."""
    found = invitation_find(secret)
    if found is None:
        return render(request, "shop/join.html", status=404)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            join(request, found, request.user)
        except TeamRefused:
            return render(request, "shop/join.html", status=404)
        messages.success(request, _("%(shop)s에 함께하게 됐어요.") % {"shop": found.shop.name})
        return redirect("/")
    if not request.user.is_authenticated:
        invitation_follow(request, found)
    is_member = request.user.is_authenticated and found.shop.memberships.filter(user=request.user).exists()
    return render(request, "shop/join.html", {"invitation": found, "is_member": is_member})


def _member(request: HttpRequest, membership_id: int) -> Membership:
    return get_object_or_404(members_of(shop_of_request(request)), pk=membership_id)


def _page(
    request: HttpRequest,
    form: InvitationForm,
    *,
    made: Invitation | None = None,
    link: str = "",
    is_sent: bool = False,
    status: int = 200,
) -> HttpResponse:
    shop = shop_of_request(request)
    context = {
        "members": members_of(shop),
        "invitations": open_invitations(shop),
        "is_owner": owns(request.user, shop),
        "roles": Membership.Role.choices,
        "form": form,
        "made": made,
        "link": link,
        "is_sent": is_sent,
    }
    return render(request, "shop/team.html", context, status=status)


@sensitive_variables("secret")
def _handed_over(request: HttpRequest, made: Invitation, secret: str) -> HttpResponse:
    """Mail the link where there is an address, and show it once in any case."""
    link = request.build_absolute_uri(reverse("shop_join", args=[secret]))
    is_sent = bool(made.email) and _mail(made, link, shop_of_request(request))
    return _page(request, InvitationForm(), made=made, link=link, is_sent=is_sent)


def _mail(made: Invitation, link: str, shop: Shop) -> bool:
    """Whether the mail went out, not just into a file; when it did not, the page still has the link."""
    context = {"invitation": made, "link": link, "shop": shop}
    try:
        send_mail(
            _("[AdStudio] %(shop)s에서 초대했어요") % {"shop": " ".join(shop.name.split())},
            render_to_string("shop/email/invitation.txt", context),
            None,
            [made.email],
        )
    except (SMTPException, OSError):
        logger.exception("an invitation could not be mailed")
        return False
    return settings.EMAIL_BACKEND != settings.MAIL_TO_FILES
