"""``/styleguide/``: every component of the design language on one page, for who builds pages; only with DEBUG."""

from __future__ import annotations

import re
from pathlib import Path

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from jobs.portal.choices import mode_choices, style_choices

STATIC = Path(settings.BASE_DIR) / "static"
_TOKEN = re.compile(r"--([a-z0-9-]+):")
_ICON = re.compile(r'id="([a-z-]+)"')


class SampleForm(forms.Form):
    """One field of each kind; the page shows it with an error too."""

    words = forms.CharField(label=_("문구"), max_length=40, widget=forms.Textarea(attrs={"rows": 2}))
    price = forms.CharField(label=_("가격"))
    size = forms.ChoiceField(label=_("크기"), choices=[("square", "1080×1080"), ("story", "1080×1920")])
    agree = forms.BooleanField(label=_("동의해요"))


def tokens() -> dict[str, list[str]]:
    """The custom properties of ``tokens.css`` by kind: ``space``, ``text``, ``round``, and ``colour`` for the rest."""
    found: dict[str, list[str]] = {"space": [], "text": [], "round": [], "colour": []}
    text = (STATIC / "css" / "tokens.css").read_text()
    for name in dict.fromkeys(_TOKEN.findall(text)):
        kind = name.partition("-")[0]
        if name in ("font", "ease", "touch") or kind == "shadow":
            continue
        found[kind if kind in found else "colour"].append(name)
    return found


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    return render(
        request,
        "styleguide.html",
        {
            "tokens": tokens(),
            "icons": _ICON.findall((STATIC / "img" / "icons.svg").read_text()),
            "form": SampleForm(),
            "wrong": SampleForm({"words": "", "price": ""}),
            "styles": [(choice, index == 1) for index, choice in enumerate(style_choices()[:6])],
            "modes": [(choice, index == 0) for index, choice in enumerate(mode_choices())],
        },
    )
