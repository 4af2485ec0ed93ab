"""Files of the machine the server runs on: a photo read, a finished picture written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from django.conf import settings

from generation import intake
from generation.errors import MerchantError
from generation.provenance import SourceType, xmp
from jobs.errors import Refused
from jobs.messages import sentence
from jobs.photos import refusal_of

SHOWN_SIDE = 1024
"""Pixels of a shown picture's longer side."""
SHOWN_QUALITY = 88
"""JPEG: hosts of language models take about one megabyte of a tool's answer."""


def read_photo(path: str, *, field: str) -> bytes:
    """The bytes of a regular file that is a picture. Anything else is refused, and nothing of it is told."""
    data = _regular_file(_absolute(path, field), field)
    try:
        intake.read_photo(data)
    except MerchantError as error:
        raise refusal_of(error, field) from error
    return data


def check_target(path: str, *, field: str) -> Path:
    """Where a picture may be written: a new ``.png`` in a folder that is there."""
    target = _absolute(path, field)
    if target.suffix.lower() != ".png":
        raise _invalid(field, "reason.not_a_png")
    if os.path.lexists(target):
        raise Refused("file.exists", status=409, field=field, path=str(target))
    if not target.parent.is_dir():
        raise Refused("file.not_writable", status=422, field=field, path=str(target))
    return target


def write_new(target: Path, data: bytes, *, field: str) -> None:
    """Write a file that is not there yet; one that has come meanwhile stays as it is."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except FileExistsError as error:
        raise Refused("file.exists", status=409, field=field, path=str(target)) from error
    except OSError as error:
        raise Refused("file.not_writable", status=422, field=field, path=str(target)) from error
    try:
        with open(handle, "wb") as file:
            file.write(data)
    except OSError as error:  # a full disk: half a picture is none
        target.unlink(missing_ok=True)
        raise Refused("file.not_writable", status=422, field=field, path=str(target)) from error


def shown(data: bytes, source: SourceType) -> bytes:
    """The picture as a JPEG of at most ``SHOWN_SIDE`` pixels, which says where it comes from as the picture does."""
    picture = intake.thumbnail(intake.read_photo(data).picture, SHOWN_SIDE)
    return intake.encode_jpeg(picture[..., :3], SHOWN_QUALITY, xmp(source))


def _absolute(path: str, field: str) -> Path:
    """The server's own folder means nothing to a caller, so a relative path is refused."""
    try:
        found = Path(path).expanduser()
    except RuntimeError as error:  # ~nobody
        raise _invalid(field, "reason.not_absolute") from error
    if not found.is_absolute() or "\0" in path:
        raise _invalid(field, "reason.not_absolute")
    return found


def _regular_file(path: Path, field: str) -> bytes:
    try:
        # Not blocking: opening a pipe would wait for whoever writes into it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused("file.not_readable", status=422, field=field, path=str(path)) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refused("file.not_readable", status=422, field=field, path=str(path))
    with open(handle, "rb") as file:
        data = file.read(settings.PHOTO_MAX_BYTES + 1)
    if len(data) > settings.PHOTO_MAX_BYTES:
        raise Refused("photo.too_large", status=413, field=field)
    return data


def _invalid(field: str, reason: str) -> Refused:
    return Refused("request.field_invalid", status=422, field=field, reason=sentence(reason))
