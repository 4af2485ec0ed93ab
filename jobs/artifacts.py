"""The pictures of jobs as they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar
from uuid import uuid4

from django.core.files.base import ContentFile

from adstudio.files import discard
from generation import intake
from generation.provenance import SourceType
from generation.types import Picture
from jobs.models import Artifact, Job

Held = TypeVar("Held")
TAG_LENGTH = 8


def artifact_store(*, job: Job, kind: str, data: bytes, size: tuple[int, int], **told: Any) -> Artifact:
    """Keep one picture of a job."""
    artifact = artifact_draft(job=job, kind=kind, data=data, size=size, **told)
    try:
        artifact.save(force_insert=True)
    except BaseException:  # no commit was asked for yet, so certainly no row names the file
        discard(artifact.file.storage, str(artifact.file.name))
        raise
    return artifact


@contextmanager
def artifact_kept(artifact: Artifact, held: AbstractContextManager[Held]) -> Iterator[Held]:
    """Insert the row of a draft at the end of the transaction ``held``. Where that fails for certain its file goes;
    once the commit was asked for, nobody knows."""
    commit_asked = False
    try:
        with held as row:
            yield row
            artifact.save(force_insert=True)
            commit_asked = True
    except BaseException:
        if not commit_asked:
            discard(artifact.file.storage, str(artifact.file.name))
        raise


def artifact_draft(
    *,
    job: Job,
    kind: str,
    data: bytes,
    size: tuple[int, int],
    attempt: int = 0,
    content_type: str = "image/png",
    format_key: str = "",
    source: SourceType = SourceType.UNKNOWN,
) -> Artifact:
    """One picture of a job in the storage, its row not saved: a storage may be slow, and no row is to be locked for so
    long. No two files ever have the same name, not even one after the other: a backup reads files some time after the
    rows that name them."""
    extension = "jpg" if content_type == "image/jpeg" else "png"
    name = "-".join(part for part in (kind, format_key, f"a{attempt}", uuid4().hex[:TAG_LENGTH]) if part)
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
        source=source,
    )
    artifact.file.save(f"{name}.{extension}", ContentFile(data), save=False)
    return artifact


def picture_of(artifact: Artifact) -> Picture:
    """The pixels of a stored picture."""
    return intake.read_layer(stored_bytes(artifact))


def stored_bytes(artifact: Artifact) -> bytes:
    """The picture's file."""
    with artifact.file.open("rb") as file:
        data: bytes = file.read()
    return data
