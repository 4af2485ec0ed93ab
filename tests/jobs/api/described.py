"""The API as its own OpenAPI document describes it, for tests that go over all of it: nothing new can be forgotten."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from openapi_schema_validator import OAS31Validator

from jobs.api import api

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
"""As a program gets it: JSON, all keys text."""
VERBS = ("get", "post", "put", "patch", "delete")
CHANGING = ("post", "put", "delete")


class Operation(NamedTuple):
    verb: str
    path: str
    told: dict[str, Any]

    @property
    def key(self) -> str:
        return str(self.told["operationId"])

    @property
    def takes_json(self) -> bool:
        return "application/json" in self.told.get("requestBody", {}).get("content", {})

    def at(self, job: object = "", photo: object = "") -> str:
        """The path with these keys in it, or with keys that nothing has."""
        return self.path.format(job_id=job or uuid.uuid4(), photo_id=photo or uuid.uuid4())


def operations() -> list[Operation]:
    found = DOCUMENT["paths"].items()
    return [Operation(verb, path, told) for path, verbs in found for verb, told in verbs.items()]


def with_json() -> list[Operation]:
    return [operation for operation in operations() if operation.takes_json]


def ids(operation: Operation) -> str:
    return f"{operation.verb} {operation.path}"


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        *_, kind, name = node["$ref"].split("/")
        node = DOCUMENT["components"][kind][name]
    return node


def validator(schema: dict[str, Any]) -> OAS31Validator:
    return OAS31Validator({**schema, "components": DOCUMENT["components"]})


def body_fields(operation: Operation) -> dict[str, Any]:
    """The fields of the operation's JSON body."""
    schema = operation.told["requestBody"]["content"]["application/json"]["schema"]
    fields: dict[str, Any] = resolved(schema)["properties"]
    return fields


def valid_body(operation: Operation) -> dict[str, Any]:
    """The first of its examples."""
    examples = operation.told["requestBody"]["content"]["application/json"]["examples"]
    return dict(next(iter(examples.values()))["value"])


def keywords(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The field's schemas, none for null."""
    for kind in field.get("anyOf", [field]):
        inner = resolved(kind["allOf"][0]) if "allOf" in kind else resolved(kind)
        if inner.get("type") != "null":
            yield inner
