"""The OpenAPI document: what ninja derives from the code, and what a program needs to know besides."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from generation.export.formats import FORMATS
from jobs.api import openapi_callbacks
from jobs.api.openapi_errors import RETRY_AFTER, error_examples, error_responses
from jobs.api.openapi_examples import PARAMETERS, openapi_examples
from jobs.api.schemas import BusyResponse, ErrorResponse, GenerateForm, JobEnded, MatteIn, PhotoIn
from jobs.idempotency import HEADER

Document = dict[str, Any]
NOT_NINJAS: tuple[type[BaseModel], ...] = (
    ErrorResponse,
    BusyResponse,
    GenerateForm,
    PhotoIn,
    MatteIn,
    JobEnded,
)
"""Models that no endpoint declares: errors, bodies that endpoints read themselves, what callbacks carry."""
REFERENCE = "#/components/schemas/{model}"
TELLS_ITS_END = ("generate", "generate_upload", "job_rerun")
PARAMETER_DESCRIPTIONS = {"job_id": "작업의 이름(UUID).", "photo_id": "사진의 이름(UUID)."}
PARAMETER_SCHEMAS: dict[str, Document] = {
    HEADER: {"type": "string", "pattern": "^[!-~]{0,255}$"},
    "format": {"type": "string", "enum": list(FORMATS)},
    "cursor": {"type": "string", "pattern": "^[A-Za-z0-9_-]*$", "default": ""},
}
"""What ninja cannot tell of a parameter's values."""
SAFE = ("get", "head")
TAGS = [
    {"name": "serving", "description": "주문하고, 상태를 묻고, 그림을 받습니다."},
    {"name": "backend", "description": "사진, 작업 목록, 채널 규격, 프롬프트와 문구."},
]
SECURITY_SCHEMES = {
    "BearerToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "가게의 API 토큰(`manage.py api_token`). 보내면 이것만으로 판단합니다.",
    },
    "PortalSession": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "포털에 로그인한 세션의 쿠키.",
    },
    "CsrfToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "세션으로 무언가를 바꾸는 요청에 필요합니다. 쿠키 csrftoken의 값입니다.",
    },
}
BY_TOKEN: dict[str, list[str]] = {"BearerToken": []}
BY_SESSION: dict[str, list[str]] = {"PortalSession": []}
BY_SESSION_CHANGING: dict[str, list[str]] = {"PortalSession": [], "CsrfToken": []}


def completed(document: Document) -> Document:
    """Add to ninja's document, in place: errors, examples, callbacks, security, headers. Auto-made titles go."""
    operations = list(_operations(document))
    for verb, operation in operations:
        _complete(verb, operation)
    components = document["components"]
    components["schemas"] = {**components["schemas"], **_schemas()}
    components["examples"] = error_examples(operation["operationId"] for _, operation in operations)
    components["securitySchemes"] = SECURITY_SCHEMES
    document["tags"] = TAGS
    _untitle(document)
    return document


def _schemas() -> Document:
    _, told = models_json_schema([(model, "validation") for model in NOT_NINJAS], ref_template=REFERENCE)
    found: Document = told["$defs"]
    return found


def _operations(document: Document) -> list[tuple[str, Document]]:
    return [(verb, operation) for path in document["paths"].values() for verb, operation in path.items()]


def _complete(verb: str, operation: Document) -> None:
    key = operation["operationId"]
    operation["responses"] = {**operation["responses"], **error_responses(key)}
    if 202 in operation["responses"]:
        operation["responses"][202]["headers"] = RETRY_AFTER
    operation["security"] = [BY_TOKEN, BY_SESSION if verb in SAFE else BY_SESSION_CHANGING]
    if key == "health":
        operation["security"].insert(0, {})
    if key in TELLS_ITS_END:
        operation["callbacks"] = openapi_callbacks.callbacks()
    for parameter in operation["parameters"]:
        _complete_parameter(parameter)
    for media_type, told in operation.get("requestBody", {}).get("content", {}).items():
        told["examples"] = openapi_examples(key, media_type)


def _complete_parameter(parameter: Document) -> None:
    name = parameter["name"]
    if name in PARAMETER_DESCRIPTIONS:
        parameter["description"] = PARAMETER_DESCRIPTIONS[name]
    parameter.pop("examples", None)  # JSON Schema's list; OpenAPI wants named ones
    if name in PARAMETERS:
        parameter["example"] = PARAMETERS[name]
    parameter["schema"].pop("description", None)
    parameter["schema"] = PARAMETER_SCHEMAS.get(name, parameter["schema"])


def _untitle(node: Any) -> None:
    """Drop ``title`` from schemas, but not a property of that name."""
    if isinstance(node, list):
        for item in node:
            _untitle(item)
    if not isinstance(node, dict):
        return
    for name, value in list(node.items()):
        if name == "title" and isinstance(value, str) and "version" not in node:
            del node[name]
        else:
            _untitle(value)
