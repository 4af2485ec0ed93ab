"""The interactive documentation: Swagger UI from this server alone, fit for a strict Content-Security-Policy."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Docs(DocsBase):
    """A page of our own: its script and style are files, so that neither has to be allowed inline."""

    @method_decorator(csp_update({"img-src": ["data:"]}))  # Swagger UI's style draws its icons so
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        return render(request, "jobs/api/docs.html", {"schema_url": self.get_openapi_url(api, kwargs)})
