"""The worker process: RQ's SimpleWorker, so that models stay warm between jobs and CUDA never meets fork.

RQ brings it wake-ups; what to do it reads from Postgres. On SIGTERM it finishes its job and leaves.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from typing import Any

import django_rq
from redis.client import Pipeline
from rq.job import Job as Wakeup
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from generation.engines import Engine, Resident, open_engine
from generation.types import EngineName
from jobs.models import WorkerState
from jobs.queue import ALLOWED_TASKS
from jobs.worker import signing
from jobs.worker.courier import Courier
from jobs.worker.heartbeat import Heartbeat

logger = logging.getLogger(__name__)
TURN_SECONDS = 30
"""How long RQ waits for a wake-up before its loop comes round; silent for ten more, Valkey is taken for lost."""


class AdWorker(SimpleWorker):
    """Runs our own tasks only, and nothing after them; whatever else turns up in the queue is thrown away unread."""

    heart: Heartbeat | None = None
    """Told whenever the loop comes round."""

    @property
    def dequeue_timeout(self) -> int:
        return TURN_SECONDS

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ's own sign of life, before and after each look into the queue."""
        if self.heart is not None:
            self.heart.turned()
        super().heartbeat(timeout, pipeline)

    def execute_job(self, job: Wakeup, queue: Queue) -> None:
        if not _is_ours(job):
            logger.error("refused a foreign task in queue %s", queue.name)
            job.delete()
            return
        super().execute_job(job, queue)

    def set_shutdown_requested_date(self) -> None:
        """Told to stop, RQ notes it in Valkey from within the signal's handler, in the midst of the job's own code:
        with Valkey away that would fail the job."""


def _is_ours(job: Wakeup) -> bool:
    """One of our tasks, without the names of functions that RQ would import and call when it has ended."""
    afterwards = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    try:
        return job.func_name in ALLOWED_TASKS and not any(afterwards)
    except Exception:
        return False


class Station:
    """What one worker process holds for as long as it lives: its name, its engine, its heartbeat, its courier."""

    current: Station | None = None

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.name = f"{engine.name}-{socket.gethostname()}-{os.getpid()}"[:120]
        self.export_is_next = False
        """Whose turn it is when both a job and an export wait."""
        self.courier = Courier()
        self.heartbeat = Heartbeat(worker=self.name, engine=str(engine.name), tell=self._tell)

    def _tell(self) -> dict[str, Any]:
        """The engine's card and what it holds there, for /resources and the admin."""
        if not isinstance(self.engine, Resident):
            return {}
        return {"gpu": self.engine.cards(), "resident_models": self.engine.standing()}

    def work(self, *, burst: bool = False) -> None:
        """Take wake-ups until told to stop (``burst``: until there are none)."""
        Station.current = self
        self.heartbeat.start()
        self.courier.start()
        queue = django_rq.get_queue(str(self.engine.name))
        # RQ lets no two of a name live, and takes one for alive minutes after it was killed; in a container the next
        # process has its host and number.
        name = f"{self.name}-{secrets.token_hex(4)}"
        worker = AdWorker([queue], name=name, connection=queue.connection, serializer=JSONSerializer)
        worker.heart = self.heartbeat
        try:
            worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
        finally:
            for thread in (self.heartbeat, self.courier):
                thread.stop()
            for thread in (self.heartbeat, self.courier):
                thread.join(timeout=5)
            WorkerState.objects.filter(name=self.name).delete()
            Station.current = None


def station() -> Station:
    """This process's station. Raises RuntimeError outside a worker."""
    if Station.current is None:
        raise RuntimeError("tasks run in a worker: manage.py worker")
    return Station.current


def run_worker(engine: EngineName, **options: Any) -> None:
    """Open the engine, warm it up and work. Raises ``SigningFailed`` for a certificate that cannot sign, before the
    first ad is lost to it."""
    signing.prove()
    opened = open_engine(engine)
    opened.warm_up()
    Station(opened).work(**options)
