"""From JSON to the dataclasses of ``types``. Fields a newer server adds are left out."""

from __future__ import annotations

import base64
import dataclasses
import json
import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from adstudio_client.errors import UnexpectedAnswer

Read = TypeVar("Read")


def read_json(hint: type[Read], body: bytes) -> Read:
    """The body as that type. Raises ``UnexpectedAnswer``."""
    return read(hint, decoded(body))


def decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise UnexpectedAnswer(f"not JSON: {body[:80]!r}") from error


def read(hint: type[Read], data: object) -> Read:
    try:
        found: Read = _value(hint, data)
    except (TypeError, ValueError, KeyError) as error:
        raise UnexpectedAnswer(f"{getattr(hint, '__name__', hint)}: {error}") from error
    return found


def _value(hint: Any, data: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        [inner] = [each for each in arguments if each is not type(None)]
        return None if data is None else _value(inner, data)
    if origin is list:
        return [_value(arguments[0], each) for each in _checked(data, list)]
    if origin is dict:
        return {str(name): _value(arguments[1], each) for name, each in _checked(data, dict).items()}
    if dataclasses.is_dataclass(hint):
        return _fields(hint, _checked(data, dict))
    return _plain(hint, origin, data)


def _plain(hint: Any, origin: Any, data: Any) -> Any:
    if hint is Any:
        return data
    if hint is datetime:
        return datetime.fromisoformat(_checked(data, str))
    if hint is bytes:
        return base64.b64decode(_checked(data, str), validate=True)
    if hint is float:
        return float(_checked(data, int, float))
    return _checked(data, str if origin is Literal else hint)


def _fields(kind: Any, data: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], value) for name, value in data.items() if name in hints})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _checked(data: Any, *kinds: type) -> Any:
    if not isinstance(data, kinds) or (isinstance(data, bool) and bool not in kinds):
        raise TypeError(f"{data!r:.80} where {' or '.join(kind.__name__ for kind in kinds)} was expected")
    return data
