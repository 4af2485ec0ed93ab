"""The REST API: one NinjaAPI, one schema, both path families of the contract."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from jobs.api import backend, exports, serving, words
from jobs.api.auth import BearerToken, PortalSession
from jobs.api.body import JsonParser
from jobs.api.docs import Docs
from jobs.api.errors import answer_errors_of
from jobs.api.openapi import completed
from jobs.api.openapi_websockets import WEBSOCKETS


class AdStudioApi(NinjaAPI):
    """Mounted at the root, beside the portal: it leaves ``/`` itself to the portal."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app_name, namespace = super().urls
        return (
            [pattern for pattern in patterns if getattr(pattern, "name", "") != "api-root"],
            app_name,
            namespace,
        )

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The endpoint's own name: a client made from the schema calls its methods so."""
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema.update(completed(deepcopy(dict(schema))))
        return schema

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return "/"


api = AdStudioApi(
    title="AdStudio",
    version="1.0",
    description="사진과 헤드라인이 광고가 됩니다. `Authorization: Bearer <토큰>` 또는 포털의 세션으로 부릅니다.\n"
    + WEBSOCKETS,
    urls_namespace="api",
    servers=[{"url": "/", "description": "이 서버"}],
    docs=Docs(),
    docs_url="/api/docs",
    openapi_url="/api/openapi.json",
    parser=JsonParser(),
    auth=[BearerToken(), PortalSession()],
)
answer_errors_of(api)
api.add_router("", serving.router)
api.add_router("/api", backend.router)
api.add_router("/api", exports.router)
api.add_router("/api", words.router)
