from __future__ import annotations

from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, object]:
    """The current shop, for the header of every page."""
    return {"current_shop": getattr(request, "shop", None)}
