"""A new token's plain text on its way to the page after the form's, where it is shown once.

It travels in two halves of a one-time pad: the session keeps one, the browser's cookie the other. Neither says
anything alone, so the plain text is in no address, log or database, and loading the page again shows nothing.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import ApiToken

SESSION_KEY = "new_token"
COOKIE = "new_token"
COOKIE_SECONDS = 300


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def keep(*, request: HttpRequest, response: HttpResponse, token: ApiToken, plain: str, path: str) -> None:
    """Let the next visit of ``path`` by this browser see the plain text."""
    pad = secrets.token_bytes(len(plain))
    request.session[SESSION_KEY] = {"id": str(token.pk), "half": _mixed(plain.encode(), pad).hex()}
    response.set_cookie(
        COOKIE,
        pad.hex(),
        max_age=COOKIE_SECONDS,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def take(request: HttpRequest) -> tuple[UUID, str] | None:
    """The token's id and plain text, the first time only; None where a half is missing."""
    kept = request.session.pop(SESSION_KEY, None)
    pad = request.COOKIES.get(COOKIE)
    if kept is None or pad is None:
        return None
    try:
        return UUID(kept["id"]), _mixed(bytes.fromhex(kept["half"]), bytes.fromhex(pad)).decode()
    except ValueError:  # another token's half, or no half at all
        return None


def forget(response: HttpResponse, *, path: str) -> None:
    response.delete_cookie(COOKIE, path=path, samesite="Strict")
