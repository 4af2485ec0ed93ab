"""What only a program on asyncio does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from adstudio_client import AsyncAdStudio, JobStopped, Progress

from tests.clients.conftest import token_of
from tests.clients.proxy import Proxy
from tests.conftest import until
from tests.jobs import factories
from tests.jobs.conftest import Client


def run(program: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: the main one may have Playwright's event loop."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, program).result(timeout=90)


def test_many_jobs_are_waited_for_at_once_and_callbacks_awaited(proxy: Proxy, client_shop: Client) -> None:
    jobs = [str(factories.job(client_shop.shop).pk) for _ in range(8)]
    heard: set[str] = set()

    async def note(progress: Progress) -> None:
        await asyncio.sleep(0.01)
        heard.add(progress.job_id)

    async def program() -> None:
        async with AsyncAdStudio(proxy.url, token_of(client_shop)) as studio:
            waiting = asyncio.gather(
                *(studio.wait(job, timeout=60, on_progress=note) for job in jobs), return_exceptions=True
            )
            while len(heard) < len(jobs):
                await asyncio.sleep(0.05)
            for job in jobs:
                await studio.stop(job)
            ends = await waiting
        assert [type(end) for end in ends] == [JobStopped] * len(jobs)

    run(program())
    assert proxy.count("GET /ws/") == len(jobs)
    assert proxy.count("GET /status") == 0


def test_a_wait_that_is_cancelled_leaves_nothing_open(proxy: Proxy, client_shop: Client) -> None:
    job = str(factories.job(client_shop.shop).pk)

    async def program() -> None:
        async with AsyncAdStudio(proxy.url, token_of(client_shop)) as studio:
            told = asyncio.Event()
            waiting = asyncio.create_task(studio.wait(job, on_progress=lambda progress: told.set()))
            await asyncio.wait_for(told.wait(), 30)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert (await studio.status(job)).status == "pending"

    run(program())
    until(lambda: proxy.ended == 2, 10, "the end of both connections")


def test_an_error_of_the_programs_own_callback_reaches_it(proxy: Proxy, client_shop: Client) -> None:
    job = str(factories.job(client_shop.shop).pk)

    async def program() -> None:
        async with AsyncAdStudio(proxy.url, token_of(client_shop)) as studio:
            with pytest.raises(ZeroDivisionError):
                await studio.wait(job, on_progress=lambda progress: 1 / 0)

    run(program())
    until(lambda: proxy.ended == 1, 10, "the end of the websocket")
