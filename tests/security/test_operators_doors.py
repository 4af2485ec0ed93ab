"""Every address under ``/admin/``: what staff reach without a permission for it, and what superusers alone reach."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from tests.jobs.admin import people
from tests.security.test_isolation import address, routes

pytestmark = pytest.mark.django_db
ROUTES = sorted({route for route in routes(get_resolver()) if route.startswith("admin/")})
QUEUE = [route for route in ROUTES if route.startswith("admin/queue/")]
EVERYBODYS = {
    "admin/": "the index, which shows each what they may see",
    "admin/login/": "the way in",
    "admin/logout/": "the way out",
    "admin/jsi18n/": "words for scripts",
    "admin/password_change/": "one's own, with the old one",
    "admin/password_change/done/": "its end",
}
"""Of the staff."""


def reached(client: Client, routes: list[str]) -> list[str]:
    """Those that are neither refused nor unknown nor lead to another page."""
    found = []
    for route in routes:
        statuses = {getattr(client, method)(address(route, "0")).status_code for method in ("get", "post")}
        found += [route] if statuses - {302, 301, 403, 404, 405} else []
    return found


@pytest.fixture
def staff() -> Client:
    client = people.staff()
    client.raise_request_exception = False
    return client


def test_staff_without_permissions_reach_nothing(staff: Client) -> None:
    assert len(ROUTES) > 80
    assert set(reached(staff, [route for route in ROUTES if route != "admin/logout/"])) <= set(EVERYBODYS)


def test_the_queue_s_own_pages_are_closed_to_staff_with_every_permission(staff: Client) -> None:
    User.objects.get(is_staff=True).user_permissions.set(Permission.objects.all())
    assert len(QUEUE) > 15
    for route in QUEUE:
        for method in ("get", "post"):
            assert getattr(staff, method)(address(route, "0")).status_code == 403, (method, route)
