"""What browsers and programs are told while a job is made: rows, and messages in order of ``sequence``."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from adstudio.valkey import answered
from jobs import selectors
from jobs.durations import seconds_left
from jobs.media import artifact_url
from jobs.messages import sentence
from jobs.models import Artifact, Job

logger = logging.getLogger(__name__)


def job_group(job_id: UUID | str) -> str:
    return f"job.{job_id}"


def shop_group(shop_id: int) -> str:
    return f"shop.{shop_id}"


def message_code(job: Job) -> tuple[str, dict[str, str]]:
    """Code and context of the one sentence that says where the job stands."""
    if job.status == Job.Status.FAILED:
        return job.error_code, job.error_context
    return job.message_code, {}


def job_message(job: Job) -> str:
    code, context = message_code(job)
    return sentence(code, context)


def job_error(job: Job) -> dict[str, str] | None:
    if job.status != Job.Status.FAILED:
        return None
    return {"code": job.error_code, "message": sentence(job.error_code, job.error_context)}


def progress_row(job: Job) -> dict[str, Any]:
    """The fields that change while a job is made."""
    position = selectors.queue_position(job)
    eta, step_eta = seconds_left(job, position)
    return {
        "job_id": str(job.pk),
        "sequence": job.sequence,
        "status": job.status,
        "progress_percent": job.progress_percent,
        "current_step": job.current_step,
        "sub_step": job.sub_step,
        "message": job_message(job),
        "queue_position": position,
        "elapsed_sec": selectors.elapsed_seconds(job),
        "eta_seconds": eta,
        "step_eta_seconds": step_eta,
    }


def job_row(job: Job) -> dict[str, Any]:
    """The whole job as sockets and the JSON API show it."""
    pictures = selectors.pictures(job)
    told = (kind for kind in pictures if kind != Artifact.Kind.THUMB)  # for the gallery alone
    urls = {kind: artifact_url(pictures[kind]) for kind in told}
    shown = next((urls[kind] for kind in ("preview", "final_result", "step1_result") if kind in urls), None)
    return {
        **progress_row(job),
        "engine": job.engine,
        "title": job.title,
        "created_at": job.queued_at.isoformat(),
        "error": job_error(job),
        "notes": [sentence(code) for code in job.notes],
        "urls": urls,
        "thumb": shown,
    }


def _send(job: Job, message: dict[str, Any]) -> None:
    """Tell both groups. The sentence is made by the consumer, in its reader's language.

    A message lost here is made good by the client's next sync, so Redis being away
    must not fail the job."""
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default")
    try:
        code, context = message_code(job)
        event = {"type": "job.event", "message": message, "code": code, "context": context}
        for group in (job_group(job.pk), shop_group(job.shop_id)):
            async_to_sync(answered)(layer.group_send, group, event)
    except Exception:
        logger.warning("event of job %s not sent", job.pk, exc_info=True)


def send_progress(job: Job) -> None:
    _send(job, {"type": "progress", **progress_row(job)})


def send_preview(job: Job, artifact: Artifact) -> None:
    _send(
        job,
        {
            "type": "preview",
            "job_id": str(job.pk),
            "sequence": job.sequence,
            "url": artifact_url(artifact),
        },
    )


def send_artifact(job: Job, artifact: Artifact) -> None:
    _send(
        job,
        {
            "type": "artifact",
            "job_id": str(job.pk),
            "sequence": job.sequence,
            "kind": artifact.kind,
            "url": artifact_url(artifact),
        },
    )


def send_transition(job: Job) -> None:
    """A changed status: ``finished`` when it is final, else ``progress``."""
    if not job.is_terminal:
        send_progress(job)
        return
    final = selectors.pictures(job).get(Artifact.Kind.FINAL)
    _send(
        job,
        {
            "type": "finished",
            "job_id": str(job.pk),
            "sequence": job.sequence,
            "status": job.status,
            "error": job_error(job),
            "final_url": artifact_url(final) if final else None,
        },
    )
