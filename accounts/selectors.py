"""Read access to people and shops."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Shop, User


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
