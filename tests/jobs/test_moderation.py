"""Content that may not be published: refused before a job is accepted, and before its picture is shown."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from accounts.consents import photo_to_openai_set
from accounts.models import Shop
from jobs import breaker, moderation
from jobs.errors import Refused
from jobs.models import IdempotencyKey, Job, ModerationDecision
from jobs.moderation import PictureRefused, picture_check
from jobs.services import job_rerun
from tests import openai_server as fake
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import Client, wait_for
from tests.jobs.submitting import submit
from tests.openai_server import OpenAIServer

pytestmark = pytest.mark.django_db
BAD = "씨발 반값"


def refusal(shop: Shop, **fields: Any) -> Refused:
    before = Job.objects.count()
    with pytest.raises(Refused) as refused:
        submit(shop, **fields)
    assert Job.objects.count() == before
    return refused.value


def allow(shop: Shop) -> None:
    photo_to_openai_set(shop=shop, user=factories.owner(shop), allowed=True)


def decisions(**wanted: Any) -> list[tuple[str, str, str, str]]:
    rows = ModerationDecision.objects.filter(**wanted).order_by("decided_at")
    return list(rows.values_list("stage", "verdict", "judge", "service_failed"))


# The local list -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", [name for name in moderation.WORDS if not name.startswith("price")])
def test_a_listed_word_is_refused_wherever_it_stands(shop: Shop, field: str) -> None:
    refused = refusal(shop, **{field: BAD})
    assert (refused.code, refused.status, refused.field) == ("content.refused", 422, field)
    assert refused.context["reason"] == "‘씨발’."
    noted = ModerationDecision.objects.get()
    assert (noted.shop, noted.verdict, noted.judge, noted.field) == (shop, "refused", "local", field)
    assert (noted.categories, noted.listed_word) == (["profanity"], "씨발")


def test_what_passes_is_noted_too(shop: Shop) -> None:
    submit(shop, text_content="즉시발송")
    assert decisions() == [("input", "allowed", "local", "")]


def test_what_is_not_wanted_may_be_named(shop: Shop) -> None:
    submit(shop, text_content="반값", bg_negative_prompt="porn, shit")
    assert decisions() == [("input", "allowed", "local", "")]


def test_an_ad_without_words_has_nothing_to_look_at(shop: Shop) -> None:
    submit(shop, text_content="")
    assert not decisions()


def test_off_is_off(shop: Shop, settings: Settings) -> None:
    settings.MODERATION = "off"
    submit(shop, text_content=BAD)
    assert not decisions()


def test_other_words_of_a_re_run_are_looked_at(shop: Shop) -> None:
    job = submit(shop, text_content="반값").job
    with pytest.raises(Refused) as refused:
        job_rerun(job=job, start_step=1, changes={"text_content": BAD})
    assert refused.value.code == "content.refused"
    job_rerun(job=job, start_step=1, changes={"scene": "beach", "text_content": "반값"})
    assert [verdict for _, verdict, _, _ in decisions()] == ["allowed", "refused"]


@pytest.mark.django_db(transaction=True)
def test_a_program_is_told_and_its_key_stays_free(client: Browser, shop: Shop) -> None:
    client.force_login(factories.owner(shop))

    def send(words: str) -> Any:
        body = json.dumps({"text_content": words})
        headers = {"Idempotency-Key": "order-1"}
        return client.post("/api/generate", body, content_type="application/json", headers=headers)

    refused = send(BAD)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "content.refused"
    assert refused.json()["error"]["field"] == "text_content"
    assert "‘씨발’" in refused.json()["detail"]
    assert decisions() == [("input", "refused", "local", "")]
    assert not IdempotencyKey.objects.exists()
    accepted = send("반값")
    assert accepted.status_code == 200
    again = f"/api/jobs/{accepted.json()['job_id']}/rerun"
    body = json.dumps({"start_step": 1, "subline": BAD})
    answer = client.post(again, body, content_type="application/json")
    assert answer.json()["error"]["code"] == "content.refused"


def test_the_portal_shows_it_at_the_field(client: Browser, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    response = client.post("/ads/new/", {"text_content": BAD, "photo_id": str(factories.photo(shop).pk)})
    assert response.status_code == 422
    assert "‘씨발’" in str(response.context["form"].errors["text_content"])


# OpenAI ---------------------------------------------------------------------------------------------------


def test_openai_decides_where_there_is_a_key(shop: Shop, openai: OpenAIServer) -> None:
    openai.moderation = [fake.moderates({"괴롭": "harassment/threatening"})]
    refused = refusal(shop, text_content="반값", subline="너를 괴롭힐 거야")
    assert (refused.field, refused.context["reason"]) == ("subline", "괴롭히거나 위협하는 내용.")
    submit(shop, text_content=BAD)  # the list is not asked
    assert decisions() == [("input", "refused", "openai", ""), ("input", "allowed", "openai", "")]
    first = openai.moderated[0].told
    assert first == {"model": "omni-moderation-latest", "input": ["반값", "너를 괴롭힐 거야"]}


def test_a_category_that_we_do_not_know_has_a_sentence(shop: Shop, openai: OpenAIServer) -> None:
    openai.moderation = [fake.moderates({"반값": "something-new"})]
    assert refusal(shop, text_content="반값").context["reason"] == "다른 사람에게 해가 될 수 있는 내용."


def test_local_never_asks_openai(shop: Shop, openai: OpenAIServer, settings: Settings) -> None:
    settings.MODERATION = "local"
    submit(shop, text_content="반값")
    assert not openai.moderated and decisions() == [("input", "allowed", "local", "")]


def test_photos_are_looked_at_with_consent_only(shop: Shop, openai: OpenAIServer) -> None:
    openai.moderation = [fake.moderates(picture="sexual")]
    photo = factories.photo(shop)
    submit(shop, photo=photo, text_content="반값")
    assert not any(asked.has_picture for asked in openai.moderated)
    allow(shop)
    refused = refusal(shop, photo=photo, text_content="반값")
    assert (refused.code, refused.status, refused.field) == ("content.photo_refused", 422, "photo_id")
    assert any(asked.has_picture for asked in openai.moderated)
    assert ModerationDecision.objects.filter(verdict="refused").get().categories == ["sexual"]


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (fake.fails(500), "server"),
        (fake.fails(404), "denied"),
        (fake.rate_limited(60), "rate_limited"),
        (fake.no_json(), "server"),
        (fake.slow(30), "timeout"),
    ],
    ids=["fails", "no such thing", "rate limited", "no json", "slow"],
)
def test_when_it_is_away_the_list_decides_and_nothing_waits(
    shop: Shop, openai: OpenAIServer, behaviour: fake.Behaviour, problem: str
) -> None:
    openai.moderation = [behaviour]
    began = time.monotonic()
    submit(shop, text_content="반값")
    assert time.monotonic() - began < 3.5
    assert refusal(shop, text_content=BAD).code == "content.refused"
    assert decisions() == [("input", "allowed", "local", problem), ("input", "refused", "local", problem)]


def test_after_five_failures_it_is_left_alone_for_a_while(shop: Shop, openai: OpenAIServer) -> None:
    openai.moderation = [fake.rate_limited(60)]
    for _ in range(breaker.FAILURES + 1):
        submit(shop, text_content="반값")
    assert len(openai.moderated) == breaker.FAILURES
    assert decisions()[-1] == ("input", "allowed", "local", "paused")


def test_no_log_tells_what_was_refused(
    shop: Shop, openai: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="jobs")
    openai.moderation = [fake.moderates({"비밀": "hate"})]
    refusal(shop, text_content="비밀의 문구")
    assert "hate" in caplog.text and "비밀" not in caplog.text


# The finished picture -------------------------------------------------------------------------------------


def test_a_finished_picture_is_looked_at(shop: Shop, openai: OpenAIServer) -> None:
    job = factories.job(shop)
    picture_check(job=job, jpeg=factories.photo_bytes())
    openai.moderation = [fake.moderates(picture="violence/graphic")]
    with pytest.raises(PictureRefused):
        picture_check(job=job, jpeg=factories.photo_bytes())
    assert decisions(job=job) == [("output", "allowed", "openai", ""), ("output", "refused", "openai", "")]


def test_a_picture_of_the_shops_own_photo_needs_consent(shop: Shop, openai: OpenAIServer) -> None:
    job = factories.job(shop)
    job.photo = factories.photo(shop)
    job.save()
    picture_check(job=job, jpeg=factories.photo_bytes())
    assert not openai.moderated and not decisions()
    allow(shop)
    picture_check(job=job, jpeg=factories.photo_bytes())
    assert len(openai.moderated) == 1


def test_a_finished_picture_is_shown_when_nobody_can_look(shop: Shop, openai: OpenAIServer) -> None:
    openai.moderation = [fake.fails(500)]
    picture_check(job=factories.job(shop), jpeg=factories.photo_bytes())
    assert decisions() == [("output", "allowed", "nobody", "server")]


def test_without_openai_no_picture_is_looked_at(shop: Shop) -> None:
    picture_check(job=factories.job(shop), jpeg=factories.photo_bytes())
    assert not decisions()


def test_a_worker_shows_no_picture_that_is_refused(
    stack: Stack, client_shop: Client, openai: OpenAIServer
) -> None:
    openai.moderation = [fake.moderates(picture="sexual")]
    job = submit(client_shop.shop, test_mode=True, text_content="반값").job
    worker = stack.child(
        "worker-moderated",
        "manage.py",
        "worker",
        environ={"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": openai.url},
    )
    worker.start()
    stack.workers.append(worker)
    wait_for(job)
    assert (job.status, job.error_code) == ("failed", "content.picture_refused")
    kinds = set(job.artifacts.values_list("kind", flat=True))
    assert "step2_result" in kinds and not kinds & {"final_result", "thumb"}
    assert decisions(job=job) == [("output", "refused", "openai", "")]
    assert [asked.has_picture for asked in openai.moderated] == [False, True]
