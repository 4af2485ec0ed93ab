"""``GET /metrics``, for Prometheus with its token and for the staff with their session."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import choose_encoder

from accounts.tokens import bearer_token
from jobs.api.errors import status_response
from jobs.metrics.process import registry


def _may_read(request: HttpRequest) -> bool:
    bearer = bearer_token(request.headers.get("Authorization", ""))
    if bearer is not None:
        return bool(settings.METRICS_TOKEN) and hmac.compare_digest(
            bearer.encode(), settings.METRICS_TOKEN.encode()
        )
    return bool(request.user.is_authenticated and request.user.is_staff and request.user.is_active)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, or OpenMetrics where it asks for that.

    401 without ``METRICS_TOKEN`` or a session of the staff.
    """
    if not _may_read(request):
        return status_response(401)
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type)
