"""The request's fields, their bounds and their names, on every engine and every way in.

What passes here is stored as ``Job.request``. Pictures are not part of it: they become files.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from generation.types import Camera, CompositionMode, TextPosition

MAX_HEADLINE = 80
MAX_SUBLINE = 120
MAX_PRICE = 20
MAX_PROMPT = 1000
MAX_SEED = 2**53 - 1
"""The largest whole number that JavaScript keeps exactly."""

Prompt = Annotated[str, Field(max_length=MAX_PROMPT)]
Fraction = Annotated[float, Field(ge=0, le=1)]
StepNumber = Annotated[int, Field(ge=1, le=3)]

DIFFUSION_ONLY = (
    "bg_model",
    "text_negative_prompt",
    "bg_composition_prompt",
    "bg_composition_negative_prompt",
    "composition_prompt",
    "composition_negative_prompt",
    "composition_strength",
    "composition_steps",
    "composition_guidance_scale",
    "strength",
    "guidance_scale",
    "num_inference_steps",
    "auto_unload",
)
"""Fields that only the diffusion engine has a use for."""


class AdParams(BaseModel):
    """What an ad is asked to be; field names are the public contract."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False, validate_default=False)

    start_step: StepNumber = Field(1, description="1 배경, 2 3D 문구, 3 합성부터 시작합니다.")
    stop_step: StepNumber | None = Field(None, description="이 단계까지만 만듭니다.")
    text_content: str = Field("", max_length=MAX_HEADLINE, description="헤드라인. 줄바꿈 문자는 줄을 나눕니다.")
    subline: str = Field("", max_length=MAX_SUBLINE)
    price_before: str = Field("", max_length=MAX_PRICE)
    price_now: str = Field("", max_length=MAX_PRICE)
    bg_prompt: Prompt = ""
    bg_negative_prompt: Prompt = ""
    text_model_prompt: Prompt = ""
    text_negative_prompt: Prompt = ""
    bg_composition_prompt: Prompt = ""
    bg_composition_negative_prompt: Prompt = ""
    composition_prompt: Prompt = ""
    composition_negative_prompt: Prompt = ""
    font_name: str = Field("", max_length=200)
    scene: str = Field("", max_length=60)
    text_style: str = Field("", max_length=60)
    composition_mode: CompositionMode = CompositionMode.OVERLAY
    text_position: TextPosition = TextPosition.AUTO
    camera: Camera = Camera.AUTO
    format: str = Field("", max_length=40)
    engine: Literal["auto", "studio", "diffusion"] = "auto"
    bg_model: Literal["flux", "sdxl"] = "flux"
    composition_strength: Fraction | None = None
    composition_steps: Annotated[int, Field(ge=10, le=50)] | None = None
    composition_guidance_scale: Annotated[float, Field(ge=1, le=7)] | None = None
    strength: Fraction | None = None
    guidance_scale: Annotated[float, Field(ge=1, le=20)] | None = None
    num_inference_steps: Annotated[int, Field(ge=1, le=50)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    auto_unload: bool | None = None
    test_mode: bool = False

    @model_validator(mode="before")
    @classmethod
    def _aliases(cls, values: object) -> object:
        if isinstance(values, dict):
            values = dict(values)
            for alias, name in (("text_prompt", "text_model_prompt"), ("negative_prompt", "text_negative_prompt")):
                if alias in values and not values.get(name):
                    values[name] = values[alias]
                values.pop(alias, None)
            for name in ("stop_step", "seed"):
                if values.get(name) == "":
                    values[name] = None
        return values

    @field_validator("text_content", "subline", "price_before", "price_now", "bg_prompt", "text_model_prompt")
    @classmethod
    def _plain_text(cls, text: str) -> str:
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        kept = (c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
        return "".join(kept).strip()

    @model_validator(mode="after")
    def _steps_in_order(self) -> Self:
        if self.stop_step is not None and self.stop_step < self.start_step:
            raise ValueError("stop_step must not be before start_step")
        return self

    def of_no_use(self, engine: str) -> list[str]:
        """Names of fields that were given but that this engine has no use for."""
        if engine == "diffusion":
            return []
        return [name for name in DIFFUSION_ONLY if name in self.model_fields_set]
