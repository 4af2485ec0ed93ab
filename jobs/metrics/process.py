"""What this web process counts by itself: requests by route, and open websockets."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from adstudio.logs import about
from jobs.metrics.service import Service

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are told as ``other``: a stranger must not be able to make up label values."""
NO_ROUTE = "none"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

registry = CollectorRegistry()
registry.register(Service())
ProcessCollector(registry=registry)
requests = Counter(
    "adstudio_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
)
request_seconds = Histogram(
    "adstudio_http_request_seconds",
    "Time until a request's answer was begun.",
    ("method", "route"),
    buckets=SECONDS,
    registry=registry,
)
sockets_open = Gauge("adstudio_websockets_open", "Websockets open now.", ("kind",), registry=registry)
sockets_closed = Counter(
    "adstudio_websockets_closed",
    "Websockets refused or ended from here.",
    ("code",),
    registry=registry,
)


class HttpMetricsMiddleware:
    """Counts every request by its route's pattern, and measures how long it takes. Its log lines end here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with about():
            response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        route = request.resolver_match.route if request.resolver_match else NO_ROUTE
        requests.labels(method, route, str(response.status_code)).inc()
        request_seconds.labels(method, route).observe(time.perf_counter() - began)
        return response
