from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs.claims import Claim, LostClaim, claim_next
from jobs.models import Job
from tests.jobs import factories


def _claim(name: str = "w") -> Claim:
    claim = claim_next(engine="studio", worker=name)
    assert claim is not None
    return claim


@pytest.mark.django_db
def test_it_takes_the_oldest_job_of_its_engine_only() -> None:
    shop = factories.shop()
    gpu = factories.job(shop, engine="diffusion")
    first, second = factories.job(shop), factories.job(shop)
    assert [_claim().job_id, _claim().job_id] == [first.pk, second.pk]
    assert claim_next(engine="studio", worker="w") is None
    gpu.refresh_from_db()
    assert gpu.status == "pending"


@pytest.mark.django_db
def test_one_shop_with_fifty_jobs_delays_another_by_at_most_two() -> None:
    busy, small = factories.shop(), factories.shop()
    for _ in range(50):
        factories.job(busy)
    finished = _claim()
    finished.end(to="completed", reason="done", progress_percent=100)
    single = factories.job(small)
    taken = []
    while single.pk not in taken:
        claim = _claim()
        taken.append(claim.job_id)
        claim.end(to="completed", reason="done", progress_percent=100)
    assert len(taken) <= 3


@pytest.mark.django_db
def test_it_prefers_the_shop_with_the_fewest_running_jobs() -> None:
    a, b = factories.shop(), factories.shop()
    factories.job(a), factories.job(a)
    _claim()
    other = factories.job(b)
    assert _claim().job_id == other.pk


@pytest.mark.django_db(transaction=True)
def test_two_workers_racing_claim_each_job_once() -> None:
    shop = factories.shop()
    jobs = {factories.job(shop).pk for _ in range(12)}
    taken: list[object] = []
    start = threading.Barrier(4)

    def race(name: str) -> None:
        start.wait()
        while claim := claim_next(engine="studio", worker=name):
            taken.append(claim.job_id)
        connection.close()

    threads = [threading.Thread(target=race, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, taken)) == sorted(map(str, jobs))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db
def test_a_claim_taken_over_can_write_nothing_more() -> None:
    factories.job(factories.shop())
    old = _claim("old")
    Job.objects.filter(pk=old.job_id).update(attempts=2, worker="new", heartbeat_at=timezone.now())
    before = Job.objects.values().get(pk=old.job_id)
    with pytest.raises(LostClaim):
        old.progress(progress_percent=50)
    with pytest.raises(LostClaim):
        old.end(to="completed", reason="done", progress_percent=100)
    with pytest.raises(LostClaim), old.held():
        pytest.fail("held a job that another took")
    assert Job.objects.values().get(pk=old.job_id) == before


@pytest.mark.django_db
def test_every_progress_is_one_more_in_the_sequence() -> None:
    factories.job(factories.shop())
    claim = _claim()
    assert [claim.progress(progress_percent=n) for n in (5, 10, 15)] == [2, 3, 4]


@pytest.mark.django_db
def test_the_place_in_the_queue_counts_older_jobs() -> None:
    from jobs.selectors import queue_position

    shop = factories.shop()
    jobs = [factories.job(shop) for _ in range(3)]
    Job.objects.filter(pk=jobs[2].pk).update(queued_at=timezone.now() - timedelta(hours=1))
    positions = [queue_position(Job.objects.get(pk=job.pk)) for job in jobs]
    assert positions == [2, 3, 1]
