"""The machine's state, for /resources, /health and the admin."""

from __future__ import annotations

from typing import Any

import psutil

from jobs import selectors

GIGABYTE = 1024**3


def system_metrics() -> dict[str, Any]:
    """CPU and memory of this host; GPUs as their live workers last told."""
    memory = psutil.virtual_memory()
    return {
        "cpu_percent": psutil.cpu_percent(interval=None),
        "ram_used_gb": round(memory.used / GIGABYTE, 2),
        "ram_total_gb": round(memory.total / GIGABYTE, 2),
        "ram_percent": memory.percent,
        "gpu_info": [
            {**gpu, "resident": worker.resident_models}
            for worker in selectors.live_workers()
            for gpu in worker.gpu
        ],
    }
