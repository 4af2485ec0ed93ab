"""Who may see a page of the portal: somebody at work in a shop, or its owner."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.models import Shop
from accounts.selectors import owns

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def shop_of_request(request: HttpRequest) -> Shop:
    return cast(Shop, request.shop)  # type: ignore[attr-defined]


def in_shop(view: Callable[Concatenate[HttpRequest, P], R]) -> Callable[..., HttpResponseBase]:
    """Signed in and at work in a shop; who has none makes one first."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs) if shop_of_request(request) else redirect("shop_new")

    return login_required(checked)


def owner_only(view: Callable[Concatenate[HttpRequest, P], R]) -> Callable[..., HttpResponseBase]:
    """As ``in_shop``, and the shop's owner; its staff are answered 403."""

    @in_shop
    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not owns(request.user, shop_of_request(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
