"""Pictures on their way in and out: base64 text to bytes, and files to base64 without a copy in between."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from jobs.errors import Refused
from jobs.models import Artifact

_DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+-]+=[\w.+-]+)*;base64,", re.ASCII | re.IGNORECASE)
_LINE_BREAKS = str.maketrans("", "", "\r\n\t ")
_CHUNK = 3 * 64 * 1024
"""Bytes encoded at once; a multiple of 3, so that the pieces join without padding."""


def picture_bytes(text: str, *, field: str) -> bytes:
    """The bytes of base64 text or of a data URL. The size is checked before anything is decoded."""
    if len(text) > _longest_text(settings.PHOTO_MAX_BYTES):
        raise Refused("photo.too_large", status=413, field=field)
    prefix = _DATA_URL.match(text)
    payload = text[prefix.end() :] if prefix else text
    if any(c in payload for c in "\n\r\t "):
        payload = payload.translate(_LINE_BREAKS)
    try:
        data = base64.b64decode(payload.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Refused("request.not_base64", status=422, field=field) from error
    return within_limit(data, field=field)


def within_limit(data: bytes, *, field: str) -> bytes:
    if len(data) > settings.PHOTO_MAX_BYTES:
        raise Refused("photo.too_large", status=413, field=field)
    return data


def _longest_text(size: int) -> int:
    """Characters of base64 text that may hold so many bytes, line breaks and a data URL's head included."""
    return size // 3 * 4 * 33 // 32 + 1000


def json_with_pictures(row: Mapping[str, Any], pictures: Mapping[str, Artifact | None]) -> Iterator[bytes]:
    """A JSON object of ``row`` and, under its kind, each picture in base64 as it is stored, read piece by piece."""
    yield json.dumps(row, separators=(",", ":")).encode()[:-1]
    for kind, artifact in pictures.items():
        yield f',"{kind}":'.encode()
        yield from _quoted_base64(artifact) if artifact else (b"null",)
    yield b"}"


def _quoted_base64(artifact: Artifact) -> Iterator[bytes]:
    try:
        file = artifact.file.open("rb")
    except FileNotFoundError:  # deleted, or made anew by another attempt, since the row was read
        yield b"null"
        return
    with file:
        yield b'"'
        while piece := file.read(_CHUNK):
            yield base64.b64encode(piece)
        yield b'"'
