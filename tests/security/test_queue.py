"""Whoever can write to Valkey can still not make a worker run what he likes."""

from __future__ import annotations

import pickle
from pathlib import Path

import django_rq
import pytest
from rq.serializers import JSONSerializer

from jobs.queue import ALLOWED_TASKS
from jobs.worker.station import AdWorker

pytestmark = pytest.mark.django_db


def work_off() -> None:
    queue = django_rq.get_queue("studio")
    worker = AdWorker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")


def test_a_foreign_task_is_thrown_away_unrun(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    queue = django_rq.get_queue("studio")
    queue.empty()
    for task, arguments in (("os.mkdir", (str(mark),)), ("os.system", (f"touch {mark}",))):
        queue.enqueue(task, args=arguments)
    work_off()
    assert not mark.exists()
    assert queue.count == 0


def test_a_pickled_payload_is_never_unpickled(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            import os

            return os.mkdir, (str(mark),)

    queue = django_rq.get_queue("studio")
    queue.empty()
    job = queue.enqueue("jobs.tasks.run_next", args=("studio",))
    queue.connection.hset(job.key, "data", pickle.dumps(Evil()))
    work_off()
    assert not mark.exists()


def test_only_our_own_tasks_are_allowed() -> None:
    assert all(task.startswith("jobs.tasks.") for task in ALLOWED_TASKS)
