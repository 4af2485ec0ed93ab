"""Forms of one ad's page: its arrangement and its name."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.errors import Refused
from jobs.messages import sentence
from jobs.models import Job
from jobs.params import MAX_PRICE, MAX_SUBLINE
from jobs.portal import choices
from jobs.portal.choices import Choice
from jobs.services import TITLE_LENGTH

LAYOUT_FIELDS = ("text_position", "composition_mode", "subline", "price_before", "price_now")


class LayoutForm(forms.Form):
    """What step 3 decides: where the words stand and the small lines with them."""

    text_position = forms.ChoiceField(label=_("문구 위치"), required=False)
    composition_mode = forms.ChoiceField(label=_("합성 방식"), required=False)
    subline = forms.CharField(label=_("작은 문구"), max_length=MAX_SUBLINE, required=False)
    price_before = forms.CharField(label=_("원래 가격"), max_length=MAX_PRICE, required=False)
    price_now = forms.CharField(label=_("할인 가격"), max_length=MAX_PRICE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "layout_%s"  # the page has another form with fields of the same names
        self._offered = {
            "text_position": choices.position_choices(),
            "composition_mode": choices.mode_choices(),
        }
        for name, offered in self._offered.items():
            cast(forms.ChoiceField, self.fields[name]).choices = choices.as_pairs(offered)

    def _picked(self, name: str) -> list[tuple[Choice, bool]]:
        value = str(self[name].value() or self._offered[name][0].value)
        return [(choice, choice.value == value) for choice in self._offered[name]]

    @property
    def positions(self) -> list[tuple[Choice, bool]]:
        return self._picked("text_position")

    @property
    def modes(self) -> list[tuple[Choice, bool]]:
        return self._picked("composition_mode")

    def refuse(self, refusal: Refused) -> None:
        """Show why a service refused, at the field it is about."""
        name = refusal.field if refusal.field in self.fields else None
        self.add_error(name, sentence(refusal.code, refusal.context))

    def changes(self) -> dict[str, Any]:
        """As a re-run takes them: an emptied line is taken away, a choice left open goes back to the first."""
        given = self.cleaned_data
        lines = {name: given[name] for name in ("subline", "price_before", "price_now")}
        return {**lines, **{name: given[name] or self._offered[name][0].value for name in self._offered}}


def layout_of(job: Job) -> dict[str, Any]:
    return {name: job.request.get(name, "") for name in LAYOUT_FIELDS}


class RenameForm(forms.Form):
    title = forms.CharField(label=_("광고 이름"), max_length=TITLE_LENGTH)
