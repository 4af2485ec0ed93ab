from __future__ import annotations

from django.http import HttpRequest

from accounts.selectors import shops_of


def shop(request: HttpRequest) -> dict[str, object]:
    """The current shop and all of the person's, for the header of every page."""
    user = getattr(request, "user", None)
    return {
        "current_shop": getattr(request, "shop", None),
        "my_shops": shops_of(user) if user is not None else (),
    }
