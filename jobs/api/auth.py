"""Who calls: a shop's program by its token, or a person by the portal's session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from accounts.models import ApiToken, Shop, User
from accounts.rates import Allowance, request_count
from accounts.tokens import TokenRefused, bearer_token, token_open
from jobs.errors import Refused

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""What a token that may only read can ask for."""


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request is answered; ``user`` is None for a program."""

    shop: Shop
    user: User | None = None


def _token_of(request: HttpRequest) -> ApiToken | None:
    """The live token of the request; None where it has no Bearer header. A header with a bad one is refused."""
    plain = bearer_token(request.headers.get("Authorization", ""))
    if plain is None:
        return None
    try:
        return token_open(plain)
    except TokenRefused as refusal:
        raise Refused(refusal.code, status=401) from refusal


def token_admit(request: HttpRequest) -> ApiToken | None:
    """The request's token once it is counted and may do what the request asks; None where there is no Bearer header."""
    token = _token_of(request)
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


def _by_token(request: HttpRequest) -> Caller | None:
    token = token_admit(request)
    return None if token is None else Caller(shop=token.shop)


def _by_session(request: HttpRequest) -> Caller | None:
    if not request.user.is_authenticated:
        return None
    shop: Shop | None = getattr(request, "shop", None)
    if not shop:
        raise Refused("auth.no_shop", status=403)
    return Caller(shop=shop, user=request.user)


def caller_of(request: HttpRequest) -> Caller | None:
    """The caller of a request that is never counted, or None when nobody is signed in.

    A Bearer header alone decides: bad, it is refused.
    """
    token = _token_of(request)
    return _by_session(request) if token is None else Caller(shop=token.shop)


class BearerToken(HttpBearer):
    """A shop's API token."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        return _by_token(request)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _by_token(request)


class PortalSession(APIKeyCookie):
    """The portal's session cookie; a request that changes something also carries the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Caller | None:
        caller = _by_session(request)
        if caller is not None and check_csrf(request) is not None:
            raise Refused("auth.csrf", status=403)
        return caller

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return _by_session(request)
