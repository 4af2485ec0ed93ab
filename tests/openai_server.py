"""A server on this machine that speaks OpenAI's protocol and does what a test tells it to, good and bad.

    with openai_server(answers({"scene": "beach"}), rate_limited(1)) as server: ...

Each question gets the next of the behaviours, the last one for ever; ``server.asked`` is what came. The fixture
``openai`` of ``tests/conftest.py`` points the settings at one.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHAT, MODERATIONS = "/v1/chat/completions", "/v1/moderations"
INPUT_TOKENS, CACHED_TOKENS, OUTPUT_TOKENS = 1000, 400, 100


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)

    @property
    def has_picture(self) -> bool:
        return b"image/" in self.body

    @property
    def instructions(self) -> str:
        return str(self.told["messages"][0]["content"])

    @property
    def wish(self) -> str:
        return str(self.told["messages"][1]["content"][0]["text"])

    @property
    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = self.told["response_format"]["json_schema"]["schema"]
        return found


Behaviour = Callable[["Conversation"], None]


@dataclass
class OpenAIServer:
    """``behaviours`` answer questions, ``moderation`` what is to be moderated. Both may be set anew at any time."""

    url: str
    behaviours: list[Behaviour]
    moderation: list[Behaviour] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    moderated: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def respond(self, *behaviours: Behaviour) -> None:
        """From now on these, beginning with the first."""
        self.behaviours = list(behaviours)

    def next_behaviour(self, asked: Asked) -> Behaviour:
        moderating = asked.path == MODERATIONS
        (self.moderated if moderating else self.asked).append(asked)
        behaviours = self.moderation if moderating else self.behaviours
        return behaviours[0] if len(behaviours) == 1 else behaviours.pop(0)


@dataclass
class Conversation:
    """One request being answered."""

    asked: Asked
    handler: BaseHTTPRequestHandler
    closing: threading.Event

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.begin(status, len(body), **headers)
        self.handler.wfile.write(body)

    def begin(self, status: int, length: int, **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Length", str(length))
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def complete(self, content: str | None, *, refusal: str | None = None, finish: str = "stop") -> None:
        self.send(200, json.dumps(completion(content, refusal=refusal, finish=finish)).encode())


def completion(content: str | None, *, refusal: str | None = None, finish: str = "stop") -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
                "finish_reason": finish,
                "logprobs": None,
            }
        ],
        "usage": {
            "prompt_tokens": INPUT_TOKENS,
            "completion_tokens": OUTPUT_TOKENS,
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
            "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
        },
    }


# Behaviours -----------------------------------------------------------------------------------------------


def answers(parsed: Mapping[str, Any] | Callable[[Asked], Mapping[str, Any]]) -> Behaviour:
    """A good answer: this, or what is made of the question."""

    def behave(talk: Conversation) -> None:
        found = parsed(talk.asked) if callable(parsed) else parsed
        talk.complete(json.dumps(found, ensure_ascii=False))

    return behave


def malformed(content: str = '{"scene": "bea') -> Behaviour:
    """A completion whose content is no JSON."""
    return lambda talk: talk.complete(content)


def empty() -> Behaviour:
    """A completion without content."""
    return lambda talk: talk.complete(None)


def cut_off() -> Behaviour:
    return lambda talk: talk.complete('{"scene": "bea', finish="length")


def refuses(words: str = "I'm sorry, I can't help with that.") -> Behaviour:
    return lambda talk: talk.complete(None, refusal=words)


def no_json(body: bytes = b"<html>gateway</html>") -> Behaviour:
    """Status 200 and a page, as a gateway may send it."""
    return lambda talk: talk.send(200, body, Content_Type="text/html")


def fails(status: int = 500, code: str = "server_error") -> Behaviour:
    body = json.dumps({"error": {"message": "no", "type": code, "param": None, "code": code}}).encode()
    return lambda talk: talk.send(status, body)


def rate_limited(retry_after: float | None = None, code: str = "rate_limit_exceeded") -> Behaviour:
    body = json.dumps({"error": {"message": "slow down", "type": code, "param": None, "code": code}}).encode()
    headers = {} if retry_after is None else {"Retry_After": str(retry_after)}
    return lambda talk: talk.send(429, body, **headers)


def slow(seconds: float, then: Behaviour | None = None) -> Behaviour:
    """Nothing for so long; then an answer, or the end of the connection."""

    def behave(talk: Conversation) -> None:
        talk.closing.wait(seconds)
        if then is not None:
            with contextlib.suppress(OSError):
                then(talk)

    return behave


def drips(seconds: float) -> Behaviour:
    """A byte now and then for so long: no single read ever times out."""

    def behave(talk: Conversation) -> None:
        talk.begin(200, 1_000_000)
        ends = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            while time.monotonic() < ends and not talk.closing.wait(0.05):
                talk.handler.wfile.write(b" ")
                talk.handler.wfile.flush()

    return behave


def resets() -> Behaviour:
    """The connection is reset before a byte was answered."""

    def behave(talk: Conversation) -> None:
        talk.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        talk.handler.close_connection = True
        talk.handler.connection.close()

    return behave


def moderates(words: Mapping[str, str] | None = None, *, picture: str = "") -> Behaviour:
    """A moderation: a text with one of the words is flagged for its category, every picture for ``picture``."""

    def behave(talk: Conversation) -> None:
        asked = talk.asked.told["input"]
        results = [_moderated(each, words or {}, picture) for each in asked]
        body = {"id": "modr-1", "model": "omni-moderation-latest", "results": results}
        talk.send(200, json.dumps(body).encode())

    return behave


def _moderated(asked: Any, words: Mapping[str, str], picture: str) -> dict[str, Any]:
    if isinstance(asked, str):
        found = {category for word, category in words.items() if word in asked}
    else:
        found = {picture} if picture else set()
    categories = {name: name in found for name in {"hate", "sexual", "violence", "illicit/violent", *found}}
    return {
        "flagged": bool(found),
        "categories": categories,
        "category_scores": {name: float(is_so) for name, is_so in categories.items()},
        "category_applied_input_types": {name: ["text"] for name in categories},
    }


# The server -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def openai_server(*behaviours: Behaviour) -> Iterator[OpenAIServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            server.next_behaviour(asked)(Conversation(asked, self, server.closing))

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Callers that went away are part of what is tested."""

    listener = Listener(("127.0.0.1", 0), Handler)
    server = OpenAIServer(
        f"http://127.0.0.1:{listener.server_address[1]}/v1",
        list(behaviours) or [fails()],
        [moderates()],
    )
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
