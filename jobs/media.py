"""Where pictures are reached: never a public folder, always through a check (``jobs.media_views``)."""

from __future__ import annotations

import re
from uuid import UUID

from django.conf import settings
from django.core import signing

from jobs.models import Artifact, Job, Photo

TITLE_IN_FILE_NAME = 40
"""Characters of an ad's title that its file's name keeps."""
_SIGNER = signing.TimestampSigner(salt="adstudio.media")


def artifact_url(artifact: Artifact, *, signed: bool = False) -> str:
    """The picture's address; signed, it works without a session for ``MEDIA_SIGNATURE_SECONDS``."""
    url = f"/media/{artifact.pk}"
    return f"{url}?signature={_SIGNER.sign(str(artifact.pk))}" if signed else url


def photo_url(photo: Photo) -> str:
    return f"/media/photo/{photo.pk}"


def photo_screen_url(photo: Photo) -> str:
    """The photo as large as a screen needs it."""
    return f"/media/photo/{photo.pk}/screen"


def matte_url(photo: Photo) -> str | None:
    """The cut-out's preview, or None while there is none. It changes when the matte does."""
    return f"/media/matte/{photo.pk}{_version(photo)}" if photo.matte.name else None


def matte_screen_url(photo: Photo) -> str | None:
    """The cut-out as large as a screen needs it, or None while there is none. It changes when the matte does."""
    return f"/media/matte/{photo.pk}/screen{_version(photo)}" if photo.matte.name else None


def _version(photo: Photo) -> str:
    return f"?v={str(photo.matte.name)[-12:-4]}"


def signature_holds(pk: UUID, signature: str) -> bool:
    try:
        return bool(_SIGNER.unsign(signature, max_age=settings.MEDIA_SIGNATURE_SECONDS) == str(pk))
    except signing.BadSignature:
        return False


def download_name(job: Job, *, format_key: str = "", extension: str = "png") -> str:
    """``adstudio-<title>-<first of the id>[-<format>].png``, of letters and digits any file system takes."""
    words = re.sub(r"[^\w]+", "-", job.title).strip("-_")[:TITLE_IN_FILE_NAME].strip("-")
    parts = ("adstudio", words, str(job.pk)[:8], format_key)
    return "-".join(part for part in parts if part) + f".{extension}"
