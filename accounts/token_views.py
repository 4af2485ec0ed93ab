"""The page of a shop's programs: their tokens, the key that signs callbacks, and how a first call looks."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import shown_once
from accounts.access import freshly_signed_in, owner_only, shop_of_request
from accounts.models import ApiToken, Shop, User
from accounts.selectors import tokens_of
from accounts.services import callback_secret_renew
from accounts.token_forms import TokenForm
from accounts.tokens import token_create, token_revoke

SESSION_KEY_SHOWN = "callback_key_shown"
"""Whose signing key the next visit of the page shows; the key itself is not kept there."""
PAGE = "shop_api"


@never_cache
@require_GET
@owner_only
def tokens(request: HttpRequest) -> HttpResponse:
    shop = shop_of_request(request)
    made = shown_once.take(request)
    all_tokens = list(tokens_of(shop))
    context = {
        "live": [token for token in all_tokens if token.state == ApiToken.State.LIVE],
        "ended": [token for token in all_tokens if token.state != ApiToken.State.LIVE],
        "made": next((token for token in all_tokens if made and token.pk == made[0]), None),
        "plain": made[1] if made else "",
        "callback_key": _callback_key(request, shop),
        "site": request.build_absolute_uri("/").rstrip("/"),
        "rate": settings.API_TOKEN_RATE,
    }
    response = render(request, "accounts/shop_api.html", context)
    if made:
        shown_once.forget(response, path=request.path)
    return response


def _callback_key(request: HttpRequest, shop: Shop) -> str:
    """The key when the page was asked to show it, empty otherwise."""
    return shop.callback_secret if request.session.pop(SESSION_KEY_SHOWN, None) == shop.pk else ""


@never_cache
@require_http_methods(["GET", "POST"])
@owner_only
@freshly_signed_in
def new(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/shop_api_new.html", {"form": form}, status=status)
    token, plain = token_create(
        shop=shop_of_request(request), created_by=cast(User, request.user), **form.token_fields()
    )
    response = redirect(PAGE)
    shown_once.keep(request=request, response=response, token=token, plain=plain, path=reverse(PAGE))
    return response


@require_http_methods(["GET", "POST"])
@owner_only
@freshly_signed_in
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, shop=shop_of_request(request))
    if request.method == "GET":
        return _confirmation(
            request,
            title=_("토큰을 폐기할까요?"),
            about=str(token),
            text=_("이 토큰을 쓰는 프로그램은 바로 멈추고, 되돌릴 수 없어요."),
            action=_("폐기하기"),
        )
    token_revoke(token=token)
    messages.success(request, _("{token} 토큰을 폐기했어요.").format(token=token.name))
    return redirect(PAGE)


@require_http_methods(["GET", "POST"])
@owner_only
@freshly_signed_in
def key_show(request: HttpRequest) -> HttpResponse:
    """Only a POST shows the key; a GET comes from whoever loads the page again after typing the password."""
    if request.method == "POST":
        request.session[SESSION_KEY_SHOWN] = shop_of_request(request).pk
    return redirect(reverse(PAGE) + "#key")


@require_http_methods(["GET", "POST"])
@owner_only
@freshly_signed_in
def key_renew(request: HttpRequest) -> HttpResponse:
    shop = shop_of_request(request)
    if request.method == "GET":
        return _confirmation(
            request,
            title=_("서명 키를 새로 만들까요?"),
            about="",
            text=_("지금 키로 콜백을 확인하는 프로그램은 새 키를 넣을 때까지 콜백을 거절하게 돼요."),
            action=_("새 키 만들기"),
        )
    callback_secret_renew(shop=shop)
    request.session[SESSION_KEY_SHOWN] = shop.pk
    messages.success(request, _("새 서명 키를 만들었어요."))
    return redirect(reverse(PAGE) + "#key")


def _confirmation(request: HttpRequest, *, title: str, about: str, text: str, action: str) -> HttpResponse:
    context = {"title": title, "about": about, "text": text, "action": action, "back": reverse(PAGE)}
    return render(request, "accounts/confirm.html", context)
