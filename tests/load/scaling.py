"""How throughput grows with workers, and how much Postgres and Valkey hold for so many ads.

Not collected with the tests; ``python -m tests.load --only workers`` and ``--only sizes``. ``docs/scaling.md`` has
the figures.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

import psutil
import pytest
from django.db import connection
from django.db.models import Sum

from adstudio.processes import stop_together
from adstudio.valkey import valkey
from jobs import services
from jobs.models import Artifact, Job, WorkerState
from jobs.params import AdParams
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.load.figures import Table

ADS = int(os.environ.get("LOAD_ADS", "24"))
"""Made for each number of workers."""
WORKERS = (1, 2, 4)
ROWS = 100_000
FOREVER = 3600
REAL = {"text_content": "오늘만\n반값", "scene": "cafe-wood", "seed": 3}
"""A whole ad at 1024 × 1024, not a test picture."""
TABLES = ("jobs_job", "jobs_jobevent", "jobs_artifact")

table = Table()


def _order(photo_shop: Any, **fields: Any) -> Job:
    shop, photo = photo_shop
    asked = AdParams.model_validate({**REAL, **fields})
    return services.job_submit(shop=shop, params=asked, photo=photo).job


@pytest.mark.timeout(FOREVER)
def test_workers(stack: Stack, settings: Any) -> None:
    settings.QUEUE_LIMIT = settings.SHOP_DAILY_JOBS = 1_000_000
    shop = factories.shop()
    where = (shop, factories.photo(shop))
    alone = 0.0
    for number in WORKERS:
        for _ in range(number):
            stack.start_worker()
        until(lambda: WorkerState.objects.count() == number, 120, f"{number} workers")  # noqa: B023
        warm = [_order(where, seed=seed) for seed in range(number)]
        until(lambda: _are_over(warm), 300, "the first ads")  # noqa: B023
        began = time.perf_counter()
        orders = [_order(where, seed=seed) for seed in range(ADS)]
        until(lambda: _are_over(orders), FOREVER, "the ads")  # noqa: B023
        rate = ADS / (time.perf_counter() - began) * 60
        alone = alone or rate
        made = Job.objects.filter(pk__in=[job.pk for job in orders])
        seconds = [(job.finished_at - job.started_at).total_seconds() for job in made]  # type: ignore[operator]
        memory = [
            psutil.Process(worker.process.pid).memory_info().rss / 1024**2
            for worker in stack.workers
            if worker.process
        ]
        assert {job.status for job in made} == {"completed"}
        table.add(f"{number} workers, ads a minute", f"{rate:.1f}")
        table.add("  times one worker's", f"{rate / alone:.2f}")
        table.add("  an ad's seconds in a worker's hands, median", f"{statistics.median(seconds):.2f}")
        table.add("  memory of a worker, MB", f"{max(memory):.0f}")
        stop_together(stack.workers)
        stack.workers.clear()
        WorkerState.objects.all().delete()


def _are_over(jobs: list[Job]) -> bool:
    return not Job.objects.filter(pk__in=[job.pk for job in jobs], status__in=Job.ACTIVE).exists()


_COPY_JOBS = """
INSERT INTO jobs_job ({columns})
SELECT {values} FROM jobs_job, generate_series(1, %s) n WHERE jobs_job.id = %s
"""
_COPY_OF_EACH = """
INSERT INTO {table} ({columns})
SELECT {values} FROM jobs_job copies JOIN {table} ON {table}.job_id = %s WHERE copies.id <> %s
"""


def _columns(name: str, *, leave_out: str = "") -> list[str]:
    with connection.cursor() as cursor:
        found = [column.name for column in connection.introspection.get_table_description(cursor, name)]
    return [column for column in found if column != leave_out]


def _copy(job: Job) -> None:
    """So many ads like this one, with their history and pictures' rows; the files themselves are not copied."""
    own = _columns("jobs_job")
    fresh = {"id": "gen_random_uuid()", "queued_at": "queued_at - random() * interval '365 days'"}
    with connection.cursor() as cursor:
        values = ", ".join(fresh.get(column, column) for column in own)
        cursor.execute(_COPY_JOBS.format(columns=", ".join(own), values=values), [ROWS, job.pk])
        for name, key in (("jobs_jobevent", ""), ("jobs_artifact", "gen_random_uuid()")):
            theirs = _columns(name, leave_out="" if key else "id")
            as_copied = {"id": key, "job_id": "copies.id"}
            values = ", ".join(as_copied.get(column) or f"{name}.{column}" for column in theirs)
            sql = _COPY_OF_EACH.format(table=name, columns=", ".join(theirs), values=values)
            cursor.execute(sql, [job.pk, job.pk])
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")


def _bytes(name: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [name, name])
        rows, indexes = cursor.fetchone()
    return rows, indexes


@pytest.mark.timeout(FOREVER)
def test_sizes(stack: Stack, settings: Any) -> None:
    settings.QUEUE_LIMIT = settings.SHOP_DAILY_JOBS = 1_000_000
    shop = factories.shop()
    where = (shop, factories.photo(shop))
    stack.start_worker()
    job = _order(where)
    until(lambda: _are_over([job]), 120, "the ad")
    stack.stop_worker()
    made = Artifact.objects.filter(job=job)
    table.add("pictures of an ad", made.count())
    table.add("  their files, KiB", (made.aggregate(size=Sum("size"))["size"] or 0) // 1024)
    _copy(job)
    whole = 0
    for name in TABLES:
        rows, indexes = _bytes(name)
        whole += rows + indexes
        table.add(f"{name}, {ROWS:,} ads: rows + indexes, MB", f"{rows / 1e6:.0f} + {indexes / 1e6:.0f}")
    table.add("Postgres for a million ads, GB", f"{whole / ROWS * 1e6 / 1e9:.1f}")
    empty = int(valkey().info("memory")["used_memory"])  # type: ignore[index]
    waiting = 1000
    for seed in range(waiting):
        _order(where, seed=seed)
    full = int(valkey().info("memory")["used_memory"])  # type: ignore[index]
    table.add("Valkey with nothing waiting, MB", f"{empty / 1e6:.1f}")
    table.add("  for a waiting job, bytes", (full - empty) // waiting)
