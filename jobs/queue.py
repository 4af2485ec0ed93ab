"""Wake-ups through RQ. They carry no truth: the rows in Postgres do, and a lost wake-up is topped up."""

from __future__ import annotations

import logging

import django_rq
from redis.exceptions import RedisError

from adstudio.valkey import in_time
from jobs import selectors
from jobs.models import DataExport, Engine, Photo

logger = logging.getLogger(__name__)

RUN_NEXT = "jobs.tasks.run_next"
CUT_OUT_PHOTO = "jobs.tasks.cut_out_photo"
EXPORT_DATA = "jobs.tasks.export_data"
SMALL_PICTURES = "jobs.tasks.draw_small_pictures"
ALLOWED_TASKS = frozenset({RUN_NEXT, CUT_OUT_PHOTO, EXPORT_DATA, SMALL_PICTURES})
RESULT_SECONDS = 0
"""RQ keeps no results: the answer is in the database."""


def _enqueue(engine: str, task: str, *arguments: str) -> None:
    at_front = task == CUT_OUT_PHOTO
    try:
        with in_time():
            django_rq.get_queue(engine).enqueue(
                task, args=arguments, result_ttl=RESULT_SECONDS, failure_ttl=3600, at_front=at_front
            )
    except RedisError:
        logger.warning("wake-up %s not queued; reconcile_jobs will", task, exc_info=True)


def wake(engine: str) -> None:
    """Let one worker of the engine look for a waiting job, export or headline to be read."""
    _enqueue(engine, RUN_NEXT, engine)


def wake_for_photo(photo: Photo) -> None:
    """Have a photo's product cut out. A merchant is watching, so it goes before waiting jobs."""
    _enqueue(Engine.STUDIO, CUT_OUT_PHOTO, str(photo.pk))


def wake_for_data_export(export: DataExport) -> None:
    """Have the next part of somebody's data made, after what already waits."""
    _enqueue(Engine.STUDIO, EXPORT_DATA, str(export.pk))


def wake_for_small_pictures(cursor: str) -> None:
    """Have small pictures drawn for ads older than the cursor's, after what already waits."""
    _enqueue(Engine.STUDIO, SMALL_PICTURES, cursor)


def top_up() -> int:
    """Queue the wake-ups that are missing for waiting jobs, exports and headlines; returns how many."""
    added = 0
    for engine in Engine.values:
        waiting = (
            selectors.waiting_count(engine)
            + selectors.waiting_exports(engine)
            + selectors.waiting_headlines(engine)
        )
        missing = waiting - django_rq.get_queue(engine).count
        for _ in range(max(0, missing)):
            wake(engine)
            added += 1
    return added
