"""Who works in a shop: invitations, roles, and the end of either.

An invitation is a link whose secret is stored as a digest only. Whoever holds it may join, once, within a week:
many shops hand links over by messenger, so the address it was sent to decides nothing. Nothing here looks an address
up among the accounts, so inviting somebody tells nothing of whether they have one.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import TeamRefused
from accounts.models import Invitation, Membership, Shop, User
from accounts.selectors import open_invitations
from accounts.services import member_add

VALID_FOR = timedelta(days=7)
SECRET_BYTES = 32
MOST_OPEN = 20
"""Open invitations of a shop."""
MOST_A_DAY = 40
"""Invitations a shop may make in a day, whatever became of them: each can send a stranger a mail."""
MOST_RENEWALS = 5
"""How often one invitation may be sent again."""

FORGOTTEN_AFTER = timedelta(days=30)
"""Invitations that ran out so long ago are removed: they hold addresses of people who may never have come."""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _locked(shop: Shop) -> Shop:
    """Changes of a team take turns, so that two at once cannot leave a shop without an owner."""
    return Shop.objects.select_for_update().get(pk=shop.pk)


@transaction.atomic
def invitation_create(*, shop: Shop, by: User, email: str = "", role: str) -> tuple[Invitation, str]:
    """A new invitation and its link's secret, which is not kept. An address that has an open one gets that one
    renewed. Raises ``TeamRefused``."""
    _locked(shop)
    email = email.strip().lower()
    if email and shop.members.filter(email__iexact=email).exists():
        raise TeamRefused(_("이미 함께 일하고 있는 분이에요."), "email")
    known = open_invitations(shop).filter(email__iexact=email).first() if email else None
    if known is not None:
        return invitation_renew(invitation=known, by=by, role=role)
    _check_room(shop)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    invitation = Invitation(
        shop=shop,
        email=email,
        role=role,
        digest=_digest(secret),
        invited_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    try:
        invitation.full_clean(exclude=["shop", "invited_by", "accepted_by"])
    except ValidationError as error:
        raise TeamRefused(_("이메일 주소를 확인해 주세요."), "email") from error
    invitation.save(force_insert=True)
    return invitation, secret


def _check_room(shop: Shop) -> None:
    if open_invitations(shop).count() >= MOST_OPEN:
        raise TeamRefused(_("기다리는 초대가 20개예요. 쓰지 않는 초대를 취소한 뒤 다시 초대해 주세요."))
    a_day_ago = timezone.now() - timedelta(days=1)
    if Invitation.objects.filter(shop=shop, created_at__gt=a_day_ago).count() >= MOST_A_DAY:
        raise TeamRefused(_("오늘은 초대를 너무 많이 보냈어요. 내일 다시 초대해 주세요."))


@transaction.atomic
def invitation_renew(*, invitation: Invitation, by: User, role: str = "") -> tuple[Invitation, str]:
    """A new secret and another week; the link that was sent before is void. Raises ``TeamRefused``."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    renewed = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, revoked_at=None, renewals__lt=MOST_RENEWALS
    ).update(
        digest=_digest(secret),
        expires_at=timezone.now() + VALID_FOR,
        role=role or invitation.role,
        invited_by=by,
        renewals=F("renewals") + 1,
    )
    if not renewed:
        raise TeamRefused(_("이 초대는 더 보낼 수 없어요. 취소하고 새로 초대해 주세요."))
    invitation.refresh_from_db()
    return invitation, secret


def invitation_revoke(*, invitation: Invitation) -> None:
    """Its link opens nothing any more. Idempotent."""
    open_one = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    open_one.update(revoked_at=timezone.now())


def invitation_find(secret: str) -> Invitation | None:
    """The invitation that this link's secret opens now, or None: unknown, used, revoked and expired look alike."""
    return invitation_with(_digest(secret))


def invitation_with(digest: str) -> Invitation | None:
    """As ``invitation_find``, by what is stored of the secret."""
    return (
        Invitation.objects.select_related("shop", "invited_by")
        .filter(digest=digest, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
        .first()
    )


@transaction.atomic
def invitation_accept(*, invitation: Invitation, user: User) -> Membership:
    """Let the person in. One link serves one person, also when two follow it at once. Who works there already keeps
    their role and uses nothing up. Raises ``TeamRefused``."""
    shop = _locked(invitation.shop)
    member = Membership.objects.filter(shop=shop, user=user).first()
    if member is not None:
        return member
    now = timezone.now()
    taken = Invitation.objects.filter(
        pk=invitation.pk, digest=invitation.digest, accepted_at=None, revoked_at=None, expires_at__gt=now
    ).update(accepted_at=now, accepted_by=user)
    if not taken:
        raise TeamRefused(_("이미 썼거나 기한이 지난 초대예요. 초대를 다시 받아 주세요."))
    return member_add(shop=shop, user=user, role=invitation.role)


@transaction.atomic
def member_role_change(*, membership: Membership, role: str) -> None:
    """Raises ``TeamRefused`` when the shop would be left without an owner."""
    _locked(membership.shop)
    if role == Membership.Role.STAFF:
        _check_other_owner(membership)
        _void_invitations_of(membership)
    Membership.objects.filter(pk=membership.pk).update(role=Membership.Role(role))


@transaction.atomic
def member_remove(*, membership: Membership) -> None:
    """End somebody's work in the shop, also one's own. Access ends with the row: every request looks it up.
    Raises ``TeamRefused`` for the last owner."""
    _locked(membership.shop)
    _check_other_owner(membership)
    _void_invitations_of(membership)
    Membership.objects.filter(pk=membership.pk).delete()


def _check_other_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(shop=membership.shop, role=Membership.Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise TeamRefused(_("가게에는 주인이 한 명은 있어야 해요. 먼저 다른 분을 주인으로 바꿔 주세요."))


def _void_invitations_of(membership: Membership) -> None:
    """Who may no longer invite has no open links left: one of them could lead back in."""
    open_invitations(membership.shop).filter(invited_by=membership.user).update(revoked_at=timezone.now())


def forget_old_invitations() -> int:
    return Invitation.objects.filter(expires_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()[0]
