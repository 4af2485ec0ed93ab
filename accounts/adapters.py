"""Where allauth's ways meet ours: an account may have no e-mail address at all."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest
from django.urls import reverse

from accounts.models import User

NAME_LENGTH = 60


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """E-mail sign-up. No address is stored as NULL, since two empty ones would collide."""

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        super().save_user(request, user, form, commit=False)
        user.email = user.email or None
        if commit:
            user.save()
        return user

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the password was found, which says that it is a new one."""
        return reverse("jobs:data")


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Kakao and Naver. Their nickname becomes the person's name; their e-mail address may be missing."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """A way in that this installation has no keys for is a page that is not there."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.email = user.email or None
        user.name = (data.get("name") or data.get("username") or "")[:NAME_LENGTH]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Form | None = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        return user
