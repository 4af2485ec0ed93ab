from __future__ import annotations

from django.http import HttpRequest

from accounts.selectors import owns, shops_of


def shop(request: HttpRequest) -> dict[str, object]:
    """The current shop and all of the person's, for the header of every page."""
    user = getattr(request, "user", None)
    current = getattr(request, "shop", None)
    return {
        "current_shop": current,
        "my_shops": shops_of(user) if user is not None else (),
        "owns_current_shop": lambda: bool(user and current and owns(user, current)),  # asked only where shown
    }
