"""The portal's pages on one's own data: photos, consents, a copy of everything, and leaving."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.consents import is_owner, photo_to_openai_set
from accounts.models import Shop, User
from jobs import selectors
from jobs.account_deletion import account_delete, shops_that_stay
from jobs.data_export import data_export_request, shops_owned
from jobs.errors import NotFound, Refused
from jobs.media_views import picture_response
from jobs.messages import sentence
from jobs.models import DataExport, DataExportPart, Photo
from jobs.photo_deletion import photo_delete
from jobs.portal.account_forms import LeaveForm
from jobs.portal.pages import in_shop, shop_of_request

PHOTOS_PAGE = 24


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


@require_GET
@in_shop
def photos(request: HttpRequest) -> HttpResponse:
    """The shop's photos, newest first."""
    found = Photo.objects.filter(shop=shop_of_request(request))
    page = Paginator(found, PHOTOS_PAGE).get_page(request.GET.get("page"))
    return render(request, "jobs/photos.html", {"page": page, "keep_days": settings.KEEP_PHOTOS_DAYS})


@require_POST
@in_shop
def photo_remove(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    try:
        photo_delete(photo=selectors.photo_get(shop=shop_of_request(request), photo_id=photo_id))
    except NotFound as error:
        raise Http404 from error
    except Refused as refusal:
        messages.error(request, sentence(refusal.code, refusal.context))
    else:
        messages.success(request, _("사진을 지웠어요. 이 사진으로 만든 광고는 그대로 있어요."))
    return redirect("jobs:photos")


@require_GET
@login_required
def data(request: HttpRequest) -> HttpResponse:
    shop = shop_of_request(request)
    context = {
        "consent_shop": shop if shop and is_owner(_me(request), shop) and _is_consent_of_use(shop) else None,
        "photo_days": settings.KEEP_PHOTOS_DAYS,
        "ad_days": settings.KEEP_JOBS_DAYS,
    }
    return render(request, "account/data.html", context)


def _is_consent_of_use(shop: Shop) -> bool:
    """Whether photos may go to OpenAI at all here. A consent given before can be taken back in any case."""
    return bool(settings.OPENAI_API_KEY) or shop.photo_to_openai_at is not None


@require_POST
@in_shop
def photo_to_openai(request: HttpRequest) -> HttpResponse:
    """An owner allows the shop's photos to go to OpenAI, or takes that back."""
    shop = shop_of_request(request)
    if not is_owner(_me(request), shop):
        raise Http404
    allowed = request.POST.get("allowed") == "yes"
    photo_to_openai_set(shop=shop, user=_me(request), allowed=allowed)
    messages.success(request, _("동의를 기록했어요.") if allowed else _("동의를 거뒀어요."))
    return redirect("jobs:data")


@require_http_methods(["GET", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def export(request: HttpRequest) -> HttpResponse:
    """A copy of everything that is one's own."""
    if request.method == "POST":
        data_export_request(user=_me(request))
        return redirect("jobs:data-export")
    newest = DataExport.objects.filter(user=_me(request)).order_by("-requested_at").first()
    context: dict[str, Any] = {
        "export": newest,
        "failure": sentence(newest.error_code) if newest and newest.error_code else "",
        "shops": shops_owned(_me(request)),
        "keep_days": settings.KEEP_DATA_EXPORTS_DAYS,
    }
    return render(request, "account/export.html", context)


@require_GET
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def export_part(request: HttpRequest, part_id: UUID) -> HttpResponseBase:
    part = DataExportPart.objects.filter(
        pk=part_id, export__user=_me(request), export__finished_at__isnull=False
    ).first()
    if part is None:
        raise Http404
    name = PurePosixPath(str(part.file.name)).name
    return picture_response(part.file, "application/zip", save_as=name, is_kept=False)


@require_http_methods(["GET", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    """Leave for good. What goes and what stays is said before."""
    user = _me(request)
    form = LeaveForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            account_delete(user=user, shops=[shop.pk for shop in form.shops])
        except Refused as refusal:
            form = LeaveForm(user=user)
            messages.error(request, sentence(refusal.code, refusal.context))
        else:
            logout(request)
            messages.success(request, _("계정을 지웠어요. 그동안 고마웠어요."))
            return redirect("account_login")
    context = {"form": form, "stay": shops_that_stay(user)}
    return render(request, "account/delete.html", context, status=422 if form.errors else 200)
