"""The shop's brand kit: its page, its logo, and how a font looks."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from PIL import Image, ImageDraw

from accounts.access import in_shop, owner_only, shop_of_request
from accounts.forms import SHOP_NAME_LENGTH, industry_choices
from accounts.models import Shop, Tone, hex_color
from accounts.selectors import owns
from adstudio.plain import NameField
from generation.errors import FontUnknown
from generation.export.formats import FORMATS
from generation.palette import HOUSE_RED, badge_ground, luminance, rgb_of, written
from generation.typography.fonts import default_font, face
from jobs.brand import KIT, LOGO_MAX_BYTES, brand_update, logo_colors, logo_remove, logo_store
from jobs.errors import NotFound, Refused
from jobs.media_views import picture_response
from jobs.messages import sentence
from jobs.portal.choices import channel_choices, font_choices
from jobs.words.usage import month_of

SPECIMEN = "오늘만 반값"
SPECIMEN_PX, SPECIMEN_SECONDS = 96, 24 * 3600
NEUTRAL, HOUSE_ACCENT = "#e9e4dc", written(HOUSE_RED)
"""What the sample shows while no colour is chosen: a plain ground, and the badge that ads then have."""
DARK_INK_FROM = 0.32
"""Luminance of a ground from which the sample's headline is dark."""


def _color_field(label: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"placeholder": "#RRGGBB", "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=7, validators=[hex_color], widget=widget)


class BrandForm(forms.Form):
    """All of the kit. A logo that came along is kept even when another field is wrong."""

    name = NameField(label=_("가게 이름"), max_length=SHOP_NAME_LENGTH)
    industry = forms.ChoiceField(label=_("업종"), choices=industry_choices)
    tone = forms.ChoiceField(label=_("말투"), required=False, choices=[("", _("정하지 않음")), *Tone.choices])
    logo = forms.FileField(
        label=_("로고"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,.heic,.heif"}),
    )
    remove_logo = forms.BooleanField(label=_("로고 빼기"), required=False)
    brand_color = _color_field(_("브랜드 색"))
    accent_color = _color_field(_("포인트 색"))
    ai_label = forms.BooleanField(label=_("AI가 그린 광고에 ‘AI 생성 배경’이라고 적기"), required=False)
    default_font = forms.ChoiceField(label=_("기본 글꼴"), required=False)
    default_formats = forms.MultipleChoiceField(label=_("자주 쓰는 규격"), required=False)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _kit_of(shop), **kwargs})
        self.shop = shop
        self.fields["default_font"].choices = [(c.value, c.name) for c in font_choices()]  # type: ignore[attr-defined]
        self.channels = channel_choices(FORMATS)
        self.fields["default_formats"].choices = [(c.value, c.name) for c in self.channels]  # type: ignore[attr-defined]

    def save(self) -> bool:
        """Keep what is right; whether all was. Wrong fields say why, and the rest of the kit stays as it was."""
        self._save_logo()
        if self.errors:
            return False
        kit = {name: self.cleaned_data[name] for name in _kit_of(self.shop)}
        try:
            brand_update(shop=self.shop, **kit)
        except Refused as refusal:
            self.add_error(refusal.field, sentence(refusal.code, refusal.context))
        except ValidationError as error:
            self.add_error(None, error)
        return not self.errors

    def _save_logo(self) -> None:
        upload = self.files.get("logo")
        if upload is not None:
            try:
                logo_store(shop=self.shop, data=upload.read(LOGO_MAX_BYTES + 1))
            except Refused as refusal:
                self.add_error("logo", sentence(refusal.code, refusal.context))
        elif self.cleaned_data.get("remove_logo") and not self.errors:
            logo_remove(shop=self.shop)

    @property
    def tones(self) -> list[tuple[str, str, bool]]:
        chosen = str(self["tone"].value() or "")
        return [
            (value, str(name), value == chosen) for value, name in [("", _("정하지 않음")), *Tone.choices]
        ]

    @property
    def formats(self) -> list[tuple[Any, bool]]:
        chosen = self["default_formats"].value() or []
        return [(channel, channel.value in chosen) for channel in self.channels]


def _kit_of(shop: Shop) -> dict[str, Any]:
    return {name: getattr(shop, name) for name in KIT}


@require_http_methods(["GET", "POST"])
@in_shop
def brand(request: HttpRequest) -> HttpResponseBase:
    """The kit: everyone in the shop sees it, its owner changes it."""
    if request.method == "GET":
        shop = shop_of_request(request)
        return _page(request, shop, BrandForm(shop=shop))
    return _save(request)


@owner_only
def _save(request: HttpRequest) -> HttpResponseBase:
    shop = Shop.objects.get(pk=shop_of_request(request).pk)  # the header's own stays as it was if this fails
    form = BrandForm(request.POST, request.FILES, shop=shop)
    form.is_valid()
    if form.save():
        messages.success(request, gettext("브랜드를 저장했어요."))
        return redirect("shop_brand")
    return _page(request, shop, form, status=422)


def _page(request: HttpRequest, shop: Shop, form: BrandForm, status: int = 200) -> HttpResponse:
    shown = str(form["brand_color"].value() or "")
    ground = shown if _is_color(shown) else NEUTRAL
    accent = str(form["accent_color"].value() or "")
    context = {
        "form": form,
        "shop": shop,
        "is_owner": (is_owner := owns(request.user, shop)),
        "words_month": month_of(shop) if is_owner else None,
        "colors": logo_colors(shop),
        "sample": {
            "ground": ground,
            "accent": written(badge_ground(rgb_of(accent if _is_color(accent) else HOUSE_ACCENT))),
            "ink": "dark" if luminance(rgb_of(ground)) > DARK_INK_FROM else "light",
        },
        "neutral": NEUTRAL,
        "house_accent": HOUSE_ACCENT,
    }
    return render(request, "shop/brand.html", context, status=status)


def _is_color(text: str) -> bool:
    return bool(hex_color.regex.match(text))  # type: ignore[union-attr]


@require_POST
@owner_only
def logo_upload(request: HttpRequest) -> HttpResponse:
    """The page's script sends a chosen logo at once: it is kept, and its colours are answered."""
    shop = shop_of_request(request)
    upload = request.FILES.get("logo")
    try:
        if upload is None:
            raise Refused("logo.empty", status=422, field="logo")
        logo_store(shop=shop, data=upload.read(LOGO_MAX_BYTES + 1))
    except Refused as refusal:
        message = sentence(refusal.code, refusal.context)
        error = {"code": refusal.code, "message": message, "field": refusal.field}
        return JsonResponse({"error": error, "detail": message}, status=refusal.status)
    return JsonResponse({"url": logo_url(shop), "colors": logo_colors(shop)})


def logo_url(shop: Shop) -> str:
    """Another one for each logo, so that it may be kept by browsers."""
    return f"/shop/logo.png?v={str(shop.logo.name)[-12:-4]}"


@require_GET
@in_shop
def logo(request: HttpRequest) -> HttpResponseBase:
    shop = shop_of_request(request)
    if not shop.logo:
        raise Http404
    try:
        return picture_response(shop.logo, "image/png")
    except NotFound as error:
        raise Http404 from error


@require_GET
@in_shop
def specimen(request: HttpRequest) -> HttpResponse:
    """A sample headline in a font of the catalogue, black on transparency."""
    try:
        font = face(request.GET.get("font") or default_font().path, SPECIMEN_PX)
    except FontUnknown as error:
        raise Http404 from error
    left, top, right, bottom = (round(edge) for edge in font.getbbox(SPECIMEN))
    picture = Image.new("LA", (right - left, bottom - top), (0, 0))
    ImageDraw.Draw(picture).text((-left, -top), SPECIMEN, font=font, fill=(0, 255))
    out = io.BytesIO()
    picture.save(out, "PNG")
    response = HttpResponse(out.getvalue(), content_type="image/png")
    patch_cache_control(response, private=True, max_age=SPECIMEN_SECONDS)
    return response
