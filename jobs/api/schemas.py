"""What goes in and comes out, as the OpenAPI schema shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin
from uuid import UUID

from ninja import Schema
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from accounts.models import Industry as Industries
from jobs.api.request_schemas import for_forms, for_programs
from jobs.fields import Between, PlainText
from jobs.params import MAX_HEADLINE, MAX_PRODUCT, MAX_PROMPT, MAX_SEED, MAX_SUBLINE, AdParams, Price

MAX_INDUSTRY = 40
Identifier = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
OptionalIdentifier = Annotated[
    str, WithJsonSchema({"anyOf": [{"type": "string", "format": "uuid"}, {"const": ""}]})
]
Industry = Annotated[
    str,
    PlainText(MAX_INDUSTRY),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": ["", *Industries.values]},
                {"type": "string", "maxLength": MAX_INDUSTRY},
            ]
        }
    ),
]
"""Those we know words for; any other text is taken as well and gets the words for any shop."""
Base64Picture = Annotated[
    str,
    Field(description="base64 또는 data URL. 32 MB, 8천만 화소까지.", json_schema_extra={"format": "byte"}),
]
JobStatus = Literal["pending", "running", "completed", "failed", "stopped"]
PICTURE_FIELDS = ("input_image", "step1_image", "step2_image")


def _fields_of(*kinds: type) -> tuple[str, ...]:
    """Names of the stored fields whose values are of these types."""

    def types_in(annotation: Any) -> set[Any]:
        inner = get_args(annotation)
        if get_origin(annotation) is Annotated:
            return types_in(inner[0])
        return set().union(*map(types_in, inner)) if inner else {annotation}

    found = AdParams.model_fields.items()
    return tuple(name for name, field in found if types_in(field.annotation) & set(kinds))


NUMBERS = _fields_of(int, float)
SWITCHES = _fields_of(bool)


class GenerateRequest(AdParams):
    """An ad to be made, in JSON: ``AdParams`` and the pictures. Unknown fields are named in ``ignored``."""

    model_config = ConfigDict(extra="allow", json_schema_extra=for_programs)
    from_form: ClassVar[bool] = False

    input_image: Base64Picture = Field(
        "",
        validation_alias=AliasChoices("input_image", "product_image"),
        description="제품 사진. base64 또는 data URL, 32 MB, 8천만 화소까지. 없으면 제품 없는 배경입니다.",
    )
    step1_image: Base64Picture = Field(
        "",
        description="배경 그림(base64 또는 data URL): start_step 2와 3에 필요합니다. step1_result를 그대로 받습니다.",
    )
    step2_image: Base64Picture = Field(
        "", description="3D 문구 그림(RGBA): start_step 3에 필요합니다. step2_result를 그대로 받습니다."
    )
    photo_id: OptionalIdentifier = Field(
        "", description="/api/photos로 올린 사진. input_image 대신 보냅니다."
    )

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

    model_config = ConfigDict(extra="allow", json_schema_extra=for_forms)
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
    code: str = Field(description="바뀌지 않는 오류 코드.", examples=["job.not_found"])
    message: str = Field(description="무엇이 잘못됐고 무엇을 하면 되는지, 읽는 사람의 언어로.")
    field: str | None = Field(None, description="잘못된 필드의 이름. 없으면 null.")


class ErrorResponse(Schema):
    """Every error looks like this."""

    error: ErrorBody = Field(description="오류.")
    detail: str = Field(description="error.message와 같습니다.")


class BusyResponse(ErrorResponse):
    """503: too many jobs wait, no worker has the engine asked for, or the database does not answer."""

    status: Literal["busy"] | None = Field(None, description="대기열이 찼을 때만 나옵니다.")
    message: str | None = Field(None, description="error.message와 같습니다. 대기열이 찼을 때만 나옵니다.")
    retry_after: int | None = Field(None, description="다시 보낼 때까지의 초. Retry-After 헤더와 같습니다.")


JOB_ID = "작업의 이름(UUID)."
STATUS = "대기, 진행, 완성, 실패, 중지."


class JobAnswer(Schema):
    job_id: UUID = Field(description=JOB_ID)
    status: JobStatus = Field(description=STATUS)


class Submitted(JobAnswer):
    ignored: list[str] | None = Field(None, description="받았지만 쓰지 않은 필드. 있을 때만 나옵니다.")


class Deleted(Schema):
    job_id: UUID = Field(description=JOB_ID)
    status: Literal["deleted"] = Field("deleted", description="지워졌습니다.")


class JobFailure(Schema):
    code: str = Field(description="바뀌지 않는 오류 코드.", examples=["photo.no_product"])
    message: str = Field(description="무엇이 잘못됐고 무엇을 하면 되는지.")


class JobProgress(Schema):
    job_id: UUID = Field(description=JOB_ID)
    status: JobStatus = Field(description=STATUS)
    progress_percent: int = Field(ge=0, le=100, description="전체 진행률.")
    current_step: Literal["step1_background", "step2_text_asset", "step3_composite"] = Field(
        description="지금 만드는 단계."
    )
    sub_step: str = Field(description="단계 안의 세부 단계.")
    message: str = Field(description="어디까지 왔는지, 읽는 사람의 언어로.")
    queue_position: int | None = Field(None, description="1이 다음 차례입니다. 대기 중이 아니면 null.")
    elapsed_sec: float = Field(description="작업기가 시작한 뒤의 초.")
    eta_seconds: int | None = Field(None, description="끝날 때까지의 예상 초.")
    step_eta_seconds: int | None = Field(None, description="지금 단계가 끝날 때까지의 예상 초.")
    engine: Literal["studio", "diffusion"] = Field(description="만드는 엔진.")
    error: JobFailure | None = Field(None, description="실패한 까닭. 실패하지 않았으면 null.")


class StatusResponse(JobProgress):
    system_metrics: SystemMetrics = Field(description="서버의 자원.")
    parameters: dict[str, Any] = Field(description="저장된 요청.")
    step1_result: str | None = Field(None, description="배경, base64 PNG. images=none이면 없습니다.")
    step2_result: str | None = Field(None, description="3D 문구(RGBA), base64 PNG. images=none이면 없습니다.")
    final_result: str | None = Field(None, description="완성 그림, base64 PNG. images=none이면 없습니다.")


class JobRow(JobProgress):
    sequence: int = Field(ge=0, description="바뀔 때마다 커집니다. 웹소켓 메시지의 순서와 같습니다.")
    title: str = Field(description="문구 한 줄.")
    created_at: datetime = Field(description="접수한 때.")
    notes: list[str] = Field(description="가게가 알아 둘 것.")
    urls: dict[str, str] = Field(
        description="종류별 그림의 주소: cutout, step1_result, final_result, … 세션이나 토큰으로 받습니다."
    )
    thumb: str | None = Field(None, description="보여 줄 그림의 주소.")


class JobDetail(JobRow):
    photo_id: UUID | None = Field(None, description="쓴 사진.")
    parent_id: UUID | None = Field(None, description="이 작업이 다시 만든 작업.")
    source_type: Literal[
        "",
        "composite",
        "digitalCreation",
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
    ] = Field(
        "",
        description="완성 그림의 출처, IPTC Digital Source Type의 이름. 파일의 메타데이터(XMP)에도 있습니다. "
        "뒤의 둘은 생성형 AI가 그린 그림입니다. 완성 전이거나 출처를 알 수 없으면 빈 문자열.",
    )
    seed: int = Field(ge=0, description="같은 그림을 다시 만드는 시드.")
    started_at: datetime | None = Field(None, description="작업기가 시작한 때.")
    finished_at: datetime | None = Field(None, description="끝난 때.")
    parameters: dict[str, Any] = Field(description="저장된 요청.")
    text_verified: Literal["yes", "no", "unknown"] | None = Field(
        None,
        description="완성 그림에서 글자를 다시 읽어 문구와 견준 결과. 같음, 다름, 읽지 못함. 읽을 문구가 없거나 아직 "
        "읽지 않았으면 null이고, 완성된 뒤 몇 초 안에 정해집니다.",
    )
    text_read: str | None = Field(None, description="완성 그림에서 읽은 글자. 읽지 않았으면 null.")


class JobList(Schema):
    total_jobs: int = Field(ge=0, description="가게의 작업 수.")
    active_jobs: int = Field(ge=0, description="대기하거나 만드는 중인 작업 수.")
    completed_jobs: int = Field(ge=0, description="완성한 작업 수.")
    failed_jobs: int = Field(ge=0, description="실패한 작업 수.")
    jobs: list[JobRow] = Field(description="새것부터 100개까지. 더 많으면 /api/jobs를 쓰세요.")


class JobPage(Schema):
    items: list[JobRow] = Field(description="새것부터.")
    next: str | None = Field(None, description="다음 쪽의 cursor. 마지막 쪽이면 null.")


class ResidentModel(Schema):
    name: str = Field(description="모델의 이름.")
    place: str = Field(description="device는 그래픽 카드, host는 메모리.")
    gb: float = Field(description="차지하는 GB.")
    why: str = Field(description="올려 둔 까닭.")
    idle_seconds: float = Field(description="마지막으로 쓴 뒤의 초.")
    precision: str = Field(description="수의 정밀도.")


class GpuInfo(Schema):
    index: int = Field(description="그래픽 카드의 번호.")
    name: str = Field(description="그래픽 카드의 이름.")
    gpu_util: float | None = Field(None, description="사용률 %.")
    vram_used_gb: float | None = Field(None, description="쓰고 있는 비디오 메모리 GB.")
    vram_total_gb: float | None = Field(None, description="비디오 메모리 전체 GB.")
    vram_percent: float | None = Field(None, description="비디오 메모리 사용률 %.")
    resident: list[ResidentModel] = Field([], description="올라와 있는 모델.")


class SystemMetrics(Schema):
    cpu_percent: float = Field(description="CPU 사용률 %.")
    ram_used_gb: float = Field(description="쓰고 있는 메모리 GB.")
    ram_total_gb: float = Field(description="메모리 전체 GB.")
    ram_percent: float = Field(description="메모리 사용률 %.")
    gpu_info: list[GpuInfo] = Field(description="그래픽 카드들. 없으면 빈 목록.")


class Health(Schema):
    status: Literal["healthy", "busy", "degraded"] = Field(
        description="healthy 정상, busy 작업이 작업기를 기다림, degraded 작업기나 데이터베이스가 없음."
    )
    gpu_available: bool = Field(description="디퓨전 작업기가 있는지.")
    server_time: datetime = Field(description="서버의 시각.")
    total_jobs: int | None = Field(None, description="가게의 작업 수. 로그인했을 때만.")
    active_jobs: int | None = Field(None, description="대기하거나 만드는 중인 작업 수. 로그인했을 때만.")
    degraded_parts: list[Literal["workers", "queue", "valkey", "reconcile", "disk"]] | None = Field(
        None,
        description="제대로 돌지 않는 부분. 비어 있으면 모두 괜찮습니다. 로그인했을 때만.",
    )
    system_metrics: SystemMetrics | None = Field(None, description="서버의 자원. 로그인했을 때만.")


class FontOut(Schema):
    name: str = Field(description="글꼴의 이름.", examples=["나눔스퀘어 Bold"])
    path: str = Field(description="font_name이 받는 값.", examples=["NanumSquare/NanumSquareB.ttf"])


class ExportWaiting(Schema):
    """202: a worker still draws the picture. Ask again after `retry_after` seconds."""

    job_id: UUID = Field(description=JOB_ID)
    format: str = Field(description="채널 규격.", examples=["coupang"])
    status: Literal["pending", "running"] = Field(description="대기, 그리는 중.")
    retry_after: int = Field(ge=0, description="다시 물을 때까지의 초. Retry-After 헤더와 같습니다.")


class PhotoIn(Schema):
    input_image: Base64Picture


class MatteIn(Schema):
    matte: Base64Picture


class CutoutIn(Schema):
    method: Literal["isnet", "grabcut"] | None = Field(None, description="누끼 방법. 비우면 other_method.")


class PhotoOut(Schema):
    photo_id: UUID = Field(description="사진의 이름(UUID). 주문할 때 photo_id로 보냅니다.")
    width: int = Field(ge=1, description="너비, 화소.")
    height: int = Field(ge=1, description="높이, 화소.")
    size: int = Field(ge=0, description="저장한 파일의 바이트.")
    sha256: str = Field(description="올린 파일의 SHA-256.")
    url: str = Field(description="사진의 주소.")
    screen_url: str = Field(description="사진을 화면 크기(긴 변 1536)로 줄인 WebP의 주소.")
    matte_state: Literal["pending", "ready", "failed"] = Field(description="누끼를 따는 중, 완료, 실패.")
    matte_url: str | None = Field(None, description="누끼(투명 PNG)의 주소.")
    matte_screen_url: str | None = Field(None, description="누끼를 화면 크기(긴 변 1536)로 줄인 WebP의 주소.")
    matte_error: JobFailure | None = Field(None, description="누끼를 따지 못한 까닭.")
    method: str = Field(description="누끼 방법: isnet, birefnet, grabcut, brush. 아직 없으면 빈 문자열.")
    confidence: float | None = Field(None, description="누끼의 확신도 0–1.")
    unsure: bool = Field(description="가장자리를 확인해야 하는지.")
    other_method: str = Field(description="대신 써 볼 수 있는 누끼 방법, 없으면 빈 문자열.")
    created_at: datetime = Field(description="올린 때.")


class PromptIn(BaseModel):
    prompt: Annotated[str, PlainText(MAX_PROMPT, required=True)] = Field(
        description="원하는 분위기, 한국어나 영어.", examples=["우드 테이블, 따뜻한 카페"]
    )
    text_content: Annotated[str, PlainText(MAX_HEADLINE)] = Field(
        "", description="헤드라인. 어울리는 문구 스타일을 고릅니다."
    )
    industry: Industry = Field("", description="업종. 비우면 가게의 업종.", examples=["cafe"])
    photo_id: OptionalIdentifier = Field(
        "",
        description="/api/photos로 올린 제품 사진. 가게 주인이 사진을 OpenAI로 보내는 데 동의했을 때만 보고 고릅니다.",
    )


class PromptOut(Schema):
    bg_prompt: str = Field(description="배경 설명, 영어.")
    text_model_prompt: str = Field(description="3D 문구의 재질과 모양, 영어.")
    bg_negative_prompt: str = Field(description="배경에 없어야 할 것, 영어.")
    scene: str = Field(description="배경 장면의 이름.")
    text_style: str = Field(description="문구 스타일의 이름.")
    why: str = Field(description="그렇게 고른 까닭, 읽는 사람의 언어로.")
    source: Literal["openai", "rules"] = Field(description="OpenAI 또는 규칙.")


class CopyIn(BaseModel):
    """What words are wanted for. The ad's own fields, where it has some, are told in captions and alt text."""

    product: Annotated[str, PlainText(MAX_PRODUCT, required=True)] = Field(
        description="제품.", examples=["크루아상"]
    )
    industry: Industry = Field("", description="업종. 비우면 가게의 업종.", examples=["bakery"])
    seed: Annotated[int, Between(0, MAX_SEED)] = Field(
        0, description="같은 시드는 같은 문구입니다. 하나 큰 시드는 다른 문구 다섯 개입니다."
    )
    text_content: Annotated[str, PlainText(MAX_HEADLINE)] = Field(
        "", description="광고의 헤드라인. 비우면 첫 제안으로 올릴 글을 씁니다."
    )
    subline: Annotated[str, PlainText(MAX_SUBLINE)] = Field("", description="광고의 작은 문구.")
    price_before: Price = Field("", description="할인 전 가격.", examples=["12,000원"])
    price_now: Price = Field("", description="지금 가격.", examples=["6,000원"])


class CopyOut(Schema):
    suggestions: list[str] = Field(description="headlines와 같습니다.")
    headlines: list[str] = Field(description="헤드라인 다섯 개, 저마다 열두 음절까지.")
    subline: str = Field(description="헤드라인 아래 작은 문구.")
    hashtags: list[str] = Field(description="#을 붙인 해시태그 다섯에서 여덟 개.")
    alt_text: str = Field(description="화면 낭독기가 읽을 그림 설명(대체 텍스트).")
    captions: dict[str, str] = Field(
        description="올릴 글, 채널별로: instagram-feed, instagram-story, meta-link, kakao-message, kakao-display, "
        "smartstore, coupang, gmarket, 11st, kakao-store, mms. 채널의 길이를 넘지 않습니다."
    )
    source: Literal["openai", "rules"] = Field(description="OpenAI 또는 규칙.")


class JobEnded(Schema):
    """What `callback_url` is told when a job ends, signed as Standard Webhooks say."""

    type: Literal["job.completed", "job.failed", "job.stopped"] = Field(description="무슨 일인지.")
    job_id: UUID = Field(description=JOB_ID)
    status: Literal["completed", "failed", "stopped"] = Field(description="완성, 실패, 중지.")
    error: JobFailure | None = Field(description="실패한 까닭. 실패하지 않았으면 null.")
    finished_at: datetime = Field(description="끝난 때.")
    urls: dict[str, str] = Field(description="그림의 주소. 토큰으로 받습니다.")
