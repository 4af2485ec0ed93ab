"""API tokens: made once, shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, Shop, User
from accounts.selectors import tokens_in

TOKEN_PREFIX = "ads_"  # noqa: S105  (a recognisable beginning, not a secret)
TOKEN_BYTES = 32
PREFIX_LENGTH = 10
LAST_USE_RESOLUTION = timedelta(minutes=1)
BEARER = "bearer"

_BY_DIGEST = "SELECT * FROM accounts_apitoken WHERE digest = %s"
"""Written out: every request of a program asks it, and the ORM takes longer to put it into words than Postgres to
answer it. The shop is looked up where more than its key is wanted."""

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
    token = next(iter(ApiToken.objects.raw(_BY_DIGEST, [_digest(plain)])), None)
    if token is None:
        raise TokenRefused("auth.token_invalid")
    if token.state != ApiToken.State.LIVE:
        raise TokenRefused(REFUSALS[token.state])
    _note_uses([token])
    return token


def tokens_open(plains: Collection[str]) -> dict[str, ApiToken]:
    """The live ones among many tokens, by their plain texts. Their use is noted."""
    if not plains:
        return {}
    by_digest = {_digest(plain): plain for plain in plains}
    live = ApiToken.objects.filter(tokens_in(ApiToken.State.LIVE), digest__in=by_digest)
    found = {by_digest[token.digest]: token for token in live}
    _note_uses(found.values())
    return found


def _note_uses(tokens: Collection[ApiToken]) -> None:
    """At most one write a minute of each, also when many requests come at once."""
    now = timezone.now()
    long_ago = now - LAST_USE_RESOLUTION
    due = [each.pk for each in tokens if each.last_used_at is None or each.last_used_at < long_ago]
    if due:
        noted_before = Q(last_used_at=None) | Q(last_used_at__lt=long_ago)
        ApiToken.objects.filter(noted_before, pk__in=due).update(last_used_at=now)
