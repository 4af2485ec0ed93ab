"""Forms of one ad's page: its arrangement and its name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from adstudio.plain import NameField
from jobs.models import Job
from jobs.params import MAX_PRICE, MAX_SUBLINE
from jobs.portal.forms import PlacementForm
from jobs.services import TITLE_LENGTH
from jobs.versions import request_of

LAYOUT_FIELDS = ("text_position", "composition_mode", "subline", "price_before", "price_now", "ai_label")


class LayoutForm(PlacementForm):
    """What step 3 decides: where the words stand and the small lines with them."""

    subline = forms.CharField(label=_("작은 글씨"), max_length=MAX_SUBLINE, required=False)
    price_before = forms.CharField(label=_("원래 가격"), max_length=MAX_PRICE, required=False)
    price_now = forms.CharField(label=_("할인 가격"), max_length=MAX_PRICE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "layout_%s"  # the page has another form with fields of the same names

    def changes(self) -> dict[str, Any]:
        """As a re-run takes them: an emptied line is taken away, a choice left open goes back to the first."""
        given = self.cleaned_data
        lines = {name: given[name] for name in ("subline", "price_before", "price_now")}
        label = {"ai_label": given["ai_label"]} if given["ai_label"] else {}
        return {
            **lines,
            **label,
            **{name: given[name] or self._offered[name][0].value for name in self._offered},
        }


def layout_of(job: Job) -> dict[str, Any]:
    return {name: request_of(job).get(name, "") for name in LAYOUT_FIELDS}


class RenameForm(forms.Form):
    title = NameField(label=_("광고 이름"), max_length=TITLE_LENGTH)
