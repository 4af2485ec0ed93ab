"""Questions of shops to the language model: who may ask, what is counted, what leaves."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from accounts.consents import photo_to_openai_set
from accounts.models import Shop
from adstudio.valkey import valkey
from generation.prompts.language_model import StructuredAnswer, Usage
from jobs import breaker, words
from jobs.breaker import Breaker
from jobs.models import ModelUse, Photo
from tests import openai_server as fake
from tests.conftest import free_port
from tests.jobs import factories
from tests.openai_server import OpenAIServer

pytestmark = pytest.mark.django_db
GOOD = fake.answers({"line": "바다"})


class Line(StructuredAnswer):
    line: str


def ask(shop: Shop, photo: Photo | None = None, wish: str = "바닷가") -> Line | None:
    return words.ask_for(
        shop=shop,
        purpose=ModelUse.Purpose.PROMPT,
        instructions="Write a line.",
        wish=wish,
        schema=Line,
        photo=photo,
    )


def allow(shop: Shop, allowed: bool = True) -> None:
    photo_to_openai_set(shop=shop, user=factories.owner(shop), allowed=allowed)


def test_without_a_key_nothing_is_asked_and_nothing_noted(
    shop: Shop, openai: OpenAIServer, settings: Settings
) -> None:
    settings.OPENAI_API_KEY = ""
    assert ask(shop) is None
    assert not openai.asked and not ModelUse.objects.exists()


def test_an_answer_is_noted_with_its_tokens_and_cost(shop: Shop, openai: OpenAIServer) -> None:
    openai.respond(GOOD)
    assert ask(shop) == Line(line="바다")
    use = ModelUse.objects.get()
    assert (use.shop, use.purpose, use.outcome, use.model) == (shop, "prompt", "answered", "gpt-4o")
    assert (use.requests, use.input_tokens, use.cached_tokens, use.output_tokens) == (1, 1000, 400, 100)
    assert use.cost_usd == Decimal("0.003000")  # 600 at 2.50, 400 at 1.25, 100 at 10 for a million
    assert use.seconds > 0 and not use.with_picture


def test_what_failed_is_noted_too(shop: Shop, openai: OpenAIServer) -> None:
    openai.respond(fake.malformed())
    assert ask(shop) is None
    use = ModelUse.objects.get()
    assert (use.outcome, use.requests, use.input_tokens) == ("malformed", 3, 3000)
    assert use.cost_usd == Decimal("0.009")


def test_what_a_model_without_a_price_costs_is_unknown(
    shop: Shop, openai: OpenAIServer, settings: Settings
) -> None:
    settings.OPENAI_MODEL = "our-own"
    openai.respond(GOOD)
    assert ask(shop) is not None
    assert ModelUse.objects.get().cost_usd is None
    assert words.cost("gpt-4o-mini", Usage(1, 2_000_000, 1_000_000, 1_000_000)) == Decimal("0.825")


def test_no_photo_leaves_without_consent(shop: Shop, openai: OpenAIServer) -> None:
    openai.respond(GOOD)
    photo = factories.photo(shop)
    ask(shop, photo)
    allow(shop)
    ask(shop, photo)
    allow(shop, False)
    ask(shop, photo)
    assert [asked.has_picture for asked in openai.asked] == [False, True, False]
    noted = ModelUse.objects.order_by("asked_at").values_list("with_picture", flat=True)
    assert list(noted) == [False, True, False]


def test_a_photo_deleted_meanwhile_is_left_out(shop: Shop, openai: OpenAIServer) -> None:
    openai.respond(GOOD)
    allow(shop)
    photo = factories.photo(shop)
    photo.file.storage.delete(str(photo.file.name))
    assert ask(shop, Photo.objects.get(pk=photo.pk)) is not None
    assert not openai.asked[0].has_picture


def test_a_month_has_its_limit_for_each_shop(shop: Shop, openai: OpenAIServer, settings: Settings) -> None:
    settings.OPENAI_MONTHLY_LIMIT = 2
    openai.respond(GOOD)
    assert [ask(shop) is not None for _ in range(3)] == [True, True, False]
    assert ask(factories.shop()) is not None
    assert len(openai.asked) == 3
    ModelUse.objects.filter(shop=shop).update(asked_at=words.start_of_month() - timedelta(seconds=1))
    assert ask(shop) is not None


@pytest.mark.django_db(transaction=True)
def test_questions_at_once_do_not_slip_past_the_limit(
    shop: Shop, openai: OpenAIServer, settings: Settings
) -> None:
    settings.OPENAI_MONTHLY_LIMIT = 2
    openai.respond(GOOD)

    def one(_: int) -> bool:
        try:
            return ask(shop) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(one, range(6))) == 2
    assert len(openai.asked) == ModelUse.objects.count() == 2


def test_what_the_server_did_wrong_is_not_counted_against_the_shop(
    shop: Shop, openai: OpenAIServer, settings: Settings
) -> None:
    settings.OPENAI_MONTHLY_LIMIT = 1
    openai.respond(fake.fails(500))
    assert ask(shop) is None
    openai.respond(fake.refuses())
    assert ask(shop) is None and ModelUse.objects.count() == 2
    openai.respond(GOOD)
    assert ask(shop) is None and ModelUse.objects.count() == 2


def test_it_never_takes_longer_than_the_limit(shop: Shop, openai: OpenAIServer, settings: Settings) -> None:
    settings.OPENAI_TOTAL_SECONDS = 1
    openai.respond(fake.slow(20))
    began = time.monotonic()
    assert ask(shop) is None
    assert time.monotonic() - began < 2
    assert ModelUse.objects.get().outcome == "timeout"


@pytest.mark.parametrize("behaviour", [fake.fails(500), fake.rate_limited(30), fake.fails(401)])
def test_after_five_failures_nobody_asks_for_a_while(
    shop: Shop, openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch, behaviour: fake.Behaviour
) -> None:
    openai.respond(behaviour)
    for _ in range(breaker.FAILURES):
        assert ask(shop) is None
    seen = len(openai.asked)
    openai.respond(GOOD)
    assert ask(shop) is None and ask(factories.shop()) is None
    assert len(openai.asked) == seen and ModelUse.objects.count() == breaker.FAILURES


def test_what_one_question_did_wrong_opens_nothing(shop: Shop, openai: OpenAIServer) -> None:
    openai.respond(fake.refuses())
    for _ in range(breaker.FAILURES + 1):
        ask(shop)
    assert len(openai.asked) == breaker.FAILURES + 1


def test_a_log_tells_no_words(shop: Shop, openai: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="jobs")
    openai.respond(fake.malformed("비밀의 답"))
    ask(shop, wish="비밀의 소원")
    assert "malformed" in caplog.text and "비밀" not in caplog.text and "sk-test" not in caplog.text


def test_a_shop_that_is_gone_before_the_answer_leaves_no_row(shop: Shop) -> None:
    use = words._begin(shop, ModelUse.Purpose.PROMPT, with_picture=False)
    assert use is not None
    shop.delete()
    words._end(use, "answered", Usage(1, 10, 0, 10), 1.0)
    assert not ModelUse.objects.exists()


# The breaker ----------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(servers: Any) -> Breaker:
    made = Breaker("test", trial_seconds=30)
    made.succeeded()
    return made


def passes(part: str, seconds: float) -> None:
    """So much time passes for what Valkey keeps of the breaker, just now, for as long as that."""
    key = f"breaker:test:{part}"
    assert 0.5 < valkey().pttl(key) / 1000 / seconds <= 1
    valkey().delete(key)


def open_it(opened: Breaker) -> None:
    for _ in range(breaker.FAILURES):
        opened.failed()


def test_it_opens_for_all_and_lets_one_try_after(fresh: Breaker) -> None:
    open_it(fresh)
    other = Breaker("test", 30)
    assert not fresh.lets_through() and not other.lets_through()
    passes("open", breaker.OPEN_SECONDS)
    assert [other.lets_through(), fresh.lets_through()] == [True, False]
    other.succeeded()
    assert fresh.lets_through() and other.lets_through()


def test_a_trial_that_fails_opens_it_at_once(fresh: Breaker) -> None:
    open_it(fresh)
    passes("open", breaker.OPEN_SECONDS)
    assert fresh.lets_through()
    fresh.failed()
    assert not fresh.lets_through()
    passes("open", breaker.OPEN_SECONDS)
    assert fresh.lets_through()


def test_a_trial_that_never_came_back_is_tried_again(fresh: Breaker) -> None:
    open_it(fresh)
    passes("open", breaker.OPEN_SECONDS)
    assert fresh.lets_through() and not fresh.lets_through()
    passes("trial", fresh.trial_seconds)
    assert fresh.lets_through()


def test_failures_far_apart_open_nothing(fresh: Breaker) -> None:
    for _ in range(breaker.FAILURES + 1):
        fresh.failed()
        passes("failures", breaker.WINDOW_SECONDS)
    assert fresh.lets_through()


def test_without_valkey_it_is_closed(fresh: Breaker, settings: Settings) -> None:
    open_it(fresh)
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert fresh.lets_through()
    fresh.failed()
    fresh.succeeded()
