"""Changes to people and shops."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.errors import TeamRefused
from accounts.models import Industry, Membership, Shop, User, new_callback_secret

SLUG_SUFFIX_BYTES = 5
MOST_OWNED = 10
"""Shops of one owner. Each has a day's ads and invitations of its own."""


def _free_slug(name: str) -> str:
    """Most names have no letter that an address takes, so most begin alike."""
    slug = base = slugify(name)[:40] or "shop"
    while Shop.objects.filter(slug=slug).exists():
        slug = f"{base}-{secrets.token_hex(SLUG_SUFFIX_BYTES)}"
    return slug


@transaction.atomic
def shop_create(*, owner: User, name: str, industry: str = Industry.OTHER, slug: str | None = None) -> Shop:
    """A new shop with its owner as first member."""
    shop = Shop(name=name, industry=industry, slug=slug or _free_slug(name))
    shop.full_clean()
    shop.save()
    member_add(shop=shop, user=owner, role=Membership.Role.OWNER)
    return shop


@transaction.atomic
def shop_open(*, owner: User, name: str, industry: str) -> Shop:
    """Another shop of a person who asks for it. Raises ``TeamRefused`` beyond ``MOST_OWNED``."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # of many at once each is counted
    if Membership.objects.filter(user=owner, role=Membership.Role.OWNER).count() >= MOST_OWNED:
        raise TeamRefused(
            _("가게는 한 사람이 %(most)d개까지 열 수 있어요. 더 필요하면 고객 지원에 알려 주세요.")
            % {"most": MOST_OWNED}
        )
    return shop_create(owner=owner, name=name, industry=industry)


def member_add(*, shop: Shop, user: User, role: str = Membership.Role.STAFF) -> Membership:
    """Let a person work in the shop; asking twice changes nothing."""
    membership, _ = Membership.objects.get_or_create(shop=shop, user=user, defaults={"role": role})
    return membership


def consents_record(*, user: User) -> None:
    """Note when the person agreed to the terms and to the processing of personal data."""
    now = timezone.now()
    user.terms_accepted_at = user.privacy_accepted_at = now
    user.save(update_fields=["terms_accepted_at", "privacy_accepted_at"])


def callback_secret_renew(*, shop: Shop) -> str:
    """A new signing key for the shop's callbacks; the old one signs nothing more."""
    shop.callback_secret = new_callback_secret()
    shop.save(update_fields=["callback_secret"])
    return shop.callback_secret
