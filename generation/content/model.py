"""Asks OpenAI's moderation what it thinks of words and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from generation.prompts.language_model import Connection, Usage, data_url, run

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import ModerationMultiModalInputParam


@dataclass(frozen=True, slots=True)
class Verdict:
    """``texts``: for each text the categories it was flagged for, none where it is fine; ``picture`` likewise."""

    texts: list[list[str]]
    picture: list[str]
    seconds: float


class _Result(BaseModel):
    flagged: bool
    categories: dict[str, bool | None]

    def told(self) -> list[str]:
        return sorted(name for name, is_so in self.categories.items() if is_so) if self.flagged else []


class _Results(BaseModel):
    results: list[_Result] = Field(min_length=1)


def moderate(connection: Connection, texts: Sequence[str], picture: bytes | None = None) -> Verdict:
    """Ask about all of them at once. ``picture`` is what ``language_model.small_jpeg`` made. Raises
    ``LanguageModelFailed``."""

    async def request(client: AsyncOpenAI) -> tuple[tuple[list[list[str]], list[str]], Usage]:
        of_texts, of_picture = await asyncio.gather(
            _of_texts(client, connection.model, texts), _of_picture(client, connection.model, picture)
        )
        return (of_texts, of_picture), Usage()

    (of_texts, of_picture), _, seconds = run(connection, request)
    return Verdict(of_texts, of_picture, seconds)


async def _of_texts(client: AsyncOpenAI, model: str, texts: Sequence[str]) -> list[list[str]]:
    if not texts:
        return []
    results = await _asked(client, model, list(texts))
    if len(results) != len(texts):
        raise ValueError("not a result for each text")
    return [result.told() for result in results]


async def _of_picture(client: AsyncOpenAI, model: str, picture: bytes | None) -> list[str]:
    if picture is None:
        return []
    shown: ModerationMultiModalInputParam = {"type": "image_url", "image_url": {"url": data_url(picture)}}
    return (await _asked(client, model, [shown]))[0].told()


async def _asked(
    client: AsyncOpenAI, model: str, asked: list[str] | list[ModerationMultiModalInputParam]
) -> list[_Result]:
    answered = await client.moderations.with_raw_response.create(model=model, input=asked)
    return _Results.model_validate_json(answered.content).results
