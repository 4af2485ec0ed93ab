"""Gives every request its current shop."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.models import Shop
from accounts.selectors import shop_of
from adstudio.logs import note

SESSION_SHOP = "shop_id"


class CurrentShopMiddleware:
    """``request.shop`` is the shop chosen in the session, else the person's first, else None (lazy)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.shop = SimpleLazyObject(lambda: _current_shop(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _current_shop(request: HttpRequest) -> Shop | None:
    shop = shop_of(request.user, request.session.get(SESSION_SHOP))
    if shop is not None:
        note(shop_id=shop.pk)
    return shop
