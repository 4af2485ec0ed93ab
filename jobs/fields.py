"""Kinds of fields that requests are made of: what a value must be, and the same told in JSON Schema."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from adstudio.plain import UNSEEN, seen

NOT_TEXT = ("Cc", "Cs")
"""Unicode categories that no text keeps: control characters and halves of surrogate pairs."""
VISIBLE = rf"[^\s\u0000-\u001f\u007f-\u009f{UNSEEN}]"
"""A character that is left when spaces, control characters and what cannot be seen are gone."""


def composed(value: object) -> object:
    """Text in NFC, ``\\n`` its only line break; other values as they are."""
    if not isinstance(value, str):
        return value
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True, slots=True)
class PlainText:
    """Text of at most ``longest`` characters (Unicode code points), kept composed, without control characters,
    without what cannot be seen (``adstudio.plain``) and without spaces around it. ``required``: something must be
    left."""

    longest: int
    required: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        kept = core_schema.no_info_after_validator_function(self._kept, handler(source))
        return core_schema.no_info_before_validator_function(composed, kept)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        told = {**handler(schema), "maxLength": self.longest}
        return {**told, "minLength": 1, "pattern": VISIBLE} if self.required else told

    def _kept(self, text: str) -> str:
        if len(text) > self.longest:
            raise PydanticCustomError("string_too_long", "Text is too long", {"max_length": self.longest})
        kept = "".join(c for c in seen(text) if c == "\n" or unicodedata.category(c) not in NOT_TEXT)
        plain = kept.strip()
        if self.required and not plain:
            raise PydanticCustomError("missing", "Text is required")
        return plain


@dataclass(frozen=True, slots=True)
class Between:
    """A number from ``low`` to ``high``, both included. True is not the number 1."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inside = core_schema.no_info_after_validator_function(self._inside, handler(source))
        return core_schema.no_info_before_validator_function(_no_switch, inside)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "minimum": self.low, "maximum": self.high}

    def _inside(self, number: float) -> float:
        if not self.low <= number <= self.high:  # also what is not a number
            raise PydanticCustomError("out_of_range", "Out of range", {"low": self.low, "high": self.high})
        return number


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number")
    return value
