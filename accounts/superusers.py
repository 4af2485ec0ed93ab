"""Pages of the admin that belong to a package of somebody else and know no permissions: for superusers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern


def for_superusers(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """The same addresses, closed to the rest of the staff."""
    return [
        URLPattern(each.pattern, _closed(each.callback), each.default_args, each.name) for each in patterns
    ]


def _closed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded: Callable[..., HttpResponse] = admin.site.admin_view(checked)
    return guarded
