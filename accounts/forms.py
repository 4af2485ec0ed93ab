"""What people type about themselves and their shop. Nothing of allauth is imported here: it imports this module."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Industry, Shop, User
from accounts.selectors import shops_of
from accounts.services import consents_record, shop_create

SHOP_NAME_LENGTH = 80


class ShopForm(forms.Form):
    """A new shop: its name and trade. allauth's own ``save`` must stay free."""

    shop_name = forms.CharField(
        label=_("가게 이름"),
        max_length=SHOP_NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "placeholder": _("예: 봄날 커피")}),
    )
    industry = forms.ChoiceField(label=_("업종"), choices=Industry.choices, initial=Industry.CAFE)

    def shop_for(self, owner: User) -> Shop:
        return shop_create(
            owner=owner, name=self.cleaned_data["shop_name"], industry=self.cleaned_data["industry"]
        )


class ShopSignupFields(ShopForm):
    """Added by allauth to its sign-up forms, by e-mail and through Kakao or Naver alike."""

    terms = forms.BooleanField(
        label=_("이용약관 동의"), error_messages={"required": _("이용약관에 동의해야 가입할 수 있어요.")}
    )
    privacy = forms.BooleanField(
        label=_("개인정보 수집·이용 동의"),
        error_messages={"required": _("개인정보 수집·이용에 동의해야 가입할 수 있어요.")},
    )
    field_order = ("email", "password1", "shop_name", "industry", "terms", "privacy")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is stored."""
        consents_record(user=user)
        self.shop_for(user)


class ShopChoice(forms.Form):
    """Which of the person's shops to work in."""

    shop = forms.ModelChoiceField(queryset=Shop.objects.none())

    def __init__(self, *args: object, user: User | AnonymousUser, **kwargs: object) -> None:

        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cast("forms.ModelChoiceField[Shop]", self.fields["shop"]).queryset = shops_of(user)
