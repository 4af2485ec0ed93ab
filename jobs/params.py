"""The request's fields, their bounds and their names, on every engine and every way in.

What passes here is stored as ``Job.request``. Pictures are not part of it: they become files.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from generation.diffusion.options import flux_of
from generation.types import Camera, CompositionMode, LogoCorner, TextPosition
from jobs.callback_urls import LONGEST_URL
from jobs.fields import Between, PlainText

MAX_HEADLINE = 80
MAX_SUBLINE = 120
MAX_PRICE = 20
MAX_PRODUCT = 120
MAX_PROMPT = 1000
MAX_NAME = 200
MAX_SEED = 2**53 - 1
"""The largest whole number that JavaScript keeps exactly."""
FIRST_STEP, LAST_STEP = 1, 3

Prompt = Annotated[str, PlainText(MAX_PROMPT)]
Name = Annotated[str, Field(max_length=MAX_NAME)]
"""A name out of a catalogue: taken as it is."""
Price = Annotated[str, PlainText(MAX_PRICE)]
Fraction = Annotated[float, Between(0, 1)]
StepNumber = Annotated[int, Between(FIRST_STEP, LAST_STEP)]

ALIASES = {"text_prompt": "text_model_prompt", "negative_prompt": "text_negative_prompt"}
"""Second names that the contract knows, and the fields they fill."""

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
NOT_FOR_DIFFUSION = ("match_light",)
"""Fields that it has no use for: what it paints tells nothing of its light."""
NEGATIVE_OF_FLUX = ("bg_composition_negative_prompt", "composition_negative_prompt")


class AdParams(BaseModel):
    """What an ad is asked to be; field names are the public contract. ``null`` means: not given."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False, validate_default=False)
    from_form: ClassVar[bool] = True
    """Values may be a form's: numbers as text, an empty field for a number or a choice that was not made."""

    start_step: StepNumber = Field(1, description="1 배경, 2 3D 문구, 3 합성부터 시작합니다.")
    stop_step: StepNumber | None = Field(
        None, description="이 단계까지만 만듭니다. start_step보다 앞설 수 없습니다.", examples=[None, 1]
    )
    text_content: Annotated[str, PlainText(MAX_HEADLINE)] = Field(
        "",
        description="헤드라인. 줄바꿈 문자는 줄을 나눕니다. 없으면 배경이 완성 그림입니다.",
        examples=["오늘만 반값"],
    )
    subline: Annotated[str, PlainText(MAX_SUBLINE)] = Field("", description="헤드라인 아래 작은 문구.")
    price_before: Price = Field("", description="할인 전 가격. 줄을 그어 보입니다.", examples=["12,000원"])
    price_now: Price = Field("", description="지금 가격.", examples=["6,000원"])
    product: Annotated[str, PlainText(MAX_PRODUCT)] = Field(
        "",
        description="제품 이름. 그림에는 쓰지 않고, 올릴 글과 대체 텍스트에 씁니다.",
        examples=["크루아상"],
    )
    bg_prompt: Prompt = Field(
        "",
        description="배경 설명, 한국어나 영어.",
        examples=["Wooden table in a cozy cafe, sunlight, realistic"],
    )
    bg_negative_prompt: Prompt = Field("", description="배경에 없어야 할 것.")
    text_model_prompt: Prompt = Field(
        "",
        validation_alias=AliasChoices("text_model_prompt", "text_prompt"),
        description="3D 문구의 재질과 모양. text_prompt로도 받습니다.",
        examples=["3D render of Gold foil balloon text"],
    )
    text_negative_prompt: Prompt = Field(
        "",
        validation_alias=AliasChoices("text_negative_prompt", "negative_prompt"),
        description="3D 문구에 없어야 할 것. negative_prompt로도 받습니다.",
    )
    bg_composition_prompt: Prompt = Field(
        "", description="제품 둘레를 다시 그릴 때의 설명. 디퓨전 엔진만 씁니다."
    )
    bg_composition_negative_prompt: Prompt = Field(
        "", description="제품 둘레를 다시 그릴 때 없어야 할 것. 디퓨전 엔진만 씁니다."
    )
    composition_prompt: Prompt = Field("", description="합성할 때 더할 설명. 디퓨전 엔진만 씁니다.")
    composition_negative_prompt: Prompt = Field(
        "", description="합성한 그림에 없어야 할 것. 디퓨전 엔진만 씁니다."
    )
    font_name: Name = Field(
        "", description="`/fonts`가 알려 주는 path.", examples=["NanumSquare/NanumSquareB.ttf"]
    )
    scene: Name = Field("", description="배경 장면의 이름. 비우면 bg_prompt에 맞는 장면을 고릅니다.")
    text_style: Name = Field("", description="문구 스타일의 이름. 비우면 text_model_prompt에 맞게 고릅니다.")
    composition_mode: CompositionMode = Field(
        CompositionMode.OVERLAY, description="overlay 위에, blend 어우러지게, behind 제품 뒤에."
    )
    text_position: TextPosition = Field(TextPosition.AUTO, description="auto는 가장 한적한 곳입니다.")
    camera: Camera = Field(Camera.AUTO, description="눈높이, 비스듬히, 위에서.")
    match_light: bool = Field(
        False,
        description="켜면 제품 전체의 밝기와 색온도를 장면에 맞춥니다. 끄면 제품의 픽셀은 그대로입니다.",
    )
    logo: LogoCorner = Field(
        LogoCorner.NONE,
        description="가게의 로고를 넣을 모서리. auto는 가장 한적한 모서리이고, 자리가 없으면 다른 빈자리입니다.",
    )
    ai_label: bool = Field(
        False,
        description="켜면 생성형 AI가 그린 광고의 구석에 ‘AI 생성 배경’이라고 적습니다. 비우면 가게의 설정을 따릅니다. "
        "생성형 AI를 쓰지 않는 스튜디오 엔진의 광고에는 적지 않습니다.",
    )
    format: Name = Field("", description="채널 규격. 비우면 1024×1024입니다.")
    engine: Literal["auto", "studio", "diffusion"] = Field(
        "auto", description="auto는 GPU 작업기가 있으면 diffusion, 없으면 studio입니다."
    )
    bg_model: Literal["flux", "sdxl"] = Field("flux", description="배경을 그리는 모델. 디퓨전 엔진만 씁니다.")
    composition_strength: Fraction | None = Field(
        None, description="합성할 때 다시 그리는 세기. 디퓨전 엔진만 씁니다."
    )
    composition_steps: Annotated[int, Between(10, 50)] | None = Field(
        None, description="합성의 디노이징 단계 수. 디퓨전 엔진만 씁니다."
    )
    composition_guidance_scale: Annotated[float, Between(1, 7)] | None = Field(
        None, description="합성의 프롬프트 가이던스 배율. 디퓨전 엔진만 씁니다."
    )
    strength: Fraction | None = Field(
        None, description="배경이 제품 둘레를 다시 그리는 세기. 디퓨전 엔진만 씁니다."
    )
    guidance_scale: Annotated[float, Between(1, 20)] | None = Field(
        None, description="배경의 프롬프트 가이던스 배율. 디퓨전 엔진만 씁니다."
    )
    num_inference_steps: Annotated[int, Between(1, 50)] | None = Field(
        None, description="배경의 디노이징 단계 수. 디퓨전 엔진만 씁니다."
    )
    seed: Annotated[int, Between(0, MAX_SEED)] | None = Field(
        None, description="같은 요청과 같은 시드는 같은 그림입니다. 비우면 무작위로 정해 저장합니다."
    )
    auto_unload: bool | None = Field(
        None, description="작업 뒤 모델을 그래픽 카드에서 내립니다. 디퓨전 엔진만 씁니다."
    )
    callback_url: Annotated[str, PlainText(LONGEST_URL)] = Field(
        "",
        description="작업이 끝나면 이 주소로 서명한 JSON을 POST합니다(이 문서의 callbacks). 열쇠는 "
        "`manage.py callback_secret`이 알려 줍니다. 2xx로 답할 때까지 아홉 시간쯤 다시 보냅니다. "
        "http와 https, 공인 주소만 됩니다.",
        examples=["https://shop.example.com/adstudio"],
    )
    test_mode: bool = Field(False, description="작고 빠르게, 시험용으로 표시해서 만듭니다.")

    @model_validator(mode="before")
    @classmethod
    def _only_what_was_given(cls, values: object) -> object:
        """Drop what stands for "not given", so that ``model_fields_set`` tells what the sender meant."""
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if not cls._stands_for_nothing(name, value)}

    @classmethod
    def _stands_for_nothing(cls, name: object, value: object) -> bool:
        if value is None or value != "":
            return value is None
        return name in ALIASES or name in ALIASES.values() or (cls.from_form and not cls._takes_text(name))

    @classmethod
    def _takes_text(cls, name: object) -> bool:
        """Whether the empty string is a value of the field; a name the model does not know is left alone."""
        field: FieldInfo | Any = cls.model_fields.get(str(name))
        return field is None or field.annotation is str

    @field_validator("stop_step")
    @classmethod
    def _steps_in_order(cls, stop_step: int | None, info: ValidationInfo) -> int | None:
        start_step = info.data.get("start_step", FIRST_STEP)
        if stop_step is not None and stop_step < start_step:
            raise PydanticCustomError(
                "steps_out_of_order", "stop_step must not be before start_step", {"start_step": start_step}
            )
        return stop_step

    def of_no_use(self, engine: str) -> list[str]:
        """Names of fields that were given but that this engine has no use for."""
        unused = self._not_for_diffusion() if engine == "diffusion" else DIFFUSION_ONLY
        return [name for name in unused if name in self.model_fields_set]

    def _not_for_diffusion(self) -> tuple[str, ...]:
        """Depends on the background model that this installation chose."""
        flux = flux_of(os.environ)
        unused: tuple[str, ...] = NOT_FOR_DIFFUSION
        by_flux = self.bg_model == "flux"
        if not flux.avoids:
            unused += NEGATIVE_OF_FLUX + (("bg_negative_prompt",) if by_flux else ())
        if not flux.guided:
            unused += ("composition_guidance_scale",) + (("guidance_scale",) if by_flux else ())
        return unused
