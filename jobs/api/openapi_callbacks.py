"""The ``callbacks`` object: what ``callback_url`` is told, as ``jobs.callbacks`` sends it."""

from __future__ import annotations

from typing import Any

EXPRESSION = "{$request.body#/callback_url}"
_HEADERS = {
    "webhook-id": ("알림의 이름. 다시 보낼 때도 같습니다.", {"type": "string", "format": "uuid"}),
    "webhook-timestamp": ("보낸 때, 유닉스 초.", {"type": "string", "pattern": "^[0-9]+$"}),
    "webhook-signature": (
        "`v1,`과 `webhook-id.webhook-timestamp.본문`의 HMAC-SHA256(base64). Standard Webhooks 규격입니다.",
        {"type": "string", "pattern": "^v1,[A-Za-z0-9+/]{43}=$"},
    ),
}
_EXAMPLE = {
    "type": "job.completed",
    "job_id": "550e8400-e29b-41d4-a716-446655440000",
    "status": "completed",
    "error": None,
    "finished_at": "2026-11-25T09:30:00+00:00",
    "urls": {"final_result": "https://ads.example.com/media/0b8f9c1e-5b1d-4a62-9f3c-2f7a1f0f6d11"},
}


def callbacks() -> dict[str, Any]:
    return {"jobEnded": {EXPRESSION: {"post": _post()}}}


def _post() -> dict[str, Any]:
    headers = [
        {"in": "header", "name": name, "required": True, "description": description, "schema": schema}
        for name, (description, schema) in _HEADERS.items()
    ]
    body = {
        "schema": {"$ref": "#/components/schemas/JobEnded"},
        "examples": {"completed": {"value": _EXAMPLE}},
    }
    return {
        "summary": "작업이 끝났습니다",
        "description": "2xx가 아니면 5초에서 6시간까지 간격을 늘리며 여덟 번까지 보냅니다. 리디렉션은 따르지 않습니다.",
        "parameters": headers,
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "2XX": {"description": "받았습니다. 다시 보내지 않습니다."},
            "410": {"description": "더는 원하지 않습니다. 다시 보내지 않습니다."},
            "default": {"description": "받지 못했습니다. 다시 보냅니다."},
        },
    }
