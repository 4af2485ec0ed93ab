"""Small decisions that both clients take alike."""

from __future__ import annotations

from adstudio_client.errors import NoPicture
from adstudio_client.types import Job, Submitted


def job_id_of(job: str | Job | Submitted) -> str:
    return job if isinstance(job, str) else job.job_id


def final_url(job: Job, kind: str) -> str:
    try:
        return job.urls[kind]
    except KeyError:
        made = ", ".join(job.urls) or "none"
        raise NoPicture(f"Job {job.job_id} ({job.status}) has no {kind}; it has: {made}.") from None
