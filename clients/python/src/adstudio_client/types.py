"""What goes in and what comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict

PictureSource: TypeAlias = bytes | str | PathLike[str]
"""A picture: its bytes, or the path of its file."""
Status: TypeAlias = Literal["pending", "running", "completed", "failed", "stopped"]
Step: TypeAlias = Literal["step1_background", "step2_text_asset", "step3_composite"]
PictureKind: TypeAlias = Literal["final_result", "step1_result", "step2_result", "cutout", "preview", "logo"]
CutoutMethod: TypeAlias = Literal["isnet", "grabcut"]
FINAL: tuple[str, ...] = ("completed", "failed", "stopped")


class AdFields(TypedDict, total=False):
    """What an ad may be asked to be, by the API's own names; ``/api/docs`` tells each."""

    stop_step: int
    subline: str
    product: str
    price_before: str
    price_now: str
    scene: str
    text_style: str
    text_position: Literal["top", "center", "bottom", "auto"]
    composition_mode: Literal["overlay", "blend", "behind"]
    camera: Literal["auto", "eye", "angle", "top"]
    match_light: bool
    logo: Literal["none", "auto", "top-left", "top-right", "bottom-left", "bottom-right"]
    ai_label: bool
    format: str
    font_name: str
    bg_prompt: str
    bg_negative_prompt: str
    text_model_prompt: str
    text_negative_prompt: str
    engine: Literal["auto", "studio", "diffusion"]
    seed: int
    test_mode: bool
    callback_url: str
    bg_model: Literal["flux", "sdxl"]
    bg_composition_prompt: str
    bg_composition_negative_prompt: str
    composition_prompt: str
    composition_negative_prompt: str
    composition_strength: float
    composition_steps: int
    composition_guidance_scale: float
    strength: float
    guidance_scale: float
    num_inference_steps: int
    auto_unload: bool


class AdOptions(AdFields, total=False):
    """``AdFields``, and what a new ad may start from."""

    start_step: int
    step1_image: PictureSource
    step2_image: PictureSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A job accepted. ``ignored`` names fields that were given but are of no use to it."""

    job_id: str
    status: Status
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A waiting job is ``stopped`` at once; a running one still says ``running`` and stops within a moment."""

    job_id: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is. ``queue_position`` 1 is next; estimates are None while they are not known."""

    job_id: str
    status: Status
    progress_percent: int
    current_step: Step
    sub_step: str
    message: str
    queue_position: int | None = None
    elapsed_sec: float
    eta_seconds: int | None = None
    step_eta_seconds: int | None = None

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


ProgressCallback: TypeAlias = Callable[[Progress], object]
AsyncProgressCallback: TypeAlias = Callable[[Progress], Awaitable[object] | object]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus(Progress):
    """Where the job stands, with the pictures made so far (PNG) where they were asked for."""

    engine: str
    error: Failure | None = None
    parameters: dict[str, Any]
    system_metrics: dict[str, Any]
    step1_result: bytes | None = None
    step2_result: bytes | None = None
    final_result: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Progress):
    """A job and the addresses of its pictures. What follows ``thumb`` is known of single jobs, not in lists."""

    sequence: int
    engine: str
    error: Failure | None = None
    title: str
    created_at: datetime
    notes: list[str]
    urls: dict[str, str]
    thumb: str | None = None
    photo_id: str | None = None
    parent_id: str | None = None
    source_type: str = ""
    seed: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    text_verified: Literal["yes", "no", "unknown"] | None = None
    """Whether the finished picture says the headline; None while that is not known yet, seconds after the end."""
    text_read: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    items: list[Job]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The shop's jobs in figures, with the newest hundred."""

    total_jobs: int
    active_jobs: int
    completed_jobs: int
    failed_jobs: int
    jobs: list[Job]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture's file."""

    data: bytes = field(repr=False)
    content_type: str

    def save(self, path: str | PathLike[str]) -> Path:
        """Write it; a file that is there is overwritten."""
        target = Path(path)
        target.write_bytes(self.data)
        return target


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """An uploaded photo. ``matte_state`` is ``pending`` until its product is cut out; ``unsure``: look at the edges."""

    photo_id: str
    width: int
    height: int
    size: int
    sha256: str
    url: str
    screen_url: str
    matte_state: Literal["pending", "ready", "failed"]
    matte_url: str | None = None
    matte_screen_url: str | None = None
    matte_error: Failure | None = None
    method: str
    confidence: float | None = None
    unsure: bool
    other_method: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """``path`` is what ``font_name`` takes."""

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``total_jobs`` and ``active_jobs`` are the shop's, ``degraded_parts`` what keeps ads from being made or soon may.
    They are told to those who are signed in."""

    status: Literal["healthy", "busy", "degraded"]
    gpu_available: bool
    server_time: datetime
    total_jobs: int | None = None
    active_jobs: int | None = None
    degraded_parts: list[Literal["workers", "queue", "valkey", "reconcile", "disk"]] | None = None
    system_metrics: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentModel:
    """A model that a worker holds: on the card (``device``) or in the host's memory (``host``)."""

    name: str
    place: str
    gb: float
    why: str
    idle_seconds: float
    precision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A graphics card of a worker."""

    index: int
    name: str
    gpu_util: float | None = None
    vram_used_gb: float | None = None
    vram_total_gb: float | None = None
    vram_percent: float | None = None
    resident: list[ResidentModel] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """How busy the server is, and the cards of all workers."""

    cpu_percent: float
    ram_used_gb: float
    ram_total_gb: float
    ram_percent: float
    gpu_info: list[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizedPrompt:
    bg_prompt: str
    text_model_prompt: str
    bg_negative_prompt: str
    scene: str
    text_style: str
    why: str
    source: Literal["openai", "rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headlines:
    """Five ``headlines`` (``suggestions`` is the same list) and what is posted beside the picture: ``captions`` by
    channel, with hashtags and alt text."""

    suggestions: list[str]
    headlines: list[str]
    subline: str
    hashtags: list[str]
    alt_text: str
    captions: dict[str, str]
    source: Literal["openai", "rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordHint:
    """Something about the words: ``text``, from ``start`` to ``end`` of ``field``. ``check`` had better be mended,
    ``note`` is good to know; neither stops an order. ``rule``, ``law`` and ``safer`` come with advertising law."""

    kind: Literal["spelling", "spacing", "loan", "price", "length", "glyphs", "law"]
    level: Literal["check", "note"]
    field: Literal["text_content", "subline", "price_before", "price_now"]
    start: int
    end: int
    text: str
    suggestions: list[str]
    why: str
    rule: str | None = None
    law: str | None = None
    safer: str | None = None
    fonts: list[Font]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordHints:
    """``notice``: that hints on law are no legal advice, where there are any."""

    hints: list[WordHint]
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackEvent:
    """A job's end as a ``callback_url`` is told it. ``webhook_id`` is the same when it is delivered again."""

    webhook_id: str
    type: str
    job_id: str
    status: Status
    error: Failure | None = None
    finished_at: datetime | None = None
    urls: dict[str, str]
