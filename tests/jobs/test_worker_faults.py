"""What becomes of a job when its worker dies, freezes, hangs or is told to stop. All processes are real."""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.core.cache import cache

from adstudio.files import files_named
from adstudio.layout import layout_of
from jobs import services
from jobs.models import Artifact, Job, JobEvent
from jobs.params import AdParams
from jobs.reconcile import reconcile
from jobs.worker.heartbeat import EXIT_MEMORY
from tests.conftest import Stack, until
from tests.drill.valkey import valkey_away
from tests.jobs import factories
from tests.jobs.conftest import Lab, kill, wait_for

STALE_SECONDS = 3
SMALL_FILE_BYTES = 6000
STALE_NAMESAKE = """
import django
django.setup()
import django_rq
from generation.studio.engine import StudioEngine
from jobs.worker.station import Station
station = Station(StudioEngine())
django_rq.get_connection("studio").hset(f"rq:worker:{station.name}", "birth", "of one that was killed")
station.work(burst=True)
"""
"""A worker whose host and process number a killed one had, as they are in a restarted container."""
SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}


@pytest.fixture(autouse=True)
def _quick_reaper(settings: Any) -> None:
    settings.JOB_STALE_SECONDS = STALE_SECONDS


def _submit(*, cut: bool = True) -> Job:
    shop = factories.shop()
    photo = factories.photo(shop, cut=cut)
    return services.job_submit(shop=shop, params=AdParams.model_validate(SHORT), photo=photo).job


def _media(job: Job) -> list[Path]:
    """All files of the job's shop, and drafts."""
    root = Path(settings.MEDIA_ROOT)
    return [
        path
        for path in root.rglob("*")
        if path.is_file() and (str(job.pk) in str(path) or path.parent == root)
    ]


def _reconcile_until(job: Job, status: str) -> None:
    def done() -> bool:
        reconcile()
        job.refresh_from_db()
        return job.status == status

    until(done, STALE_SECONDS + 30, f"job {status}")


def test_a_killed_workers_job_is_finished_by_another_from_the_last_finished_step(lab: Lab) -> None:
    lab.hold("step2")
    first = lab.start()
    job = _submit()
    pid = lab.wait_at("step2")
    background = Artifact.objects.get(job=job, kind="step1_result").sha256
    kill(first, pid)
    lab.release("step2")
    _reconcile_until(job, "pending")
    lab.start()
    wait_for(job)
    assert (job.status, job.attempts) == ("completed", 2)
    assert Artifact.objects.get(job=job, kind="step1_result").sha256 == background
    assert Artifact.objects.get(job=job, kind="step1_result").attempt == 1
    assert Artifact.objects.get(job=job, kind="final_result").attempt == 2
    sequences = list(JobEvent.objects.filter(job=job).values_list("sequence", flat=True))
    assert sequences == sorted(set(sequences))


def test_a_frozen_and_thawed_worker_writes_nothing_more(lab: Lab) -> None:
    lab.hold("step1")
    frozen = lab.start()
    job = _submit()
    pid = lab.wait_at("step1")
    os.kill(pid, signal.SIGSTOP)
    try:
        _reconcile_until(job, "pending")
        lab.release("step1")
        lab.start()
        wait_for(job, "completed")
        before = Job.objects.values().get(pk=job.pk)
        pictures = set(Artifact.objects.filter(job=job).values_list("pk", flat=True))
    finally:
        os.kill(pid, signal.SIGCONT)
    time.sleep(4)
    assert frozen.alive, frozen.log_tail()
    assert Job.objects.values().get(pk=job.pk) == before
    assert set(Artifact.objects.filter(job=job).values_list("pk", flat=True)) == pictures
    assert JobEvent.objects.filter(job=job, to_status="completed").count() == 1


def test_the_watchdog_ends_a_native_call_that_hangs(lab: Lab) -> None:
    lab.hold("step1", "hang")
    hung = lab.start(JOB_HARD_SECONDS="3")
    job = _submit()
    lab.wait_at("step1")
    until(lambda: not hung.alive, 20, "the hung worker's end")
    _reconcile_until(job, "pending")
    lab.release("step1", "hang")
    lab.start()
    wait_for(job)
    assert (job.status, job.attempts) == ("completed", 2)


def _replaced_when_dead(lab: Lab, **environ: str) -> None:
    """What the supervisor does."""
    if not any(worker.alive for worker in lab.stack.workers):
        lab.start(**environ)


def test_a_job_that_kills_its_workers_fails_after_three_and_the_queue_goes_on(lab: Lab) -> None:
    (lab.folder / "poison").write_text("독")
    shop = factories.shop()
    poison, other = (
        services.job_submit(shop=shop, params=AdParams.model_validate({**SHORT, "text_content": text})).job
        for text in ("독", "반값")
    )

    def over() -> bool:
        _replaced_when_dead(lab)
        reconcile()
        return not Job.objects.filter(status__in=Job.ACTIVE).exists()

    until(over, 110, "both jobs' end")
    poison.refresh_from_db()
    other.refresh_from_db()
    assert (poison.status, poison.error_code, poison.attempts) == ("failed", "job.worker_lost", 3)
    assert (other.status, other.attempts) == ("completed", 1)


def test_a_photo_that_hangs_its_workers_is_given_up_and_the_queue_goes_on(lab: Lab) -> None:
    lab.hold("cutout", "hang")
    photo = factories.photo(factories.shop(), cut=False)
    job = _submit()

    def over() -> bool:
        _replaced_when_dead(lab, JOB_HARD_SECONDS="2")
        reconcile()
        photo.refresh_from_db()
        return photo.matte_state != "pending"

    until(over, 110, "the photo's end")
    assert (photo.matte_state, photo.matte_error, photo.cut_attempts) == ("failed", "photo.worker_lost", 0)
    assert len(lab.stack.workers) >= 3
    lab.start()
    _reconcile_until(job, "completed")


def test_a_worker_over_its_memory_ceiling_is_ended_and_its_job_goes_on(lab: Lab) -> None:
    lab.hold("step1", "hoard")
    greedy = lab.start(WORKER_MEMORY_LIMIT_MB="1200")
    job = _submit()
    lab.wait_at("step1")
    until(lambda: not greedy.alive, 40, "the greedy worker's end")
    assert greedy.returncode == EXIT_MEMORY, greedy.log_tail()
    lab.release("step1", "hoard")
    _reconcile_until(job, "pending")
    lab.start()
    wait_for(job)
    assert (job.status, job.attempts) == ("completed", 2)


def test_a_worker_without_room_for_its_pictures_says_so_and_leaves_no_half_of_one(lab: Lab) -> None:
    lab.hold("step1")
    lab.start()
    job = _submit()
    worker = psutil.Process(lab.wait_at("step1"))
    worker.rlimit(psutil.RLIMIT_FSIZE, (SMALL_FILE_BYTES, resource.RLIM_INFINITY))
    lab.release("step1")
    wait_for(job)
    worker.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert (job.status, job.error_code) == ("failed", "job.storage_failed")
    named = files_named()
    assert [
        path.name for path in _media(job) if str(path.relative_to(settings.MEDIA_ROOT)) not in named
    ] == []
    assert wait_for(_submit()).status == "completed"


def test_a_worker_starts_where_one_of_its_host_and_number_was_killed(stack: Stack) -> None:
    again = stack.child("again", "-c", STALE_NAMESAKE)
    again.start()
    until(lambda: not again.alive, 60, "the worker's end")
    assert again.returncode == 0, again.log_tail()


@pytest.mark.parametrize("stage", ["cutout", "step1", "step2", "step3"])
def test_it_stops_at_every_stage(lab: Lab, stage: str) -> None:
    lab.hold(stage)
    lab.start()
    shop = factories.shop()
    job = services.job_submit(shop=shop, params=AdParams.model_validate(SHORT)).job
    if stage == "cutout":
        services.job_stop(job=job)
        job = _job_with_uncut_photo()
    lab.wait_at(stage)
    assert services.job_stop(job=job).status == "running"
    asked = time.monotonic()
    if stage == "step3":
        lab.release(stage)
    wait_for(job, seconds=10)
    assert job.status == "stopped"
    assert time.monotonic() - asked < 5
    assert not Artifact.objects.filter(job=job, kind="final_result").exists()


def _job_with_uncut_photo() -> Job:
    shop = factories.shop()
    photo = factories.photo(shop, cut=False)
    cache.clear()  # the photo's own wake-up: this job is to cut it out itself
    return services.job_submit(shop=shop, params=AdParams.model_validate(SHORT), photo=photo).job


@pytest.mark.django_db
def test_a_waiting_job_stops_at_once_and_stopping_twice_is_no_error() -> None:
    job = factories.job(factories.shop())
    assert services.job_stop(job=job).status == "stopped"
    assert services.job_stop(job=job).status == "stopped"


def test_waiting_jobs_outlive_a_flush_of_valkey(stack: Stack) -> None:
    jobs = [_submit() for _ in range(3)]
    cache.clear()
    stack.start_worker()
    reconcile()
    for job in jobs:
        assert wait_for(job).status == "completed"


def test_told_to_stop_a_worker_finishes_its_job_first(lab: Lab) -> None:
    lab.hold("step1")
    worker = lab.start()
    job = _submit()
    pid = lab.wait_at("step1")
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.5)
    lab.release("step1")
    wait_for(job)
    assert job.status == "completed"
    until(lambda: not worker.alive, 20, "the worker's end")


def test_told_to_stop_while_valkey_is_away_a_worker_finishes_its_job_first(lab: Lab) -> None:
    lab.hold("step1")
    worker = lab.start()
    job = _submit()
    pid = lab.wait_at("step1")
    with valkey_away(layout_of(settings.RUN_DIR).sockets) as cut:
        assert cut
        os.kill(pid, signal.SIGTERM)
        time.sleep(1)
    lab.release("step1")
    wait_for(job)
    assert (job.status, job.error_code, job.attempts) == ("completed", "", 1)
    until(lambda: not worker.alive, 20, "the worker's end")


def test_it_refuses_tasks_that_are_not_ours(stack: Stack) -> None:
    import django_rq

    canary = stack.environ["ADSTUDIO_RUN_DIR"] + "/canary"
    django_rq.get_queue("studio").enqueue("os.system", args=(f"touch {canary}",))
    stack.start_worker()
    job = _submit()
    assert wait_for(job).status == "completed"
    assert not os.path.exists(canary)
