"""The portal's forms: they read what a page sent and answer with the fields of ``AdParams``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from accounts.models import Shop
from generation.errors import ProductNotFound
from generation.prompts.lexicon import scene_chosen
from generation.studio.styles import suited_style
from generation.types import LogoCorner
from jobs.errors import Refused
from jobs.messages import sentence
from jobs.models import Job, Photo
from jobs.params import MAX_HEADLINE, MAX_PRICE, MAX_PRODUCT, MAX_PROMPT, MAX_SUBLINE, AdParams
from jobs.photos import photo_create
from jobs.portal import choices
from jobs.portal.choices import Choice
from jobs.selectors import photo_get
from jobs.versions import request_of

HEADLINE_FIELDS = ("text_content", "text_style", "font_name", "text_position", "composition_mode", "logo")
SMALL_FIELDS = ("subline", "price_before", "price_now")
PROMPT_FIELDS = ("bg_prompt", "text_model_prompt", "bg_negative_prompt")
SCENE_FIELDS = ("scene", "format", "product", "ai_label", *SMALL_FIELDS, *PROMPT_FIELDS)
FIELD_OF_REFUSAL = {"input_image": "photo", "photo_id": "photo"}
"""Where the portal's form calls a field otherwise than the API."""
MAY_BE_EMPTIED = ("text_content", "text_style", "font_name")


class PhotoInput(forms.ClearableFileInput):
    """A plain file field: what is chosen is shown by the page's script."""

    template_name = "django/forms/widgets/input.html"


class PriceField(forms.CharField):
    """A price as it will stand in the ad; phones show their digits for it, and any words are taken too."""

    def __init__(self, *, label: Any, placeholder: Any) -> None:
        shown = {"placeholder": placeholder, "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            label=label, max_length=MAX_PRICE, required=False, widget=forms.TextInput(attrs=shown)
        )


class PromptField(forms.CharField):
    """A description for the engine that paints; it grows out of the merchant's wish."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label, max_length=MAX_PROMPT, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )


class PlacementForm(forms.Form):
    """Where the words stand in the picture, and fields that offer choices with names and pictures."""

    ai_label = forms.ChoiceField(
        label=_("구석에 ‘AI 생성 배경’이라고 적기"), required=False, choices=[("on", "on"), ("off", "off")]
    )
    """A checkbox where a model paints (``jobs/_ai_label.html``); a page without it changes nothing about the label."""
    text_position = forms.ChoiceField(label=_("문구 위치"), required=False)
    composition_mode = forms.ChoiceField(label=_("합성 방식"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offered: dict[str, list[Choice]] = {}
        self._offer("text_position", choices.position_choices())
        self._offer("composition_mode", choices.mode_choices())

    def _offer(self, name: str, offered: list[Choice]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices.as_pairs(offered)
        self._offered[name] = offered

    def _picked(self, name: str) -> list[tuple[Choice, bool]]:
        """The choices of a field, each with whether it is the chosen one."""
        bound: BoundField = self[name]
        value = str(bound.value() or self._offered[name][0].value)
        return [(choice, choice.value == value) for choice in self._offered[name]]

    @property
    def positions(self) -> list[tuple[Choice, bool]]:
        return self._picked("text_position")

    @property
    def modes(self) -> list[tuple[Choice, bool]]:
        return self._picked("composition_mode")

    @property
    def has_ai_label(self) -> bool:
        return self["ai_label"].value() in (True, "on")

    def refuse(self, refusal: Refused) -> None:
        """Show why a service refused, at the field it is about."""
        name = FIELD_OF_REFUSAL.get(refusal.field or "", refusal.field)
        self.add_error(name if name in self.fields else None, sentence(refusal.code, refusal.context))


class HeadlineForm(PlacementForm):
    """The words and how they look; also what "change the words only" asks for."""

    text_content = forms.CharField(
        label=_("문구"),
        max_length=MAX_HEADLINE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("예: 오늘만 반값")}),
    )
    text_style = forms.ChoiceField(label=_("글자 느낌"), required=False)
    font_name = forms.ChoiceField(label=_("글꼴"), required=False)
    logo = forms.ChoiceField(
        label=_("로고 넣기"), required=False, choices=[(corner.value, corner.value) for corner in LogoCorner]
    )
    """A checkbox on the page (``jobs/_logo_field.html``); a page without it changes nothing about the logo."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("text_style", choices.style_choices())
        self._offer("font_name", choices.font_choices())

    @property
    def styles(self) -> list[tuple[Choice, bool]]:
        return self._picked("text_style")

    @property
    def logo_corner(self) -> str:
        """The corner that an ad's checked box stands for: its own, else the calmest."""
        corner = str(self["logo"].value() or LogoCorner.NONE)
        return LogoCorner.AUTO.value if corner == LogoCorner.NONE else corner

    @property
    def has_logo(self) -> bool:
        return str(self["logo"].value() or LogoCorner.NONE) != LogoCorner.NONE

    def _params(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    def changes(self, job: Job) -> dict[str, Any]:
        """The headline's fields, as a re-run of the job takes them; an emptied one goes back to automatic."""
        changes = {**dict.fromkeys(MAY_BE_EMPTIED, ""), **self._params(HEADLINE_FIELDS)}
        return {**changes, **_suited({**request_of(job), **changes})}


class AdForm(HeadlineForm):
    """A new ad: a photo (already uploaded, or a file in the form), words, a scene, a size."""

    photo = forms.FileField(
        label=_("제품 사진"),
        required=False,
        widget=PhotoInput(attrs={"accept": "image/*,.heic,.heif,.avif"}),
    )
    photo_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    product = forms.CharField(label=_("무엇을 파나요?"), max_length=MAX_PRODUCT, required=False)
    subline = forms.CharField(
        label=_("작은 글씨"),
        max_length=MAX_SUBLINE,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("예: 11월 30일까지, 매장에서만")}),
    )
    price_before = PriceField(label=_("원래 가격"), placeholder=_("12,000원"))
    price_now = PriceField(label=_("할인 가격"), placeholder=_("6,000원"))
    bg_prompt = forms.CharField(
        label=_("원하는 분위기"),
        max_length=MAX_PROMPT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("예: 우드 테이블, 햇살 드는 카페")}),
    )
    text_model_prompt = PromptField(label=_("글자 재질 설명"))
    bg_negative_prompt = PromptField(label=_("배경에 없어야 할 것"))
    scene = forms.ChoiceField(label=_("배경"), required=False)
    format = forms.ChoiceField(label=_("크기"), required=False)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        initial = {"ai_label": shop.ai_label, **kwargs.pop("initial", {})}
        super().__init__(*args, initial=initial, **kwargs)
        self.shop = shop
        self.uploaded: Photo | None = None
        self._offer("scene", choices.scene_choices(usual=choices.usual_scene(shop)))
        self._offer("format", choices.format_choices())

    @property
    def scenes(self) -> list[tuple[Choice, bool]]:
        return self._picked("scene")

    @property
    def formats(self) -> list[tuple[str, list[tuple[Choice, bool]]]]:
        """The formats in their groups."""
        picks = {choice.value: (choice, picked) for choice, picked in self._picked("format")}
        return [
            (name, [picks[key] for key in keys])
            for name, keys in choices.format_groups(self.shop.default_formats)
        ]

    @property
    def usual_font(self) -> str:
        return choices.usual_font(self.shop)

    @property
    def has_small_lines(self) -> bool:
        return self._shows(SMALL_FIELDS)

    @property
    def has_prompts(self) -> bool:
        return self._shows(PROMPT_FIELDS)

    def _shows(self, names: tuple[str, ...]) -> bool:
        """Whether a folded part has something to show."""
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def kept_photo_id(self) -> str:
        """The photo that the page goes on with: uploaded just now, or given and found to be the shop's."""
        if self.is_bound:
            return str(self.uploaded.pk) if self.uploaded else ""
        return str(self["photo_id"].value() or "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            self.uploaded = self._photo(data)
        except Refused as refusal:
            self.add_error("photo", sentence(refusal.code, refusal.context))
        if not self.errors and self.uploaded is None:
            self.add_error("photo", _("제품 사진을 올려 주세요."))
        return data

    def _photo(self, data: dict[str, Any]) -> Photo | None:
        """A file in the form wins over one uploaded before; either is kept when another field is wrong."""
        if data.get("photo"):
            return photo_create(shop=self.shop, data=data["photo"].read())
        if data.get("photo_id"):
            return photo_get(shop=self.shop, photo_id=data["photo_id"])
        return None

    def params(self) -> AdParams | None:
        """The request, or None with the errors at their fields."""
        try:
            fields = self._params((*HEADLINE_FIELDS, *SCENE_FIELDS))
            if not fields.get("scene") and not fields.get("bg_prompt"):
                fields["scene"] = choices.usual_scene(self.shop).key
            return AdParams(**{**fields, **_suited(fields)})  # type: ignore[arg-type]
        except ValidationError as error:
            for problem in error.errors():
                name = str(problem["loc"][0]) if problem["loc"] else None
                known = name if name in self.fields else None
                self.add_error(known, _("값을 확인해 주세요."))
            return None


def _suited(fields: Mapping[str, Any]) -> dict[str, str]:
    """The text style that goes with the scene, for who chose none and described none. Settled here, so that the ad
    keeps its lettering in every format and re-run."""
    if fields.get("text_style") or fields.get("text_model_prompt") or not fields.get("text_content"):
        return {}
    scene = scene_chosen(fields.get("scene", ""), fields.get("bg_prompt", ""))
    return {"text_style": suited_style(scene).key}


def initial_from(job: Job) -> dict[str, Any]:
    """The fields of a new ad that repeats this one. Where nothing was said about the label the shop's wish stands."""
    request = request_of(job)
    fields = {name: request.get(name, "") for name in (*HEADLINE_FIELDS, *SCENE_FIELDS)}
    if "ai_label" not in request:
        del fields["ai_label"]
    return {**fields, "photo_id": None if _photo_is_spoilt(job) else job.photo_id}


def _photo_is_spoilt(job: Job) -> bool:
    """Whether its photo is of no use again. One without a product found is: the brush can show where it is."""
    return job.error_code.startswith("photo.") and job.error_code != ProductNotFound.code
