"""The portal's pages: read the request, call one service, render."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Shop
from jobs import selectors
from jobs.deletion import job_removed
from jobs.errors import Refused
from jobs.gallery import gallery_page
from jobs.media import download_name
from jobs.media_views import picture_response
from jobs.models import Artifact, Engine, Job
from jobs.portal.choices import filter_choices
from jobs.portal.forms import AdForm, HeadlineForm, initial_from
from jobs.portal.in_app import in_app_browser
from jobs.portal.orders import Order
from jobs.portal.pages import JobPage, ad_context, in_shop, job_or_404, shop_of_request
from jobs.services import job_stop

LONGEST_SEARCH = 100
RERUN_FROM_HEADLINE = 2
MADE_IN_SHOP = "ad_made_in_shop"
"""The session remembers that an ad was ordered until the next new one is begun."""


@require_GET
@in_shop
def home(request: HttpRequest) -> HttpResponse:
    has_jobs = selectors.jobs_of(shop_of_request(request)).exists()
    return redirect("jobs:gallery" if has_jobs else "jobs:new")


@require_GET
@in_shop
def gallery(request: HttpRequest) -> HttpResponse:
    """The shop's ads, newest first. htmx asks for the next page's cards or for what a search found."""
    shop = shop_of_request(request)
    show, words = request.GET.get("show", "all"), request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    try:
        found = gallery_page(shop=shop, show=show, words=words, cursor=request.GET.get("after", ""))
    except ValueError as error:
        raise Http404 from error
    asked = {"show": show} if show != "all" else {}
    asked |= {"q": words} if words else {}
    context = {
        "cards": [JobPage(job) for job in found.jobs],
        "more": urlencode({**asked, "after": found.next}) if found.next else "",
        "show": show,
        "words": words,
        "is_narrowed": bool(asked),
        "filters": filter_choices(),
        "removed": job_removed(shop=shop, job_id=request.GET.get("removed", "")),
    }
    if request.headers.get("HX-Request") != "true":
        return render(request, "jobs/gallery.html", context)
    if "found" not in request.GET:
        return render(request, "jobs/_cards.html", context)
    response = render(request, "jobs/_results.html", context)
    response["HX-Replace-Url"] = f"{request.path}?{urlencode(asked)}" if asked else request.path
    return response


@require_http_methods(["GET", "POST"])
@in_shop
def new_ad(request: HttpRequest) -> HttpResponse:
    shop = shop_of_request(request)
    if request.method == "GET":
        form = AdForm(shop=shop, initial=_initial(request))
        return _new_page(request, form, _draft(request, shop))
    order = Order.of(request)
    if (made := order.before(request)) is not None:
        return _ordered(request, made)
    form = AdForm(request.POST, request.FILES, shop=shop)
    if form.is_valid() and (params := form.params()) is not None:
        try:
            return _ordered(request, order.new_ad(params, form.uploaded))
        except Refused as refusal:
            form.refuse(refusal)
    return _new_page(request, form, "kept", status=422)


def _ordered(request: HttpRequest, made: Job) -> HttpResponse:
    request.session[MADE_IN_SHOP] = made.shop_id
    return redirect("jobs:job", made.pk)


def _new_page(request: HttpRequest, form: AdForm, draft: str, status: int = 200) -> HttpResponse:
    """It tells beforehand whether the engine that would make the ad is a generative one."""
    context = {
        "form": form,
        "draft": draft,
        "in_app": in_app_browser(request),
        "paints": selectors.live_workers(Engine.DIFFUSION).exists(),
    }
    return render(request, "jobs/new.html", context, status=status)


def _draft(request: HttpRequest, shop: Shop) -> str:
    """What becomes of the draft that the browser keeps: ``over`` once its ad was ordered, ``kept`` but not shown
    where the page repeats another ad, else ``shown``."""
    if request.session.get(MADE_IN_SHOP) == shop.pk:
        del request.session[MADE_IN_SHOP]
        return "over"
    return "kept" if request.GET.get("from") else "shown"


def _initial(request: HttpRequest) -> dict[str, object]:
    """``?from=<job>`` repeats one of the shop's ads."""
    source = request.GET.get("from")
    return initial_from(job_or_404(request, source)) if source else {}


@require_GET
@in_shop
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The page of one ad; the page's script asks again with htmx when the ad is finished."""
    found = job_or_404(request, job_id)
    context = ad_context(request, found)
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "jobs/_job.html" if is_part else "jobs/job.html", context)


@require_GET
@in_shop
def card(request: HttpRequest, job_id: UUID) -> HttpResponse:
    return render(request, "jobs/_card.html", {"card": JobPage(job_or_404(request, job_id))})


@require_GET
@in_shop
def text_check(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What was read in the finished picture; the page asks again while that is to come."""
    return render(request, "jobs/_text_check.html", {"page": JobPage(job_or_404(request, job_id))})


@require_POST
@in_shop
def stop(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job_stop(job=job_or_404(request, job_id))
    return redirect("jobs:job", job_id)


@require_POST
@in_shop
def rerun(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The same picture with other words."""
    source = job_or_404(request, job_id)
    order = Order.of(request)
    if (made := order.before(request)) is not None:
        return redirect("jobs:job", made.pk)
    form = HeadlineForm(request.POST)
    if form.is_valid():
        try:
            made = order.rerun(source, RERUN_FROM_HEADLINE, form.changes(source))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("jobs:job", made.pk)
    return render(request, "jobs/job.html", ad_context(request, source, rerun_form=form), status=422)


@require_GET
@in_shop
def download(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    found = job_or_404(request, job_id)
    final = selectors.pictures(found).get(Artifact.Kind.FINAL)
    if final is None:
        raise Http404
    return picture_response(final.file, final.content_type, save_as=download_name(found))
