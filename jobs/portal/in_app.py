"""Browsers inside other apps: there a download or a file picker may lead nowhere, so the page says how to get out.

And iPhones: there a download goes to Files, and a picture that is pressed for long goes to Photos.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest
from django.utils.translation import gettext as _

KAKAO_OUTSIDE = "kakaotalk://web/openExternal?url="
"""KakaoTalk's own scheme: opens the address in the telephone's browser."""


@dataclass(frozen=True, slots=True)
class InAppBrowser:
    """The app's name, and the address that leads out of it (empty where only its own menu does)."""

    name: str
    outside: str = ""


def keeps_downloads_as_files(request: HttpRequest) -> bool:
    """Whether what is downloaded is not found among the photos, in a browser of its own."""
    return "iPhone" in request.headers.get("User-Agent", "") and in_app_browser(request) is None


def in_app_browser(request: HttpRequest) -> InAppBrowser | None:
    agent = request.headers.get("User-Agent", "")
    if "KAKAOTALK" in agent.upper():
        return InAppBrowser(_("카카오톡"), KAKAO_OUTSIDE + quote(request.build_absolute_uri(), safe=""))
    if "NAVER(inapp" in agent:
        return InAppBrowser(_("네이버 앱"))
    return InAppBrowser(_("인스타그램")) if "Instagram" in agent else None
