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
    request.allowance = allowance  # type: ignore[attr-defined]  # its headers tell how much is left
    keep_within(allowance, "token.rate_limited")
    if request.method not in SAFE_METHODS and not token.can_write:
        raise Refused("token.read_only", status=403)
    return token


def keep_within(allowance: Allowance | None, code: str) -> None:
    """Refuse, with this code, what is beyond the limit."""
    if allowance is not None and allowance.is_exceeded:
        wait = allowance.resets_in
        raise Refused(code, status=429, retry_after=wait, limit=allowance.limit, seconds=wait)
