from __future__ import annotations

from allauth.account.apps import AccountConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    default = True
    name = "accounts"
    verbose_name = _("사람과 가게")


class EmailAddressesConfig(AccountConfig):  # type: ignore[misc]
    """allauth's section of the admin: its own name for it would be 계정 as well."""

    default = False
    verbose_name = _("이메일 주소")
