"""A person's shops, and the texts they agree to. Sign-in, sign-up and passwords are allauth's views."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.errors import TeamRefused
from accounts.forms import ShopChoice, ShopForm
from accounts.middleware import SESSION_SHOP
from accounts.models import User


@login_required
@require_http_methods(["GET", "POST"])
def shop_new(request: HttpRequest) -> HttpResponse:
    form = ShopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shop = form.shop_for(cast(User, request.user))
        except TeamRefused as refusal:
            form.add_error(refusal.field, refusal.message)
            return render(request, "accounts/shop_new.html", {"form": form}, status=422)
        request.session[SESSION_SHOP] = shop.pk
        return redirect("/")
    return render(request, "accounts/shop_new.html", {"form": form})


@login_required
@require_POST
def shop_switch(request: HttpRequest) -> HttpResponse:
    """Work in another of one's shops; a shop of others does not exist."""
    form = ShopChoice(request.POST, user=request.user)
    if not form.is_valid():
        raise Http404
    request.session[SESSION_SHOP] = form.cleaned_data["shop"].pk
    return redirect("/")


@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/terms.html")


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    told = {
        "photo_days": settings.KEEP_PHOTOS_DAYS,
        "ad_days": settings.KEEP_JOBS_DAYS,
        "asks_openai": bool(settings.OPENAI_API_KEY),
    }
    return render(request, "accounts/privacy.html", told)
