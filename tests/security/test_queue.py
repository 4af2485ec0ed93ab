"""Whoever can write to Valkey can still not make a worker run what he likes."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import django_rq
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from redis import Redis
from rq import Callback
from rq.serializers import JSONSerializer

from adstudio.valkey import valkey
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


class _Making:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.folder,)


def test_a_pickled_payload_is_never_unpickled(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    queue = django_rq.get_queue("studio")
    queue.empty()
    job = queue.enqueue("jobs.tasks.run_next", args=("studio",))
    queue.connection.hset(job.key, "data", pickle.dumps(_Making(str(mark))))
    work_off()
    assert not mark.exists()


overheard: list[str] = []


def overhear(*_: object) -> None:
    overheard.append("called")


def test_nothing_foreign_is_called_after_one_of_our_tasks() -> None:
    """RQ imports and calls by name whatever the wake-up says should be told of its end."""
    queue = django_rq.get_queue("studio")
    queue.empty()
    foreign = Callback(f"{__name__}.overhear")
    for ending in ("on_success", "on_failure", "on_stopped"):
        queue.enqueue("jobs.tasks.run_next", args=("studio",), **{ending: foreign})
    work_off()
    assert overheard == []
    assert queue.count == 0


def test_what_lies_in_the_cache_is_never_unpickled(client: Client, tmp_path: Path) -> None:
    """There the sign-in's limits are counted, in the web process."""
    mark = tmp_path / "mark"

    def sign_in() -> None:
        client.post(reverse("account_login"), {"login": "someone@example.com", "password": "wrong"})

    sign_in()
    keys = [key for key in valkey().keys("*") if "login" in key]
    assert keys
    raw = Redis.from_url(settings.REDIS_URL)
    for key in keys:
        raw.set(key, pickle.dumps(_Making(str(mark))))
    client.raise_request_exception = False
    sign_in()
    assert not mark.exists()
    cache.clear()


def test_only_our_own_tasks_are_allowed() -> None:
    assert all(task.startswith("jobs.tasks.") for task in ALLOWED_TASKS)
