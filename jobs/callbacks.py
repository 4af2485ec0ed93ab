"""Telling a program that its job has ended: what is sent, how it is signed, when it is tried again.

The row is written in the transaction that ends the job. Workers deliver it (``jobs.worker.courier``), at least once: a
worker that dies with it leaves it to the next one. Signed as the Standard Webhooks
specification says (standardwebhooks.com).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Now

from jobs import events
from jobs.callback_posting import NotPosted, post
from jobs.callback_urls import is_public, is_web_port, literal_address, target_of
from jobs.errors import Refused
from jobs.models import CallbackDelivery, Job
from jobs.versions import request_of

RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 7200, 21_600))
"""Waits between attempts; there is one attempt more than waits, some nine hours in all."""
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
LEASE = timedelta(seconds=120)
"""A worker that has not told what became of its attempt by then is taken for dead."""
FINAL_REFUSALS = ("address_refused", "410")
"""Answers after which nothing is tried again."""
SECRET_PREFIX = "whsec_"  # noqa: S105  (a recognisable beginning, not a secret)


def callback_check(url: str) -> None:
    """Raises ``Refused`` for a URL that callbacks cannot go to. A name is looked up when it is called only."""
    try:
        target = target_of(url)
    except (ValueError, UnicodeError) as error:
        raise Refused("callback.url_invalid", status=422, field="callback_url") from error
    if settings.CALLBACKS_TO_PRIVATE:
        return
    address = literal_address(target.host)
    if address is not None and not is_public(address):
        raise Refused("callback.url_private", status=422, field="callback_url")
    if not is_web_port(target.port):
        raise Refused("callback.port_refused", status=422, field="callback_url")


def callback_expect(job: Job) -> None:
    """Note that the job's end is to be told. Called in the transaction that ends it."""
    url = request_of(job).get("callback_url")
    if url:
        CallbackDelivery.objects.get_or_create(job=job, defaults={"url": url})


@transaction.atomic
def callback_claim_next() -> CallbackDelivery | None:
    """Take the next delivery that is due, or None: the shop that was served longest ago first, so that one slow
    receiver does not hold up the others."""
    due = CallbackDelivery.objects.filter(status=CallbackDelivery.Status.PENDING, next_attempt_at__lte=Now())
    due.filter(attempts__gte=MOST_ATTEMPTS).update(status=CallbackDelivery.Status.FAILED)
    of_shop = CallbackDelivery.objects.filter(job__shop_id=OuterRef("job__shop_id")).order_by()
    last_turn = of_shop.values("job__shop_id").values(at=Max("attempted_at"))
    delivery = (
        due.annotate(last_turn=Subquery(last_turn))
        .order_by(F("last_turn").asc(nulls_first=True), "next_attempt_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if delivery is None:
        return None
    CallbackDelivery.objects.filter(pk=delivery.pk).update(
        attempts=F("attempts") + 1, attempted_at=Now(), next_attempt_at=Now() + LEASE
    )
    return CallbackDelivery.objects.select_related("job__shop").get(pk=delivery.pk)


def callback_attempt(delivery: CallbackDelivery) -> None:
    """Send it once and note the answer."""
    body = payload(delivery.job)
    headers = signed_headers(delivery, body)
    try:
        target = target_of(delivery.url)
        answer = str(post(target, body, headers, to_private=settings.CALLBACKS_TO_PRIVATE))
    except NotPosted as failure:
        answer = failure.code
    _note(delivery, answer)


def _note(delivery: CallbackDelivery, answer: str) -> None:
    """Write what became of this attempt, unless another worker has taken the delivery meanwhile."""
    changes: dict[str, Any] = {"last_answer": answer}
    if answer.startswith("2"):
        changes["status"] = CallbackDelivery.Status.DELIVERED
    elif answer in FINAL_REFUSALS or delivery.attempts >= MOST_ATTEMPTS:
        changes["status"] = CallbackDelivery.Status.FAILED
    else:
        changes["next_attempt_at"] = Now() + RETRY_AFTER[delivery.attempts - 1]
    CallbackDelivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, status=CallbackDelivery.Status.PENDING
    ).update(**changes)


def payload(job: Job) -> bytes:
    """What is sent: the job's end, and where its pictures are (to be fetched with a token)."""
    row = events.job_row(job)
    told = {
        "type": f"job.{job.status}",
        "job_id": str(job.pk),
        "status": job.status,
        "error": row["error"],
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "urls": {kind: settings.SITE_URL + url for kind, url in row["urls"].items()},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(delivery: CallbackDelivery, body: bytes) -> dict[str, str]:
    """``webhook-id`` is the same in every attempt, so that a receiver can tell a repetition."""
    stamp = str(int(time.time()))
    signature = sign(delivery.job.shop.callback_secret, str(delivery.pk), stamp, body)
    return {"webhook-id": str(delivery.pk), "webhook-timestamp": stamp, "webhook-signature": signature}


def sign(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
