"""The same request sent twice, after a lost answer, is done once: the header ``Idempotency-Key``.

A key belongs to a shop and holds for ``KEY_LIFETIME``. The database's constraint decides between two requests that
come at once: the second waits for the first one's transaction, then finds its job.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Shop
from jobs.errors import Refused
from jobs.messages import sentence
from jobs.models import IdempotencyKey
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


def forget_old_keys() -> int:
    """Remove keys past their lifetime; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEY_LIFETIME).delete()[0]
