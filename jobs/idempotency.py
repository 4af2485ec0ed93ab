"""The same request sent twice, after a lost answer, is done once: the header ``Idempotency-Key``, a form's order.

A key belongs to a shop and holds for ``KEY_LIFETIME``. The database's constraint decides between two requests that
come at once: the second waits for the first one's transaction, then finds its job.

A program that asks for something else under its key is refused. A person is not: what a form asks is part of the
order's name (``jobs.portal.orders``), and what was ordered and then deleted may be ordered again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Shop
from jobs import selectors
from jobs.errors import Refused
from jobs.messages import sentence
from jobs.models import IdempotencyKey, Job
from jobs.services import Submission

KEY_LIFETIME = timedelta(hours=24)
HEADER = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,255}")


@transaction.atomic
def submitted_once(*, shop: Shop, key: str, fingerprint: str, submit: Callable[[], Submission]) -> Submission:
    """Submit, or give what was submitted under this key before. Raises ``Refused`` when that was something else.

    A refused submission leaves the key free.
    """
    if not _KEY.fullmatch(key):
        raise Refused("request.field_invalid", status=422, field=HEADER, reason=sentence("reason.not_a_key"))
    selectors.shop_hold(shop.pk)
    IdempotencyKey.objects.filter(shop=shop, key=key, created_at__lt=timezone.now() - KEY_LIFETIME).delete()
    row, is_new = IdempotencyKey.objects.get_or_create(
        shop=shop, key=key, defaults={"fingerprint": fingerprint}
    )
    if not is_new:
        return _before(row, fingerprint)
    submission = submit()
    row.job, row.ignored = submission.job, submission.ignored
    row.save(update_fields=["job", "ignored"])
    return submission


def _before(row: IdempotencyKey, fingerprint: str) -> Submission:
    if row.fingerprint != fingerprint:
        raise Refused("idempotency.other_request", status=409, field=HEADER)
    if row.job is None or row.job.deleted_at is not None:
        raise Refused("idempotency.job_deleted", status=409, field=HEADER)
    return Submission(row.job, row.ignored)


def ordered_before(*, shop: Shop, order: str) -> Job | None:
    """What a form ordered before, unless it was deleted since."""
    row = IdempotencyKey.objects.filter(shop=shop, key=_key_of(order)).first()
    return _kept_job(row) if row is not None else None


@transaction.atomic
def ordered_once(*, shop: Shop, order: str, submit: Callable[[], Job]) -> Job:
    """Submit what a form orders, or give what it ordered before. A refused order leaves no trace.

    The row is locked so that of two at once, where what was ordered is gone, one orders anew.
    """
    selectors.shop_hold(shop.pk)
    rows = IdempotencyKey.objects.select_for_update()
    row, is_new = rows.get_or_create(shop=shop, key=_key_of(order), defaults={"fingerprint": order})
    if not is_new and (job := _kept_job(row)) is not None:
        return job
    row.job, row.created_at = submit(), timezone.now()
    row.save(update_fields=["job", "created_at"])
    return row.job


def _key_of(order: str) -> str:
    return f"form {order}"  # no program's key has a space


def _kept_job(row: IdempotencyKey) -> Job | None:
    is_over = row.job is None or row.job.deleted_at is not None
    return None if is_over or row.created_at < timezone.now() - KEY_LIFETIME else row.job


def forget_old_keys() -> int:
    """Remove keys past their lifetime; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEY_LIFETIME).delete()[0]
