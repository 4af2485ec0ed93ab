"""Read access to people and shops."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ApiToken, Invitation, Membership, Shop, User


def shops_of(user: User | AnonymousUser) -> QuerySet[Shop]:
    """The shops this person works in, oldest membership first."""
    if not user.is_authenticated:
        return Shop.objects.none()
    return Shop.objects.filter(memberships__user_id=user.pk).order_by("memberships__pk")


def shop_of(user: User | AnonymousUser, shop_id: int | None) -> Shop | None:
    """The shop with this id if the person works there, else their first one."""
    shops = shops_of(user)
    if shop_id is not None:
        chosen = shops.filter(pk=shop_id).first()
        if chosen is not None:
            return chosen
    return shops.first()


def works_in(user: User | AnonymousUser, shop_id: int) -> bool:
    return shops_of(user).filter(pk=shop_id).exists()


def role_in(user: User | AnonymousUser, shop: Shop) -> str | None:
    """The person's role there, None for a stranger. Asked anew each time: a role can end at any moment."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user_id=user.pk, shop=shop).values_list("role", flat=True).first()


def owns(user: User | AnonymousUser, shop: Shop) -> bool:
    """Whether the person may change the shop itself: its brand, its people, its programs' keys."""
    return role_in(user, shop) == Membership.Role.OWNER


def owners_of(shop: Shop) -> QuerySet[User]:
    owning = Membership.objects.filter(shop=shop, role=Membership.Role.OWNER)
    return User.objects.filter(pk__in=owning.values("user")).order_by("pk")


def tokens_of(shop: Shop) -> QuerySet[ApiToken]:
    """Revoked and expired ones too, newest first."""
    return ApiToken.objects.filter(shop=shop).select_related("created_by").order_by("-created_at")


def tokens_in(state: ApiToken.State) -> Q:
    """What ``ApiToken.state`` is, told to the database."""
    if state == ApiToken.State.REVOKED:
        return Q(revoked_at__isnull=False)
    expired = Q(expires_at__lte=timezone.now())
    return Q(revoked_at=None) & (expired if state == ApiToken.State.EXPIRED else ~expired)


def members_of(shop: Shop) -> QuerySet[Membership]:
    """Owners first, each group by how long they have been there."""
    return shop.memberships.select_related("user").order_by("role", "pk")


def open_invitations(shop: Shop) -> QuerySet[Invitation]:
    """Neither accepted nor revoked; expired ones too, for they can be sent again."""
    return shop.invitations.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
