"""What networks and restarts do to a client: nothing is done twice, and no end is missed."""

from __future__ import annotations

import ssl
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from adstudio_client import (
    AdStudio,
    ConnectionFailed,
    JobStopped,
    NotFound,
    Progress,
    Unavailable,
    UnexpectedAnswer,
)

from adstudio.processes import stop_together
from jobs.claims import claim_next
from jobs.models import Job
from jobs.services import job_stop
from tests.clients.conftest import Open
from tests.clients.proxy import Proxy, proxied, told
from tests.clients.storage import object_storage
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.conftest import Client, Lab
from tests.jobs.submitting import finished

pytestmark = pytest.mark.timeout(300)
Meanwhile = Callable[..., Future[Any]]
SHORT = {"text": "반값", "scene": "pastel-podium", "seed": 3, "test_mode": True}


def test_an_order_whose_answer_is_lost_is_placed_once(open_studio: Open, proxy: Proxy) -> None:
    studio = open_studio(proxy.url)
    for order in (
        lambda: studio.generate(factories.photo_bytes(), "반값"),
        lambda: studio.generate(text="배경만", test_mode=True),
    ):
        before = Job.objects.count()
        proxy.requests.clear()
        proxy.lose_answers = 2
        job = order()
        assert proxy.count("POST /api/generate") == 3
        assert Job.objects.count() == before + 1
        assert str(Job.objects.first().pk) == job.job_id  # type: ignore[union-attr]


def test_a_rerun_and_a_deletion_whose_answers_are_lost(
    open_studio: Open, proxy: Proxy, client_shop: Client
) -> None:
    studio = open_studio(proxy.url)
    first = studio.generate(text="반값", test_mode=True)
    proxy.lose_answers = 1
    again = studio.rerun(first, text="할인")
    assert {str(job.pk) for job in Job.objects.all()} == {first.job_id, again.job_id}
    proxy.lose_answers = 1
    studio.delete(first)
    assert proxy.count("DELETE ") == 2
    assert [str(job.pk) for job in Job.objects.all()] == [again.job_id]


def test_it_gives_up_after_so_many_attempts(open_studio: Open, proxy: Proxy) -> None:
    studio = open_studio(proxy.url, max_retries=1)
    proxy.lose_answers = 5
    with pytest.raises(ConnectionFailed):
        studio.generate(text="반값", idempotency_key="order-1")
    assert proxy.count("POST ") == 2
    proxy.lose_answers = 0
    studio.generate(text="반값", idempotency_key="order-1")
    assert Job.objects.count() == 1


def test_retry_after_is_waited_for(open_studio: Open, proxy: Proxy) -> None:
    studio = open_studio(proxy.url)
    proxy.own_answers = [told(503, "Retry-After: 2", body="<html>busy</html>"), told(429, "Retry-After: 1")]
    started = time.monotonic()
    assert studio.fonts()
    assert time.monotonic() - started >= 3
    proxy.own_answers = [told(503, "Retry-After: 61")]
    with pytest.raises(Unavailable) as refused:
        studio.fonts()
    assert (refused.value.code, refused.value.retry_after) == ("http.503", 61)
    assert proxy.count("GET /fonts") == 4


def test_answers_of_someone_else_are_told_as_such(open_studio: Open, proxy: Proxy) -> None:
    studio = open_studio(proxy.url)
    proxy.own_answers = [told(200, "Content-Type: text/html", body="<html>Sign in to the Wi-Fi</html>")]
    with pytest.raises(UnexpectedAnswer, match="not JSON"):
        studio.fonts()
    proxy.own_answers = [told(301, "Location: https://ads.example.com/fonts")]
    with pytest.raises(UnexpectedAnswer, match=r"https://ads\.example\.com"):
        studio.fonts()


def test_the_token_is_not_taken_along_to_another_host(
    open_studio: Open, proxy: Proxy, client_shop: Client
) -> None:
    """A picture on object storage: the redirect is followed without the shop's token."""
    job = str(finished(client_shop.shop, factories.photo(client_shop.shop)).pk)
    studio = open_studio(proxy.url)
    found = studio.job(job)
    with object_storage(b"picture") as (url, came):
        proxy.own_answers = [told(302, f"Location: {url}/final.png?signed")]
        assert studio.download(found).data == b"picture"
    assert came == [("/final.png?signed", None)]


def test_a_socket_that_drops_is_made_good_by_polling(
    lab: Lab, open_studio: Open, proxy: Proxy, meanwhile: Meanwhile
) -> None:
    lab.hold("step1")
    lab.start()
    studio = open_studio(proxy.url)
    heard: list[Progress] = []
    order = studio.generate(factories.photo_bytes(), **SHORT)
    waiting = meanwhile(studio.wait, order, timeout=100, on_progress=heard.append)
    lab.wait_at("step1")
    until(lambda: any(each.status == "running" for each in heard), 20, "progress over the socket")
    assert proxy.count("GET /ws/") == 1
    assert proxy.count("GET /status") == 0
    proxy.has_websockets = False
    proxy.cut()
    until(lambda: proxy.count("GET /status") > 1, 20, "polling")
    lab.release("step1")
    assert waiting.result(timeout=100).status == "completed"
    assert heard[-1].status == "completed"
    percents = [each.progress_percent for each in heard]
    assert percents == sorted(percents)


def test_without_websockets_an_unchanged_job_is_304(
    open_studio: Open, proxy: Proxy, client_shop: Client, meanwhile: Meanwhile
) -> None:
    """And once websockets work again, they are used again."""
    proxy.has_websockets = False
    job = str(factories.job(client_shop.shop).pk)
    heard: list[Progress] = []
    studio = open_studio(proxy.url)
    waiting = meanwhile(studio.wait, job, timeout=100, on_progress=heard.append)
    until(lambda: proxy.answers.count(304) >= 3, 30, "answers without a body")
    assert proxy.answers.count(200) == 1
    assert len(heard) == 1
    proxy.has_websockets = True
    until(lambda: 101 in proxy.answers, 30, "a websocket")
    polled = proxy.count("GET /status")
    open_studio().stop(job)
    with pytest.raises(JobStopped):
        waiting.result(timeout=30)
    assert proxy.count("GET /status") == polled


def test_a_poll_that_is_asked_for_patience_has_it(
    open_studio: Open, proxy: Proxy, client_shop: Client, meanwhile: Meanwhile
) -> None:
    proxy.has_websockets = False
    job = str(factories.job(client_shop.shop).pk)
    waiting = meanwhile(open_studio(proxy.url).wait, job, timeout=60)
    until(lambda: proxy.count("GET /status") >= 1, 20, "polling")
    proxy.own_answers = [told(429, "Retry-After: 4"), told(503)]
    until(lambda: not proxy.own_answers[1:], 20, "the answer that asks for patience")
    asked = proxy.count("GET /status")
    time.sleep(2.5)
    assert proxy.count("GET /status") == asked
    open_studio().stop(job)
    with pytest.raises(JobStopped):
        waiting.result(timeout=30)


def test_a_restart_of_the_server_is_sat_out(
    stack: Stack, lab: Lab, studio: AdStudio, meanwhile: Meanwhile
) -> None:
    lab.hold("step1")
    lab.start()
    heard: list[Progress] = []
    order = studio.generate(factories.photo_bytes(), **SHORT)
    waiting = meanwhile(studio.wait, order, timeout=110, on_progress=heard.append)
    lab.wait_at("step1")
    until(lambda: bool(heard), 20, "progress")
    stop_together([stack.web])
    lab.release("step1")
    until(lambda: Job.objects.get().status == "completed", 60, "the job's end, with no server to tell of it")
    assert not waiting.done()
    stack.start_web()
    assert waiting.result(timeout=60).status == "completed"
    assert heard[-1].status == "completed"


def test_a_lost_message_is_made_good(studio: AdStudio, client_shop: Client, meanwhile: Meanwhile) -> None:
    """The row changes and nothing is sent, as when Valkey is flushed: within ten seconds the client asks."""
    job = factories.job(client_shop.shop)
    heard: list[Progress] = []
    waiting = meanwhile(studio.wait, str(job.pk), timeout=60, on_progress=heard.append)
    until(lambda: bool(heard), 20, "the snapshot")
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None
    claim.progress(progress_percent=40)
    until(lambda: heard[-1].progress_percent == 40, 15, "the progress that nobody sent")
    studio.stop(str(job.pk))
    Job.objects.filter(pk=job.pk).delete()
    with pytest.raises(NotFound):
        waiting.result(timeout=30)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]
    subprocess.run([*request, *names], check=True, capture_output=True)
    return cert, key


def test_tls_with_an_authority_of_ones_own(
    stack: Stack, open_studio: Open, client_shop: Client, certificate: tuple[str, str]
) -> None:
    """HTTP and the websocket alike; without the authority, no word is exchanged."""
    job = factories.job(client_shop.shop)
    job_stop(job=job)
    with proxied(stack.port, certificate) as proxy:
        studio = open_studio(proxy.url, ssl_context=ssl.create_default_context(cafile=certificate[0]))
        assert studio.fonts()
        with pytest.raises(JobStopped):
            studio.wait(str(job.pk), timeout=20)
        assert proxy.count("GET /ws/") == 1
        assert proxy.count("GET /status") == 0
        proxy.requests.clear()
        with pytest.raises(ConnectionFailed, match="certificate"):
            open_studio(proxy.url, max_retries=0).fonts()
        assert not proxy.requests
