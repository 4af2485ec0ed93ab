"""The machine's state, for /resources, /health and the admin."""

from __future__ import annotations

import time
from typing import Any

import psutil
from django.conf import settings
from redis import RedisError

from adstudio.valkey import valkey
from jobs import operations, selectors

GIGABYTE = 1024**3
CARDS_SECONDS = 2.0
"""Workers tell of their cards no more often, and every status carries them."""

RECONCILE_LATE_SECONDS = 60.0
"""A round comes every three seconds."""

_cards: list[tuple[float, list[dict[str, Any]]]] = []
"""When they were asked for last, and what was told."""


def degraded_parts() -> list[str]:
    """What keeps ads from being made, or soon will: ``workers``, ``queue``, ``valkey``, ``reconcile``, ``disk``."""
    queues = operations.queues()
    found = {
        "workers": not any(queue.workers for queue in queues) or any(queue.is_stuck for queue in queues),
        "queue": sum(queue.waiting for queue in queues) >= settings.QUEUE_LIMIT,
        "valkey": not _valkey_answers(),
        "reconcile": _reconcile_is_late(),
        "disk": operations.disk().is_scarce,
    }
    return [part for part, is_degraded in found.items() if is_degraded]


def _valkey_answers() -> bool:
    try:
        return bool(valkey().ping())
    except RedisError:
        return False


def _reconcile_is_late() -> bool:
    """Without it what a lost worker held waits for ever, and nothing is deleted for good."""
    try:
        return operations.reconciled_seconds() > RECONCILE_LATE_SECONDS
    except RedisError:
        return False  # nobody knows; that Valkey is away is told


def system_metrics() -> dict[str, Any]:
    """CPU and memory of this host; GPUs as their live workers last told."""
    memory = psutil.virtual_memory()
    return {
        "cpu_percent": psutil.cpu_percent(interval=None),
        "ram_used_gb": round(memory.used / GIGABYTE, 2),
        "ram_total_gb": round(memory.total / GIGABYTE, 2),
        "ram_percent": memory.percent,
        "gpu_info": _gpus(),
    }


def _gpus() -> list[dict[str, Any]]:
    now = time.monotonic()
    if _cards and now - _cards[0][0] < CARDS_SECONDS:
        return _cards[0][1]
    told = [
        {**gpu, "resident": worker.resident_models}
        for worker in selectors.live_workers()
        for gpu in worker.gpu
    ]
    _cards[:] = [(now, told)]
    return told
