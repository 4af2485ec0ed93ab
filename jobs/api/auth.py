"""Who calls: a shop's program by its token, or a person by the portal's session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from accounts.models import ApiToken, Shop, User
from jobs.admission import token_admit, token_of
from jobs.errors import Refused


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a request is answered: a shop, found when more than its key is wanted, and the person who asks,
    None for a program."""

    shop_id: int
    _find_shop: Callable[[], Shop]
    user: User | None = None

    @property
    def shop(self) -> Shop:
        return self._find_shop()

    @classmethod
    def by_token(cls, token: ApiToken) -> Caller:
        return cls(token.shop_id, lambda: token.shop)

    @classmethod
    def of_shop(cls, shop: Shop, user: User | None = None) -> Caller:
        return cls(shop.pk, lambda: shop, user)


def _by_token(request: HttpRequest) -> Caller | None:
    token = token_admit(request)
    return None if token is None else Caller.by_token(token)


def _by_session(request: HttpRequest) -> Caller | None:
    if not request.user.is_authenticated:
        return None
    shop: Shop | None = getattr(request, "shop", None)
    if not shop:
        raise Refused("auth.no_shop", status=403)
    return Caller.of_shop(shop, request.user)


def caller_of(request: HttpRequest) -> Caller | None:
    """The caller of a request that is never counted, or None when nobody is signed in.

    A Bearer header alone decides: bad, it is refused.
    """
    token = token_of(request)
    return _by_session(request) if token is None else Caller.by_token(token)


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
