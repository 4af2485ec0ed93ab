"""The load test: real daphne, Postgres, Valkey and worker. Prints a table; fails when an event is lost or a shop waits.

Not collected with the tests; run by ``make load`` (``python -m tests.load``).
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache

from accounts.models import Shop
from accounts.tokens import token_create
from adstudio.processes import stop_together
from jobs import events, services
from jobs.claims import Claim, claim_next
from jobs.models import Job
from jobs.params import AdParams
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.load.figures import Table, p95, percentiles
from tests.load.sockets import Listener, lost, open_all

SOCKETS = int(os.environ.get("LOAD_SOCKETS", "1000"))
SECONDS = int(os.environ.get("LOAD_SECONDS", "20"))
"""Of each measurement."""
WAITING = int(os.environ.get("LOAD_WAITING", "500"))
"""Jobs of the shop that is busy."""
SHOPS = 20
"""Each has one job under way, listened to by a twentieth of the sockets: half of them its own, half the shop's."""
STATUS_RATE = 200
CLIENTS = 8
"""Programs that ask one thing after the other, to find how much can be asked."""
SLOW_SECONDS = 1.0
"""A rate of events is borne while 95 % of them arrive within this."""
EVENT_RATES = (1, 2, 4, 8, 16)
"""Events of each job and second."""
KEPT_UP = 0.8
"""Of the wanted rate; below, the sender is the ceiling and faster tells nothing."""
MAY_PASS = 2
"""Jobs of the busy shop that may begin before another shop's only one."""
SETTLE_SECONDS = 120.0
"""Until all were told all, at the latest: a few syncs of a busy machine."""
ORDER = {"text_content": "반값", "test_mode": True}
FOREVER = 3600

table = Table()


@dataclass(frozen=True)
class Caller:
    shop: Shop
    headers: dict[str, str]


@pytest.fixture(scope="session", autouse=True)
def _prepared() -> None:
    """Every socket is a file, here and in the web server, which inherits this."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a request would bury the table


@pytest.fixture
def roomy(live_environ: dict[str, str], transactional_db: None, settings: Any) -> Iterator[Stack]:
    """A live system that no quota stops."""
    quotas = {"QUEUE_LIMIT": 1_000_000, "SHOP_DAILY_JOBS": 1_000_000}
    for name, value in quotas.items():
        setattr(settings, name, value)
    stack = Stack(
        {
            **live_environ,
            "API_TOKEN_RATE": "0",
            "SOCKET_RATE": "0",
            **{name: str(value) for name, value in quotas.items()},
        }
    )
    stack.start_web()
    yield stack
    stack.stop_worker()
    stop_together([stack.web])
    cache.clear()


def caller() -> Caller:
    shop = factories.shop()
    _, plain = token_create(shop=shop, name="load")
    return Caller(shop, {"Authorization": f"Bearer {plain}"})


def web_bytes(stack: Stack) -> int:
    assert stack.web.process is not None
    return psutil.Process(stack.web.process.pid).memory_info().rss


@pytest.mark.timeout(FOREVER)
def test_sockets(roomy: Stack) -> None:
    callers = [caller() for _ in range(SHOPS)]
    claims = [_under_way(each) for each in callers]
    sent_at: dict[tuple[str, int], float] = {}
    listeners = [_listener(callers, claims, sent_at, number) for number in range(SOCKETS)]
    before = web_bytes(roomy)
    truth = asyncio.run(_listened(roomy, listeners, claims, sent_at, before))
    gone = [listener.closed for listener in listeners if listener.closed]
    total = lost(listeners, truth)
    table.add("  events heard", sum(listener.heard for listener in listeners))
    table.add("  dropped on the way and made good by a snapshot", sum(each.made_good for each in listeners))
    table.add("  lost (must be 0)", total)
    table.add("  sockets closed by the server", len(gone))
    assert total == 0
    assert not gone, gone[0]


def _under_way(of: Caller) -> Claim:
    factories.job(of.shop)
    claim = claim_next(engine="studio", worker="load")
    assert claim is not None
    return claim


def _listener(
    callers: list[Caller], claims: list[Claim], sent_at: dict[tuple[str, int], float], number: int
) -> Listener:
    shop, of_shop = number % SHOPS, number // SHOPS % 2
    path = "/ws/shop/" if of_shop else f"/ws/jobs/{claims[shop].job_id}/"
    return Listener(path, callers[shop].headers, sent_at)


async def _listened(
    stack: Stack,
    listeners: list[Listener],
    claims: list[Claim],
    sent_at: dict[tuple[str, int], float],
    before: int,
) -> dict[str, int]:
    """Open all, send faster and faster until it is too fast, let them settle; the jobs' last sequences."""
    began = time.perf_counter()
    await open_all(listeners, stack.url.replace("http", "ws"))
    took = time.perf_counter() - began
    table.add(f"{len(listeners)} sockets, opened a second", f"{len(listeners) / took:.0f}")
    table.add(
        "  handshake to snapshot, p50 / p95 / p99 ms", percentiles([each.opened_in for each in listeners])
    )
    table.add(
        "  memory of the web process, KiB a socket", (web_bytes(stack) - before) // 1024 // len(listeners)
    )
    listening = [asyncio.create_task(listener.listen()) for listener in listeners]
    truth: dict[str, int] = {}
    for rate in EVENT_RATES:
        if not await _borne(listeners, claims, sent_at, truth, rate):
            break
    end = time.monotonic() + SETTLE_SECONDS
    while lost(listeners, truth) and time.monotonic() < end:
        await asyncio.sleep(1)  # each syncs by itself
    for listener in listeners:
        assert listener.socket is not None
        await listener.socket.close()
    await asyncio.gather(*listening)
    return truth


async def _borne(
    listeners: list[Listener],
    claims: list[Claim],
    sent_at: dict[tuple[str, int], float],
    truth: dict[str, int],
    rate: int,
) -> bool:
    """Send so many events of each job a second; tells whether they arrived in time."""
    for listener in listeners:
        listener.latencies.clear()
    heard = sum(listener.heard for listener in listeners)
    began = time.perf_counter()
    sent = await sync_to_async(_send)(claims, sent_at, truth, rate)
    took = time.perf_counter() - began
    await asyncio.sleep(2 * SLOW_SECONDS)
    arrived = [seconds for listener in listeners for seconds in listener.latencies]
    frames = sum(listener.heard for listener in listeners) - heard
    told = percentiles(arrived)
    wanted = rate * len(claims)
    table.add(f"  {wanted} events/s wanted, {sent / took:.0f} sent, {frames / took:.0f} messages/s: ms", told)
    return p95(arrived) <= SLOW_SECONDS and sent / took >= KEPT_UP * wanted


def _send(
    claims: list[Claim], sent_at: dict[tuple[str, int], float], truth: dict[str, int], rate: int
) -> int:
    """Each event when its time has come, or at once when that has passed."""
    jobs = {claim.job_id: Job.objects.get(pk=claim.job_id) for claim in claims}
    first = time.perf_counter()
    count = rate * SECONDS * len(claims)
    for number in range(count):
        time.sleep(max(0.0, first + number / (rate * len(claims)) - time.perf_counter()))
        claim = claims[number % len(claims)]
        job = jobs[claim.job_id]
        key = str(claim.job_id)
        job.sequence = claim.progress(progress_percent=number % 100)
        sent_at[key, job.sequence] = time.perf_counter()
        truth[key] = job.sequence
        events.send_progress(job)
    return count


@asynccontextmanager
async def _clients(stack: Stack, headers: dict[str, str]) -> AsyncIterator[list[httpx.AsyncClient]]:
    clients = [httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=60) for _ in range(CLIENTS)]
    try:
        yield clients
    finally:
        for client in clients:
            await client.aclose()


Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


async def _one_after_the_other(clients: list[httpx.AsyncClient], ask: Ask) -> list[float]:
    """Every client asks anew as soon as it was answered."""
    taken: list[float] = []
    end = time.perf_counter() + SECONDS

    async def program(client: httpx.AsyncClient) -> None:
        while (began := time.perf_counter()) < end:
            (await ask(client)).raise_for_status()
            taken.append(time.perf_counter() - began)

    await asyncio.gather(*(program(client) for client in clients))
    return taken


async def _on_time(clients: list[httpx.AsyncClient], ask: Ask, rate: int) -> list[float]:
    """So many a second, whether or not the ones before were answered; late sending counts as waiting."""
    taken: list[float] = []
    first = time.perf_counter() + 0.1

    async def one(number: int) -> None:
        due = first + number / rate
        await asyncio.sleep(due - time.perf_counter())
        (await ask(clients[number % len(clients)])).raise_for_status()
        taken.append(time.perf_counter() - due)

    await asyncio.gather(*(one(number) for number in range(rate * SECONDS)))
    return taken


@pytest.mark.timeout(FOREVER)
def test_requests(roomy: Stack) -> None:
    of = caller()
    path = f"/status/{_under_way(of).job_id}?images=none"

    async def status(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get(path)

    async def order(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/generate", json=ORDER)

    async def measured() -> None:
        async with _clients(roomy, of.headers) as clients:
            asked = await _on_time(clients, status, STATUS_RATE)
            table.add(f"status at {STATUS_RATE}/s, p50 / p95 / p99 ms", percentiles(asked))
            for name, ask in (("status", status), ("submissions", order)):
                taken = await _one_after_the_other(clients, ask)
                table.add(f"{name}/s, {CLIENTS} programs one after the other", f"{len(taken) / SECONDS:.0f}")
                table.add(f"  {name}, p50 / p95 / p99 ms", percentiles(taken))

    asyncio.run(measured())


@pytest.mark.timeout(FOREVER)
def test_a_busy_shop_holds_up_nobody(roomy: Stack) -> None:
    busy, other = factories.shop(), factories.shop()
    for _ in range(WAITING):
        _order(busy)
    roomy.start_worker()
    until(lambda: _begun(busy).count() >= 3, 300, "the busy shop's first jobs")
    ordered = time.perf_counter()
    job = _order(other)
    until(lambda: _begun(other).exists(), 300, "the other shop's job")
    waited = time.perf_counter() - ordered
    job.refresh_from_db()
    passed = _begun(busy).filter(started_at__gt=job.queued_at, started_at__lt=job.started_at).count()
    table.add(f"another shop's job behind {WAITING} of one: begun before it (at most {MAY_PASS})", passed)
    table.add("  it waited, s", f"{waited:.1f}")
    assert passed <= MAY_PASS


def _order(shop: Shop, **fields: Any) -> Job:
    return services.job_submit(shop=shop, params=AdParams.model_validate({**ORDER, **fields})).job


def _begun(shop: Shop) -> Any:
    return Job.objects.filter(shop=shop, started_at__isnull=False)
