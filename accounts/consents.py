"""Consents of a shop that go beyond what the service needs: each is asked apart and can be taken back."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Membership, Shop, User


def is_owner(user: User, shop: Shop) -> bool:
    return Membership.objects.filter(user=user, shop=shop, role=Membership.Role.OWNER).exists()


def photo_to_openai_set(*, shop: Shop, user: User, allowed: bool) -> Shop:
    """Note who allowed, and when, that the shop's photos go to OpenAI; or that they no longer may."""
    shop.photo_to_openai_at = timezone.now() if allowed else None
    shop.photo_to_openai_by = user if allowed else None
    shop.save(update_fields=["photo_to_openai_at", "photo_to_openai_by"])
    return shop


def may_send_photo(shop: Shop) -> bool:
    """Whether a photo of this shop may leave for OpenAI, as the database has it this moment.

    Whoever sends a photo asks here first, for each photo (``jobs.words``).
    """
    return Shop.objects.filter(pk=shop.pk, photo_to_openai_at__isnull=False).exists()
