"""Who calls: a shop's program by its token, or a person by the portal's session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from accounts.models import Shop, User
from accounts.tokens import token_find
from jobs.errors import Refused

BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request is answered; ``user`` is None for a program."""

    shop: Shop
    user: User | None = None


def _bearer_token(request: HttpRequest) -> str | None:
    """The token of the Authorization header; None where there is no Bearer header at all."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == BEARER else None


def _by_token(plain: str) -> Caller:
    token = token_find(plain) if plain else None
    if token is None:
        raise Refused("auth.token_invalid", status=401)
    return Caller(shop=token.shop)


def _by_session(request: HttpRequest) -> Caller | None:
    if not request.user.is_authenticated:
        return None
    shop: Shop | None = getattr(request, "shop", None)
    if not shop:
        raise Refused("auth.no_shop", status=403)
    return Caller(shop=shop, user=request.user)


def caller_of(request: HttpRequest) -> Caller | None:
    """The caller, or None when nobody is signed in. A Bearer header alone decides: bad, it is refused."""
    plain = _bearer_token(request)
    return _by_session(request) if plain is None else _by_token(plain)


class BearerToken(HttpBearer):
    """A shop's API token."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        plain = _bearer_token(request)
        return None if plain is None else _by_token(plain)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _by_token(token)


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
