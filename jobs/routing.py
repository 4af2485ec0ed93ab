from __future__ import annotations

from django.urls import path

from jobs.consumers import JobConsumer, ShopConsumer

websocket_urlpatterns = [
    path("ws/jobs/<uuid:job_id>/", JobConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/shop/", ShopConsumer.as_asgi()),  # type: ignore[arg-type]
]
