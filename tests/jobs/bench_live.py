"""The live half of ``make bench``: real web server, worker, queue and socket. Prints medians; asserts nothing.

Not collected with the tests; run by ``make bench``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import median, quantiles
from typing import Any

import httpx
import numpy as np
import pytest
from django.core.cache import cache
from PIL import Image
from websockets.sync.client import connect

from generation import intake
from jobs import events
from jobs.claims import claim_next
from jobs.demo import SAMPLE, SAMPLE_PHOTO
from jobs.models import Artifact, Job
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import Client, wait_for

RUNS = 5
EVENTS = 40
STATUS_RATE = 50
"""Requests a second to /status, sent when their time has come whether or not earlier ones were answered."""
STATUS_SECONDS = 10
STATUS_CLIENTS = 4


@pytest.mark.timeout(900)
def test_live_figures(stack: Stack, client_shop: Client) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a request would bury the table
    event = _event_seconds(stack, client_shop)
    asked = _status_seconds(stack, client_shop)
    health = median(_timed(lambda: httpx.get(f"{stack.url}/health")) for _ in range(RUNS * 4))
    small = [_submit_seconds(stack, client_shop, SAMPLE_PHOTO.read_bytes() + bytes([n])) for n in range(RUNS)]
    big = [_submit_seconds(stack, client_shop, _big_photo(n)) for n in range(RUNS)]
    Job.objects.filter(status="pending").delete()
    cache.clear()  # the wake-ups of all those photos
    stack.start_worker()
    jobs = [_whole_job(stack, client_shop) for _ in range(RUNS + 1)][1:]
    rows = [
        ("health", health, ""),
        ("event to socket", event, "≤ 0.15 s"),
        (f"status at {STATUS_RATE}/s, images=none, median", median(asked), ""),
        (f"status at {STATUS_RATE}/s, images=none, p95", quantiles(asked, n=20)[-1], "≤ 0.02 s"),
        ("submit, 600x400", median(small), "≤ 0.1 s"),
        ("submit, 12 megapixels", median(big), "≤ 0.8 s"),
        ("first preview after claim", median(job[0] for job in jobs), "≤ 1.5 s"),
        ("claim to finished", median(job[1] for job in jobs), ""),
        ("submit to finished, with cut-out", median(job[2] for job in jobs), "≤ 8 s"),
    ]
    print(f"\n\nlive system, median of {RUNS} runs; ratio = to one /health answer in the same run\n")
    print(f"{'part':<42}{'seconds':>9}{'ratio':>8}{'target':>10}")
    for name, seconds, target in rows:
        print(f"{name:<42}{seconds:>9.3f}{seconds / health:>8.1f}{target:>10}")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _submit(stack: Stack, client: Client, photo: bytes, **fields: Any) -> str:
    answer = httpx.post(
        f"{stack.url}/api/generate",
        headers=client.headers,
        files={"file": ("photo", photo)},
        data={key: str(value) for key, value in {**SAMPLE, **fields}.items()},
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.json()["job_id"])


def _submit_seconds(stack: Stack, client: Client, photo: bytes) -> float:
    return _timed(lambda: _submit(stack, client, photo))


def _status_seconds(stack: Stack, client: Client) -> list[float]:
    """Latencies of /status of a job that a worker writes progress to, in an open loop: none waits for another."""
    factories.job(client.shop)
    claim = claim_next(engine="studio", worker="bench")
    assert claim is not None
    path = f"/status/{claim.job_id}?images=none"

    async def ask(http: httpx.AsyncClient, due: float, taken: list[float]) -> None:
        await asyncio.sleep(due - time.perf_counter())
        (await http.get(path)).raise_for_status()
        taken.append(time.perf_counter() - due)

    async def all_of_them() -> list[float]:
        async with AsyncExitStack() as opened:
            clients = [
                await opened.enter_async_context(
                    httpx.AsyncClient(base_url=stack.url, headers=client.headers)
                )
                for _ in range(STATUS_CLIENTS)
            ]
            for http in clients:
                await http.get(path)
            first = time.perf_counter() + 0.1
            taken: list[float] = []
            count = STATUS_RATE * STATUS_SECONDS
            await asyncio.gather(
                *(ask(clients[n % STATUS_CLIENTS], first + n / STATUS_RATE, taken) for n in range(count))
            )
            return taken

    taken = asyncio.run(all_of_them())
    Job.objects.filter(pk=claim.job_id).delete()
    return taken


def _event_seconds(stack: Stack, client: Client) -> float:
    """From the worker's write to the browser's socket."""
    factories.job(client.shop)
    claim = claim_next(engine="studio", worker="bench")
    assert claim is not None
    job = Job.objects.get(pk=claim.job_id)
    taken = []
    url = stack.url.replace("http", "ws") + f"/ws/jobs/{job.pk}/"
    with connect(url, additional_headers=client.headers) as socket:
        socket.recv(timeout=10)
        for percent in range(EVENTS):
            started = time.perf_counter()
            job.sequence = claim.progress(progress_percent=percent)
            events.send_progress(job)
            assert json.loads(socket.recv(timeout=10))["sequence"] == job.sequence
            taken.append(time.perf_counter() - started)
    Job.objects.filter(pk=job.pk).delete()
    return median(taken)


def _whole_job(stack: Stack, client: Client) -> tuple[float, float, float]:
    """Seconds from the claim to the first preview and to the end, and from the submission to the end.

    The photo is new to the shop each time, so its cut-out is part of it.
    """
    started = time.perf_counter()
    job = Job.objects.get(pk=_submit(stack, client, SAMPLE_PHOTO.read_bytes() + str(started).encode()))
    previews: list[float] = []
    while not job.is_terminal:
        time.sleep(0.02)
        job.refresh_from_db()
        if not previews and Artifact.objects.filter(job=job, kind="preview").exists():
            previews.append(time.perf_counter())
    done = time.perf_counter()
    wait_for(job, "completed")
    assert job.started_at is not None
    assert job.finished_at is not None
    claimed = done - (job.finished_at - job.started_at).total_seconds()
    return previews[0] - claimed, done - claimed, done - started


def _big_photo(number: int) -> bytes:
    """A 12-megapixel JPEG as a phone makes it, another one each time."""
    photo = Image.open(SAMPLE_PHOTO).convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(number).normal(0, 3, (3000, 4000, 3))
    return intake.encode_jpeg(np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8), 92)
