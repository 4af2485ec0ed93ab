"""Questions of shops to the language model: whether one may be asked now, and what it spent.

Whoever asks has an answer of its own for when there is none: no key, the month's limit, a model that fails or is slow.
Never call this inside a transaction: an answer takes seconds.
"""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from accounts.consents import may_send_photo
from accounts.models import Shop
from generation.prompts.language_model import (
    Connection,
    LanguageModelFailed,
    Problem,
    Shape,
    Usage,
    ask,
    small_jpeg,
)
from jobs.breaker import Breaker
from jobs.models import ModelUse, Photo
from jobs.selectors import midnight

logger = logging.getLogger(__name__)
MILLION = Decimal(1_000_000)
_SICK = frozenset(
    {Problem.TIMEOUT, Problem.UNREACHABLE, Problem.RATE_LIMITED, Problem.SERVER, Problem.DENIED}
)
"""Problems of the server, which others would meet as well; the rest is about this question alone."""


def ask_for(
    *,
    shop: Shop,
    purpose: ModelUse.Purpose,
    instructions: str,
    wish: str,
    schema: type[Shape],
    photo: Photo | None = None,
) -> Shape | None:
    """What the model answers, or None: then the caller's own rules answer.

    ``instructions`` are ours, ``wish`` is what people typed (``language_model.ask``). The photo goes along only when
    the shop's owner agreed to that.
    """
    breaker = _breaker()
    if not settings.OPENAI_API_KEY or not breaker.lets_through():
        return None
    picture = shown_photo(shop, photo)
    use = _begin(shop, purpose, with_picture=picture is not None)
    if use is None:
        logger.info("shop %s has used up its questions of this month", shop.pk)
        return None
    try:
        server = connection(
            settings.OPENAI_MODEL, settings.OPENAI_REQUEST_SECONDS, settings.OPENAI_TOTAL_SECONDS
        )
        answer = ask(server, instructions=instructions, wish=wish, schema=schema, picture=picture)
    except LanguageModelFailed as failure:
        _end(use, failure.problem.value, failure.usage, failure.seconds)
        logger.warning("the language model gave no answer for %s: %s", purpose, failure.problem)
        _tell(breaker, failure.problem)
        return None
    _end(use, ModelUse.Outcome.ANSWERED, answer.usage, answer.seconds)
    breaker.succeeded()
    return answer.parsed


def connection(model: str, request_seconds: float, total_seconds: float) -> Connection:
    """To the server that the settings name."""
    return Connection(
        api_key=settings.OPENAI_API_KEY,
        model=model,
        base_url=settings.OPENAI_BASE_URL or None,
        request_seconds=request_seconds,
        total_seconds=total_seconds,
    )


def start_of_month() -> datetime:
    """In the service's time zone."""
    return midnight().replace(day=1)


def _breaker() -> Breaker:
    return Breaker("language-model", trial_seconds=2 * settings.OPENAI_TOTAL_SECONDS)


def _tell(breaker: Breaker, problem: Problem) -> None:
    if problem in _SICK:
        breaker.failed()
    else:
        breaker.succeeded()


def _begin(shop: Shop, purpose: ModelUse.Purpose, *, with_picture: bool) -> ModelUse | None:
    """A question noted, or None when the shop's month is used up. One after the other, so that none slips past."""
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        if settings.OPENAI_MONTHLY_LIMIT and asked_this_month(shop) >= settings.OPENAI_MONTHLY_LIMIT:
            return None
        return ModelUse.objects.create(
            shop=shop, purpose=purpose, model=settings.OPENAI_MODEL, with_picture=with_picture
        )


def asked_this_month(shop: Shop) -> int:
    """Questions that count towards the shop's month."""
    asked = ModelUse.objects.filter(shop=shop, asked_at__gte=start_of_month(), outcome__in=ModelUse.COUNTED)
    return asked.count()


def _end(use: ModelUse, outcome: str, usage: Usage, seconds: float) -> None:
    """Complete the row; nothing where the shop was deleted meanwhile."""
    ModelUse.objects.filter(pk=use.pk).update(
        outcome=outcome,
        requests=usage.requests,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=cost(use.model, usage),
        seconds=round(seconds, 3),
    )


def cost(model: str, usage: Usage) -> Decimal | None:
    """US dollars, or None for a model whose price nobody told."""
    price = settings.OPENAI_PRICES.get(model)
    if price is None:
        return None
    read, cached, written = price
    fresh = usage.input_tokens - usage.cached_tokens
    spent = fresh * read + usage.cached_tokens * cached + usage.output_tokens * written
    return Decimal(spent / MILLION).quantize(Decimal("0.000001"))


def shown_photo(shop: Shop, photo: Photo | None) -> bytes | None:
    """The photo as a model may see it, encoded; None without one, or without the owner's consent."""
    if photo is None or not may_send_photo(shop):
        return None
    try:
        with photo.file.open("rb") as file:
            return small_jpeg(file.read())
    except FileNotFoundError:  # deleted this moment
        return None
