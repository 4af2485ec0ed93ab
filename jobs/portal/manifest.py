"""What a phone needs to keep the portal among its apps (https://www.w3.org/TR/appmanifest/)."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

MANIFEST_SECONDS = 3600
GROUND = "#f6f7f9"
"""``--ground`` of the light theme in ``tokens.css``: shown while the page loads, and around it."""
ICON_SIDES = (192, 512)


@require_safe
@cache_control(public=True, max_age=MANIFEST_SECONDS)
def manifest(request: HttpRequest) -> JsonResponse:
    """Korean for everyone: browsers ask for it without cookies, and keep what they got."""
    told = {
        "id": "/",
        "name": "AdStudio – 사진 한 장으로 만드는 광고",
        "short_name": "AdStudio",
        "description": "제품 사진 한 장과 문구로 가게 광고를 만듭니다.",
        "lang": "ko",
        "start_url": reverse("jobs:new"),
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "categories": ["business", "photo"],
        "icons": [_icon(kind, side) for kind in ("any", "maskable") for side in ICON_SIDES],
        "shortcuts": [
            {"name": "새 광고", "url": reverse("jobs:new")},
            {"name": "내 광고", "url": reverse("jobs:gallery")},
        ],
    }
    return JsonResponse(
        told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )


def _icon(purpose: str, side: int) -> dict[str, str]:
    name = "icon" if purpose == "any" else purpose
    return {
        "src": static(f"img/icons/{name}-{side}.png"),
        "sizes": f"{side}x{side}",
        "type": "image/png",
        "purpose": purpose,
    }
