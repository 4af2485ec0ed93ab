"""What both clients share of httpx and websockets: addresses, headers, and whose fault an exception is."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException

from adstudio_client.errors import ConnectionFailed
from adstudio_client.wire import Request, Response, SocketLost

USER_AGENT = "adstudio-client/0.1.0"
CONNECT_SECONDS = 10.0
SOCKET_CLOSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the server is and who asks."""

    url: str
    token: str = field(repr=False)
    language: str
    timeout: float
    ssl_context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"The address has to start with http:// or https://, not {self.url!r}.")
        if not self.token or not (self.token.isascii() and self.token.isprintable()) or " " in self.token:
            raise ValueError("The token is not one: manage.py api_token prints it.")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}

    def http(self) -> dict[str, Any]:
        """The arguments of an httpx client."""
        return {
            "base_url": self.url,
            "headers": {**self.headers, "User-Agent": USER_AGENT},
            "timeout": httpx.Timeout(self.timeout, connect=CONNECT_SECONDS),
            "verify": True if self.ssl_context is None else self.ssl_context,
        }

    def socket(self, path: str) -> dict[str, Any]:
        """The arguments of websockets' ``connect``."""
        secure = {"ssl": self.ssl_context} if self.ssl_context and self.url.startswith("https") else {}
        return {
            "uri": "ws" + self.url.removeprefix("http").rstrip("/") + path,
            "additional_headers": self.headers,
            "user_agent_header": USER_AGENT,
            "open_timeout": CONNECT_SECONDS,
            "close_timeout": SOCKET_CLOSE_SECONDS,
            **secure,
        }


def http_arguments(request: Request) -> dict[str, Any]:
    """The arguments of httpx's ``request``."""
    bodies = {
        "params": request.query,
        "json": request.json,
        "data": request.form,
        "files": request.files,
        "content": request.content,
    }
    return {
        "method": request.method,
        "url": request.path,
        "headers": request.headers,
        "follow_redirects": request.follow,
        **{name: value for name, value in bodies.items() if value},
    }


def answer_of(response: httpx.Response) -> Response:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status_code, headers, response.content)


@contextmanager
def http_errors() -> Iterator[None]:
    """httpx's exceptions as ``ConnectionFailed``."""
    try:
        yield
    except (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError) as error:
        raise ConnectionFailed(f"{type(error).__name__}: {error}", may_pass=True) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionFailed(f"{type(error).__name__}: {error}", may_pass=False) from error


@contextmanager
def socket_errors() -> Iterator[None]:
    """The exceptions of websockets and of the network below as ``SocketLost``."""
    try:
        yield
    except ConnectionClosed as error:
        raise SocketLost(error.rcvd.code if error.rcvd else None) from error
    except (WebSocketException, OSError, TimeoutError) as error:
        raise SocketLost from error
