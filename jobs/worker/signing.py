"""Signs finished pictures with the operator's C2PA certificate, where one is configured. Only workers do.

What is signed: ``docs/labelling.md``. A certificate that cannot sign is told when a worker starts.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.conf import settings

from generation.errors import SigningFailed
from generation.export import credentials
from generation.export.credentials import Certificate, History
from generation.export.files import Seal
from generation.provenance import SourceType
from jobs import selectors
from jobs.models import Artifact, Job


def certificate() -> Certificate | None:
    """The operator's, or None where nothing is to be signed. Raises ``SigningFailed`` for files that cannot be read."""
    if not settings.C2PA_CERTIFICATE:
        return None
    try:
        chain, key = (
            Path(name).read_text() for name in (settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY)
        )
    except (OSError, ValueError) as error:
        raise SigningFailed(f"C2PA_CERTIFICATE or C2PA_PRIVATE_KEY: {error}") from error
    return Certificate(chain, key, settings.C2PA_ALGORITHM, settings.C2PA_TIMESTAMP_SERVER)


def prove() -> None:
    """Raises ``SigningFailed`` when a certificate is configured that cannot sign."""
    found = certificate()
    if found is not None:
        credentials.prove(found)


def seal_for(source: SourceType, history: History) -> Seal | None:
    """What signs a picture of that source and history, if anything does."""
    found = certificate()
    if found is None:
        return None
    return partial(_seal, source=source, history=history, by=found)


def _seal(file: bytes, media_type: str, *, source: SourceType, history: History, by: Certificate) -> bytes:
    return credentials.signed(file, media_type, source, history, by)


def sealed(file: bytes, media_type: str, source: SourceType, job: Job) -> bytes:
    """The job's finished picture, signed where a certificate is configured."""
    seal = seal_for(source, history_of(job))
    return seal(file, media_type) if seal is not None else file


def history_of(job: Job, *, drawn_anew: bool = False) -> History:
    """What the job's picture is made from. A background that came with the request, or of which nothing is known, is
    told as what it was edited from; ``drawn_anew``: the picture has a background of its own."""
    photo = job.photo.sha256 if job.photo is not None else ""
    kept = None if drawn_anew else selectors.pictures(job).get(Artifact.Kind.STEP1)
    foreign = kept is not None and (job.foreign_background or not kept.source)
    return History(photo, kept.sha256 if kept is not None and foreign else "")
