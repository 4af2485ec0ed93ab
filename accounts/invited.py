"""The invitation that somebody follows, from the link to their first request as a member."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.middleware import SESSION_SHOP
from accounts.models import Invitation, Membership, User
from accounts.team import invitation_accept, invitation_with

SESSION_INVITATION = "invitation"


def invitation_follow(request: HttpRequest, invitation: Invitation) -> None:
    """Remember it over sign-up, which may lead through Kakao and back."""
    request.session[SESSION_INVITATION] = invitation.digest


def invitation_followed(request: HttpRequest) -> Invitation | None:
    """The invitation that this visitor came with, if it still holds."""
    digest = request.session.get(SESSION_INVITATION)
    return invitation_with(digest) if digest else None


def join(request: HttpRequest, invitation: Invitation, user: User) -> Membership:
    """Make the person a member and let them work in that shop from now on. Raises ``TeamRefused``."""
    request.session.pop(SESSION_INVITATION, None)
    member = invitation_accept(invitation=invitation, user=user)
    request.session[SESSION_SHOP] = invitation.shop_id
    return member
