"""Pictures over HTTP: for the shop's people by session, its programs by token, others by an unexpired signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.selectors import works_in
from generation.intake import screen_copy
from jobs.admission import token_admit
from jobs.errors import NotFound, Refused
from jobs.media import signature_holds
from jobs.models import Photo
from jobs.selectors import artifact_get

if TYPE_CHECKING:
    from adstudio.object_storage import ObjectStorage

CACHE_SECONDS = 86_400
NOT_KEPT = "private, no-store"
REDIRECT_MARGIN_SECONDS = 60
"""A kept redirect leads to an address that holds for at least so long."""


def _may_see(request: HttpRequest, shop_id: int, *permissions: str) -> bool:
    """The token alone decides when there is one; else the session: the shop's people, and staff with one of the
    permissions, by which the admin shows it to them."""
    token = token_admit(request)
    if token is not None:
        return token.shop_id == shop_id
    if not request.user.is_authenticated:
        raise Refused("auth.required", status=401)
    is_support = request.user.is_staff and any(map(request.user.has_perm, permissions))
    return is_support or works_in(request.user, shop_id)


def picture_response(
    file: FieldFile,
    content_type: str,
    *,
    save_as: str = "",
    from_here: bool = False,
    is_kept: bool = True,
) -> HttpResponseBase:
    """The file itself, or on object storage a short-lived redirect to it. ``save_as`` makes it a download.

    ``from_here``: the file itself from any storage, for scripts (what another origin sends they may not read) and for
    what must end at once. ``is_kept``: by the reader's browser, for a day.
    """
    disposition = content_disposition_header(bool(save_as), save_as) or "inline"
    if settings.S3 is not None and not from_here:
        return _redirect(file, content_type, disposition, is_kept)
    try:
        response = FileResponse(file.open("rb"), content_type=content_type)
    except FileNotFoundError as error:
        raise NotFound("media.not_found") from error
    if save_as:
        response["Content-Disposition"] = disposition
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}" if is_kept else NOT_KEPT
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _redirect(file: FieldFile, content_type: str, disposition: str, is_kept: bool) -> HttpResponseRedirect:
    """Browsers keep the redirect for a part of the address's life, the picture for as long as a local one."""
    address = cast("ObjectStorage", file.storage).presigned(
        str(file.name),
        content_type=content_type,
        disposition=disposition,
        seconds=settings.MEDIA_SIGNATURE_SECONDS,
        cached=CACHE_SECONDS if is_kept else 0,
    )
    kept = settings.MEDIA_SIGNATURE_SECONDS - REDIRECT_MARGIN_SECONDS
    cache = f"private, max-age={kept}" if is_kept else NOT_KEPT
    return HttpResponseRedirect(address, headers={"Cache-Control": cache})


@require_safe
def artifact(request: HttpRequest, artifact_id: UUID) -> HttpResponseBase:
    """``?from_here`` has the web process itself send it, from any storage (``picture_response``)."""
    found = artifact_get(artifact_id)
    signature = request.GET.get("signature")
    if not (signature and signature_holds(found.pk, signature)) and not _may_see(
        request, found.job.shop_id, "jobs.view_job"
    ):
        raise NotFound("media.not_found")
    return picture_response(found.file, found.content_type, from_here="from_here" in request.GET)


def _photo(request: HttpRequest, photo_id: UUID) -> Photo:
    found = Photo.objects.filter(pk=photo_id).first()
    if found is None or not _may_see(request, found.shop_id, "jobs.view_photo", "jobs.view_job"):
        raise NotFound("photo.not_found")
    return found


@require_safe
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    found = _photo(request, photo_id)
    return picture_response(
        found.file, "image/png" if str(found.file.name).endswith(".png") else "image/jpeg"
    )


@require_safe
def matte(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """The cut-out: the product on transparency, as a PNG of the photo's size."""
    found = _photo(request, photo_id)
    if not found.matte:
        raise NotFound("media.not_found")
    return picture_response(found.matte, "image/png")


@require_safe
def photo_screen(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    return _screen_response(_photo(request, photo_id).file)


@require_safe
def matte_screen(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    return _screen_response(_photo(request, photo_id).matte)


def _screen_response(file: FieldFile) -> HttpResponse:
    """Made when it is asked for, kept by the browser: a photo never changes and a matte's address does."""
    if not file:
        raise NotFound("media.not_found")
    try:
        with file.open("rb") as stored:
            picture = screen_copy(stored.read())
    except FileNotFoundError as error:
        raise NotFound("media.not_found") from error
    response = HttpResponse(picture, content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
