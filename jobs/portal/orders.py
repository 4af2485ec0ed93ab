"""What is ordered by a form of the portal is ordered once, however often the form is sent.

Every form that orders has a key of its own (``{% order_key %}``), new each time the page is drawn. Sent again with all
that stood in it, after a lost answer, a press too many, a step back, it leads to what was ordered then; with anything
changed it is another order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Shop, User
from jobs.idempotency import ordered_before, ordered_once
from jobs.models import Job, Photo
from jobs.moderation import WORDS, changed_words, content_check
from jobs.params import AdParams
from jobs.portal.pages import shop_of_request
from jobs.services import Submission, job_rerun, job_submit

ORDER_FIELD = "order"
NOT_ASKED = "csrfmiddlewaretoken"
"""Differs each time a page is drawn."""


@dataclass(frozen=True, slots=True)
class Order:
    """A form that orders, as it was sent."""

    shop: Shop
    user: User
    name: str
    """SHA-256 of its key and all that it asks. Empty where the page had no key, as one of an older release."""

    @classmethod
    def of(cls, request: HttpRequest) -> Order:
        return cls(shop_of_request(request), cast(User, request.user), _name_of(request))

    def before(self, request: HttpRequest) -> Job | None:
        """The job that it ordered before; the next page says that there is no other."""
        job = ordered_before(shop=self.shop, order=self.name) if self.name else None
        if job is not None:
            told = _(
                "똑같은 주문은 한 번만 받아요. 하나 더 만들려면 앞 화면을 새로 고친 뒤 다시 눌러 주세요."
            )
            messages.info(request, told)
        return job

    def new_ad(self, params: AdParams, photo: Photo | None) -> Job:
        words = params.model_dump(include=set(WORDS))
        content_check(shop=self.shop, request=words, photo=photo)
        return self._once_checked(partial(job_submit, shop=self.shop, params=params, photo=photo))

    def rerun(self, job: Job, start_step: int, changes: dict[str, Any]) -> Job:
        content_check(shop=self.shop, request=changed_words(job, changes))
        return self._once_checked(partial(job_rerun, job=job, start_step=start_step, changes=changes))

    def once(self, submit: Callable[[], Job]) -> Job:
        """``submit`` runs in a transaction: it asks nobody over the network."""
        return ordered_once(shop=self.shop, order=self.name, submit=submit) if self.name else submit()

    def _once_checked(self, submit: Callable[..., Submission]) -> Job:
        return self.once(lambda: submit(user=self.user, is_checked=True).job)


def _name_of(request: HttpRequest) -> str:
    if not request.POST.get(ORDER_FIELD):
        return ""
    fields = sorted((name, values) for name, values in request.POST.lists() if name != NOT_ASKED)
    files = sorted((name, [_digest(file) for file in sent]) for name, sent in request.FILES.lists())
    return hashlib.sha256(json.dumps([request.path, fields, files]).encode()).hexdigest()


def _digest(file: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
