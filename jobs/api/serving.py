"""The model-serving API at the root: its clients know nothing of photos, pages or shops."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import P, QueryEx, Router

from adstudio.patience import patience
from generation.typography.fonts import fonts
from jobs import selectors, services, system
from jobs.api.auth import Caller, caller_of
from jobs.api.errors import refused_response
from jobs.api.etags import NOT_MODIFIED, is_known, job_etag, not_modified, tagged
from jobs.api.pictures import json_with_pictures
from jobs.api.schemas import (
    Deleted,
    FontOut,
    GenerateRequest,
    Health,
    Identifier,
    JobAnswer,
    JobList,
    StatusResponse,
    Submitted,
    SystemMetrics,
)
from jobs.api.submission import Key, submit
from jobs.errors import Refused
from jobs.events import job_error, job_row, progress_row
from jobs.models import Artifact, Engine, Job
from jobs.versions import request_of

router = Router(tags=["serving"])
LISTED_JOBS = 100
HEALTH_SECONDS = 3.0
"""Whoever asks after the health asks again soon, and gives up sooner than a shop does."""
PICTURES = (Artifact.Kind.STEP1, Artifact.Kind.STEP2, Artifact.Kind.FINAL)
Images = QueryEx[Literal["all", "none"], P(description="none은 base64 그림을 뺍니다.")]
STATUS_FIELDS = (
    "job_id",
    "status",
    "progress_percent",
    "current_step",
    "sub_step",
    "message",
    "queue_position",
    "elapsed_sec",
    "eta_seconds",
    "step_eta_seconds",
    "engine",
    "error",
)


def caller(request: HttpRequest) -> Caller:
    """Who the request's authentication found."""
    found: Caller = request.auth  # type: ignore[attr-defined]
    return found


def sent_fields(request: HttpRequest) -> set[str]:
    return getattr(request, "sent_fields", set())


@router.post("/generate", response=Submitted, exclude_none=True, summary="광고를 주문합니다")
def generate(request: HttpRequest, payload: GenerateRequest, key: Key = None) -> dict[str, Any]:
    """Starts a job and answers at once; ask `/status/{job_id}` how far it is."""
    return submit(caller=caller(request), request=payload, sent=sent_fields(request), key=key)


@router.get(
    "/status/{job_id}",
    response=StatusResponse,
    openapi_extra=NOT_MODIFIED,
    summary="작업의 상태와 그림",
)
def status(request: HttpRequest, job_id: Identifier, images: Images = "all") -> HttpResponse:
    """Where the job stands, with the pictures made so far in base64 unless `images=none`.

    Send the answer's `ETag` back as `If-None-Match`: 304 while the job has not changed.
    """
    whole = images == "all"
    if whole:
        job = selectors.job_get(shop=caller(request).shop, job_id=job_id)
    else:
        job = selectors.job_standing(shop_id=caller(request).shop_id, job_id=job_id)
    etag = job_etag(job, f"status {images}", with_pictures=whole)
    if is_known(request, etag):
        return not_modified(etag)
    row = {**progress_row(job), "engine": job.engine, "error": job_error(job)}
    answer = {name: row[name] for name in STATUS_FIELDS}
    answer |= {"system_metrics": system.system_metrics(), "parameters": request_of(job)}
    made = selectors.pictures(job) if whole else {}
    pictures = {kind.value: made.get(kind) for kind in PICTURES} if whole else {}
    told = HttpResponse(json_with_pictures(answer, pictures), content_type="application/json")
    return tagged(told, etag)


@router.post("/stop/{job_id}", response=JobAnswer, summary="작업을 중지합니다")
def stop(request: HttpRequest, job_id: Identifier) -> dict[str, Any]:
    """A waiting job is `stopped` at once; a running one within a moment. Asking again changes nothing."""
    job = services.job_stop(job=selectors.job_get(shop=caller(request).shop, job_id=job_id))
    return {"job_id": job.pk, "status": job.status}


@router.get("/jobs", response=JobList, summary="가게의 작업들")
def jobs(request: HttpRequest) -> dict[str, Any]:
    shop = caller(request).shop
    newest = selectors.jobs_of(shop)[:LISTED_JOBS]
    return {**selectors.shop_counts(shop), "jobs": [job_row(job) for job in newest]}


@router.delete("/jobs/{job_id}", response=Deleted, summary="작업을 지웁니다")
def delete(request: HttpRequest, job_id: Identifier) -> dict[str, Any]:
    """Deletes the job and its pictures; a running job has to be stopped first (400)."""
    job = selectors.job_get(shop=caller(request).shop, job_id=job_id)
    key = job.pk
    services.job_delete(job=job)
    return {"job_id": key, "status": "deleted"}


@router.get("/health", response=Health, auth=None, exclude_none=True, summary="서버의 상태")
def health(request: HttpRequest) -> HttpResponse | dict[str, Any]:
    """200 whenever the web process answers. `degraded`: no worker or no database. `busy`: jobs wait for a worker."""
    now = timezone.now()
    try:
        with patience(HEALTH_SECONDS):
            return {"server_time": now, **_health(caller_of(request))}
    except Refused as refusal:
        return refused_response(refusal)
    except (DatabaseError, InterfaceError):
        return {"status": "degraded", "gpu_available": False, "server_time": now}


def _health(known: Caller | None) -> dict[str, Any]:
    workers = list(selectors.live_workers())
    told: dict[str, Any] = {
        "status": _condition(workers_free=[worker.job_id is None for worker in workers]),
        "gpu_available": any(worker.engine == Engine.DIFFUSION for worker in workers),
    }
    if known is not None:
        counts = selectors.shop_counts(known.shop)
        told |= {name: counts[name] for name in ("total_jobs", "active_jobs")}
        told["degraded_parts"] = system.degraded_parts()
        told["system_metrics"] = system.system_metrics()
    return told


def _condition(*, workers_free: list[bool]) -> str:
    if not workers_free:
        return "degraded"
    waiting = Job.objects.filter(status=Job.Status.PENDING).count()
    full = waiting >= settings.QUEUE_LIMIT
    return "busy" if full or (waiting and not any(workers_free)) else "healthy"


@router.get("/fonts", response=list[FontOut], summary="쓸 수 있는 글꼴")
def list_fonts(request: HttpRequest) -> list[dict[str, str]]:
    return [{"name": font.name_ko, "path": font.path} for font in fonts()]


@router.get("/resources", response=SystemMetrics, summary="서버의 자원")
def resources(request: HttpRequest) -> dict[str, Any]:
    return system.system_metrics()
