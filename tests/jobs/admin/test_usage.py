"""Usage by shop and day: numbers, chart, table and file agree."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone

from accounts.models import Shop
from jobs import usage
from jobs.admin.chart import chart_of, round_above
from jobs.admin.usage_page import as_text
from jobs.models import Job
from tests.jobs import factories
from tests.jobs.admin import people

pytestmark = pytest.mark.django_db
URL = "/admin/jobs/job/usage/"
CSV = "/admin/jobs/job/usage.csv"


@pytest.fixture
def support() -> Client:
    return people.superuser()


def _made(shop: Shop, status: str = "completed", *, days_ago: int = 0, seconds: float = 4.0) -> Job:
    job = factories.job(shop)
    at = usage.start_of_day(days_ago) + timedelta(hours=12)
    over = {"finished_at": at + timedelta(seconds=seconds)} if status not in ("pending", "running") else {}
    held = {"worker": "w", "attempts": 1, "heartbeat_at": at} if status == "running" else {}
    why = {"error_code": "generation.failed"} if status == "failed" else {}
    whole = {"progress_percent": 100} if status == "completed" else {}
    Job.objects.filter(pk=job.pk).update(
        status=status, queued_at=at, started_at=at, **over, **held, **why, **whole
    )
    return job


def test_days_tell_jobs_by_status_and_the_average_time() -> None:
    shop = factories.shop()
    for status in ("failed", "stopped", "pending", "running"):
        _made(shop, status)
    _made(shop, seconds=2)
    _made(shop, seconds=4)
    _made(shop, days_ago=1)
    _made(shop, days_ago=30)
    days = usage.usage_by_day(days=30)
    assert len(days) == 30
    assert days[-1].date == timezone.localdate()
    assert days[-1].figures == usage.Figures(completed=2, failed=1, stopped=1, active=2, seconds=3.0)
    assert days[-2].figures.completed == 1
    assert sum(day.figures.total for day in days) == 7
    assert usage.total(days).seconds == pytest.approx(10 / 3)


def test_a_day_begins_at_midnight_in_seoul() -> None:
    job = factories.job(factories.shop())
    midnight = usage.start_of_day()
    assert midnight == datetime.combine(timezone.localdate(), datetime.min.time(), get_current_timezone())
    Job.objects.filter(pk=job.pk).update(queued_at=midnight - timedelta(seconds=1))
    days = usage.usage_by_day(days=2)
    assert [day.figures.total for day in days] == [1, 0]


def test_one_shop_can_be_asked_for_by_either_name(support: Client) -> None:
    shop, other = factories.shop("봄날"), factories.shop("가을")
    _made(shop)
    _made(other)
    _made(other, "failed")
    for wanted in (other.slug, "가을"):
        page = support.get(URL, {"shop": wanted, "days": "90"})
        assert (page.context["usage_total"].total, page.context["days"]) == (2, 90)
    assert support.get(URL).context["usage_total"].total == 3
    assert [row.name for row in support.get(URL).context["busiest"]] == ["가을", "봄날"]
    assert "가게가 없습니다" in support.get(URL, {"shop": "nowhere"}).content.decode()
    assert support.get(URL, {"days": "9999"}).context["days"] == 30


def test_its_chart_can_be_read_without_seeing_it(support: Client) -> None:
    _made(factories.shop())
    page = support.get(URL).content.decode()
    assert 'role="img" aria-labelledby="chart-title chart-text"' in page
    assert "모두 1개: 완성 1, 실패 0, 중지 0" in page
    assert page.count("<tr") > 30
    for forbidden in (" style=", "<style", "onclick=", "javascript:"):
        assert forbidden not in page


def test_the_bars_stand_on_one_another_and_end_below_the_top() -> None:
    shop = factories.shop()
    for status in ("completed", "completed", "failed", "stopped"):
        _made(shop, status)
    chart = chart_of(usage.usage_by_day(days=30))
    parts = chart.bars[-1].parts
    assert [part.kind for part in parts] == ["completed", "stopped", "failed"]
    edges = [(float(part.y), float(part.height)) for part in parts]
    assert edges[0][0] + edges[0][1] == pytest.approx(chart.ground)
    assert edges[1][0] + edges[1][1] == pytest.approx(edges[0][0])
    assert edges[-1][0] >= chart.top
    assert chart.bars[0].parts == []
    assert [line.value for line in chart.grid] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (4, 4), (5, 8), (9, 20), (41, 80), (1000, 2000), (4000, 4000), (4001, 8000)]
)
def test_the_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert round_above(most) == top


def test_the_file_has_a_row_for_each_shop_and_day(support: Client) -> None:
    shop, other = factories.shop("봄날"), factories.shop("=1+1")
    _made(shop, seconds=3)
    _made(shop, days_ago=1)
    _made(other, "failed")
    answer = support.get(CSV)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "adstudio-usage-all-30d.csv" in answer["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    today = str(timezone.localdate())
    assert len(rows) == 4
    assert [today, shop.slug, "봄날", "1", "1", "0", "0", "0", "3.0"] in rows
    assert [today, other.slug, "'=1+1", "1", "0", "1", "0", "0", ""] in rows
    only = list(csv.reader(io.StringIO(support.get(CSV, {"shop": shop.slug}).content.decode())))
    assert len(only) == 3
    assert len(list(csv.reader(io.StringIO(support.get(CSV, {"shop": "x"}).content.decode())))) == 1


@pytest.mark.parametrize(("name", "kept"), [("봄날", "봄날"), ("=A1", "'=A1"), ("@x", "'@x"), ("", "")])
def test_no_name_is_a_formula(name: str, kept: str) -> None:
    assert as_text(name) == kept


def test_a_shops_own_page_shows_its_last_thirty_days(support: Client) -> None:
    shop = factories.shop()
    _made(shop)
    _made(factories.shop(), "failed")
    page = support.get(reverse("admin:accounts_shop_change", args=[shop.pk]))
    assert page.context["usage_total"].total == 1
    assert "모두 1개: 완성 1" in page.content.decode()
