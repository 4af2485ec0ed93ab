from __future__ import annotations

import base64
from uuid import uuid4

import pytest

from jobs.cursors import cursor_of, older_than
from jobs.models import Job
from tests.jobs import factories

pytestmark = pytest.mark.django_db


def cursor(time: str) -> str:
    return base64.urlsafe_b64encode(f"{time}|{uuid4()}".encode()).decode()


def test_it_goes_on_after_its_job() -> None:
    shop = factories.shop()
    older, newer = factories.job(shop), factories.job(shop)
    assert list(Job.objects.filter(older_than(cursor_of(newer)))) == [older]


@pytest.mark.parametrize("time", ["2026-11-25T21:00:00+00:00:01.5", "9999-12-31T23:59:59.999999+23:59"])
def test_a_zone_that_only_python_knows_can_be_asked_of_the_database(time: str) -> None:
    assert not Job.objects.filter(older_than(cursor(time)), pk=uuid4()).exists()


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-25T21:00:00"]
)
def test_a_time_beyond_every_calendar_is_no_cursor(time: str) -> None:
    with pytest.raises(ValueError, match="a cursor's time"):
        older_than(cursor(time))
