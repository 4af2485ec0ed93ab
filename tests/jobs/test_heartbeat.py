"""The thread that beats for a worker's job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from jobs.claims import claim_next
from jobs.models import Job
from jobs.worker.heartbeat import Heartbeat
from tests.conftest import until
from tests.jobs import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_card_that_cannot_be_asked_costs_no_worker_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "JOB_HEARTBEAT_SECONDS", 0.05)
    asked = []

    def broken() -> dict[str, Any]:
        asked.append(True)
        raise RuntimeError("CUDA error: unspecified launch failure")

    job = factories.job(factories.shop())
    claim = claim_next(engine="studio", worker="w")
    heart = Heartbeat(worker="w", engine="studio", tell=broken)
    heart.watch(claim)
    heart.start()
    try:
        until(lambda: bool(asked), 5, "the first question")
        long_ago = timezone.now() - timedelta(minutes=1)
        Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)
        until(lambda: Job.objects.filter(pk=job.pk, heartbeat_at__gt=long_ago).exists(), 5, "another beat")
    finally:
        heart.unwatch()
        heart.stop()
        heart.join(5)
