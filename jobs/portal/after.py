"""What a merchant does with an ad once it is there: other versions, links, names, undo."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from jobs import zips
from jobs.album import job_favour, job_rename, job_retry
from jobs.deletion import job_remove, job_restore
from jobs.errors import NotFound, Refused
from jobs.media import download_name
from jobs.messages import sentence
from jobs.models import Job
from jobs.portal.ad_forms import LayoutForm, RenameForm
from jobs.portal.choices import channel_choices
from jobs.portal.orders import Order
from jobs.portal.pages import JobPage, ad_context, in_shop, job_or_404, shop_of_request
from jobs.portal.posting import Post, PostForm
from jobs.sharing import share_link_create, share_links_revoke
from jobs.variations import variation_choose, variation_set_get, variations_begin, variations_of

RERUN_FROM_COMPOSITE = 3
ZIP_ASK_AGAIN_SECONDS = 2


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _told(request: HttpRequest, job_id: UUID, refusal: Refused) -> HttpResponse:
    """Back to the ad's page, which says why it was refused."""
    messages.error(request, sentence(refusal.code, refusal.context))
    return redirect("jobs:job", job_id)


@require_POST
@in_shop
def layout(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The same background and lettering, arranged anew."""
    source = job_or_404(request, job_id)
    order = Order.of(request)
    if (made := order.before(request)) is not None:
        return redirect("jobs:job", made.pk)
    form = LayoutForm(request.POST)
    if form.is_valid():
        try:
            made = order.rerun(source, RERUN_FROM_COMPOSITE, form.changes())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("jobs:job", made.pk)
    context = ad_context(request, source, layout_form=form)
    return render(request, "jobs/job.html", context, status=422)


@require_POST
@in_shop
def retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Once more as it is."""
    source = job_or_404(request, job_id)
    order = Order.of(request)
    try:
        made = order.before(request) or order.once(lambda: job_retry(job=source, user=order.user).job)
    except Refused as refusal:
        return _told(request, job_id, refusal)
    return redirect("jobs:job", made.pk)


@require_POST
@in_shop
def variations(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Four other backgrounds, or none and the reason."""
    source = job_or_404(request, job_id)
    order = Order.of(request)

    def begun() -> Job:
        return variations_of(variations_begin(job=source, user=order.user))[0]

    try:
        made = order.before(request) or order.once(begun)
    except Refused as refusal:
        told = {"variations_refused": sentence(refusal.code, refusal.context)}
        response = render(request, "jobs/job.html", ad_context(request, source) | told, status=refusal.status)
        if refusal.retry_after:
            response["Retry-After"] = str(refusal.retry_after)
        return response
    return redirect("jobs:set", made.variation_set_id)


@require_GET
@in_shop
def variation_set(request: HttpRequest, set_id: UUID) -> HttpResponse:
    try:
        found = variation_set_get(shop=shop_of_request(request), set_id=set_id)
    except NotFound as error:
        raise Http404 from error
    source = found.source if found.source and not found.source.deleted_at else None
    context = {
        "set": found,
        "source": JobPage(source) if source else None,
        "cards": [JobPage(job) for job in variations_of(found)],
    }
    return render(request, "jobs/set.html", context)


@require_GET
@in_shop
def variation(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One of the four, as the set's page shows it."""
    found = job_or_404(request, job_id)
    if found.variation_set is None:
        raise Http404
    return render(request, "jobs/_variation.html", {"card": JobPage(found), "set": found.variation_set})


@require_POST
@in_shop
def choose(request: HttpRequest, job_id: UUID) -> HttpResponse:
    found = job_or_404(request, job_id)
    if found.variation_set is None:
        raise Http404
    try:
        variation_choose(of=found.variation_set, job=found)
    except Refused as refusal:
        return _told(request, job_id, refusal)
    messages.success(request, _("이 배경으로 골랐어요. 나머지 배경도 ‘배경 후보’에 남아 있어요."))
    return redirect("jobs:job", job_id)


@require_GET
@in_shop
def zip_all(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """Every format in one file; 202 with how far it is while workers still draw them. The page's script, which asks
    for JSON, is told so until all is there."""
    job = job_or_404(request, job_id)
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        bundle = zips.bundle_request(job)
        if not bundle.total:
            raise Refused("export.no_final_picture", status=409)
    except Refused as refusal:
        if not wants_json:
            return _told(request, job_id, refusal)
        detail = sentence(refusal.code, refusal.context)
        return JsonResponse({"detail": detail}, status=refusal.status)
    ready = bundle.total - len(bundle.waiting)
    if wants_json:
        told = {
            "ready": ready,
            "total": bundle.total,
            "failed": [choice.name for choice in channel_choices(bundle.failed)],
        }
        response: HttpResponse = JsonResponse(told, status=200 if bundle.is_whole else 202)
    elif not bundle.is_whole:
        context = {"page": JobPage(job), "ready": ready, "total": bundle.total}
        response = render(request, "jobs/zip.html", context, status=202)
    else:
        return _zip(zips.bundle_files(job, bundle), download_name(job, extension="zip"))
    response["Retry-After"] = str(ZIP_ASK_AGAIN_SECONDS)
    return response


def _zip(files: list[zips.NamedFile], name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        zips.in_threads(zips.zip_chunks(files)),
        content_type="application/zip",
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


@require_POST
@in_shop
def share(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """A link for people without an account; the page's script gets that part of the page alone."""
    job = job_or_404(request, job_id)
    try:
        share_link_create(job=job, user=_user(request))
    except Refused as refusal:
        return _told(request, job_id, refusal)
    return _share_part(request, job_id)


@require_POST
@in_shop
def unshare(request: HttpRequest, job_id: UUID) -> HttpResponse:
    share_links_revoke(job=job_or_404(request, job_id))
    return _share_part(request, job_id)


def _share_part(request: HttpRequest, job_id: UUID) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect(reverse("jobs:job", args=[job_id]) + "#share")
    return render(request, "jobs/_share.html", ad_context(request, job_or_404(request, job_id)))


@require_POST
@in_shop
def post(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What is posted with the ad, written for a product; the page's script gets that part of the page alone."""
    job = job_or_404(request, job_id)
    if job.status != Job.Status.COMPLETED:
        raise Http404
    form = PostForm(request.POST)
    status = 200 if form.is_valid() else 422
    context = ad_context(request, job, post=Post(job, form))
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "jobs/_post.html" if is_part else "jobs/job.html", context, status=status)


@require_POST
@in_shop
def favourite(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = job_or_404(request, job_id)
    job_favour(job=job, favourite=request.POST.get("on") == "1")
    if request.headers.get("HX-Request") != "true":
        return redirect("jobs:job", job_id)
    return render(request, "jobs/_favourite.html", {"page": JobPage(job)})


@require_POST
@in_shop
def rename(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = job_or_404(request, job_id)
    form = RenameForm(request.POST)
    if not form.is_valid():
        context = ad_context(request, job) | {"rename_form": form}
        return render(request, "jobs/job.html", context, status=422)
    job_rename(job=job, title=form.cleaned_data["title"])
    return redirect("jobs:job", job_id)


@require_POST
@in_shop
def delete(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Hidden at once; the gallery offers to undo it."""
    try:
        job_remove(job=job_or_404(request, job_id))
    except NotFound as error:
        raise Http404 from error
    except Refused as refusal:
        return _told(request, job_id, refusal)
    return redirect(f"{reverse('jobs:gallery')}?removed={job_id}")


@require_POST
@in_shop
def restore(request: HttpRequest, job_id: UUID) -> HttpResponse:
    try:
        job_restore(shop=shop_of_request(request), job_id=job_id)
    except NotFound:
        messages.error(request, _("되돌릴 수 있는 시간이 지났어요. 광고는 이미 지워졌어요."))
        return redirect("jobs:gallery")
    messages.success(request, _("광고를 되돌렸어요."))
    return redirect("jobs:job", job_id)
