"""Whether a program's request is let in: by its token, within the token's limit, for what the token may do."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import ApiToken
from accounts.rates import Allowance, request_count
from accounts.tokens import TokenRefused, bearer_token, token_open
from adstudio.logs import note
from jobs.errors import Refused

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""What a token that may only read can ask for."""


def token_of(request: HttpRequest) -> ApiToken | None:
    """The live token of the request; None where it has no Bearer header. A header with a bad one is refused."""
    plain = bearer_token(request.headers.get("Authorization", ""))
    if plain is None:
        return None
    try:
        token = token_open(plain)
    except TokenRefused as refusal:
        raise Refused(refusal.code, status=401) from refusal
    note(shop_id=token.shop_id)
    return token


def token_admit(request: HttpRequest) -> ApiToken | None:
    """As ``token_of``, and the request is counted; beyond the token's limit or its scope it is refused."""
    token = token_of(request)
    if token is None:
        return None
    allowance = request_count(token)
    if allowance is not None:
        _keep_within(allowance, request)
    if request.method not in SAFE_METHODS and not token.can_write:
        raise Refused("token.read_only", status=403)
    return token


def _keep_within(allowance: Allowance, request: HttpRequest) -> None:
    """Refuse what is beyond the token's limit; either way the answer's headers tell how much is left."""
    request.allowance = allowance  # type: ignore[attr-defined]
    if allowance.is_exceeded:
        wait = allowance.resets_in
        raise Refused("token.rate_limited", status=429, retry_after=wait, limit=allowance.limit, seconds=wait)
