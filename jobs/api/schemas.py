"""What goes in and comes out, as the OpenAPI schema shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from jobs.params import ALIASES, MAX_HEADLINE, MAX_PROMPT, AdParams, PlainText

Identifier = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Base64Picture = Annotated[
    str,
    Field(description="base64 또는 data URL. 32 MB, 8천만 화소까지.", json_schema_extra={"format": "byte"}),
]
JobStatus = Literal["pending", "running", "completed", "failed", "stopped"]
PICTURE_FIELDS = ("input_image", "step1_image", "step2_image")
NUMBERS = (
    "start_step",
    "stop_step",
    "composition_strength",
    "composition_steps",
    "composition_guidance_scale",
    "strength",
    "guidance_scale",
    "num_inference_steps",
    "seed",
)
SWITCHES = ("auto_unload", "test_mode")


def _document_for_programs(schema: dict[str, Any]) -> None:
    """Every field may be null, which means "not given"; the second names stand beside the first."""
    properties = schema["properties"]
    for alias, name in {**ALIASES, "product_image": "input_image"}.items():
        properties[alias] = {**properties[name], "description": f"{name}과 같습니다."}
    for name, field in properties.items():
        if {"type": "null"} not in field.get("anyOf", []):
            notes = {key: field.pop(key) for key in ("description", "default", "examples") if key in field}
            properties[name] = {"anyOf": [field, {"type": "null"}], **notes}


class GenerateRequest(AdParams):
    """An ad to be made, in JSON: ``AdParams`` and the pictures. Unknown fields are named in ``ignored``."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_document_for_programs)
    from_form: ClassVar[bool] = False

    input_image: Base64Picture = Field(
        "", validation_alias=AliasChoices("input_image", "product_image"), description="제품 사진."
    )
    step1_image: Base64Picture = Field("", description="배경 그림: start_step 2와 3에 필요합니다.")
    step2_image: Base64Picture = Field("", description="3D 문구 그림(RGBA): start_step 3에 필요합니다.")
    photo_id: Identifier = Field("", description="/api/photos로 올린 사진.")

    @field_validator(*NUMBERS, mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: object) -> object:
        if isinstance(value, str):
            raise PydanticCustomError("number_type", "Input should be a number")
        return value

    @field_validator(*SWITCHES, mode="before")
    @classmethod
    def _switches_are_booleans(cls, value: object) -> object:
        if not isinstance(value, bool):
            raise PydanticCustomError("bool_type", "Input should be true or false")
        return value


class GenerateForm(GenerateRequest):
    """The same out of a multipart form, where everything is text."""

    from_form: ClassVar[bool] = True

    @field_validator(*NUMBERS, mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: object) -> object:
        return value

    @field_validator(*SWITCHES, mode="before")
    @classmethod
    def _switches_are_booleans(cls, value: object) -> object:
        return value


class ErrorBody(Schema):
    code: str = Field(examples=["job.not_found"])
    message: str
    field: str | None = None


class ErrorResponse(Schema):
    """Every error looks like this."""

    error: ErrorBody
    detail: str


class BusyResponse(ErrorResponse):
    """503: too many jobs wait, or no worker has the engine asked for."""

    status: Literal["busy"] | None = None
    message: str | None = None
    retry_after: int | None = Field(None, description="초")


class JobAnswer(Schema):
    job_id: UUID
    status: JobStatus


class Submitted(JobAnswer):
    ignored: list[str] | None = Field(None, description="받았지만 쓰지 않은 필드. 있을 때만 나옵니다.")


SUBMISSION_ANSWERS: dict[int, type[Schema]] = {
    200: Submitted,
    **dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), ErrorResponse),
    503: BusyResponse,
}
"""What an endpoint that submits a job may answer; 409: another request under the same ``Idempotency-Key``."""


class Deleted(Schema):
    job_id: UUID
    status: Literal["deleted"] = "deleted"


class JobFailure(Schema):
    code: str
    message: str


class JobProgress(Schema):
    job_id: UUID
    status: JobStatus
    progress_percent: int = Field(ge=0, le=100)
    current_step: Literal["step1_background", "step2_text_asset", "step3_composite"]
    sub_step: str
    message: str
    queue_position: int | None = Field(None, description="1이 다음 차례입니다.")
    elapsed_sec: float
    eta_seconds: int | None = None
    step_eta_seconds: int | None = None
    engine: Literal["studio", "diffusion"]
    error: JobFailure | None = None


class StatusResponse(JobProgress):
    system_metrics: dict[str, Any]
    parameters: dict[str, Any] = Field(description="저장된 요청.")
    step1_result: str | None = Field(None, description="배경, base64 PNG. images=none이면 없습니다.")
    step2_result: str | None = Field(None, description="3D 문구(RGBA), base64 PNG.")
    final_result: str | None = Field(None, description="완성 그림, base64 PNG.")


class JobRow(JobProgress):
    sequence: int
    title: str
    created_at: datetime
    notes: list[str]
    urls: dict[str, str] = Field(
        description="그림의 주소: cutout, step1_result, step2_result, final_result, …"
    )
    thumb: str | None = None


class JobDetail(JobRow):
    photo_id: UUID | None = None
    parent_id: UUID | None = None
    seed: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    parameters: dict[str, Any]


class JobList(Schema):
    total_jobs: int
    active_jobs: int
    completed_jobs: int
    failed_jobs: int
    jobs: list[JobRow] = Field(description="새것부터 100개까지. 더 많으면 /api/jobs를 쓰세요.")


class JobPage(Schema):
    items: list[JobRow]
    next: str | None = Field(None, description="다음 쪽의 cursor. 마지막 쪽이면 null.")


class ResidentModel(Schema):
    name: str
    place: str = Field(description="device는 그래픽 카드, host는 메모리")
    gb: float
    why: str
    idle_seconds: float
    precision: str


class GpuInfo(Schema):
    index: int
    name: str
    gpu_util: float | None = None
    vram_used_gb: float | None = None
    vram_total_gb: float | None = None
    vram_percent: float | None = None
    resident: list[ResidentModel] = []


class SystemMetrics(Schema):
    cpu_percent: float
    ram_used_gb: float
    ram_total_gb: float
    ram_percent: float
    gpu_info: list[GpuInfo]


class Health(Schema):
    status: Literal["healthy", "busy", "degraded"]
    gpu_available: bool
    server_time: datetime
    total_jobs: int | None = None
    active_jobs: int | None = None
    system_metrics: SystemMetrics | None = None


class FontOut(Schema):
    name: str
    path: str = Field(description="font_name이 받는 값", examples=["NanumSquare/NanumSquareB.ttf"])


class ExportWaiting(Schema):
    """202: a worker still draws the picture. Ask again after `retry_after` seconds."""

    job_id: UUID
    format: str = Field(examples=["coupang"])
    status: Literal["pending", "running"]
    retry_after: int = Field(description="초. Retry-After 헤더와 같습니다.")


class PhotoIn(Schema):
    input_image: Base64Picture


class MatteIn(Schema):
    matte: Base64Picture


class CutoutIn(Schema):
    method: Literal["isnet", "grabcut"] | None = Field(None, description="비우면 other_method.")


class PhotoOut(Schema):
    photo_id: UUID
    width: int
    height: int
    size: int = Field(description="바이트")
    sha256: str
    url: str
    screen_url: str = Field(description="사진을 화면 크기(긴 변 1536)로 줄인 WebP")
    matte_state: Literal["pending", "ready", "failed"]
    matte_url: str | None = None
    matte_screen_url: str | None = Field(None, description="누끼를 화면 크기(긴 변 1536)로 줄인 WebP")
    matte_error: JobFailure | None = None
    method: str
    confidence: float | None = None
    unsure: bool = Field(description="가장자리를 확인해야 하는지")
    other_method: str = Field(description="대신 써 볼 수 있는 누끼 방법, 없으면 빈 문자열")
    created_at: datetime


class PromptIn(BaseModel):
    prompt: Annotated[
        str, PlainText, Field(min_length=1, max_length=MAX_PROMPT, examples=["우드 테이블, 따뜻한 카페"])
    ]
    text_content: Annotated[str, PlainText, Field(max_length=MAX_HEADLINE)] = ""
    industry: Annotated[str, PlainText, Field(max_length=40, description="비우면 가게의 업종.")] = ""


class PromptOut(Schema):
    bg_prompt: str
    text_model_prompt: str
    bg_negative_prompt: str
    scene: str
    text_style: str
    source: Literal["openai", "rules"]


class CopyIn(BaseModel):
    product: Annotated[str, PlainText, Field(min_length=1, max_length=120, examples=["크루아상"])]
    industry: Annotated[str, PlainText, Field(max_length=40, description="비우면 가게의 업종.")] = ""


class CopyOut(Schema):
    suggestions: list[str]
    source: Literal["openai", "rules"]
