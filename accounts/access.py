"""Who may see a page of the portal: somebody at work in a shop, or its owner."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import Shop
from accounts.selectors import owners_of, owns

View = Callable[..., HttpResponseBase]


def shop_of_request(request: HttpRequest) -> Shop:
    return cast(Shop, request.shop)  # type: ignore[attr-defined]


def in_shop(view: View) -> View:
    """Signed in and at work in a shop; who has none makes one first."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if shop_of_request(request) else redirect("shop_new")

    return login_required(checked)


def owner_only(view: View) -> View:
    """As ``in_shop``, and the shop's owner; its staff are answered 403 and told whom to ask."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shop = shop_of_request(request)
        if not owns(request.user, shop):
            names = ", ".join(owner.name or str(owner) for owner in owners_of(shop))
            raise PermissionDenied(
                _("가게 주인만 볼 수 있는 페이지예요. 주인({owners})에게 부탁해 주세요.").format(owners=names)
            )
        return view(request, *args, **kwargs)

    return in_shop(checked)


def _signed_in_a_while_ago(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return not records or time.time() - records[-1]["at"] >= app_settings.REAUTHENTICATION_TIMEOUT


def freshly_signed_in(view: View) -> View:
    """Who has not just signed in types the password again, and goes on where they were.

    An account without a password, made through Kakao or Naver, is let through: allauth cannot ask those again.
    """
    checked: View = reauthentication_required(enabled=_signed_in_a_while_ago)(view)
    return checked
