"""What a shop does with the ads it has: calls them something, keeps them at hand."""

from __future__ import annotations

from accounts.models import User
from jobs.models import Job
from jobs.services import TITLE_LENGTH, Submission, job_rerun
from jobs.versions import request_of


def job_rename(*, job: Job, title: str) -> None:
    """Another name in lists and file names; the words in the picture stay."""
    job.title = " ".join(title.split())[:TITLE_LENGTH]
    job.save(update_fields=["title"])


def job_favour(*, job: Job, favourite: bool) -> None:
    job.favourite = favourite
    job.save(update_fields=["favourite"])


def job_retry(*, job: Job, user: User | None = None) -> Submission:
    """The same once more, as it was asked for, for an ad that was not finished."""
    kept = {name: request_of(job)[name] for name in ("stop_step",) if name in request_of(job)}
    return job_rerun(job=job, start_step=request_of(job).get("start_step", 1), changes=kept, user=user)
