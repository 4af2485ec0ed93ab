"""Pictures over HTTP: for the shop's people by session, its programs by token, others by an unexpired signature."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.selectors import works_in
from generation.intake import screen_copy
from jobs.admission import token_admit
from jobs.errors import NotFound, Refused
from jobs.media import signature_holds
from jobs.models import Photo
from jobs.selectors import artifact_get

CACHE_SECONDS = 86_400


def _may_see(request: HttpRequest, shop_id: int) -> bool:
    """The token alone decides when there is one; else the session."""
    token = token_admit(request)
    if token is not None:
        return token.shop_id == shop_id
    if not request.user.is_authenticated:
        raise Refused("auth.required", status=401)
    return request.user.is_staff or works_in(request.user, shop_id)


def picture_response(file: FieldFile, content_type: str) -> HttpResponseBase:
    """The file itself, or on object storage a short-lived redirect to it."""
    try:
        default_storage.path(str(file.name))
    except NotImplementedError:
        return HttpResponseRedirect(file.url)
    try:
        response = FileResponse(file.open("rb"), content_type=content_type)
    except FileNotFoundError as error:
        raise NotFound("media.not_found") from error
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def artifact(request: HttpRequest, artifact_id: UUID) -> HttpResponseBase:
    found = artifact_get(artifact_id)
    signature = request.GET.get("signature")
    if not (signature and signature_holds(found.pk, signature)) and not _may_see(request, found.job.shop_id):
        raise NotFound("media.not_found")
    return picture_response(found.file, found.content_type)


def _photo(request: HttpRequest, photo_id: UUID) -> Photo:
    found = Photo.objects.filter(pk=photo_id).first()
    if found is None or not _may_see(request, found.shop_id):
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
