"""Believing a callback: its signature is checked before anything of it is read (standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping

from adstudio_client.errors import SignatureInvalid
from adstudio_client.reading import decoded, read
from adstudio_client.types import CallbackEvent

PREFIX = "whsec_"
VERSION = "v1"
TOLERANCE_SECONDS = 300.0
"""A message signed longer ago may be someone else's copy of it."""


def verify_callback(
    headers: Mapping[str, str], body: bytes, secret: str, *, tolerance: float = TOLERANCE_SECONDS
) -> CallbackEvent:
    """The event that ``body`` (the bytes as they came) tells. Raises ``SignatureInvalid``.

    ``headers`` of the request, whatever the case of their names; ``secret`` as ``manage.py callback_secret`` prints it.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp, signatures = (
            named[f"webhook-{part}"] for part in ("id", "timestamp", "signature")
        )
    except KeyError as error:
        raise SignatureInvalid(f"The header {error} is missing.") from error
    _check_age(stamp, tolerance)
    expected = _signature(secret, message_id, stamp, body)
    given = (each.partition(",") for each in signatures.split())
    if not any(
        version == VERSION and hmac.compare_digest(value.encode(), expected) for version, _, value in given
    ):
        raise SignatureInvalid(
            "No signature matches: the secret is another one, or the body is not as it was sent."
        )
    return read(CallbackEvent, {**decoded(body), "webhook_id": message_id})


def _check_age(stamp: str, tolerance: float) -> None:
    if not (stamp.isascii() and stamp.isdigit()):
        raise SignatureInvalid("The header webhook-timestamp is not a number.")
    if abs(time.time() - int(stamp)) > tolerance:
        raise SignatureInvalid(f"Signed more than {tolerance:g} s ago, or this machine's clock is wrong.")


def _signature(secret: str, message_id: str, stamp: str, body: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("The secret is not one: manage.py callback_secret prints it.") from error
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest)
