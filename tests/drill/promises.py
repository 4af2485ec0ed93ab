"""What must hold once all is quiet again. Each promise gives what speaks against it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import psutil
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from adstudio.files import orphans
from jobs.models import Artifact, Export, Job, JobEvent, Photo
from tests.drill.stream import REQUEST_SECONDS, Stream
from tests.drill.system import System

Promise = Callable[[], Iterable[str]]
FILES_OPEN_AT_MOST = 150
"""Of one process: its pool of database connections, its sockets to Valkey, its logs and libraries."""
STUCK_SECONDS = 5
"""A transaction that waits longer for its process has been forgotten."""


def quiet() -> bool:
    """No job, export or photo is still to be done."""
    waiting = Job.objects.filter(status__in=Job.ACTIVE).exists()
    drawing = Export.objects.filter(status__in=["pending", "running"]).exists()
    return not waiting and not drawing and not Photo.objects.filter(matte_state="pending").exists()


def unfinished() -> Iterator[str]:
    for job in Job.objects.filter(status__in=Job.ACTIVE):
        yield f"job {job.pk} is {job.status}, attempt {job.attempts}"
    for export in Export.objects.filter(status__in=["pending", "running"]):
        yield f"export {export.pk} is {export.status}, attempt {export.attempts}"
    for photo in Photo.objects.filter(matte_state="pending"):
        yield f"photo {photo.pk} waits for its cut-out"


def lost_or_doubled(stream: Stream) -> Iterator[str]:
    """Every answered key has its job, no job came of two answers, no job nobody asked for."""
    accepted = Counter(stream.accepted.values())
    there = {str(pk) for pk in Job.objects.filter(title__startswith="반값 ").values_list("pk", flat=True)}
    yield from (f"job {job} was accepted under {count} keys" for job, count in accepted.items() if count > 1)
    yield from (f"job {job} was accepted and is gone" for job in accepted.keys() - there)
    yield from (f"job {job} was made, its key never answered" for job in there - accepted.keys())


def ended_twice() -> Iterator[str]:
    final = Count("events", filter=Q(events__to_status__in=Job.TERMINAL))
    for job in Job.objects.annotate(ends=final).exclude(ends=1):
        yield f"job {job.pk} ended {job.ends} times"


def broken_chains() -> Iterator[str]:
    """Each event begins where the one before it ended, later in the sequence; nothing is written after the last."""
    for job in Job.objects.all():
        events = list(JobEvent.objects.filter(job=job).order_by("sequence"))
        for before, after in pairwise(events):
            if after.from_status != before.to_status or after.sequence <= before.sequence:
                yield f"job {job.pk}: {before} is followed by {after}"
        if not events or events[0].sequence != 0 or events[-1].to_status != job.status:
            yield f"job {job.pk}: its events do not lead to {job.status}"
        elif job.is_terminal and job.sequence != events[-1].sequence:
            yield f"job {job.pk}: written to after its end"
        claims = [event.attempt for event in events if event.to_status == "running"]
        if claims != list(range(1, len(claims) + 1)):
            yield f"job {job.pk}: attempts {claims}"


def unwell_ends() -> Iterator[str]:
    """What a fault of ours may end a job with; a merchant's own mistake is none of these."""
    excused = ("job.worker_lost", "job.storage_failed")
    for job in Job.objects.filter(status="failed").exclude(error_code__in=excused):
        yield f"job {job.pk} failed with {job.error_code} {job.error_context}"
    for photo in Photo.objects.exclude(matte_error__in=("", "photo.worker_lost")):
        yield f"photo {photo.pk} could not be cut out: {photo.matte_error}"


def missing_pictures() -> Iterator[str]:
    kinds = {Artifact.Kind.STEP1, Artifact.Kind.FINAL, Artifact.Kind.PREVIEW, Artifact.Kind.THUMB}
    for job in Job.objects.filter(status="completed"):
        gone = kinds - set(job.artifacts.values_list("kind", flat=True))
        if gone:
            yield f"job {job.pk} is completed without {sorted(gone)}"
    for export in Export.objects.filter(status="completed"):
        if not Artifact.objects.filter(job=export.job, kind="export", format=export.format).exists():
            yield f"export {export.pk} is completed without its picture"


def damaged_files() -> Iterator[str]:
    for artifact in Artifact.objects.all():
        if not default_storage.exists(str(artifact.file.name)):
            yield f"{artifact.file.name} is gone"
            continue
        data = default_storage.open(str(artifact.file.name)).read()
        if hashlib.sha256(data).hexdigest() != artifact.sha256 or len(data) != artifact.size:
            yield f"{artifact.file.name} is not what was stored"
    for photo in Photo.objects.all():
        for file in filter(None, (photo.file, photo.matte)):
            if not default_storage.exists(str(file.name)):
                yield f"{file.name} is gone"


def orphaned_files(crashes: int) -> Iterator[str]:
    """A crash between file and row may leave a file, nothing else may; ``manage.py orphans`` takes them all."""
    found = list(orphans(default_storage, before=timezone.now()))
    if len(found) > crashes:
        yield f"{len(found)} files without a row after {crashes} crashes: {', '.join(found[:5])}"
    for name in found:
        default_storage.delete(name)
    yield from (f"{name} stays" for name in orphans(default_storage, before=timezone.now()))


def leaked_sockets(system: System) -> Iterator[str]:
    for role, process in system.up.children().items():
        if role not in ("postgres", "valkey"):
            yield from _too_many_open(role, process)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
            " AND state_change < now() - %s * interval '1 second'",
            [STUCK_SECONDS],
        )
        if stuck := cursor.fetchone()[0]:
            yield f"{stuck} connections to Postgres are left in a transaction"


def _too_many_open(role: str, process: psutil.Process) -> Iterator[str]:
    count = process.num_fds()
    if count > FILES_OPEN_AT_MOST:
        yield f"{role} has {count} files and sockets open"


def held_up(stream: Stream) -> Iterator[str]:
    """Its connection may break with the process at its end; it may not be left without an answer."""
    if waited := stream.answers["TimeoutError"]:
        yield f"{waited} requests had no answer after {REQUEST_SECONDS:g} s"


def remaining_processes(system: System) -> Iterator[str]:
    """Stops the system: nothing of it may be left."""
    seconds = system.stop()
    if seconds > 12:
        yield f"stopping took {seconds:.0f} s"
    yield from system.remains()


def promises(system: System, stream: Stream, crashes: int) -> dict[str, Promise]:
    """In the order in which they are to be asked."""
    return {
        "every accepted job, export and photo has its end": unfinished,
        "what was answered is there once, whatever was sent twice": lambda: lost_or_doubled(stream),
        "every job ended once": ended_twice,
        "events lead from one status to the next, without a gap": broken_chains,
        "failures are the drill's own": unwell_ends,
        "what is completed has all its pictures": missing_pictures,
        "every picture is what its SHA-256 says": damaged_files,
        "no file without a row, but for crashes'": lambda: orphaned_files(crashes),
        "no socket or transaction is left open": lambda: leaked_sockets(system),
        "no honest request was refused or told in HTML": lambda: stream.wrong,
        "no request was left waiting": lambda: held_up(stream),
        "the supervisor never gave up": lambda: system.gave_up,
        "after the stop no process is left": lambda: remaining_processes(system),
    }
