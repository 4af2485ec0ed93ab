"""What a request must be before a job is made of it, on every engine: known names, words that can be drawn, pictures
that can be read; and what of it is of no use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Shop
from generation import intake
from generation.errors import GenerationError, MerchantError
from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import LogoCorner, Picture
from generation.typography.fonts import check_glyphs, default_font
from jobs import selectors
from jobs.artifacts import stored_bytes
from jobs.callbacks import callback_check
from jobs.errors import Refused
from jobs.models import Artifact, Engine, Job
from jobs.params import FIRST_STEP, LAST_STEP, AdParams
from jobs.photos import refusal_of

BACKGROUND_FIELDS = ("scene", "camera", "match_light", "bg_prompt", "bg_negative_prompt")
BACKGROUND_TUNING = (
    "bg_model",
    "strength",
    "guidance_scale",
    "num_inference_steps",
    "bg_composition_prompt",
    "bg_composition_negative_prompt",
)
_SCULPTING_FIELDS = ("text_style", "text_model_prompt", "text_negative_prompt")
_DETAIL_FIELDS = ("subline", "price_before", "price_now")
_COMPOSITION_TUNING = (
    "composition_prompt",
    "composition_negative_prompt",
    "composition_strength",
    "composition_steps",
    "composition_guidance_scale",
)


def check_choices(params: AdParams, shop: Shop) -> None:
    """What must be known and drawable, on every engine, before anything is queued."""
    check_names({name: getattr(params, name) for name in ("scene", "text_style", "format")})
    for name in ("text_content", *_DETAIL_FIELDS):
        try:
            check_glyphs(font_of(params, shop), getattr(params, name))
        except GenerationError as error:
            at = "font_name" if error.code == "font.unknown" else name
            context: dict[str, Any] = dict(error.context)
            raise Refused(error.code, status=422, field=at, **context) from error
    if params.callback_url:
        callback_check(params.callback_url)
    if params.start_step == 2 and not params.text_content:
        raise Refused("step.text_missing", status=422, field="text_content")


def check_names(given: Mapping[str, Any]) -> None:
    """Names that catalogues must know; empty is "not given"."""
    for name, known, code in (
        ("scene", scenes(), "scene.unknown"),
        ("text_style", styles(), "style.unknown"),
        ("format", FORMATS, "format.unknown"),
    ):
        value = given.get(name)
        if value and value not in known:
            raise Refused(code, status=422, field=name, allowed=", ".join(known))


def font_of(params: AdParams, shop: Shop) -> str:
    return params.font_name or shop.default_font or default_font().path


def logo_for(params: AdParams, shop: Shop, parent: Job | None) -> bytes | None:
    """The logo's file for a job that asks for it: that of the job it re-runs, else the shop's."""
    if params.logo is LogoCorner.NONE:
        return None
    kept = selectors.pictures(parent).get(Artifact.Kind.LOGO) if parent is not None else None
    if kept is not None:
        return stored_bytes(kept)
    if not shop.logo:
        raise Refused("logo.missing", status=422, field="logo")
    with shop.logo.open("rb") as file:
        data: bytes = file.read()
    return data


def brand_of(shop: Shop) -> dict[str, str]:
    named = {"color": shop.brand_color, "accent": shop.accent_color}
    return {name: color for name, color in named.items() if color}


def check_step_images(
    params: AdParams, step1_image: bytes | None, step2_image: bytes | None
) -> dict[str, Picture]:
    """The supplied pictures that the start step needs, checked and decoded."""
    supplied = {"step1_image": step1_image, "step2_image": step2_image}
    needed = ["step1_image"][: params.start_step - 1] + ["step2_image"][: max(0, params.start_step - 2)]
    kinds = {"step1_image": Artifact.Kind.STEP1, "step2_image": Artifact.Kind.STEP2}
    pictures: dict[str, Picture] = {}
    for name in needed:
        data = supplied[name]
        if not data:
            raise Refused("step.image_missing", status=422, field=name)
        try:
            pictures[kinds[name]] = intake.read_photo(data).picture
        except MerchantError as error:
            raise refusal_of(error, name) from error
    return pictures


def unused_fields(params: AdParams, engine: str) -> list[str]:
    """Names of fields that were given but that this engine, or the steps it is to make, have no use for."""
    unused: list[str] = []
    if params.start_step > 1:
        unused += BACKGROUND_FIELDS + BACKGROUND_TUNING
    if params.start_step > 2 or not params.text_content:
        unused += _SCULPTING_FIELDS
    if params.stop_step is not None and params.stop_step < LAST_STEP:
        unused += ("logo", "ai_label")
    if params.start_step == FIRST_STEP and engine == Engine.STUDIO:
        unused += ("ai_label",)  # nothing in it is painted by a model
    if params.start_step < 3 and not params.text_content:
        unused += _DETAIL_FIELDS + _COMPOSITION_TUNING
    given = [name for name in unused if name in params.model_fields_set]
    return list(dict.fromkeys(params.of_no_use(engine) + given))
