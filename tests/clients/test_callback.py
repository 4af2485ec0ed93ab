"""``verify_callback`` with what the server really posts."""

from __future__ import annotations

import time
from typing import Any

import pytest
from adstudio_client import AdStudioError, SignatureInvalid, verify_callback

from accounts.models import Shop, new_callback_secret
from jobs import callbacks, services
from jobs.callbacks import callback_attempt, callback_claim_next
from jobs.models import CallbackDelivery
from tests.jobs import factories
from tests.jobs.receiver import Received, receiving
from tests.jobs.submitting import submit


@pytest.fixture
def shop(db: None) -> Shop:
    return factories.shop()


@pytest.fixture
def came(shop: Shop, settings: Any) -> Received:
    """A callback as it came over HTTP."""
    settings.CALLBACKS_TO_PRIVATE = True
    with receiving() as receiver:
        services.job_stop(job=submit(shop, callback_url=f"http://127.0.0.1:{receiver.port}/hook").job)
        delivery = callback_claim_next()
        assert delivery is not None
        callback_attempt(delivery)
        [received] = receiver.came
    return received


def test_it_believes_what_was_signed(came: Received, shop: Shop) -> None:
    event = verify_callback(came.headers, came.body, shop.callback_secret)
    delivery = CallbackDelivery.objects.get()
    assert (event.webhook_id, event.job_id) == (str(delivery.pk), str(delivery.job_id))
    assert (event.type, event.status, event.error, event.urls) == ("job.stopped", "stopped", None, {})
    assert event.finished_at == delivery.job.finished_at
    titled = {name.title(): value for name, value in came.headers.items()}
    assert verify_callback(titled, came.body, shop.callback_secret) == event


def test_one_of_several_signatures_is_enough(came: Received, shop: Shop) -> None:
    """As the specification has it while keys change."""
    came.headers["webhook-signature"] = "v1a,xx v1,yy " + came.headers["webhook-signature"]
    assert verify_callback(came.headers, came.body, shop.callback_secret)


@pytest.mark.parametrize(
    "fault",
    ["body", "secret", "id", "missing", "stamp", "no number", "other version", "not ascii"],
)
def test_it_believes_nothing_else(came: Received, shop: Shop, fault: str) -> None:
    headers, body, secret = dict(came.headers), came.body, shop.callback_secret
    if fault == "body":
        body = body.replace(b"stopped", b"stoppee")
    elif fault == "secret":
        secret = new_callback_secret()
    elif fault == "missing":
        del headers["webhook-signature"]
    else:
        name, value = {
            "id": ("webhook-id", "another"),
            "stamp": ("webhook-timestamp", str(int(headers["webhook-timestamp"]) + 1)),
            "no number": ("webhook-timestamp", "²"),
            "other version": ("webhook-signature", headers["webhook-signature"].replace("v1,", "v2,")),
            "not ascii": ("webhook-signature", "v1,é"),
        }[fault]
        headers[name] = value
    with pytest.raises(SignatureInvalid) as refused:
        verify_callback(headers, body, secret)
    assert isinstance(refused.value, AdStudioError)


def test_an_old_message_is_not_believed(came: Received, shop: Shop) -> None:
    stamp = str(int(time.time()) - 301)
    headers = {**came.headers, "webhook-timestamp": stamp}
    headers["webhook-signature"] = callbacks.sign(
        shop.callback_secret, headers["webhook-id"], stamp, came.body
    )
    with pytest.raises(SignatureInvalid, match="300 s ago"):
        verify_callback(headers, came.body, shop.callback_secret)
    assert verify_callback(headers, came.body, shop.callback_secret, tolerance=600)


def test_a_secret_that_is_none_is_a_mistake_of_the_program(came: Received) -> None:
    with pytest.raises(ValueError, match="callback_secret"):
        verify_callback(came.headers, came.body, "whsec_?")
