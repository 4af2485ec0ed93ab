"""The OpenAPI document: valid, complete, and true to what the API does."""

from __future__ import annotations

import ast
import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from openapi_spec_validator import OpenAPIV31SpecValidator
from PIL import Image

from accounts.models import Shop
from adstudio import websockets
from jobs import callbacks, consumers
from jobs.api.openapi_errors import COMMON, OF_OPERATION, codes_of
from jobs.api.openapi_examples import EXAMPLES, FILE, JOB, PHOTO, PICTURE
from jobs.api.openapi_websockets import CLOSE_CODES
from jobs.messages import SENTENCES
from jobs.models import CallbackDelivery, Job, Photo
from jobs.photos import photo_create
from tests.jobs.api.described import CHANGING, DOCUMENT, Operation, ids, operations, resolved, validator
from tests.jobs.submitting import finished

ROOT = Path(__file__).resolve().parents[3]
NOT_OF_THE_API = {"media_views.py", "account_deletion.py", "brand.py", "sharing.py", "variations.py"}
"""Media views, and services that the portal alone calls."""


def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_it_is_served_as_json_to_anybody(anonymous: Client) -> None:
    response = anonymous.get("/api/openapi.json")
    assert response["Content-Type"].startswith("application/json")
    assert response.json() == DOCUMENT


def test_every_operation_is_told_under_a_name_of_its_own() -> None:
    names = [operation.key for operation in operations()]
    assert len(names) == len(set(names)) and set(names) == set(OF_OPERATION)


def test_every_field_and_parameter_is_described() -> None:
    schemas = DOCUMENT["components"]["schemas"].items()
    fields = [
        (model, name, field) for model, told in schemas for name, field in told.get("properties", {}).items()
    ]
    assert [f"{model}.{name}" for model, name, field in fields if not field.get("description")] == []
    parameters = [(each.key, told) for each in operations() for told in each.told["parameters"]]
    assert [(key, told["name"]) for key, told in parameters if not told.get("description")] == []


def test_no_field_carries_a_keyword_that_json_schema_does_not_know() -> None:
    """Such as pydantic's ``ge``, which no validator reads."""
    text = json.dumps(DOCUMENT["components"]["schemas"])
    assert not re.search(r'"(ge|le|gt|lt|max_length|min_length)":', text)


@pytest.mark.parametrize("operation", operations(), ids=ids)
def test_it_tells_every_error_in_the_one_shape(operation: Operation) -> None:
    responses = operation.told["responses"]
    assert {str(status) for status in COMMON} <= set(responses)
    for status, codes in codes_of(operation.key).items():
        content = responses[str(status)]["content"]["application/json"]
        assert tuple(content["examples"]) == codes
        for code, reference in content["examples"].items():
            example = resolved(reference)["value"]
            assert code in SENTENCES and example["error"]["code"] == code
            validator(content["schema"]).validate(example)
    for status in ("429", "503"):
        assert "Retry-After" in responses.get(status, responses["429"])["headers"]
    assert "WWW-Authenticate" in responses["401"]["headers"]
    has_key = "{job_id}" in operation.path or "{photo_id}" in operation.path
    assert ("404" in responses) >= has_key
    assert ("422" in responses) >= ("requestBody" in operation.told)


def _refusals() -> Iterator[tuple[str, int]]:
    """Codes and statuses of every ``Refused`` that the code raises by name, but for what the API does not offer."""
    for file in sorted((ROOT / "jobs").rglob("*.py")):
        if {"portal", "mcp"} & set(file.parts) or file.name in NOT_OF_THE_API:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and node.args:
                code = node.args[0]
                status = next((k.value for k in node.keywords if k.arg == "status"), ast.Constant(400))
                if isinstance(code, ast.Constant) and isinstance(status, ast.Constant):
                    yield str(code.value), int(str(status.value))


@pytest.mark.parametrize(("code", "status"), sorted(set(_refusals())))
def test_every_refusal_in_the_code_is_told_at_its_status(code: str, status: int) -> None:
    assert any(code in codes_of(key).get(status, ()) for key in OF_OPERATION)


@pytest.mark.parametrize("operation", operations(), ids=ids)
def test_it_tells_who_may_call(operation: Operation) -> None:
    security = operation.told["security"]
    by_session = {"PortalSession", "CsrfToken"} if operation.verb in CHANGING else {"PortalSession"}
    assert {"BearerToken": []} in security and {key: [] for key in by_session} in security
    assert ({} in security) == (operation.path == "/health")


# Requests that run ------------------------------------------------------------------------------------------
def _examples() -> Iterator[Any]:
    for operation in operations():
        content = operation.told.get("requestBody", {}).get("content", {})
        for media_type, told in content.items():
            for name, example in told["examples"].items():
                key = f"{operation.key}-{media_type}-{name}"
                yield pytest.param(operation, media_type, example["value"], id=key)
        if not content:
            yield pytest.param(operation, "", None, id=operation.key)


def test_every_body_has_examples() -> None:
    for operation in operations():
        for media_type, told in operation.told.get("requestBody", {}).get("content", {}).items():
            assert told["examples"], (operation.key, media_type)
    known = {
        operation.key: operation.told.get("requestBody", {}).get("content", {}) for operation in operations()
    }
    assert {key: set(told) for key, told in EXAMPLES.items()} == {k: set(v) for k, v in known.items() if v}


@pytest.fixture
def photo(shop: Shop) -> Photo:
    return photo_create(shop=shop, data=base64.b64decode(PICTURE))


@pytest.fixture
def made(shop: Shop, photo: Photo) -> Job:
    return finished(shop, photo=photo)


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 64), 255).save(out, "PNG")
    return out.getvalue()


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", _png(), "image/png")


def _form(value: dict[str, Any]) -> bytes:
    fields = {name: "true" if given is True else given for name, given in value.items()}
    return encode_multipart(BOUNDARY, {name: _file() if v == FILE else v for name, v in fields.items()})


def _encoded(media_type: str, value: Any) -> bytes:
    if media_type == "multipart/form-data":
        return _form(value)
    return {"": b"", "image/png": _png()}.get(media_type, json.dumps(value).encode())


@pytest.mark.parametrize(("operation", "media_type", "value"), list(_examples()))
def test_every_example_runs(
    program: Client, made: Job, photo: Photo, operation: Operation, media_type: str, value: Any
) -> None:
    def here(text: str) -> str:
        return text.replace(JOB, str(made.pk)).replace(PHOTO, str(photo.pk))

    path = operation.path
    headers, query = {}, {}
    for parameter in operation.told["parameters"]:
        example = here(str(parameter.get("example", "")))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", example)
        elif example:
            (headers if parameter["in"] == "header" else query)[parameter["name"]] = example
    if media_type:
        told = operation.told["requestBody"]["content"][media_type]["schema"]
        if value != FILE:
            validator(told).validate(value)
    data = _encoded(media_type, json.loads(here(json.dumps(value))))
    address = path + ("?" + "&".join(f"{name}={text}" for name, text in query.items()) if query else "")
    kind = {"multipart/form-data": MULTIPART_CONTENT, "": "application/octet-stream"}.get(
        media_type, media_type
    )
    response = program.generic(operation.verb.upper(), address, data, content_type=kind, headers=headers)
    success = operation.told["responses"].get(str(response.status_code))
    assert 200 <= response.status_code < 300 and success is not None, response.content
    if response.status_code == 204:
        assert response.content == b"" and "content" not in success
        return
    media = response["Content-Type"].partition(";")[0]
    validator(success["content"][media]["schema"]).validate(response.json())


# Callbacks --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/generate", "/api/generate", "/api/jobs/{job_id}/rerun"])
@pytest.mark.parametrize("status", ["completed", "failed", "stopped"])
def test_a_callback_is_sent_as_it_is_told(made: Job, path: str, status: str) -> None:
    told = DOCUMENT["paths"][path]["post"]["callbacks"]["jobEnded"]["{$request.body#/callback_url}"]["post"]
    Job.objects.filter(pk=made.pk).update(
        status=status, error_code="photo.no_product" if status == "failed" else ""
    )
    made.refresh_from_db()
    body = callbacks.payload(made)
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    validator(schema).validate(json.loads(body))
    assert set(json.loads(body)) == set(resolved(schema)["properties"])
    delivery = CallbackDelivery(job=made, url="https://shop.example/")
    sent = callbacks.signed_headers(delivery, body)
    assert set(sent) == {parameter["name"] for parameter in told["parameters"]}
    for parameter in told["parameters"]:
        assert parameter["required"]
        validator(parameter["schema"]).validate(sent[parameter["name"]])


def test_where_the_callback_goes_is_a_field_of_the_request() -> None:
    assert "callback_url" in DOCUMENT["components"]["schemas"]["GenerateRequest"]["properties"]
    assert "callback_url" in DOCUMENT["components"]["schemas"]["GenerateForm"]["properties"]


def test_every_code_that_sockets_are_closed_with_is_told_to_programs() -> None:
    used = {
        getattr(module, name)
        for module in (consumers, websockets)
        for name in vars(module)
        if isinstance(getattr(module, name), int) and 4000 <= getattr(module, name) < 5000
    }
    assert used == CLOSE_CODES.keys() == {4401, 4404, 4429, 4503}
    in_document = set(map(int, re.findall(r"^\| (4\d{3}) \|", DOCUMENT["info"]["description"], re.MULTILINE)))
    page = (ROOT / "docs" / "websockets.md").read_text(encoding="utf-8")
    assert in_document == set(map(int, re.findall(r"^\| (4\d{3}) \|", page, re.MULTILINE))) == used
