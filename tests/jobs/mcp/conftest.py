"""The real command, started by the SDK's own client as a language model's host starts it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from django.db import connections
from mcp import Client as McpClient
from mcp import StdioServerParameters, stdio_client
from mcp.types import CallToolResult

from accounts.tokens import token_create
from tests.conftest import ROOT
from tests.jobs import factories


@dataclass
class Host:
    """What a host of a language model would know: how to start the server, and for whom."""

    environ: dict[str, str]
    token: str
    log: Path

    def parameters(self, *arguments: str, **environ: str) -> StdioServerParameters:
        return StdioServerParameters(
            command=sys.executable,
            args=["manage.py", "mcp", *arguments],
            env={**self.environ, "ADSTUDIO_TOKEN": self.token, **environ},
            cwd=ROOT,
        )

    @asynccontextmanager
    async def open(self, *arguments: str, **environ: str) -> AsyncIterator[McpClient]:
        with self.log.open("a", encoding="utf-8") as log:
            transport = stdio_client(self.parameters(*arguments, **environ), errlog=log)
            async with McpClient(transport, read_timeout_seconds=90) as client:
                yield client


def converse(talk: Callable[[], Awaitable[None]]) -> None:
    """Run a conversation in a thread of its own: the main one may have Playwright's event loop.

    What it asks the test database itself goes over a connection that is closed with it.
    """

    async def closed_after() -> None:
        try:
            await talk()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(anyio.run, closed_after).result()


def told(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    answer: dict[str, Any] = result.structured_content
    return answer


def error_of(result: CallToolResult) -> dict[str, Any]:
    """The error, after a look at what the model reads: the code, the argument, a sentence in English."""
    assert result.is_error
    [text] = result.content
    assert text.type == "text"
    error: dict[str, Any] = result.structured_content["error"]
    assert text.text.startswith(error["code"])
    assert error["message"] in text.text
    assert not any("가" <= letter <= "힣" for letter in text.text)
    return error


@pytest.fixture
def host(live_environ: dict[str, str], transactional_db: None, tmp_path: Path) -> Host:
    shop = factories.shop("데모 카페")
    _, plain = token_create(shop=shop, name="mcp")
    return Host(live_environ, plain, tmp_path / "stderr.log")


empty_environ = partial(dict, DATABASE_URL="", REDIS_URL="", SECRET_KEY="", ADSTUDIO_DEMO="")
"""As on a machine whose embedded servers are not running."""
