"""What stands before every websocket: whose page opened it, and in which language it is read."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import validate_host
from django.urls import re_path
from django.utils.translation import get_supported_language_variant

from accounts.tokens import bearer_token

NOT_FOUND = 4404


def _header(scope: dict[str, Any], name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key.lower() == name:
            return str(value.decode("latin-1"))
    return None


def origin_allowed(scope: dict[str, Any]) -> bool:
    """A cookie is only believed when the page that opened the socket is ours: same host as asked for,
    and that host one we serve, or an origin listed in CSRF_TRUSTED_ORIGINS."""
    origin = _header(scope, b"origin")
    if not origin:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    parts = urlsplit(origin)
    host = _header(scope, b"host") or ""
    return parts.netloc == host and validate_host(parts.hostname or "", settings.ALLOWED_HOSTS)


def brings_nothing(scope: dict[str, Any]) -> bool:
    """A program that forgot its token: nobody's page, nobody's session. It may hear why it is not let in."""
    return _header(scope, b"origin") is None and _header(scope, b"cookie") is None


class OriginUnlessBearer:
    """Sockets signed in by cookie need our own Origin; a Bearer header needs none."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.denier = WebsocketDenier.as_asgi()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        by_token = bearer_token(_header(scope, b"authorization") or "") is not None
        trusted = by_token or origin_allowed(scope) or brings_nothing(scope)
        application: Any = self.inner if trusted else self.denier
        return await application(scope, receive, send)


class LanguageMiddleware:
    """Puts the reader's language, from Django's cookie or the browser's header, into the scope."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        cookies = parse_cookie(_header(scope, b"cookie") or "")
        wanted = cookies.get(settings.LANGUAGE_COOKIE_NAME) or (_header(scope, b"accept-language") or "")[:2]
        try:
            language = get_supported_language_variant(wanted)
        except LookupError:
            language = settings.LANGUAGE_CODE
        return await self.inner({**scope, "language": language}, receive, send)


class UnknownPath(AsyncWebsocketConsumer):
    """Any other path: accepted, then closed with 4404, instead of an error in the log."""

    urlpatterns: ClassVar[list[Any]] = []

    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND)


UnknownPath.urlpatterns = [re_path(r".*", UnknownPath.as_asgi())]  # type: ignore[arg-type]
