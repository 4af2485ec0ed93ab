"""The form one leaves by."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from jobs.account_deletion import shops_that_go


class LeaveForm(forms.Form):
    """Every shop that goes with the person is named by typing its name."""

    sure = forms.BooleanField(
        label=_("되돌릴 수 없다는 것을 알아요"),
        error_messages={"required": _("확인해 주셔야 지울 수 있어요.")},
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.shops: list[Shop] = list(shops_that_go(user))
        for shop in self.shops:
            self.fields[self._name(shop)] = forms.CharField(
                label=shop.name, widget=forms.TextInput(attrs={"autocomplete": "off"})
            )

    @staticmethod
    def _name(shop: Shop) -> str:
        return f"shop-{shop.pk}"

    @property
    def names(self) -> list[tuple[Shop, forms.BoundField]]:
        return [(shop, self[self._name(shop)]) for shop in self.shops]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        for shop in self.shops:
            typed = cleaned.get(self._name(shop))
            if typed is not None and typed != shop.name.strip():
                self.add_error(self._name(shop), _("가게 이름과 달라요. 그대로 적어 주세요."))
        return cleaned
