"""What web pages, programs and sockets are told while Postgres or Valkey does not answer, and that nothing is lost.

Away: it refuses every connection. Hanging: it takes connections and requests and answers nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_rq
import httpx
import psutil
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from adstudio.embedded import Servers
from adstudio.layout import layout_of
from adstudio.outages import RETRY_SECONDS, server_error
from adstudio.patience import patience
from jobs import services
from jobs.claims import claim_next
from jobs.consumers import AWAY
from jobs.management.commands.reconcile_jobs import PERIOD_SECONDS
from jobs.models import Job, JobEvent
from jobs.operations import reconciled_seconds
from jobs.params import AdParams
from jobs.reconcile import Silence, reconcile
from tests.away import frozen, postgres_away
from tests.conftest import Stack, until
from tests.drill.valkey import valkey_away
from tests.jobs import factories
from tests.jobs.conftest import WORK_SECONDS, Client, Lab, wait_for

ORDER = {"text_content": "반값", "test_mode": True}
TOLD_WITHIN = 15.0
"""Of what hangs, which is found out by waiting for it."""
HEALTH_WITHIN = 7.0
BACK_WITHIN = 15.0
MORE_THREADS = 6
GIVEN_UP = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'"
Hang = Callable[[str], AbstractContextManager[None]]


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


@pytest.fixture
def hanging(servers: Servers) -> Hang:
    """``with hanging("postgres"):`` or ``"valkey"``."""

    def hang(name: str) -> AbstractContextManager[None]:
        process = next(child.process for child in servers.children if child.name == name)
        assert process is not None
        return frozen(psutil.Process(process.pid))

    return hang


def _timed(ask: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[Any, float]:
    began = time.monotonic()
    return ask(*arguments, **named), time.monotonic() - began


def _opened(stack: Stack, client: Client) -> ClientConnection:
    url = stack.url.replace("http", "ws") + "/ws/shop/"
    socket = connect(url, additional_headers=client.headers, legacy=True)
    assert json.loads(socket.recv(timeout=10))["type"] == "snapshot"
    return socket


def _opens(stack: Stack, client: Client) -> bool:
    try:
        _opened(stack, client).close()
    except ConnectionClosed:
        return False
    return True


def _closed_with(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as over:
        socket.recv(timeout=TOLD_WITHIN)
    return over.value.rcvd.code if over.value.rcvd else None


def _refused(stack: Stack, client: Client) -> int | None:
    url = stack.url.replace("http", "ws") + "/ws/shop/"
    with connect(url, additional_headers=client.headers, open_timeout=TOLD_WITHIN) as socket:
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


def test_a_hanging_postgres_holds_nobody_up_and_all_goes_on_after(
    stack: Stack, hanging: Hang, client_shop: Client, person: httpx.Client, program: httpx.Client
) -> None:
    job = factories.job(client_shop.shop)
    idle = _opened(stack, client_shop)
    status = f"/status/{job.pk}?images=none"
    assert stack.web.process is not None
    web = psutil.Process(stack.web.process.pid)
    with ThreadPoolExecutor(16) as threads:
        for answer in threads.map(program.get, [status] * 12):  # so that connections wait in the pool
            assert answer.status_code == 200
        before = web.num_threads()
        with hanging("postgres"):
            idle.send(json.dumps({"type": "sync", "sequence": 0}))
            told = [
                threads.submit(_timed, program.get, status),
                threads.submit(_timed, program.post, "/generate", json=ORDER),
                threads.submit(_timed, program.post, f"/stop/{job.pk}"),
                threads.submit(_timed, person.get, "/api/jobs"),
            ]
            pages = [
                threads.submit(_timed, person.get, "/ads/"),
                threads.submit(_timed, person.get, "/admin/"),
                threads.submit(_timed, httpx.get, f"{stack.url}/accounts/login/", timeout=30),
            ]
            closed = [threads.submit(_closed_with, idle), threads.submit(_refused, stack, client_shop)]
            health, seconds = threads.submit(_timed, httpx.get, f"{stack.url}/health", timeout=30).result()
            assert (health.status_code, health.json()["status"]) == (200, "degraded")
            assert seconds < HEALTH_WITHIN
            for answer, seconds in (each.result() for each in told):
                _is_away(answer)
                assert seconds < TOLD_WITHIN
            for page, seconds in (each.result() for each in pages):
                _is_page_of_away(page)
                assert seconds < TOLD_WITHIN
            assert [each.result() for each in closed] == [AWAY, AWAY]
    until(lambda: program.get(status).status_code == 200, BACK_WITHIN, "the program's answer")
    assert person.get("/ads/").status_code == 200
    _opened(stack, client_shop).close()
    assert Job.objects.count() == 1  # what was refused was not stored
    until(lambda: web.num_threads() <= before + MORE_THREADS, BACK_WITHIN, f"{before} threads or few more")


def test_a_hanging_valkey_holds_nobody_up_and_nothing_is_lost(
    stack: Stack, hanging: Hang, client_shop: Client, person: httpx.Client, program: httpx.Client
) -> None:
    idle = _opened(stack, client_shop)
    with ThreadPoolExecutor(8) as threads, hanging("valkey"):
        idle.send(json.dumps({"type": "sync", "sequence": 0}))
        closed = [threads.submit(_closed_with, idle), threads.submit(_refused, stack, client_shop)]
        signing_in = threads.submit(_timed, _sign_in, stack, client_shop)
        ordered, seconds = threads.submit(_timed, program.post, "/generate", json=ORDER).result()
        assert ordered.status_code == 200 and seconds < TOLD_WITHIN
        assert program.get(f"/status/{ordered.json()['job_id']}").json()["status"] == "pending"
        assert person.get("/ads/").status_code == 200
        page, seconds = signing_in.result()
        _is_page_of_away(page)
        assert seconds < TOLD_WITHIN
        assert [each.result() for each in closed] == [AWAY, AWAY]
    until(lambda: _opens(stack, client_shop), BACK_WITHIN, "a websocket")
    reconcile()
    assert django_rq.get_queue("studio").count >= 1
    until(lambda: not _sign_in(stack, client_shop).is_server_error, BACK_WITHIN, "signing in")


def test_a_hang_takes_no_job_from_its_worker(stack: Stack, hanging: Hang, lab: Lab) -> None:
    """Nobody can beat meanwhile. This worker is later to do so again than ``reconcile_jobs`` is to look."""
    lab.hold("step2")
    worker = lab.start()
    stale = {"JOB_STALE_SECONDS": "3"}
    stack.workers.append(stack.child("reconcile", "manage.py", "reconcile_jobs", "--loop", environ=stale))
    stack.workers[-1].start()
    shop = factories.shop()
    job = services.job_submit(
        shop=shop, params=AdParams.model_validate(ORDER), photo=factories.photo(shop)
    ).job
    pid = lab.wait_at("step2")
    until(lambda: reconciled_seconds() < 0.3, WORK_SECONDS, "a round's end")  # the next one is kept waiting
    with frozen(psutil.Process(pid)):
        with hanging("postgres"), hanging("valkey"):
            time.sleep(PERIOD_SECONDS + settings.JOB_HEARTBEAT_SECONDS + 1.5)
        back = time.monotonic()
        until(lambda: reconciled_seconds() < time.monotonic() - back, BACK_WITHIN, "a round after the hang")
    lab.release("step2")
    assert wait_for(job).status == "completed"
    assert (job.attempts, worker.alive) == (1, True)
    assert JobEvent.objects.filter(job=job, to_status__in=Job.TERMINAL).count() == 1


def test_after_a_silence_nobody_is_lost_before_all_could_beat(
    transactional_db: None, hanging: Hang, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.reconcile.BEATS_AGAIN_SECONDS", 1.0)
    settings.JOB_HEARTBEAT_SECONDS = 0.5
    job = factories.job(factories.shop())
    claim = claim_next(engine="studio", worker="one that is silent")
    assert claim is not None
    claim.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    silence = Silence()

    def status() -> str:
        job.refresh_from_db()
        return job.status

    with ThreadPoolExecutor(1) as thread:
        with hanging("postgres"):
            round_ = thread.submit(_in_a_thread, lambda: reconcile(silence))
            until(round_.running, BACK_WITHIN, "the round")
            time.sleep(1)
        round_.result()
    assert status() == "running"
    time.sleep(1)
    reconcile(silence)
    assert status() == "pending"


def _in_a_thread(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


@pytest.mark.usefixtures("transactional_db")
def test_the_limit_is_of_who_is_impatient_alone() -> None:
    def ask(question: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]

    assert ask("SHOW client_connection_check_interval") == "5s"
    ask("SELECT pg_sleep(0.6)")
    ask("SELECT set_config('client_connection_check_interval', '100ms', false)")
    with patience(0.3):
        assert ask("SELECT 1") == 1
        with pytest.raises(OperationalError, match=r"within 0\.3 s"):
            ask("SELECT pg_sleep(60), 'given up'")
        connection.close()
        with pytest.raises(OperationalError):  # it is not asked again
            ask("SELECT 1")
    connection.close()
    until(lambda: ask(GIVEN_UP) == 0, 10, "the end of the statement that nobody waits for")
