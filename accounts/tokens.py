"""API tokens: made once, shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, Shop

TOKEN_PREFIX = "ads_"  # noqa: S105  (a recognisable beginning, not a secret)
TOKEN_BYTES = 32
PREFIX_LENGTH = 10
LAST_USE_RESOLUTION = timedelta(minutes=1)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def token_create(*, shop: Shop, name: str) -> tuple[ApiToken, str]:
    """A new token of the shop and its plain text, which is not kept."""
    plain = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token = ApiToken(shop=shop, name=name, prefix=plain[:PREFIX_LENGTH], digest=_digest(plain))
    token.full_clean()
    token.save()
    return token, plain


def token_revoke(*, token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def token_find(plain: str) -> ApiToken | None:
    """The live token with this plain text, or None. Notes its use at most once a minute."""
    token = ApiToken.objects.select_related("shop").filter(digest=_digest(plain), revoked_at=None).first()
    if token is not None:
        now = timezone.now()
        ApiToken.objects.filter(
            Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_RESOLUTION), pk=token.pk
        ).update(last_used_at=now)
    return token
