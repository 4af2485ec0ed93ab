"""Asking a language model, against a real server that behaves well and badly."""

from __future__ import annotations

import base64
import io
import time
from typing import Literal

import pytest
from PIL import Image
from pydantic import Field, field_validator

from generation.prompts import language_model
from generation.prompts.language_model import (
    Answer,
    Connection,
    LanguageModelFailed,
    Problem,
    StructuredAnswer,
    Usage,
    ask,
    small_jpeg,
)
from tests import openai_server as fake
from tests.conftest import free_port
from tests.openai_server import Behaviour, OpenAIServer, openai_server

GOOD = {"place": "beach", "why": "바다가 어울려요"}
ONCE = Usage(1, fake.INPUT_TOKENS, fake.CACHED_TOKENS, fake.OUTPUT_TOKENS)


class Place(StructuredAnswer):
    """Where it should stand."""

    place: Literal["beach", "cafe"]
    why: str = Field(description="in Korean")

    @field_validator("why")
    @classmethod
    def _short(cls, why: str) -> str:
        if len(why) > 40:
            raise ValueError("too long")
        return why


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "FIRST_PAUSE", 0.02)


def asking(
    server: OpenAIServer, *, seconds: float = 60.0, each: float = 30.0, picture: bytes | None = None
) -> Answer[Place]:
    connection = Connection(
        api_key="sk-test",
        model="gpt-4o",
        base_url=server.url,
        request_seconds=each,
        total_seconds=seconds,
    )
    return ask(connection, instructions="Choose a place.", wish="바닷가 느낌", schema=Place, picture=picture)


def failing(
    *behaviours: Behaviour, seconds: float = 60.0, each: float = 30.0
) -> tuple[LanguageModelFailed, int]:
    """The failure, and how many requests the server saw."""
    with openai_server(*behaviours) as server:
        with pytest.raises(LanguageModelFailed) as failed:
            asking(server, seconds=seconds, each=each)
        assert failed.value.usage.requests == len(server.asked)
        return failed.value, len(server.asked)


def test_a_good_answer_is_parsed_and_its_tokens_told() -> None:
    with openai_server(fake.answers(GOOD)) as server:
        answer = asking(server)
    assert answer.parsed == Place(place="beach", why="바다가 어울려요")
    assert answer.usage == ONCE and 0 < answer.seconds < 5


def test_what_is_sent_is_apart_and_strict() -> None:
    with openai_server(fake.answers(GOOD)) as server:
        asking(server)
        (asked,) = server.asked
    assert asked.path == fake.CHAT and asked.headers["authorization"] == "Bearer sk-test"
    assert asked.told["model"] == "gpt-4o"
    assert [message["role"] for message in asked.told["messages"]] == ["system", "user"]
    assert asked.instructions == "Choose a place." and asked.wish == "바닷가 느낌"
    assert asked.told["response_format"]["json_schema"]["strict"] is True
    assert asked.schema["additionalProperties"] is False
    assert asked.schema["required"] == ["place", "why"]
    assert asked.schema["properties"]["place"]["enum"] == ["beach", "cafe"]
    assert not asked.has_picture


def test_a_picture_goes_along_small_and_without_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    buffer = io.BytesIO()
    Image.new("RGB", (3000, 2000), "red").save(buffer, "JPEG", exif=exif)
    with openai_server(fake.answers(GOOD)) as server:
        asking(server, picture=small_jpeg(buffer.getvalue()))
        image = server.asked[0].told["messages"][1]["content"][1]["image_url"]
    assert image["detail"] == "low"
    sent = base64.b64decode(image["url"].removeprefix("data:image/jpeg;base64,"))
    with Image.open(io.BytesIO(sent)) as seen:
        assert seen.format == "JPEG" and max(seen.size) == language_model.PICTURE_SIDE
        assert not seen.getexif()


def test_what_is_see_through_is_sent_on_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    with Image.open(io.BytesIO(small_jpeg(buffer.getvalue()))) as seen:
        assert seen.convert("RGB").getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    "trouble",
    [
        fake.fails(500),
        fake.fails(503),
        fake.fails(408),
        fake.rate_limited(),
        fake.resets(),
        fake.no_json(),
        fake.no_json(b"[]"),
        fake.malformed(),
        fake.empty(),
        fake.cut_off(),
        fake.answers({"place": "moon", "why": ""}),
        fake.answers({**GOOD, "extra": 1}),
        fake.answers({**GOOD, "why": "x" * 41}),
    ],
    ids=lambda trouble: trouble.__qualname__.split(".")[0],
)
def test_two_troubles_are_got_over(trouble: Behaviour) -> None:
    with openai_server(trouble, trouble, fake.answers(GOOD)) as server:
        answer = asking(server)
        assert len(server.asked) == 3
    assert answer.parsed.place == "beach" and answer.usage.requests == 3


def test_two_answers_that_do_not_come_are_got_over() -> None:
    with openai_server(fake.slow(60), fake.slow(60), fake.answers(GOOD)) as server:
        answer = asking(server, each=1.5)
        assert len(server.asked) == 3
    assert answer.parsed.place == "beach" and 3 <= answer.seconds < 30


@pytest.mark.parametrize(
    ("behaviour", "problem", "requests"),
    [
        (fake.fails(500), Problem.SERVER, 3),
        (fake.no_json(), Problem.SERVER, 3),
        (fake.rate_limited(), Problem.RATE_LIMITED, 3),
        (fake.rate_limited(code="insufficient_quota"), Problem.DENIED, 1),
        (fake.fails(401, "invalid_api_key"), Problem.DENIED, 1),
        (fake.fails(404, "model_not_found"), Problem.DENIED, 1),
        (fake.fails(400, "invalid_request_error"), Problem.REJECTED, 1),
        (fake.refuses(), Problem.REFUSED, 1),
        (fake.resets(), Problem.UNREACHABLE, 3),
        (fake.malformed(), Problem.MALFORMED, 3),
    ],
)
def test_each_trouble_has_its_name_and_no_more_than_two_retries(
    behaviour: Behaviour, problem: Problem, requests: int
) -> None:
    failure, seen = failing(behaviour)
    assert failure.problem == problem and seen == requests


def test_answers_of_no_use_are_paid_for_all_the_same() -> None:
    failure, _ = failing(fake.malformed())
    assert failure.usage == ONCE.plus(ONCE).plus(ONCE)
    refusal, _ = failing(fake.refuses())
    assert refusal.usage == ONCE


@pytest.mark.parametrize("behaviour", [fake.slow(20), fake.drips(20)], ids=["slow", "drips"])
def test_nothing_takes_longer_than_the_limit(behaviour: Behaviour) -> None:
    began = time.monotonic()
    failure, _ = failing(behaviour, seconds=0.8, each=5)
    assert failure.problem == Problem.TIMEOUT
    assert 0.7 < time.monotonic() - began < 10  # the server would take 20


def test_it_waits_as_long_as_the_server_asks() -> None:
    with openai_server(fake.rate_limited(0.5), fake.answers(GOOD)) as server:
        answer = asking(server)
    assert answer.seconds >= 0.5 and answer.usage.requests == 2


def test_it_does_not_wait_beyond_the_limit_for_nothing() -> None:
    began = time.monotonic()
    failure, seen = failing(fake.rate_limited(30), seconds=20)
    assert (failure.problem, seen) == (Problem.RATE_LIMITED, 1)
    assert time.monotonic() - began < 10


def test_nobody_listens() -> None:
    connection = Connection("sk-test", "gpt-4o", f"http://127.0.0.1:{free_port()}/v1")
    with pytest.raises(LanguageModelFailed) as failed:
        ask(connection, instructions="", wish="", schema=Place)
    assert failed.value.problem == Problem.UNREACHABLE


def test_the_key_is_not_shown() -> None:
    assert "sk-secret" not in repr(Connection("sk-secret", "gpt-4o"))
