"""The list of jobs: found by id, title and shop, narrowed by filters, acted on together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.admin import filters
from jobs.admin import job as job_admin
from jobs.admin.filters import id_span
from jobs.models import Job
from tests.jobs import factories
from tests.jobs.admin import people

pytestmark = pytest.mark.django_db
URL = "/admin/jobs/job/"


@pytest.fixture
def support() -> Client:
    return people.superuser()


def _shown(client: Client, **query: str) -> set[str]:
    page = client.get(URL, query)
    assert page.status_code == 200
    return {str(job.pk) for job in page.context["cl"].result_list}


def _failed(job: Job, code: str) -> None:
    Job.objects.filter(pk=job.pk).update(status="failed", error_code=code, finished_at=timezone.now())


@pytest.mark.parametrize("length", [4, 8, 12, 36])
def test_it_finds_a_job_by_the_beginning_of_its_id(support: Client, length: int) -> None:
    job = factories.job(factories.shop())
    other = factories.job(job.shop)
    found = _shown(support, q=str(job.pk)[:length])
    assert str(job.pk) in found
    assert str(other.pk) not in found


def test_it_finds_jobs_by_title_shop_and_person(support: Client) -> None:
    shop = factories.shop("봄날 커피")
    job = factories.job(shop, text_content="딸기 라떼 출시")
    Job.objects.filter(pk=job.pk).update(created_by=factories.owner(shop))
    factories.job(factories.shop("다른 집"), text_content="오늘만 반값")
    for words in ("라떼", "봄날", shop.slug, factories.owner(shop).email or "", " 라떼 "):
        assert _shown(support, q=words) == {str(job.pk)}, words
    assert _shown(support, q="없는 말") == set()


@pytest.mark.parametrize(
    "words", ["cafe", "12345678-1234-1234-1234-1234567890123", "----", "%", "_", "zz'; --"]
)
def test_it_takes_any_words(support: Client, words: str) -> None:
    assert _shown(support, q=words) == set()


def test_an_id_prefix_is_a_span_of_ids() -> None:
    first, last = id_span("ab12") or (None, None)
    assert str(first) == "ab120000-0000-0000-0000-000000000000"
    assert str(last) == "ab12ffff-ffff-ffff-ffff-ffffffffffff"
    assert id_span("xyz1") is None


def test_its_filters_narrow_it(support: Client) -> None:
    mine, other = factories.shop("봄날"), factories.shop("가을")
    waiting, failed, old = factories.job(mine), factories.job(mine, engine="diffusion"), factories.job(other)
    _failed(failed, "photo.no_product")
    Job.objects.filter(pk=old.pk).update(queued_at=timezone.now() - timedelta(days=10))
    assert _shown(support, status__exact="failed") == {str(failed.pk)}
    assert _shown(support, engine__exact="diffusion") == {str(failed.pk)}
    assert _shown(support, error="photo.no_product") == {str(failed.pk)}
    assert _shown(support, shop=mine.slug) == {str(waiting.pk), str(failed.pk)}
    assert _shown(support, shop="가을") == {str(old.pk)}
    assert _shown(support, shop="nowhere") == set()
    assert _shown(support, since="7") == {str(waiting.pk), str(failed.pk)}
    assert _shown(support, since="30", shop=other.slug) == {str(old.pk)}
    assert len(_shown(support, since="x")) == 3


def test_a_row_tells_what_support_scans_for(support: Client) -> None:
    job = factories.job(factories.shop("봄날 커피"), text_content="딸기 라떼")
    _failed(job, "photo.no_product")
    Job.objects.filter(pk=job.pk).update(
        queued_at=timezone.now() - timedelta(hours=3),
        started_at=timezone.now() - timedelta(seconds=4),
        finished_at=timezone.now(),
    )
    page = support.get(URL).content.decode()
    for told in (
        "딸기 라떼",
        str(job.pk)[:8],
        "봄날 커피",
        "badge-failed",
        "3시간 전",
        "4.0 s",
        "photo.no_product",
    ):
        assert told in page, told


def test_a_long_list_asks_no_more_of_the_database_than_a_short_one(support: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            support.get(URL)
        return len(found)

    factories.job(factories.shop())
    support.get(URL)
    few = queries()
    owner = factories.person()
    for _ in range(20):
        factories.job(factories.shop(owner=owner))
    assert queries() == few <= 8


def test_it_counts_no_further_than_it_must(support: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MOST_COUNTED", 3)
    shop = factories.shop()
    for _ in range(5):
        factories.job(shop)
    page = support.get(URL)
    assert page.context["cl"].result_count == 3
    assert "3개 이상" in page.content.decode()


def test_retry_tells_what_happened_to_each(support: Client) -> None:
    shop = factories.shop()
    failed, waiting = factories.job(shop), factories.job(shop)
    _failed(failed, "generation.failed")
    answer = support.post(
        URL, {"action": "retry", "_selected_action": [str(failed.pk), str(waiting.pk)]}, follow=True
    )
    made = Job.objects.get(parent=failed)
    told = [str(message) for message in answer.context["messages"]]
    assert len(told) == 2
    assert str(failed.pk)[:8] in told[0]
    assert reverse("admin:jobs_job_change", args=[made.pk]) in told[0]
    assert str(waiting.pk)[:8] in told[1]
    assert "아직 끝나지 않은" in told[1]
    assert Job.objects.count() == 3


def test_stop_tells_what_happened_to_each(support: Client) -> None:
    shop = factories.shop()
    waiting, running, failed = (factories.job(shop) for _ in range(3))
    Job.objects.filter(pk=running.pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=timezone.now()
    )
    _failed(failed, "generation.failed")
    chosen = [str(job.pk) for job in (waiting, running, failed)]
    answer = support.post(URL, {"action": "stop", "_selected_action": chosen}, follow=True)
    told = [str(message) for message in answer.context["messages"]]
    assert ["중지했습니다" in told[0], "요청했습니다" in told[1], "이미 끝났습니다" in told[2]] == [True] * 3
    assert set(LogEntry.objects.values_list("object_id", flat=True)) == {str(waiting.pk), str(running.pk)}


def test_an_action_on_too_many_does_nothing(support: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_admin, "MOST_AT_ONCE", 1)
    shop = factories.shop()
    jobs = [factories.job(shop) for _ in range(2)]
    chosen = [str(job.pk) for job in jobs]
    answer = support.post(URL, {"action": "stop", "_selected_action": chosen}, follow=True)
    assert "목록을 좁혀" in answer.content.decode()
    assert Job.objects.filter(status="pending").count() == 2
