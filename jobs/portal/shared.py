"""The page behind a shared link: one picture, for people without an account. Needs no session and sets no cookie."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generation.provenance import SourceType
from jobs.errors import NotFound
from jobs.media_views import picture_response
from jobs.messages import sentence
from jobs.models import Artifact
from jobs.portal.in_app import in_app_browser, keeps_downloads_as_files
from jobs.sharing import LinkOver, shared_picture
from jobs.words.copywriting import picture_alt

ASKED_EACH_TIME = "private, no-cache"
"""So that a link taken back shows nothing more."""


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = ASKED_EACH_TIME
    return response


def _picture(token: str) -> Artifact:
    try:
        return shared_picture(token)
    except NotFound as error:
        raise Http404 from error


@require_safe
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    try:
        picture = _picture(token)
    except LinkOver as over:
        return _over(request, over)
    context = {
        "shop": picture.job.shop.name,
        "picture": picture,
        "alt_text": picture_alt(picture.job),
        "is_ai": SourceType(picture.source).is_ai,
        "token": token,
        "in_app": in_app_browser(request),
        "is_long_press": keeps_downloads_as_files(request),
    }
    return _private(render(request, "jobs/shared.html", context))


@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponseBase:
    """The picture to look at; with ``?download`` as a file, whose name tells the shop and nothing else."""
    try:
        found = _picture(token)
    except LinkOver as over:
        return _over(request, over)
    shop = re.sub(r"[^\w]+", "-", found.job.shop.name).strip("-")
    name = f"{shop or 'ad'}.png" if "download" in request.GET else ""
    return _private(picture_response(found.file, found.content_type, save_as=name, from_here=True))


def _over(request: HttpRequest, over: LinkOver) -> HttpResponseBase:
    context = {"message": sentence(over.code)}
    response: HttpResponse = render(request, "jobs/shared_over.html", context, status=over.status)
    return _private(response)
