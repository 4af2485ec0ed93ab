"""What a client does, told without doing it.

An operation is a *flow*: a generator that yields what is to be done (send a request, sleep, listen on a socket) and is
given what came of it. ``AdStudio`` and ``AsyncAdStudio`` do those few things, each in its own way; everything else is
written once.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, cast

from adstudio_client.types import AsyncProgressCallback, Progress

Result = TypeVar("Result")
Upload: TypeAlias = tuple[str, bytes, str]
"""A form's file: name, bytes, content type."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    content: bytes | None = None
    follow: bool = False
    """Whether a redirect is followed: pictures may lie on object storage, which never sees the token."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)


class SocketLost(Exception):
    """A websocket that could not be opened, or closed; ``code`` is the server's when it said one."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(f"websocket closed ({code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Send:
    request: Request


@dataclass(frozen=True, slots=True)
class Sleep:
    seconds: float


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """Takes the place of the flow's socket of before; the last one is closed when the flow ends."""

    path: str


@dataclass(frozen=True, slots=True)
class Receive:
    seconds: float


@dataclass(frozen=True, slots=True)
class SendText:
    text: str


@dataclass(frozen=True, slots=True)
class Tell:
    callback: AsyncProgressCallback
    progress: Progress


Effect: TypeAlias = Send | Sleep | OpenSocket | Receive | SendText | Tell
Flow: TypeAlias = Generator[Effect, Any, Result]


def send(request: Request) -> Flow[Response]:
    """Raises ``ConnectionFailed``."""
    return cast(Response, (yield Send(request)))


def sleep(seconds: float) -> Flow[None]:
    yield Sleep(seconds)


def open_socket(path: str) -> Flow[None]:
    """Raises ``SocketLost``."""
    yield OpenSocket(path)


def receive(seconds: float) -> Flow[str | None]:
    """The next message, or None when none came in that time. Raises ``SocketLost``."""
    return cast("str | None", (yield Receive(max(0.0, seconds))))


def send_text(text: str) -> Flow[None]:
    """Raises ``SocketLost``."""
    yield SendText(text)


def tell(callback: AsyncProgressCallback | None, progress: Progress) -> Flow[None]:
    if callback is not None:
        yield Tell(callback, progress)
