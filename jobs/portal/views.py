"""The portal's pages: read the request, call one service, render."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Shop, User
from jobs import selectors
from jobs.errors import NotFound, Refused
from jobs.media import download_name
from jobs.messages import sentence
from jobs.models import Artifact, Job
from jobs.portal.forms import AdForm, HeadlineForm, initial_from
from jobs.portal.pages import JobPage, in_shop, shop_of_request
from jobs.services import job_delete, job_rerun, job_stop, job_submit

GALLERY_PAGE = 24
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
    """The shop's ads, newest first. htmx asks for the next page and gets its cards alone."""
    page = Paginator(selectors.jobs_of(shop_of_request(request)), GALLERY_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "cards": [JobPage(job) for job in page.object_list]}
    is_more = request.headers.get("HX-Request") == "true"
    return render(request, "jobs/_cards.html" if is_more else "jobs/gallery.html", context)


@require_http_methods(["GET", "POST"])
@in_shop
def new_ad(request: HttpRequest) -> HttpResponse:
    shop = shop_of_request(request)
    if request.method == "GET":
        form = AdForm(shop=shop, initial=_initial(request))
        return render(request, "jobs/new.html", {"form": form, "draft": _draft(request, shop)})
    form = AdForm(request.POST, request.FILES, shop=shop)
    if form.is_valid() and (params := form.params()) is not None:
        try:
            made = job_submit(shop=shop, params=params, user=cast(User, request.user), photo=form.uploaded)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            request.session[MADE_IN_SHOP] = shop.pk
            return redirect("jobs:job", made.job.pk)
    return render(request, "jobs/new.html", {"form": form, "draft": "kept"}, status=422)


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
    return initial_from(_job(request, source)) if source else {}


def _job(request: HttpRequest, job_id: UUID | str) -> Job:
    try:
        return selectors.job_get(shop=shop_of_request(request), job_id=job_id)
    except NotFound as error:
        raise Http404 from error


@require_GET
@in_shop
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The page of one ad; the page's script asks again with htmx when the ad is finished."""
    found = _job(request, job_id)
    context = {"page": JobPage(found), "rerun_form": HeadlineForm(initial=initial_from(found))}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "jobs/_job.html" if is_part else "jobs/job.html", context)


@require_GET
@in_shop
def card(request: HttpRequest, job_id: UUID) -> HttpResponse:
    return render(request, "jobs/_card.html", {"card": JobPage(_job(request, job_id))})


@require_POST
@in_shop
def stop(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job_stop(job=_job(request, job_id))
    return redirect("jobs:job", job_id)


@require_POST
@in_shop
def rerun(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The same picture with other words."""
    source = _job(request, job_id)
    form = HeadlineForm(request.POST)
    if form.is_valid():
        try:
            made = job_rerun(
                job=source,
                start_step=RERUN_FROM_HEADLINE,
                changes=form.changes(),
                user=cast(User, request.user),
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("jobs:job", made.job.pk)
    return render(request, "jobs/job.html", {"page": JobPage(source), "rerun_form": form}, status=422)


@require_POST
@in_shop
def delete(request: HttpRequest, job_id: UUID) -> HttpResponse:
    try:
        job_delete(job=_job(request, job_id))
    except NotFound as error:
        raise Http404 from error
    except Refused as refusal:
        messages.error(request, sentence(refusal.code, refusal.context))
        return redirect("jobs:job", job_id)
    messages.success(request, _("광고를 지웠어요."))
    return redirect(reverse("jobs:gallery"))


@require_GET
@in_shop
def download(request: HttpRequest, job_id: UUID) -> FileResponse:
    found = _job(request, job_id)
    final = selectors.pictures(found).get(Artifact.Kind.FINAL)
    if final is None:
        raise Http404
    return FileResponse(
        final.file.open("rb"),
        as_attachment=True,
        filename=download_name(found),
        content_type=final.content_type,
    )
