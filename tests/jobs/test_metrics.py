"""What Prometheus reads: the service's figures, who may read them, and what watches them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.models import Shop, User
from accounts.tokens import token_create
from adstudio.asgi import application
from jobs.models import Job, WorkerState
from jobs.reconcile import reconcile
from jobs.transitions import job_transition
from tests.conftest import free_port
from tests.jobs import factories

pytestmark = pytest.mark.django_db

TOKEN = "a-token-for-prometheus"
MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    cache.clear()  # the whole of Valkey


def _read(**headers: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """The samples by name and labels, as a scraper with the token gets them."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", **headers})
    assert answer.status_code == 200, answer.content
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def _of(samples: dict[tuple[tuple[str, str], ...], float], **labels: str) -> float:
    return samples[tuple(sorted(labels.items()))]


@pytest.fixture
def told(settings: Settings) -> Any:
    settings.METRICS_TOKEN = TOKEN
    return _read


def _make(job: Job, to: str, **changes: Any) -> Job:
    """Through a worker's hands to that end."""
    running = job_transition(
        job=job,
        to="running",
        reason="claimed",
        sources=["pending"],
        changes={"worker": "w", "attempts": 1, "heartbeat_at": Now(), "started_at": Now()},
    )
    assert running is not None
    ended = job_transition(job=running, to=to, reason=to, sources=["running"], changes=changes)
    assert ended is not None
    return ended


# The service --------------------------------------------------------------------------------------------------
def test_it_tells_the_queue_and_the_workers(told: Any, shop: Shop) -> None:
    factories.job(shop)
    factories.job(shop)
    factories.job(shop, engine="diffusion")
    WorkerState.objects.create(
        name="diffusion-gpu1-7",
        host="gpu1",
        pid=7,
        engine="diffusion",
        memory_mb=1000,
        last_seen=Now(),
        gpu=[
            {
                "index": 0,
                "name": "L4",
                "gpu_util": 50.0,
                "vram_used_gb": 12,
                "vram_total_gb": 24,
                "vram_percent": 50,
            }
        ],
        resident_models=[{"name": "flux.transformer", "place": "device", "gb": 11.5}],
    )
    found = told()
    assert _of(found["adstudio_jobs_waiting"], engine="studio") == 2
    assert _of(found["adstudio_jobs_waiting"], engine="diffusion") == 1
    assert _of(found["adstudio_workers"], engine="studio") == 0
    assert _of(found["adstudio_workers"], engine="diffusion") == 1
    assert _of(found["adstudio_queue_oldest_seconds"], engine="studio") >= 0
    assert _of(found["adstudio_worker_memory_bytes"], engine="diffusion", host="gpu1") == 1000 * 1024**2
    assert _of(found["adstudio_gpu_memory_used_bytes"], host="gpu1", gpu="0") == 12 * 1024**3
    assert _of(found["adstudio_gpu_utilisation_ratio"], host="gpu1", gpu="0") == 0.5
    placed = {"host": "gpu1", "model": "flux.transformer", "place": "device"}
    assert _of(found["adstudio_model_bytes"], **placed) == pytest.approx(11.5 * 1024**3, rel=1e-6)
    assert _of(found["adstudio_up"], part="postgres") == _of(found["adstudio_up"], part="valkey") == 1
    assert found["adstudio_disk_free_bytes"][()] > 0
    assert found["adstudio_reconciled_seconds"][()] == 86_400, "never, in a Valkey begun anew"
    reconcile()
    assert told()["adstudio_reconciled_seconds"][()] < 60


@pytest.mark.django_db(transaction=True)
def test_ends_are_counted_and_outlive_the_ads(told: Any, shop: Shop) -> None:
    took = {"step1_background": 1.5, "step2_text_asset": 0.2, "step3_composite": 0.1}
    done = _make(factories.job(shop), "completed", progress_percent=100, step_seconds=took)
    _make(factories.job(shop), "failed", error_code="photo.no_product")
    _make(factories.job(shop, test_mode=True), "completed", progress_percent=100, step_seconds=took)
    job_transition(job=factories.job(shop), to="stopped", reason="a", sources=["pending"])
    _make(factories.job(shop), "pending", worker="", heartbeat_at=None)
    done.delete()
    found = told()
    ends = found["adstudio_jobs_ended_total"]
    assert _of(ends, engine="studio", status="completed", code="") == 2
    assert _of(ends, engine="studio", status="failed", code="photo.no_product") == 1
    assert _of(ends, engine="studio", status="stopped", code="") == 1
    assert _of(found["adstudio_attempts_lost_total"], engine="studio") == 1
    buckets = found["adstudio_step_seconds_bucket"]
    assert _of(buckets, engine="studio", step="step1_background", le="1.0") == 0
    assert _of(buckets, engine="studio", step="step1_background", le="2.0") == 1
    assert _of(buckets, engine="studio", step="step1_background", le="+Inf") == 1, (
        "a test picture is no measure"
    )
    assert _of(found["adstudio_step_seconds_sum"], engine="studio", step="step1_background") == 1.5
    assert _of(found["adstudio_job_seconds_count"], engine="studio", phase="waiting") == 1


@pytest.mark.django_db(transaction=True)
def test_without_valkey_jobs_end_and_the_rest_is_told(told: Any, shop: Shop, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert _make(factories.job(shop), "completed", progress_percent=100).status == "completed"
    found = told()
    assert _of(found["adstudio_up"], part="valkey") == 0
    assert _of(found["adstudio_jobs_waiting"], engine="studio") == 0
    assert "adstudio_jobs_ended_total" not in found


# This process -------------------------------------------------------------------------------------------------
def test_requests_are_counted_by_route_never_by_path(told: Any, shop: Shop) -> None:
    stranger = Client()
    for path in (
        "/status/11111111-1111-4111-8111-111111111111",
        "/status/22222222-2222-4222-8222-222222222222",
    ):
        stranger.get(path)
    stranger.get("/no/such/page/at-all")
    stranger.generic("BREW", "/health")
    found = told()
    requests = found["adstudio_http_requests_total"]
    assert _of(requests, method="GET", route="status/<job_id>", status="401") >= 2
    assert _of(requests, method="GET", route="none", status="404") >= 1
    text = str(requests)
    assert "1111" not in text and "at-all" not in text and "BREW" not in text
    assert _of(found["adstudio_http_request_seconds_count"], method="GET", route="status/<job_id>") >= 2


@pytest.mark.django_db(transaction=True)
def test_open_sockets_are_counted(told: Any, shop: Shop) -> None:
    _, plain = token_create(shop=shop, name="socket")

    async def open_two() -> tuple[float, float]:
        sockets = []
        for _ in range(2):
            headers = [(b"authorization", f"Bearer {plain}".encode())]
            socket = WebsocketCommunicator(application, "/ws/shop/", headers=headers)
            assert (await socket.connect())[0]
            await socket.receive_json_from(timeout=10)
            sockets.append(socket)
        opened = _sockets()
        for socket in sockets:
            await socket.disconnect()
        return opened, _sockets()

    before = _sockets()
    opened, closed = async_to_sync(open_two)()
    assert (opened - before, closed - before) == (2, 0)


def _sockets() -> float:
    from jobs.metrics.process import sockets_open

    return float(sockets_open.labels("shop")._value.get())


# Who may read -------------------------------------------------------------------------------------------------
def test_strangers_and_merchants_read_nothing(settings: Settings, shop: Shop) -> None:
    _, plain = token_create(shop=shop, name="program")
    merchant = Client()
    merchant.force_login(factories.owner(shop))
    bearers = ["", TOKEN, "wrong", plain]
    for token in ("", TOKEN):
        settings.METRICS_TOKEN = token
        for bearer in bearers:
            if bearer == token and token:
                continue
            for client in (Client(), merchant):
                headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
                answer = client.get("/metrics", headers=headers)
                assert answer.status_code == 401, (token, bearer)
                assert answer.json()["error"]["code"] == "auth.required"
    answer = Client().get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401


def test_the_staff_reads_with_its_session() -> None:
    client = Client()
    client.force_login(User.objects.create_user("ops@example.com", is_staff=True))
    assert b"adstudio_jobs_waiting" in client.get("/metrics").content


def test_it_speaks_openmetrics_when_asked(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/openmetrics-text; version=1.0.0"}
    answer = Client().get("/metrics", headers=headers)
    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.rstrip().endswith(b"# EOF")


# What watches -------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_dashboard_and_alerts_ask_only_for_what_is_told(told: Any, shop: Shop) -> None:
    took = {"step1_background": 1.5, "step2_text_asset": 0.2, "step3_composite": 0.1}
    _make(factories.job(shop), "completed", progress_percent=100, step_seconds=took)
    _make(factories.job(shop), "pending", worker="", heartbeat_at=None)
    told()  # so that a request is counted
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    known = set(re.findall(r"^# TYPE (\S+)", answer, re.M))
    known |= {f"{name}{end}" for name in known for end in ("_bucket", "_sum", "_count")}
    alerts = yaml.safe_load((MONITORING / "alerts.yml").read_text())
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
    asked = [rule["expr"] for rule in rules]
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    used = {name for expression in asked for name in re.findall(r"\badstudio_\w+", expression)}
    assert len(asked) > 20
    assert used - known == set()
    for rule in rules:
        assert rule["annotations"]["summary"] and rule["annotations"]["action"], rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
