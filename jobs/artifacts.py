"""The pictures of jobs as they are kept."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile

from jobs.models import Artifact, Job


def artifact_store(
    *,
    job: Job,
    kind: str,
    data: bytes,
    size: tuple[int, int],
    attempt: int = 0,
    content_type: str = "image/png",
    format_key: str = "",
) -> Artifact:
    """Keep one picture of a job. Its file's name carries the attempt, so no attempt overwrites another's."""
    extension = "jpg" if content_type == "image/jpeg" else "png"
    name = "-".join(part for part in (kind, format_key, f"a{attempt}") if part)
    artifact = Artifact(
        job=job,
        kind=kind,
        format=format_key,
        attempt=attempt,
        content_type=content_type,
        width=size[0],
        height=size[1],
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    artifact.file.save(f"{name}.{extension}", ContentFile(data), save=False)
    try:
        artifact.save(force_insert=True)
    except BaseException:  # no commit was asked for yet, so certainly no row names the file
        artifact.file.storage.delete(str(artifact.file.name))
        raise
    return artifact
