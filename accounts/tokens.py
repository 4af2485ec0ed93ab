"""API tokens: made once, shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, Shop, User

TOKEN_PREFIX = "ads_"  # noqa: S105  (a recognisable beginning, not a secret)
TOKEN_BYTES = 32
PREFIX_LENGTH = 10
LAST_USE_RESOLUTION = timedelta(minutes=1)
BEARER = "bearer"

REFUSALS = {
    ApiToken.State.EXPIRED: "token.expired",
    ApiToken.State.REVOKED: "token.revoked",
}
"""Why a token that is known opens nothing. Only who holds its whole text is told, so this helps no guessing."""


class TokenRefused(Exception):
    """A token that opens nothing; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def bearer_token(authorization: str) -> str | None:
    """The token in an Authorization header; None where the header is missing or of another scheme."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == BEARER else None


def token_create(
    *,
    shop: Shop,
    name: str,
    scope: str = ApiToken.Scope.WRITE,
    created_by: User | None = None,
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """A new token of the shop, for so many days or for good, and its plain text, which is not kept."""
    plain = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token = ApiToken(
        shop=shop,
        name=name,
        scope=scope,
        created_by=created_by,
        prefix=plain[:PREFIX_LENGTH],
        digest=_digest(plain),
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    token.full_clean()
    token.save()
    return token, plain


def token_revoke(*, token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def token_open(plain: str) -> ApiToken:
    """The live token with this plain text, its use noted; ``TokenRefused`` where there is none."""
    token = ApiToken.objects.select_related("shop").filter(digest=_digest(plain)).first()
    if token is None:
        raise TokenRefused("auth.token_invalid")
    if token.state != ApiToken.State.LIVE:
        raise TokenRefused(REFUSALS[token.state])
    _note_use(token)
    return token


def token_find(plain: str) -> ApiToken | None:
    """The live token with this plain text, or None. Its use is noted."""
    try:
        return token_open(plain)
    except TokenRefused:
        return None


def _note_use(token: ApiToken) -> None:
    """At most one write a minute, also when many requests come at once."""
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at >= now - LAST_USE_RESOLUTION:
        return
    ApiToken.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_RESOLUTION), pk=token.pk
    ).update(last_used_at=now)
