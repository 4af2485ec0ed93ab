"""What the tools take and answer, described for a language model. The values themselves are checked as the API does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import Camera, CompositionMode, EngineName, LogoCorner, TextPosition
from jobs.params import MAX_HEADLINE, MAX_PRICE, MAX_PRODUCT, MAX_PROMPT, MAX_SEED, MAX_SUBLINE

LONGEST_WAIT = 60
"""Seconds that one call may wait; hosts give a tool's call up after a minute or so."""
Schema = dict[str, Any]


def _text(description: str, *, most: int | None = None, choices: Iterable[str] = ()) -> Schema:
    named = list(choices)
    return {
        "type": "string",
        "description": description,
        **({"maxLength": most} if most else {}),
        **({"enum": named} if named else {}),
    }


def _values(choices: type[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]


def _named(catalogue: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} ({entry.name_en})" for key, entry in catalogue.items())


def generate_properties() -> Schema:
    """The arguments of ``generate_ad``. Built when asked: the catalogues are read from disk."""
    ad_formats = [key for key, entry in FORMATS.items() if not entry.packshot]
    sizes = ", ".join(
        f"{key} {FORMATS[key].default.width}x{FORMATS[key].default.height}" for key in ad_formats
    )
    return {
        "photo_path": _text(
            "Absolute path of the product photo on this machine: JPEG, PNG, WebP, HEIC or AVIF, up to 32 MB. "
            "Give one of photo_path, photo_base64 and photo_id. Without any, only a background is made."
        ),
        "photo_base64": _text("The product photo itself, as base64 or a data URL."),
        "photo_id": _text("A photo that this shop has uploaded before (a UUID)."),
        "text_content": _text(
            "The headline, exactly as it is to be read, usually Korean. A newline breaks the line. Without it the "
            "background with the product is the finished picture.",
            most=MAX_HEADLINE,
        ),
        "subline": _text("A smaller line that stands with the headline.", most=MAX_SUBLINE),
        "product": _text(
            "What is advertised, in the shop's language. Not drawn: alt text and captions speak of it.",
            most=MAX_PRODUCT,
        ),
        "price_before": _text("The old price, struck through, e.g. 12,000원.", most=MAX_PRICE),
        "price_now": _text("The new price, e.g. 6,000원.", most=MAX_PRICE),
        "scene": _text(
            f"The scene the product stands in. Leave it out to have one chosen from bg_prompt. {_named(scenes())}.",
            choices=scenes(),
        ),
        "text_style": _text(
            "What the 3D headline is made of. Leave it out to have one chosen from text_model_prompt. "
            f"{_named(styles())}.",
            choices=styles(),
        ),
        "text_position": _text(
            "Where the headline goes; auto, the default, is the calmest free area.",
            choices=_values(TextPosition),
        ),
        "composition_mode": _text(
            "overlay (default): on top, most legible. blend: lit by the scene. behind: passes behind the product.",
            choices=_values(CompositionMode),
        ),
        "camera": _text(
            "How steeply the camera looks down. auto, the default, follows the photo.",
            choices=_values(Camera),
        ),
        "format": _text(f"The channel's size; 1024x1024 without it. {sizes}.", choices=ad_formats),
        "font_name": _text("The path of a font as list_fonts tells it."),
        "bg_prompt": _text("The background in words, Korean or English.", most=MAX_PROMPT),
        "text_model_prompt": _text("The lettering's material in words, Korean or English.", most=MAX_PROMPT),
        "bg_negative_prompt": _text("What the background must not show.", most=MAX_PROMPT),
        "engine": _text(
            "auto (default); studio: CPU, seconds; diffusion: GPU, where one is.",
            choices=["auto", *_values(EngineName)],
        ),
        "match_light": {
            "type": "boolean",
            "description": "Let the product take the scene's brightness and tint; otherwise it stays unchanged.",
        },
        "logo": _text(
            "The corner for the shop's logo, where it has given one; auto is the calmest. None by default.",
            choices=_values(LogoCorner),
        ),
        "ai_label": {
            "type": "boolean",
            "description": "Write AI 생성 배경 (made by AI) into a corner of what the diffusion engine paints.",
        },
        "seed": {
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_SEED,
            "description": "The same request with the same seed gives the same picture.",
        },
        "test_mode": {"type": "boolean", "description": "Small and quick, marked as a test."},
        "idempotency_key": _text(
            "Any text that names this order. Repeating a call with the same key and arguments gives the same job."
        ),
    }


def generate_schema() -> Schema:
    return {"type": "object", "properties": generate_properties()}


class _Arguments(BaseModel):
    """What a tool with few arguments takes."""

    model_config = ConfigDict(extra="forbid")


class PhotoArguments(BaseModel):
    """The arguments of ``generate_ad`` that the API has no field for."""

    photo_path: str | None = None
    photo_base64: str | None = None
    photo_id: str | None = None
    idempotency_key: str | None = None


class NoArguments(_Arguments):
    pass


class JobArguments(_Arguments):
    job_id: str = Field(description="The job_id that generate_ad answered.")


class StatusArguments(JobArguments):
    wait_seconds: float = Field(
        0,
        ge=0,
        le=LONGEST_WAIT,
        description="Wait up to so many seconds for the job's end before answering. 30 is sensible.",
    )
    include_picture: bool = Field(
        True, description="Show the finished picture, scaled down to 1024 pixels where it is larger."
    )
    save_to: str | None = Field(
        None,
        description="Absolute path of a new .png file on this machine for the finished picture at full size. "
        "A file that exists is never overwritten.",
    )


class Failure(BaseModel):
    code: str
    message: str


class Ordered(BaseModel):
    """Answer of ``generate_ad``."""

    job_id: str
    status: str
    ignored: list[str] = Field(description="Arguments that were given but are of no use to this job.")
    next_step: str


class Stopped(BaseModel):
    job_id: str
    status: str
    next_step: str


class FinishedPicture(BaseModel):
    width: int
    height: int
    bytes: int
    sha256: str
    saved_to: str | None = None


class Standing(BaseModel):
    """Answer of ``check_status``."""

    job_id: str
    status: str = Field(
        description="pending, running, completed, failed or stopped; the last three are final."
    )
    progress_percent: int
    current_step: str
    message: str
    queue_position: int | None = Field(description="1 is next.")
    eta_seconds: int | None
    engine: str
    seed: int
    notes: list[str] = Field(description="What the shop should know of this picture.")
    error: Failure | None
    picture: FinishedPicture | None
    next_step: str


class FontEntry(BaseModel):
    path: str = Field(description="What font_name takes.")
    name_ko: str
    name_en: str
    category: str
    weight: int


class Fonts(BaseModel):
    fonts: list[FontEntry]


class SceneEntry(BaseModel):
    scene: str
    name_ko: str
    name_en: str
    mood: str
    season: str | None
    cameras: list[str]


class StyleEntry(BaseModel):
    text_style: str
    name_ko: str
    name_en: str


class FormatEntry(BaseModel):
    format: str
    channel: str
    width: int
    height: int


class Choices(BaseModel):
    """Answer of ``list_scenes``."""

    scenes: list[SceneEntry]
    text_styles: list[StyleEntry]
    formats: list[FormatEntry]
    text_positions: list[str]
    composition_modes: list[str]
