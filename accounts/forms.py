"""What people type about themselves and their shop. Nothing of allauth is imported here: it imports this module."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.errors import TeamRefused
from accounts.invited import invitation_followed, join
from accounts.models import Industry, Membership, Shop, User
from accounts.selectors import shops_of
from accounts.services import consents_record, shop_open
from adstudio.plain import NameField

SHOP_NAME_LENGTH = 80
FOOD = (
    *(
        Industry.CAFE,
        Industry.BAKERY,
        Industry.RICE_CAKE,
        Industry.RESTAURANT,
        Industry.CHICKEN,
        Industry.SNACK,
    ),
    *(Industry.GRILL, Industry.SIDE_DISHES, Industry.BUTCHER, Industry.FISH, Industry.FRUIT),
)
GOODS = (Industry.FLORIST, Industry.COSMETICS, Industry.FASHION, Industry.SELECT_SHOP, Industry.PET)
SERVICES = (
    *(Industry.HAIR, Industry.NAIL, Industry.GYM, Industry.ACADEMY, Industry.LODGING),
    *(Industry.LAUNDRY, Industry.AUTO_REPAIR),
)


def industry_choices() -> list[Any]:
    """The trades in groups, so that two dozen are found at a glance; what is none of them stands last."""
    groups = ((_("먹을거리"), FOOD), (_("물건"), GOODS), (_("서비스"), SERVICES))
    grouped = [(name, [(trade.value, trade.label) for trade in trades]) for name, trades in groups]
    return [*grouped, (Industry.OTHER.value, Industry.OTHER.label)]


class ShopForm(forms.Form):
    """A new shop: its name and trade. allauth's own ``save`` must stay free."""

    shop_name = NameField(
        label=_("가게 이름"),
        max_length=SHOP_NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "placeholder": _("예: 봄날 커피")}),
    )
    industry = forms.ChoiceField(label=_("업종"), choices=industry_choices, initial=Industry.CAFE)

    def shop_for(self, owner: User) -> Shop:
        """Raises ``TeamRefused`` where they own too many."""
        return shop_open(
            owner=owner, name=self.cleaned_data["shop_name"], industry=self.cleaned_data["industry"]
        )


class ShopSignupFields(ShopForm):
    """Added by allauth to its sign-up forms, by e-mail and through Kakao or Naver alike. Who follows an invitation
    joins that shop and is asked for none of their own."""

    terms = forms.BooleanField(
        label=_("이용약관 동의"), error_messages={"required": _("이용약관에 동의해야 가입할 수 있어요.")}
    )
    privacy = forms.BooleanField(
        label=_("개인정보 수집·이용 동의"),
        error_messages={"required": _("개인정보 수집·이용에 동의해야 가입할 수 있어요.")},
    )
    field_order = ("email", "password1", "shop_name", "industry", "terms", "privacy")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = _request_of_allauth()
        self.invitation = invitation_followed(request) if request is not None else None
        if self.invitation is not None:
            del self.fields["shop_name"], self.fields["industry"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is stored."""
        consents_record(user=user)
        if self.invitation is None:
            self.shop_for(user)
            return
        try:
            join(request, self.invitation, user)
        except TeamRefused as refusal:  # taken in this very moment: there is an account now, and no shop yet
            messages.warning(request, refusal.message)


def _request_of_allauth() -> HttpRequest | None:
    """The request that allauth is answering, which its forms are not given."""
    from allauth.core import context

    return cast("HttpRequest | None", context.request)


class InvitationForm(forms.Form):
    """Whom to ask, and as what. Without an address there is only the link, to be handed over by messenger."""

    email = forms.EmailField(
        label=_("이메일"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "name@example.com"}),
    )
    role = forms.ChoiceField(label=_("역할"), choices=Membership.Role.choices, initial=Membership.Role.STAFF)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class ShopChoice(forms.Form):
    """Which of the person's shops to work in."""

    shop = forms.ModelChoiceField(queryset=Shop.objects.none())

    def __init__(self, *args: object, user: User | AnonymousUser, **kwargs: object) -> None:

        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cast("forms.ModelChoiceField[Shop]", self.fields["shop"]).queryset = shops_of(user)
