"""What web pages, programs and sockets are told while Postgres or Valkey does not answer, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django_rq
import httpx
import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client as Browser
from django.test import RequestFactory
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from adstudio.embedded import POOL_WAIT_SECONDS
from adstudio.layout import layout_of
from adstudio.outages import RETRY_SECONDS, server_error
from jobs.consumers import AWAY
from jobs.models import Job
from jobs.reconcile import reconcile
from tests.away import postgres_away
from tests.conftest import Stack, until
from tests.drill.valkey import valkey_away
from tests.jobs import factories
from tests.jobs.conftest import Client

ORDER = {"text_content": "반값", "test_mode": True}
ANSWERED_WITHIN = POOL_WAIT_SECONDS + 5
BACK_WITHIN = 15.0


@pytest.fixture
def sockets(stack: Stack) -> Path:
    return layout_of(settings.RUN_DIR).sockets


@pytest.fixture
def person(stack: Stack, client_shop: Client) -> Iterator[httpx.Client]:
    """Somebody signed in, with a browser's patience."""
    browser = Browser()
    browser.force_login(factories.owner(client_shop.shop))
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    with httpx.Client(base_url=stack.url, cookies=cookies, timeout=30) as client:
        yield client


@pytest.fixture
def program(stack: Stack, client_shop: Client) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, headers=client_shop.headers, timeout=30) as client:
        yield client


def _opened(stack: Stack, client: Client) -> ClientConnection:
    url = stack.url.replace("http", "ws") + "/ws/shop/"
    socket = connect(url, additional_headers=client.headers, legacy=True)
    assert json.loads(socket.recv(timeout=10))["type"] == "snapshot"
    return socket


def _closed_with(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as over:
        socket.recv(timeout=ANSWERED_WITHIN)
    return over.value.rcvd.code if over.value.rcvd else None


def _refused(stack: Stack, client: Client) -> int | None:
    url = stack.url.replace("http", "ws") + "/ws/shop/"
    with connect(url, additional_headers=client.headers, open_timeout=ANSWERED_WITHIN) as socket:
        return _closed_with(socket)


def _is_away(answer: httpx.Response) -> None:
    assert (answer.status_code, int(answer.headers["Retry-After"])) == (503, RETRY_SECONDS)
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("server.away", None)


def _is_page_of_away(answer: httpx.Response) -> None:
    assert (answer.status_code, int(answer.headers["Retry-After"])) == (503, RETRY_SECONDS)
    assert "잠시 쉬고 있어요" in answer.text and "css/pages" in answer.text


def test_without_postgres_everybody_is_told_to_come_back_and_can(
    stack: Stack, sockets: Path, client_shop: Client, person: httpx.Client, program: httpx.Client
) -> None:
    job = factories.job(client_shop.shop)
    photo = {"file": ("photo.png", factories.photo_bytes())}
    idle = _opened(stack, client_shop)
    with postgres_away(sockets), ThreadPoolExecutor(16) as threads:  # each waits for the pool
        idle.send(json.dumps({"type": "sync", "sequence": 0}))
        told = [
            threads.submit(program.get, f"/status/{job.pk}?images=none"),
            threads.submit(program.post, "/generate", json=ORDER),
            threads.submit(program.post, f"/stop/{job.pk}"),
            threads.submit(program.post, "/api/photos", files=photo),
            threads.submit(program.get, f"/media/{job.pk}"),
            threads.submit(person.get, "/api/jobs"),
        ]
        pages = [
            threads.submit(person.get, "/ads/"),
            threads.submit(person.get, "/accounts/login/"),
            threads.submit(person.get, "/shop/team/"),
            threads.submit(person.get, "/admin/"),
        ]
        closed = [threads.submit(_closed_with, idle), threads.submit(_refused, stack, client_shop)]
        health = threads.submit(httpx.get, f"{stack.url}/health", timeout=30).result()
        for answer in told:
            _is_away(answer.result())
        for page in pages:
            _is_page_of_away(page.result())
        assert [each.result() for each in closed] == [AWAY, AWAY]
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert Job.objects.count() == 1  # this process is still let in: what was refused was not stored
    until(lambda: program.get(f"/status/{job.pk}").status_code == 200, BACK_WITHIN, "the program's answer")
    assert person.get("/ads/").status_code == 200
    _opened(stack, client_shop).close()


def test_without_valkey_orders_are_taken_and_nothing_is_lost(
    stack: Stack, sockets: Path, client_shop: Client, person: httpx.Client, program: httpx.Client
) -> None:
    client_shop.shop.api_tokens.update(rate_per_minute=1)
    idle = _opened(stack, client_shop)
    with valkey_away(sockets) as cut:
        assert cut
        ordered = program.post("/generate", json=ORDER)
        status = program.get(f"/status/{ordered.json()['job_id']}")  # the second of one a minute: uncounted
        assert (ordered.status_code, status.json()["status"]) == (200, "pending")
        assert "X-RateLimit-Limit" not in status.headers
        assert program.post("/api/photos", files={"file": ("a.png", factories.photo_bytes())}).is_success
        assert person.get("/ads/").status_code == 200  # sessions are the database's
        _is_page_of_away(_sign_in(stack, client_shop))  # its limits are Valkey's: nobody gets past them
        assert [_closed_with(idle), _refused(stack, client_shop)] == [AWAY, AWAY]
    reconcile()
    assert django_rq.get_queue("studio").count >= 1
    _opened(stack, client_shop).close()
    until(lambda: not _sign_in(stack, client_shop).is_server_error, BACK_WITHIN, "signing in")


def _sign_in(stack: Stack, client_shop: Client) -> httpx.Response:
    with httpx.Client(base_url=stack.url, timeout=30) as browser:
        form = browser.get("/accounts/login/").text
        token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        words = {"login": factories.owner(client_shop.shop).email, "password": factories.PASSWORD}
        return browser.post("/accounts/login/", data={"csrfmiddlewaretoken": token, **words})


def test_another_mistake_is_still_a_500(rf: RequestFactory) -> None:
    try:
        raise RuntimeError("ours")
    except RuntimeError:
        assert server_error(rf.get("/ads/")).status_code == 500
    try:
        raise OperationalError("gone")
    except OperationalError:
        answer = server_error(rf.get("/ads/?page=2"))
    assert (answer.status_code, "/ads/?page=2" in answer.content.decode()) == (503, True)
