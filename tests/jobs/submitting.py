"""Jobs as tests need them: submitted, running, finished with all their pictures."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from django.conf import settings as project
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from jobs import selectors, services
from jobs.artifacts import artifact_store
from jobs.claims.data_exports import data_export_claim
from jobs.data_export import next_part
from jobs.models import DataExport, Job, Photo
from jobs.params import AdParams
from jobs.transitions import job_transition


def submit(of: Shop, *, photo: Photo | None = None, **fields: Any) -> services.Submission:
    asked = AdParams.model_validate({"text_content": "오늘만 반값", **fields})
    return services.job_submit(shop=of, params=asked, photo=photo)


def png(width: int = 64, height: int = 48, color: tuple[int, ...] = (90, 120, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if len(color) == 4 else "RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def stored_files() -> set[str]:
    return {str(path) for path in project.MEDIA_ROOT.rglob("*") if path.is_file()}


def is_stored(name: str) -> bool:
    return (project.MEDIA_ROOT / name).is_file()


def part_made(export: DataExport) -> None:
    """As a worker makes it; nothing once the export is finished."""
    claim = data_export_claim(str(export.pk))
    if claim is not None:
        next_part(claim)


def finished(of: Shop, photo: Photo | None = None, **fields: Any) -> Job:
    """A completed job with all of its pictures."""
    job = submit(of, photo=photo, **fields).job
    asset = np.zeros((40, 512, 4), np.uint8)
    asset[8:32, 20:490] = (200, 160, 40, 255)
    kinds = {"step1_result": png(), "step2_result": encoded(asset), "final_result": png(color=(1, 2, 3))}
    for kind, data in kinds.items():
        artifact_store(job=job, kind=kind, data=data, size=Image.open(io.BytesIO(data)).size)
    if photo is not None:
        layer = png(color=(10, 20, 30, 255))
        artifact_store(job=job, kind="cutout", data=layer, size=(64, 48))
    Job.objects.filter(pk=job.pk).update(
        status="completed", progress_percent=100, started_at=timezone.now(), finished_at=timezone.now()
    )
    return selectors.job_get(shop=of, job_id=job.pk)


def encoded(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def make_running(job: Job) -> Job:
    changes = {"worker": "w", "attempts": 1, "heartbeat_at": timezone.now(), "started_at": timezone.now()}
    running = job_transition(job=job, to="running", reason="claimed", sources=["pending"], changes=changes)
    assert running is not None
    return running


def at_once(count: int, client: Client, send: Callable[[Client], Any]) -> list[Any]:
    """Answers to as many requests of one person at once, each in a thread and on a database connection of its own."""
    together = threading.Barrier(count)

    def go(_: int) -> Any:
        own = Client(raise_request_exception=False)
        own.cookies = client.cookies
        together.wait()
        try:
            return send(own)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(go, range(count)))
