"""Asks a language model of OpenAI, or of a server that speaks its protocol, and gets an answer of a known shape.

What may be asked, by whom and how often is decided elsewhere (``jobs.words``). Nothing here is logged: what people
wrote and what was answered stays out of logs, the key as well.
"""

from __future__ import annotations

import asyncio
import base64
import io
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:  # importing openai takes a second and 60 MB: only who asks pays for it
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionContentPartParam

RETRIES: Final = 2
FIRST_PAUSE: Final = 0.4
"""Seconds before the first retry; each further one waits twice as long, less up to half of it by chance."""
PICTURE_SIDE: Final = 512
"""Longer side of a picture that is sent: what the model looks at with ``detail: low``, at 85 tokens."""
JPEG_QUALITY: Final = 80
LONGEST_ANSWER: Final = 1200
"""Tokens."""
_RETRIED_STATUSES: Final = frozenset({408, 409})

Result = TypeVar("Result")
Request = Callable[["AsyncOpenAI"], Awaitable[tuple[Result, "Usage"]]]
"""One request: what came of it, and what it spent."""


class StructuredAnswer(BaseModel):
    """Base of what a model is asked to answer: every field is required and no other is taken.

    OpenAI's strict schemas know types and choices (``Literal``) but no lengths: check those with a validator, which
    leaves the schema as it is. Docstring and ``Field(description=…)`` are sent along and read by the model.
    """

    model_config = ConfigDict(extra="forbid")


Shape = TypeVar("Shape", bound=StructuredAnswer)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to ask, and how patiently."""

    api_key: str = dataclass_field(repr=False)
    model: str
    base_url: str | None = None
    """None: OpenAI's own."""
    request_seconds: float = 8.0
    """A single request is given up after so long, and tried again."""
    total_seconds: float = 15.0
    """Nothing takes longer: requests, pauses and all."""


class Problem(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    DENIED = "denied"
    """The key, the address or the model's name is wrong, or the account is out of credit."""
    REJECTED = "rejected"
    """The server will not take this request, and others it may."""
    REFUSED = "refused"
    """The model declined to answer."""
    MALFORMED = "malformed"
    """An answer, but not of the shape asked for."""


_WORTH_A_RETRY: Final = frozenset(
    {Problem.TIMEOUT, Problem.UNREACHABLE, Problem.RATE_LIMITED, Problem.SERVER, Problem.MALFORMED}
)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was spent, over all requests of one question."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    """Those of the input that the server had kept from an earlier request, and charges less for."""
    output_tokens: int = 0

    def plus(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Answer(Generic[Shape]):
    parsed: Shape
    usage: Usage
    seconds: float


class LanguageModelFailed(Exception):
    """There is no answer. ``usage`` was spent all the same."""

    def __init__(self, problem: Problem, usage: Usage, seconds: float) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.usage = usage
        self.seconds = seconds


class _NoAnswer(Exception):
    """One request came to nothing."""

    def __init__(self, problem: Problem, *, usage: Usage | None = None, wait: float = 0.0) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.usage = usage or Usage()
        self.wait = wait
        """Seconds that the server asked to wait for (Retry-After)."""


def ask(
    connection: Connection,
    *,
    instructions: str,
    wish: str,
    schema: type[Shape],
    picture: bytes | None = None,
) -> Answer[Shape]:
    """Ask once and get an answer of the shape ``schema``; raises ``LanguageModelFailed`` and nothing else.

    ``instructions`` are ours (the system's message), ``wish`` is what people typed: it is sent apart from them and can
    change neither them nor the shape. ``picture`` is what ``small_jpeg`` made. Up to two retries, within
    ``connection.total_seconds``.
    """
    content = _content(wish, picture)

    async def request(client: AsyncOpenAI) -> tuple[Shape, Usage]:
        return await _request(client, connection, instructions, content, schema)

    parsed, usage, seconds = run(connection, request)
    return Answer(parsed, usage, seconds)


def small_jpeg(data: bytes) -> bytes:
    """A stored picture as it is sent: a JPEG no larger than the model looks at, without metadata, on white."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (2 * PICTURE_SIDE, 2 * PICTURE_SIDE))
        small = picture.convert("RGBA")
    small.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    flat = Image.new("RGB", small.size, "white")
    flat.paste(small, mask=small.getchannel("A"))
    buffer = io.BytesIO()
    flat.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def data_url(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def run(connection: Connection, request: Request[Result]) -> tuple[Result, Usage, float]:
    """Send ``request`` with retries within the time limit: its result, what all of them spent, and the seconds.

    The requests run in this process's own event loop, where a time limit truly ends them: a server that sends a byte
    now and then, or a name that is never resolved, cannot hold the caller up. Safe to call from any thread.
    """
    get_ready()
    began = time.monotonic()
    spent: list[Usage] = []
    work = _within_limit(connection, request, spent)
    try:
        result = asyncio.run_coroutine_threadsafe(work, _loop()).result()
    except _NoAnswer as failure:
        raise LanguageModelFailed(failure.problem, _sum(spent), time.monotonic() - began) from failure
    except TimeoutError as error:
        raise LanguageModelFailed(Problem.TIMEOUT, _sum(spent), time.monotonic() - began) from error
    return result, _sum(spent), time.monotonic() - began


@cache
def get_ready() -> None:
    """Load the library, which takes a second the first time: before the clock of a time limit runs."""
    import openai.resources.chat.completions
    import openai.resources.moderations  # noqa: F401 - the client loads its parts when they are first used


def _sum(spent: list[Usage]) -> Usage:
    total = Usage()
    for usage in spent:
        total = total.plus(usage)
    return total


async def _within_limit(
    connection: Connection,
    request: Request[Result],
    spent: list[Usage],
) -> Result:
    async with asyncio.timeout(connection.total_seconds):
        return await _with_retries(connection, request, spent)


async def _with_retries(
    connection: Connection,
    request: Request[Result],
    spent: list[Usage],
) -> Result:
    ends = time.monotonic() + connection.total_seconds
    client = _client(connection)
    for tried in range(RETRIES + 1):
        try:
            result, usage = await _once(client, connection, request, spent)
        except _NoAnswer as failure:
            spent[-1] = spent[-1].plus(failure.usage)
            pause = _pause(failure, tried)
            if tried == RETRIES or failure.problem not in _WORTH_A_RETRY or time.monotonic() + pause >= ends:
                raise
            await asyncio.sleep(pause)
        else:
            spent[-1] = spent[-1].plus(usage)
            return result
    raise AssertionError("the last try returns or raises")


async def _once(
    client: AsyncOpenAI,
    connection: Connection,
    request: Request[Result],
    spent: list[Usage],
) -> tuple[Result, Usage]:
    spent.append(Usage(requests=1))
    with _problems_named():
        async with asyncio.timeout(connection.request_seconds):
            return await request(client)


def _pause(failure: _NoAnswer, tried: int) -> float:
    by_chance: float = FIRST_PAUSE * 2**tried * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret in a pause
    return max(by_chance, failure.wait)


@contextmanager
def _problems_named() -> Iterator[None]:
    """Turns what the library raises into ``_NoAnswer``."""
    import openai

    try:
        yield
    except (openai.APITimeoutError, TimeoutError) as error:
        raise _NoAnswer(Problem.TIMEOUT) from error
    except openai.APIStatusError as error:
        raise _NoAnswer(_problem_of(error), wait=_retry_after(error)) from error
    except openai.APIConnectionError as error:
        raise _NoAnswer(Problem.UNREACHABLE) from error
    except (openai.OpenAIError, ValueError) as error:  # no JSON, or no completion: a gateway's own page, say
        raise _NoAnswer(Problem.SERVER) from error


def _problem_of(error: Any) -> Problem:
    status: int = error.status_code
    if error.code == "insufficient_quota" or status in (401, 403, 404):
        return Problem.DENIED
    if status == 429:
        return Problem.RATE_LIMITED
    return Problem.SERVER if status >= 500 or status in _RETRIED_STATUSES else Problem.REJECTED


def _retry_after(error: Any) -> float:
    """Seconds that the server asked to wait for; a date, which no server we know sends, is taken for none."""
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return 0.0


def _content(wish: str, picture: bytes | None) -> list[ChatCompletionContentPartParam]:
    parts: list[ChatCompletionContentPartParam] = [{"type": "text", "text": wish}]
    if picture is not None:
        parts.append({"type": "image_url", "image_url": {"url": data_url(picture), "detail": "low"}})
    return parts


async def _request(
    client: AsyncOpenAI,
    connection: Connection,
    instructions: str,
    content: list[ChatCompletionContentPartParam],
    schema: type[Shape],
) -> tuple[Shape, Usage]:
    answered = await client.chat.completions.with_raw_response.create(
        model=connection.model,
        messages=[{"role": "system", "content": instructions}, {"role": "user", "content": content}],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": schema.__name__, "strict": True, "schema": schema.model_json_schema()},
        },
        max_completion_tokens=LONGEST_ANSWER,
    )
    completion = _Completion.model_validate_json(answered.content)
    usage = completion.usage.told() if completion.usage else Usage()
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise _NoAnswer(Problem.REFUSED, usage=usage)
    try:
        return schema.model_validate_json(choice.message.content or ""), usage
    except ValidationError as error:
        raise _NoAnswer(Problem.MALFORMED, usage=usage) from error


class _Cached(BaseModel):
    cached_tokens: int | None = None


class _Tokens(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Cached | None = None

    def told(self) -> Usage:
        cached = self.prompt_tokens_details.cached_tokens if self.prompt_tokens_details else None
        return Usage(
            input_tokens=self.prompt_tokens, cached_tokens=cached or 0, output_tokens=self.completion_tokens
        )


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """What is read of an answer; the library's own model takes anything for one."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Tokens | None = None


_starting: Final = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    """One event loop for the whole process, in a thread that ends with it; connections in it are used again."""
    with _starting:
        return _running_loop()


@cache
def _running_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="language-model", daemon=True).start()
    return loop


@cache
def _client(connection: Connection) -> AsyncOpenAI:
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        api_key=connection.api_key,
        base_url=connection.base_url or "https://api.openai.com/v1",
        timeout=connection.request_seconds,
        max_retries=0,
    )
