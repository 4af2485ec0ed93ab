"""Both clients on the live system; a test that asks for ``studio`` is run with each of them."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from adstudio_client import AdStudio, AsyncAdStudio

from tests.clients.proxy import Proxy, proxied
from tests.conftest import Stack
from tests.jobs.conftest import Client, Lab, client_shop, lab

__all__ = ["Lab", "client_shop", "lab"]
Result = TypeVar("Result")


class Blocking:
    """An ``AsyncAdStudio`` whose methods are awaited on a loop of its own, so that one test serves both clients."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.client = AsyncAdStudio(*arguments, **options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)

        def call(*arguments: Any, **options: Any) -> Any:
            made = method(*arguments, **options)
            return self.await_(_collected(made) if inspect.isasyncgen(made) else made)

        return call

    def await_(self, awaited: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaited, self.loop).result()

    def close(self) -> None:
        self.await_(self.client.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)


async def _collected(items: Any) -> list[Any]:
    return [item async for item in items]


Open = Callable[..., AdStudio]


@pytest.fixture(params=[AdStudio, Blocking], ids=["sync", "async"])
def open_studio(request: pytest.FixtureRequest, client_shop: Client, stack: Stack) -> Iterator[Open]:
    """Opens a client of the shop: ``open_studio(url, **options)``."""
    opened: list[Any] = []

    def open_(url: str = "", token: str = "", **options: Any) -> Any:
        opened.append(request.param(url or stack.url, token or token_of(client_shop), **options))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def token_of(client: Client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def studio(open_studio: Open) -> AdStudio:
    return open_studio()


@pytest.fixture
def proxy(stack: Stack) -> Iterator[Proxy]:
    with proxied(stack.port) as running:
        yield running


@pytest.fixture
def meanwhile() -> Iterator[Callable[..., Future[Any]]]:
    """Runs something beside the test."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit
