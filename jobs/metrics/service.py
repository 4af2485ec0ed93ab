"""The service as a whole, read anew for every scrape: queues, workers, cards, the disk, and the shared counts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis import RedisError

from jobs import operations
from jobs.metrics.shared import MAKING, WAITING, Counts, counts
from jobs.models import WorkerState
from jobs.selectors import live_workers

logger = logging.getLogger(__name__)

GIGABYTE = 1024**3
MEGABYTE = 1024**2


class Service(Collector):
    """Every host's ``/metrics`` tells the same here: take the maximum over instances, never the sum."""

    def describe(self) -> list[Metric]:
        """Registering must not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("adstudio_up", "Whether a part of the service answers.", labels=["part"])
        try:
            yield from _from_postgres()
            up.add_metric(["postgres"], 1)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("metrics without Postgres: %s", error)
            up.add_metric(["postgres"], 0)
        try:
            yield from _from_valkey(counts())
            up.add_metric(["valkey"], 1)
        except RedisError as error:
            logger.warning("metrics without Valkey: %s", error)
            up.add_metric(["valkey"], 0)
        yield up


def _from_postgres() -> Iterator[Metric]:
    # Everything is read before the first is told: half a scrape would look like a queue that emptied.
    queues, workers = operations.queues(), list(live_workers())
    for name, told, value in (
        ("adstudio_jobs_waiting", "Jobs that wait for a worker.", "waiting"),
        ("adstudio_jobs_running", "Jobs in a worker's hands.", "running"),
        ("adstudio_exports_waiting", "Pictures in channels' formats that wait for a worker.", "exports"),
        ("adstudio_workers", "Workers alive.", "workers"),
    ):
        gauge = GaugeMetricFamily(name, told, labels=["engine"])
        for queue in queues:
            gauge.add_metric([queue.engine], getattr(queue, value))
        yield gauge
    oldest = GaugeMetricFamily(
        "adstudio_queue_oldest_seconds", "How long the job that waits longest has waited.", labels=["engine"]
    )
    for queue in queues:
        oldest.add_metric([queue.engine], queue.oldest.total_seconds() if queue.oldest else 0.0)
    yield oldest
    yield from _of_workers(workers)
    disk = operations.disk()
    told = "Free on the disk of pictures and logs."
    yield GaugeMetricFamily("adstudio_disk_free_bytes", told, disk.free_gb * GIGABYTE)
    yield GaugeMetricFamily("adstudio_disk_total_bytes", "Size of that disk.", disk.total_gb * GIGABYTE)


def _of_workers(workers: list[WorkerState]) -> Iterator[Metric]:
    memory = GaugeMetricFamily(
        "adstudio_worker_memory_bytes", "Resident memory of a host's workers.", labels=["engine", "host"]
    )
    used: Counter[tuple[str, str]] = Counter()
    for worker in workers:
        used[worker.engine, worker.host] += worker.memory_mb * MEGABYTE
    for whose, size in sorted(used.items()):
        memory.add_metric(whose, size)
    yield memory
    labels = ["host", "gpu"]
    taken = GaugeMetricFamily("adstudio_gpu_memory_used_bytes", "Memory in use on a card.", labels=labels)
    whole = GaugeMetricFamily("adstudio_gpu_memory_total_bytes", "Memory of a card.", labels=labels)
    busy = GaugeMetricFamily("adstudio_gpu_utilisation_ratio", "How busy a card is, 0 to 1.", labels=labels)
    models = GaugeMetricFamily(
        "adstudio_model_bytes", "A model that a worker holds, and where.", labels=["host", "model", "place"]
    )
    held: Counter[tuple[str, str, str]] = Counter()
    for worker in workers:
        for card in worker.gpu:
            names = [worker.host, str(card["index"])]
            taken.add_metric(names, card["vram_used_gb"] * GIGABYTE)
            whole.add_metric(names, card["vram_total_gb"] * GIGABYTE)
            if card["gpu_util"] is not None:
                busy.add_metric(names, card["gpu_util"] / 100)
        for model in worker.resident_models:
            held[worker.host, model["name"], model["place"]] += round(model["gb"] * GIGABYTE)
    for names_of_model, size in sorted(held.items()):
        models.add_metric(names_of_model, size)
    yield from (taken, whole, busy, models)


def _from_valkey(found: Counts) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "adstudio_jobs_ended",
        "Jobs that ended; code says why where they failed.",
        labels=["engine", "status", "code"],
    )
    for labels, count in sorted(found.ended.items()):
        ended.add_metric(labels, count)
    lost = CounterMetricFamily(
        "adstudio_attempts_lost", "Attempts whose worker died or let go of the job.", labels=["engine"]
    )
    for engine, count in sorted(found.lost.items()):
        lost.add_metric([engine], count)
    steps = HistogramMetricFamily(
        "adstudio_step_seconds", "Time of a step in jobs that were completed.", labels=["engine", "step"]
    )
    whole = HistogramMetricFamily(
        "adstudio_job_seconds",
        "Time of completed jobs: phase waiting, before a worker took the job, and making, from then on.",
        labels=["engine", "phase"],
    )
    for (engine, name), durations in sorted(found.durations.items()):
        family = whole if name in (WAITING, MAKING) else steps
        family.add_metric([engine, name], durations.cumulative, durations.total)
    yield from (ended, lost, steps, whole)
    yield GaugeMetricFamily(
        "adstudio_reconciled_seconds",
        "How long ago the last round of reconcile_jobs was done; at most a day.",
        operations.reconciled_seconds(),
    )
