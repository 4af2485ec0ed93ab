"""What holds with several hosts. Each promise does something to the fleet and asserts what it then sees."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from accounts.models import ApiToken, Shop
from accounts.tokens import token_create
from adstudio.processes import Child, stop_together
from jobs.models import Artifact, Job, JobEvent
from tests.conftest import until
from tests.hosts.fleet import Fleet
from tests.hosts.listener import Listener
from tests.jobs import factories

SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium"}
JOB_SECONDS = 180.0
RATE = 20
"""Requests a minute of the token that is counted."""
Say = Callable[[str], None]


class Merchant:
    """A shop's program, which knows one address."""

    def __init__(self, fleet: Fleet, **token: Any) -> None:
        self.fleet = fleet
        self.shop: Shop = factories.shop()
        row, plain = token_create(shop=self.shop, name="hosts")
        if token:
            ApiToken.objects.filter(pk=row.pk).update(**token)
        self.headers = {"Authorization": f"Bearer {plain}"}
        self.photo = factories.photo(self.shop)

    def order(self, **fields: Any) -> Job:
        body = {**SHORT, "photo_id": str(self.photo.pk), **fields}
        answer = httpx.post(f"{self.fleet.url}/api/generate", headers=self.headers, json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return Job.objects.get(pk=answer.json()["job_id"])

    def listen(self, url: str = "") -> Listener:
        listener = Listener(url or self.fleet.url, self.headers, "/ws/shop/")
        listener.start()
        until(lambda: listener.connections > 0, 30, "the socket")
        return listener


def ended(jobs: list[Job], status: str = "completed") -> None:
    def over() -> bool:
        return not Job.objects.filter(pk__in=[job.pk for job in jobs], status__in=Job.ACTIVE).exists()

    until(over, JOB_SECONDS, "the jobs' end")
    for job in jobs:
        job.refresh_from_db()
        assert job.status == status, (job.status, job.error_code, job.error_context)
        assert JobEvent.objects.filter(job=job, to_status__in=Job.TERMINAL).count() == 1


def whole(jobs: list[Job]) -> None:
    for row in Artifact.objects.filter(job__in=jobs):
        assert hashlib.sha256(row.file.open("rb").read()).hexdigest() == row.sha256, row


def hosts_of(jobs: list[Job], fleet: Fleet) -> Counter[str]:
    """How many claims each host took."""
    claims = JobEvent.objects.filter(job__in=jobs, to_status="running").values_list("worker", flat=True)
    return Counter(map(fleet.host_of, claims))


def jobs_spread(fleet: Fleet, say: Say, *, orders: int) -> None:
    merchant = Merchant(fleet)
    began = time.monotonic()
    jobs = [merchant.order(seed=number) for number in range(orders)]
    ended(jobs)
    whole(jobs)
    spread = hosts_of(jobs, fleet)
    assert len(spread) == 2, spread
    say(f"{orders} jobs in {time.monotonic() - began:.1f} s, by host: {dict(sorted(spread.items()))}")


def one_address(fleet: Fleet, say: Say) -> None:
    """Sessions, limits and events belong to all web processes, whichever a connection comes to."""
    with httpx.Client(base_url=fleet.url) as browser:
        page = browser.get("/accounts/login/")
        form = {"login": factories.owner(Merchant(fleet).shop).email, "password": factories.PASSWORD}
        token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        browser.post("/accounts/login/", data={**form, "csrfmiddlewaretoken": token})
        for number in range(len(fleet.ports)):
            gallery = httpx.get(f"{fleet.direct(number)}/ads/", cookies=browser.cookies)
            assert gallery.status_code == 200, gallery.status_code
    counted = Merchant(fleet, rate_per_minute=RATE)
    answers: Counter[int] = Counter()
    for number in range(RATE + 4):
        web = fleet.direct(number % len(fleet.ports))
        answers[httpx.get(f"{web}/jobs", headers=counted.headers).status_code] += 1
    # The minute may turn once in between.
    assert RATE <= answers[200] <= RATE + 4 and answers[200] + answers[429] == RATE + 4, answers
    say(f"a session is known to both; a token's limit of {RATE} is counted over both: {dict(answers)}")


def both_webs_tell(fleet: Fleet, say: Say) -> None:
    merchant = Merchant(fleet)
    listeners = [merchant.listen(fleet.direct(number)) for number in range(len(fleet.ports))]
    job = merchant.order(seed=1)
    ended([job])
    for listener in listeners:
        until(lambda at=listener: str(job.pk) in at.finished, 20, "the end on every socket")
        listener.stop()
    told = [listener.sequences[str(job.pk)] for listener in listeners]
    assert [listener.wrong for listener in listeners] == [[], []]
    assert told[0][-1] == told[1][-1]
    say(
        f"sockets at both web processes heard the job's {len(told[0])} and {len(told[1])} events without a gap"
    )


def webs_restart_one_by_one(
    fleet: Fleet, say: Say, held: Callable[[], Any], release: Callable[[], None]
) -> None:
    """``held`` waits until the job that is ordered stands still in its midst, ``release`` lets it go on."""
    merchant = Merchant(fleet)
    listeners = [merchant.listen() for _ in range(4)]
    job = merchant.order(seed=2)
    held()
    asking = _Asking(fleet, merchant)
    asking.start()
    for web in fleet.webs:
        _restart(web, fleet)
    asking.stop()
    until(lambda: all(listener.is_open for listener in listeners), 30, "every socket again")
    release()
    ended([job])
    for listener in listeners:
        until(lambda at=listener: str(job.pk) in at.finished, 30, "the end on every socket")
        listener.stop()
    assert [listener.wrong for listener in listeners] == [[]] * len(listeners)
    back = [listener.connections for listener in listeners]
    assert min(back) >= 2, back
    say(f"four sockets were opened {back} times and went on without a gap; requests meanwhile: {asking.told}")


def _restart(web: Child, fleet: Fleet) -> None:
    port = fleet.ports[fleet.webs.index(web)]
    stop_together([web])
    web.start()
    until(lambda: serves(f"{fleet.url.rpartition(':')[0]}:{port}"), 60, f"{web.name} again")


def serves(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


class _Asking(threading.Thread):
    """Asks all the while, as programs do, and counts the answers."""

    def __init__(self, fleet: Fleet, merchant: Merchant) -> None:
        super().__init__(daemon=True)
        self.url = f"{fleet.url}/jobs"
        self.headers = merchant.headers
        self.told: Counter[str] = Counter()
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.1):
            try:
                answer = httpx.get(self.url, headers=self.headers, timeout=20)
                self.told[str(answer.status_code)] += 1
            except httpx.HTTPError as error:
                self.told[type(error).__name__] += 1

    def stop(self) -> None:
        self._done.set()
        self.join(30)
