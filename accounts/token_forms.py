"""What an owner says of a new token."""

from __future__ import annotations

from typing import TypedDict

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken
from adstudio.plain import NameField

NAME_LENGTH = ApiToken._meta.get_field("name").max_length


class TokenFields(TypedDict):
    name: str
    scope: str
    days: int | None


class TokenForm(forms.Form):
    name = NameField(
        label=_("이름"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"placeholder": _("예: 주문 프로그램"), "autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("접근 권한"),
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.WRITE,
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label=_("기한"),
        choices=[("30", _("30일")), ("90", _("90일")), ("365", _("1년")), ("", _("기한 없음"))],
        initial="365",
        required=False,
        coerce=int,
        empty_value=None,
    )

    def token_fields(self) -> TokenFields:
        """What ``token_create`` takes."""
        return {
            "name": self.cleaned_data["name"],
            "scope": self.cleaned_data["scope"],
            "days": self.cleaned_data["days"],
        }
