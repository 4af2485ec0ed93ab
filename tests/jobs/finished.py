"""Ads that are already there, without a worker."""

from __future__ import annotations

import io
from typing import Any

from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from jobs.artifacts import artifact_store
from jobs.models import Artifact, Job
from tests.jobs import factories

STEPS = (Artifact.Kind.CUTOUT, Artifact.Kind.STEP1, Artifact.Kind.STEP2, Artifact.Kind.FINAL)


def finished(of: Shop, *, text: str = "오늘만 반값", **fields: Any) -> Job:
    """A finished ad with its pictures, of a photo whose matte is there."""
    job = factories.job(of, text_content=text)
    for kind in STEPS:
        artifact_store(job=job, kind=kind, data=factories.photo_bytes(), size=(320, 320))
    for kind, side in ((Artifact.Kind.PREVIEW, 512), (Artifact.Kind.THUMB, 320)):
        data = factories.photo_bytes(side, side)
        artifact_store(job=job, kind=kind, data=data, size=(side, side))
    values: dict[str, Any] = {
        "status": "completed",
        "progress_percent": 100,
        "finished_at": timezone.now(),
        "photo": factories.photo(of),
        **fields,
    }
    Job.objects.filter(pk=job.pk).update(**values)
    return Job.objects.get(pk=job.pk)


def failed(of: Shop, code: str, **fields: Any) -> Job:
    job = factories.job(of)
    Job.objects.filter(pk=job.pk).update(
        status="failed", error_code=code, finished_at=timezone.now(), photo=factories.photo(of), **fields
    )
    return Job.objects.get(pk=job.pk)


def export_stored(job: Job, key: str, size: tuple[int, int], kind: str = "JPEG") -> Artifact:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 120, 60)).save(buffer, kind)
    return artifact_store(
        job=job,
        kind=Artifact.Kind.EXPORT,
        data=buffer.getvalue(),
        size=size,
        content_type=f"image/{kind.lower()}",
        format_key=key,
    )
