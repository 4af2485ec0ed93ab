"""Who comes to the admin: a superuser, staff with only some permissions, a merchant."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.jobs import factories


def signed_in(user: User, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def superuser() -> Client:
    return signed_in(User.objects.create_superuser("support@example.com", factories.PASSWORD))


def staff(*permissions: str, email: str = "viewer@example.com") -> Client:
    """A person of the staff with these permissions (``app.codename``) and no others."""
    user = User.objects.create_user(email, factories.PASSWORD, is_staff=True)
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return signed_in(user)


def merchant() -> Client:
    return signed_in(factories.owner(factories.shop()))
