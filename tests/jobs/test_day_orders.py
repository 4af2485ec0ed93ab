"""What a shop may order in a day: nothing makes more of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Shop
from jobs import services
from jobs.day_orders import orders_left_today
from jobs.errors import OverQuota
from jobs.models import DayOrders, Job
from tests.jobs import factories
from tests.jobs.submitting import finished, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_deleting_ads_makes_no_room_for_others() -> None:
    shop = factories.shop(daily_jobs=2)
    for _ in range(2):
        job = submit(shop).job
        services.job_stop(job=job)
        services.job_delete(job=job)
    assert not Job.objects.exists()
    assert orders_left_today(shop) == 0
    with pytest.raises(OverQuota):
        submit(shop)


def test_a_rerun_counts_and_a_refused_order_does_not() -> None:
    shop = factories.shop(daily_jobs=2)
    job = finished(shop)
    services.job_rerun(job=job, start_step=2, changes={"text_content": "세일"})
    with pytest.raises(OverQuota):
        submit(shop)
    assert DayOrders.objects.get(shop=shop).ordered == 2


def test_the_next_day_begins_anew() -> None:
    shop = factories.shop(daily_jobs=1)
    job = submit(shop).job
    yesterday = timedelta(days=1)
    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - yesterday)
    DayOrders.objects.update(day=timezone.localdate() - yesterday)
    assert orders_left_today(shop) == 1
    submit(shop)
    assert DayOrders.objects.get(shop=shop).ordered == 1


def test_orders_that_a_release_before_took_count_too() -> None:
    """It stores jobs and counts nothing."""
    shop = factories.shop(daily_jobs=3)
    factories.job(shop)
    factories.job(shop)
    assert orders_left_today(shop) == 1
    submit(shop)
    assert DayOrders.objects.get(shop=shop).ordered == 3
    with pytest.raises(OverQuota):
        submit(shop)


def test_of_many_that_come_at_once_none_slips_past() -> None:
    shop = factories.shop(daily_jobs=3)

    def order(_: int) -> bool:
        try:
            submit(Shop.objects.get(pk=shop.pk))
        except OverQuota:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(12) as together:
        taken = list(together.map(order, range(12)))
    assert (sum(taken), Job.objects.count(), DayOrders.objects.get(shop=shop).ordered) == (3, 3, 3)
