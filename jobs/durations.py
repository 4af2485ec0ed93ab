"""How long things take: from measured step durations of the same engine, not from constants."""

from __future__ import annotations

import time
from statistics import median

from django.db.models import Q
from django.utils import timezone

from jobs.models import Engine, Job
from jobs.versions import FOR_A_NEWER_WORKER, request_of

RECENT_JOBS = 30
FRESH_SECONDS = 20.0
FIRST_GUESS = {"studio": (4.0, 1.5, 1.0), "diffusion": (25.0, 12.0, 5.0)}
"""Seconds per step until the first job of the engine was measured."""
STEPS = tuple(Job.CurrentStep.values)
STEP_SHARE = dict(zip(STEPS, ((0, 60), (60, 88), (88, 99)), strict=True))
"""Where each step begins and ends on the bar of 100."""
Seconds = tuple[float, float, float]

_measured: dict[str, tuple[float, Seconds]] = {}
"""By engine: when it was measured, and what. Kept in the process: progress must not depend on Valkey."""


def step_seconds(engine: str) -> Seconds:
    """Median seconds of each step over the engine's last completed jobs, at most ``FRESH_SECONDS`` old."""
    at, seconds = _measured.get(engine, (0.0, FIRST_GUESS[engine]))
    if engine in _measured and time.monotonic() - at < FRESH_SECONDS:
        return seconds
    seconds = _measure(engine)
    _measured[engine] = (time.monotonic(), seconds)
    return seconds


def forget() -> None:
    """Measure again when next asked."""
    _measured.clear()


def _measure(engine: str) -> Seconds:
    """From real ads: a test picture takes a fraction of their time."""
    recent = list(
        Job.objects.filter(status=Job.Status.COMPLETED, engine=engine)
        .filter(Q(request__test_mode=False) | Q(request__test_mode__isnull=True))
        .order_by("-finished_at")
        .values_list("step_seconds", flat=True)[:RECENT_JOBS]
    )
    found = []
    for step, guess in zip(STEPS, FIRST_GUESS[engine], strict=True):
        measured = [row[step] for row in recent if row.get(step)]
        found.append(float(median(measured)) if measured else guess)
    return found[0], found[1], found[2]


def _wanted_steps(job: Job) -> range:
    first = int(request_of(job).get("start_step") or 1)
    last = int(request_of(job).get("stop_step") or 3)
    if first == 1 and not request_of(job).get("text_content"):
        last = 1  # the background is the final picture
    return range(first - 1, last)


def seconds_left(job: Job, position: int | None) -> tuple[int | None, int | None]:
    """Seconds until the job is done and until its current step is; None where it is over."""
    if job.is_terminal:
        return None, None
    durations = step_seconds(job.engine)
    whole = sum(durations[index] for index in _wanted_steps(job))
    if job.message_code == FOR_A_NEWER_WORKER:
        return None, None
    if job.status == Job.Status.PENDING:
        return round(whole * (position or 1)), None
    current = STEPS.index(job.current_step)
    done_before = sum(
        job.step_seconds.get(STEPS[index], durations[index])
        for index in _wanted_steps(job)
        if index < current
    )
    spent = (timezone.now() - job.started_at).total_seconds() if job.started_at else 0.0
    step_left = _left_in_step(job, durations[current], max(0.0, spent - done_before))
    later = sum(durations[index] for index in _wanted_steps(job) if index > current)
    return round(step_left + later), round(step_left)


def _left_in_step(job: Job, usual: float, spent: float) -> float:
    """What such steps usually take less what was spent. A diffusion step's bar moves with the denoising, so there it is
    the share that is left, of the usual time or of what this one takes where it is slower."""
    if job.engine != Engine.DIFFUSION:
        return max(0.0, usual - spent)
    start, end = STEP_SHARE[job.current_step]
    done = min(max((job.progress_percent - start) / (end - start), 0.0), 1.0)
    return (1 - done) * max(usual, spent)
