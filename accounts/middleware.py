"""Gives every request its current shop."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.selectors import shop_of

SESSION_SHOP = "shop_id"


class CurrentShopMiddleware:
    """``request.shop`` is the shop chosen in the session, else the person's first, else None (lazy)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.shop = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: shop_of(request.user, request.session.get(SESSION_SHOP))
        )
        return self.get_response(request)
