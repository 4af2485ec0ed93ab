"""What becomes of a ``callback_url``: written with the job's end, delivered by workers, signed, tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Shop
from jobs import callbacks, services
from jobs.callbacks import MOST_ATTEMPTS, RETRY_AFTER, callback_attempt, callback_claim_next
from jobs.errors import Refused
from jobs.models import CallbackDelivery, Job
from jobs.params import AdParams
from jobs.transitions import job_transition
from tests.conftest import until
from tests.jobs import factories
from tests.jobs.conftest import Client, Lab, kill, wait_for
from tests.jobs.receiver import Received, Receiver, receiving
from tests.jobs.submitting import finished, make_running, submit

SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}
NOBODY = "https://shop.example/hook"
DELIVERED_WITHIN_SECONDS = 40.0


@pytest.fixture
def to_private(settings: Any) -> None:
    settings.CALLBACKS_TO_PRIVATE = True


def ended(shop: Shop, url: str = NOBODY) -> CallbackDelivery:
    """The delivery of a job that was stopped."""
    job = services.job_stop(job=submit(shop, callback_url=url).job)
    return CallbackDelivery.objects.get(job=job)


def attempted() -> CallbackDelivery:
    """The next delivery after one attempt at it."""
    delivery = callback_claim_next()
    assert delivery is not None
    callback_attempt(delivery)
    return CallbackDelivery.objects.get(pk=delivery.pk)


def make_due(delivery: CallbackDelivery) -> None:
    CallbackDelivery.objects.filter(pk=delivery.pk).update(next_attempt_at=Now())


def assert_signed(came: Received, shop: Shop) -> None:
    """As a receiver checks it who has the key and the specification."""
    key = base64.b64decode(shop.callback_secret.split("_")[1])
    signed = ".".join((came.headers["webhook-id"], came.headers["webhook-timestamp"])).encode()
    expected = hmac.digest(key, signed + b"." + came.body, hashlib.sha256)
    assert came.headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert abs(time.time() - int(came.headers["webhook-timestamp"])) < 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "changes"),
    [
        ("completed", {"progress_percent": 100}),
        ("failed", {"error_code": "photo.no_product"}),
        ("stopped", {}),
    ],
)
def test_every_end_of_a_job_is_noted_with_the_end(shop: Shop, to: str, changes: dict[str, Any]) -> None:
    job = make_running(submit(shop, callback_url=NOBODY).job)
    assert not CallbackDelivery.objects.exists()
    job_transition(job=job, to=to, reason="test", sources=["running"], changes=changes)
    assert CallbackDelivery.objects.get().url == NOBODY


@pytest.mark.django_db
def test_an_end_that_is_rolled_back_is_not_told(shop: Shop) -> None:
    job = submit(shop, callback_url=NOBODY).job
    with transaction.atomic():
        services.job_stop(job=job)
        assert CallbackDelivery.objects.exists()
        transaction.set_rollback(True)
    assert not CallbackDelivery.objects.exists()


@pytest.mark.django_db
def test_a_job_without_a_callback_tells_nobody(shop: Shop) -> None:
    services.job_stop(job=submit(shop).job)
    assert not CallbackDelivery.objects.exists()
    assert callback_claim_next() is None


@pytest.mark.django_db
def test_a_rerun_has_a_callback_of_its_own_only(shop: Shop) -> None:
    job = finished(shop, callback_url=NOBODY)
    again = services.job_rerun(job=job, start_step=2, changes={"text_content": "세일"}).job
    assert "callback_url" not in again.request
    other = services.job_rerun(job=job, start_step=2, changes={"callback_url": NOBODY + "2"}).job
    assert other.request["callback_url"] == NOBODY + "2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://shop.example/", "callback.url_invalid"),
        ("shop.example", "callback.url_invalid"),
        ("http://user:secret@shop.example/", "callback.url_invalid"),
        ("http://127.0.0.1/", "callback.url_private"),
        ("http://169.254.169.254/latest/meta-data/", "callback.url_private"),
        ("http://[::1]:5432/", "callback.url_private"),
        ("http://shop.example:25/", "callback.port_refused"),
        ("https://shop.example:6379/", "callback.port_refused"),
    ],
)
def test_a_url_that_cannot_be_called_is_refused(shop: Shop, url: str, code: str, settings: Any) -> None:
    with pytest.raises(Refused) as refusal:
        submit(shop, callback_url=url)
    assert (refusal.value.code, refusal.value.status, refusal.value.field) == (code, 422, "callback_url")
    assert not Job.objects.exists()
    if code in ("callback.url_private", "callback.port_refused"):
        settings.CALLBACKS_TO_PRIVATE = True
        assert submit(shop, callback_url=url).ignored == []


@pytest.mark.django_db
@pytest.mark.usefixtures("to_private")
def test_it_tells_the_end_signed(shop: Shop) -> None:
    with receiving() as receiver:
        delivery = ended(shop, f"http://127.0.0.1:{receiver.port}/hook")
        done = attempted()
    assert (done.status, done.attempts, done.last_answer) == ("delivered", 1, "204")
    [came] = receiver.came
    assert_signed(came, shop)
    assert came.headers["webhook-id"] == str(delivery.pk)
    told = json.loads(came.body)
    assert set(told) == {"type", "job_id", "status", "error", "finished_at", "urls"}
    assert (told["type"], told["status"]) == ("job.stopped", "stopped")
    assert told["job_id"] == str(delivery.job_id)
    assert callback_claim_next() is None


@pytest.mark.django_db
@pytest.mark.usefixtures("to_private")
@pytest.mark.parametrize("answer", [500, 302, 404, 429])
def test_anything_but_2xx_is_tried_again_later_and_later(shop: Shop, answer: int) -> None:
    with receiving(answer) as receiver:
        ended(shop, f"http://127.0.0.1:{receiver.port}/")
        for wait in RETRY_AFTER:
            begun = timezone.now()
            delivery = attempted()
            assert (delivery.status, delivery.last_answer) == ("pending", str(answer))
            assert abs(delivery.next_attempt_at - begun - wait) < timedelta(seconds=5)
            assert callback_claim_next() is None
            make_due(delivery)
        delivery = attempted()
        assert (delivery.status, delivery.attempts) == ("failed", MOST_ATTEMPTS)
        make_due(delivery)
        assert callback_claim_next() is None
    assert len({came.headers["webhook-id"] for came in receiver.came}) == 1
    assert len(receiver.came) == MOST_ATTEMPTS


@pytest.mark.django_db
@pytest.mark.usefixtures("to_private")
def test_gone_is_not_asked_again(shop: Shop) -> None:
    with receiving(410) as receiver:
        ended(shop, f"http://127.0.0.1:{receiver.port}/")
        assert attempted().status == "failed"


@pytest.mark.django_db
def test_a_name_that_leads_into_this_host_is_refused_when_it_is_called(shop: Shop) -> None:
    with receiving() as receiver:
        ended(shop, f"http://localhost:{receiver.port}/")
        delivery = attempted()
    assert (delivery.status, delivery.last_answer) == ("failed", "address_refused")
    assert receiver.came == []


@pytest.mark.django_db
def test_a_worker_that_died_with_a_callback_leaves_it_to_the_next(shop: Shop) -> None:
    ended(shop)
    dead = callback_claim_next()
    assert dead is not None and callback_claim_next() is None
    make_due(dead)
    next_one = callback_claim_next()
    assert next_one is not None and next_one.attempts == 2
    callbacks._note(dead, "204")  # thawed: its word counts no more
    assert CallbackDelivery.objects.get(pk=dead.pk).status == "pending"


@pytest.mark.django_db
def test_workers_that_die_each_time_do_not_go_on_for_ever(shop: Shop) -> None:
    delivery = ended(shop)
    for _ in range(MOST_ATTEMPTS):
        assert callback_claim_next() is not None
        make_due(delivery)
    assert callback_claim_next() is None
    assert CallbackDelivery.objects.get().status == "failed"


@pytest.mark.django_db
def test_one_shops_slow_receiver_does_not_hold_up_another(shop: Shop) -> None:
    many = {ended(shop).pk for _ in range(4)}
    single = ended(factories.shop("옆집")).pk
    order = [delivery.pk for delivery in iter(callback_claim_next, None)]
    assert set(order) == {*many, single}
    assert order.index(single) <= 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_one(shop: Shop) -> None:
    wanted = {ended(shop).pk for _ in range(12)}
    taken: list[Any] = []

    def take() -> None:
        try:
            while (delivery := callback_claim_next()) is not None:
                taken.append(delivery.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken))
    assert set(taken) <= wanted
    taken += [delivery.pk for delivery in iter(callback_claim_next, None)]  # what two looked at at once
    assert sorted(taken) == sorted(wanted)


@pytest.mark.django_db
def test_the_key_is_printed_and_renewed(shop: Shop) -> None:
    def printed(*options: str) -> str:
        out = StringIO()
        call_command("callback_secret", shop.slug, *options, stdout=out)
        return out.getvalue().strip()

    before = printed()
    assert before == shop.callback_secret
    assert len(base64.b64decode(before.removeprefix("whsec_"), validate=True)) == 32
    assert before != factories.shop().callback_secret
    after = printed("--new")
    assert after != before and printed() == after
    with pytest.raises(CommandError, match="no-shop"):
        call_command("callback_secret", "no-shop", stdout=StringIO())


def test_the_signature_is_the_specifications() -> None:
    """The example of standardwebhooks.com."""
    body = b'{"test": 2432232314}'
    signature = callbacks.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def _submitted(shop: Shop, receiver: Receiver) -> Job:
    url = f"http://localhost:{receiver.port}/hook"
    params = AdParams.model_validate({**SHORT, "callback_url": url})
    return services.job_submit(shop=shop, params=params, photo=factories.photo(shop)).job


def test_a_worker_delivers_and_tries_again(lab: Lab, client_shop: Client) -> None:
    with receiving(500, 204) as receiver:
        job = _submitted(client_shop.shop, receiver)
        lab.start(ADSTUDIO_CALLBACKS_TO_PRIVATE="1")
        wait_for(job, "completed")
        until(lambda: len(receiver.came) == 2, DELIVERED_WITHIN_SECONDS, "the second attempt")
        until(
            lambda: CallbackDelivery.objects.filter(job=job, status="delivered").exists(),
            DELIVERED_WITHIN_SECONDS,
            "the note of it",
        )
    for came in receiver.came:
        assert_signed(came, client_shop.shop)
        told = json.loads(came.body)
        assert told["type"] == "job.completed" and told["error"] is None
        assert told["urls"]["final_result"].startswith("http")


def test_only_workers_deliver(lab: Lab, client_shop: Client) -> None:
    """The web process takes the stop; without a worker nothing is sent, and a later worker sends it."""
    with receiving() as receiver:
        job = _submitted(client_shop.shop, receiver)
        stopped = httpx.post(f"{lab.stack.url}/stop/{job.pk}", headers=client_shop.headers)
        assert stopped.json()["status"] == "stopped"
        time.sleep(2)
        assert receiver.came == []
        lab.start(ADSTUDIO_CALLBACKS_TO_PRIVATE="1")
        until(lambda: len(receiver.came) == 1, DELIVERED_WITHIN_SECONDS, "the callback")


def test_a_callback_goes_out_while_a_picture_is_drawn(lab: Lab, client_shop: Client) -> None:
    with receiving() as receiver:
        lab.hold("step1")
        worker = lab.start(ADSTUDIO_CALLBACKS_TO_PRIVATE="1")
        _submitted(client_shop.shop, receiver)
        pid = lab.wait_at("step1")
        services.job_stop(job=_submitted(client_shop.shop, receiver))
        until(lambda: len(receiver.came) == 1, DELIVERED_WITHIN_SECONDS, "the callback")
        kill(worker, pid)


def test_by_default_a_worker_calls_no_private_address(lab: Lab, client_shop: Client) -> None:
    with receiving() as receiver:
        job = _submitted(client_shop.shop, receiver)
        services.job_stop(job=job)
        lab.start()
        refused = CallbackDelivery.objects.filter(job=job, status="failed", last_answer="address_refused")
        until(refused.exists, DELIVERED_WITHIN_SECONDS, "the refusal")
    assert receiver.came == []
