"""Where jobs stand, as websockets ask for it: for many at once (``jobs.together``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, When
from django.utils.translation import override

from jobs import events, selectors
from jobs.models import Job
from jobs.together import Together

SNAPSHOT_LIMIT = 100
"""Jobs in one shop snapshot at most."""
SYNCS_GATHER_SECONDS = 0.1
"""A sync comes every ten seconds from each socket, and mostly finds that nothing was missed."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    shop: int
    row: Row


def _in_language(job: Job, language: str) -> Row:
    with override(language):
        return events.job_row(job)


def standings_of_jobs(keys: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Standing]:
    """By job and language; a job that is gone or being deleted is left out."""
    wanted = Job.objects.filter(pk__in={pk for pk, _ in keys}, deleted_at=None)
    jobs = {job.pk: job for job in selectors.with_places(wanted)}
    return {
        (pk, language): Standing(jobs[pk].shop_id, _in_language(jobs[pk], language))
        for pk, language in keys
        if pk in jobs
    }


def rows_of_shops(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], list[Row]]:
    """The active jobs of each shop, newest first, by shop and language."""
    jobs: dict[int, list[Job]] = defaultdict(list)
    for job in selectors.with_places(_active({shop for shop, _ in keys})):
        jobs[job.shop_id].append(job)
    shown = {shop: sorted(found[:SNAPSHOT_LIMIT], key=_age, reverse=True) for shop, found in jobs.items()}
    return {
        (shop, language): [_in_language(job, language) for job in shown.get(shop, [])]
        for shop, language in keys
    }


def _active(shops: Collection[int]) -> QuerySet[Job]:
    """Those that are being made first, then those whose turn comes next: where there are too many for a snapshot, the
    last in the queue are left out."""
    active = Job.objects.filter(shop_id__in=shops, status__in=Job.ACTIVE)
    is_waiting = Case(When(status=Job.Status.PENDING, then=1), default=0)
    return active.order_by(is_waiting, "queued_at", "pk")


def _age(job: Job) -> tuple[datetime, UUID]:
    return job.queued_at, job.pk


def sequences_of_jobs(keys: Collection[UUID]) -> dict[UUID, int]:
    """The newest sequence of each; a job that is gone or being deleted is left out."""
    return dict(Job.objects.filter(pk__in=keys, deleted_at=None).values_list("pk", "sequence"))


def sequences_of_shops(keys: Collection[int]) -> dict[int, dict[str, int]]:
    """Of each job that a snapshot of the shop would show."""
    found: dict[int, dict[str, int]] = {shop: {} for shop in keys}
    for shop, pk, sequence in _active(keys).values_list("shop_id", "pk", "sequence"):
        if len(found[shop]) < SNAPSHOT_LIMIT:
            found[shop][str(pk)] = sequence
    return found


standing_of_job = Together(standings_of_jobs)
rows_of_shop = Together(rows_of_shops)
sequence_of_job = Together(sequences_of_jobs, gather=SYNCS_GATHER_SECONDS)
sequences_of_shop = Together(sequences_of_shops, gather=SYNCS_GATHER_SECONDS)
