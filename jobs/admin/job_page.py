"""What the page of one job shows support: where it stands, its pictures, its history, what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import override

from jobs import selectors
from jobs.admin.chart import Stretch, stretches
from jobs.admin.request_table import RequestRow, request_rows
from jobs.events import job_message
from jobs.media import artifact_url, matte_url, photo_url
from jobs.messages import sentence
from jobs.models import Artifact, CallbackDelivery, Export, Job, JobEvent
from jobs.support import advice, step_to_retry_from
from jobs.versions import request_of

PICTURE_ORDER = (
    Artifact.Kind.LOGO,
    Artifact.Kind.CUTOUT,
    Artifact.Kind.STEP1,
    Artifact.Kind.STEP2,
    Artifact.Kind.FINAL,
    Artifact.Kind.PACKSHOT,
    Artifact.Kind.EXPORT,
    Artifact.Kind.PREVIEW,
)
"""Kinds that are shown; a ``thumb`` is the final picture once more."""


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    url: str
    facts: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One transition, with the seconds since the job was handed in and since the one before."""

    event: JobEvent
    status: str
    since_start: str
    since_last: str


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    korean: str
    english: str
    advice: str
    context: dict[str, Any]


def failure_of(code: str, context: dict[str, Any]) -> Failure | None:
    """The error with both languages' sentences and what support can say; None without an error."""
    if not code:
        return None
    with override("ko"):
        korean = sentence(code, context)
    with override("en"):
        english = sentence(code, context)
    return Failure(code, korean, english, advice(code), context)


@dataclass(frozen=True, slots=True)
class ExportLine:
    export: Export
    url: str
    failure: Failure | None


class JobSheet:
    """A job as its admin page reads it. All rows are fetched here, a fixed number of queries."""

    def __init__(self, job: Job) -> None:
        self.job = job
        prefetch_related_objects([job], "events", "artifacts", "exports", "reruns")

    @property
    def message(self) -> str:
        return job_message(self.job)

    @property
    def notes(self) -> list[str]:
        return [sentence(code) for code in self.job.notes]

    @cached_property
    def queue_position(self) -> int | None:
        return selectors.queue_position(self.job)

    @property
    def took(self) -> str:
        return seconds_text(selectors.elapsed_seconds(self.job)) if self.job.started_at else ""

    @property
    def waited(self) -> str:
        """From the hand-in to the claim that counts."""
        if self.job.started_at is None:
            return ""
        return seconds_text((self.job.started_at - self.job.queued_at).total_seconds())

    @property
    def retry_step(self) -> str:
        """The step that a retry begins with, by name."""
        return str(Job.CurrentStep.choices[step_to_retry_from(self.job) - 1][1])

    @property
    def can_stop(self) -> bool:
        return not self.job.is_terminal and self.job.cancel_requested_at is None

    @property
    def failure(self) -> Failure | None:
        return failure_of(self.job.error_code, self.job.error_context)

    @property
    def pictures(self) -> list[Picture]:
        """The photo and its cut-out, then what each step made, then the exports."""
        shown = [artifact for artifact in self.job.artifacts.all() if artifact.kind in PICTURE_ORDER]
        drawn = sorted(shown, key=lambda each: PICTURE_ORDER.index(Artifact.Kind(each.kind)))
        return [*self._photo_pictures(), *(self._picture(artifact) for artifact in drawn)]

    def _photo_pictures(self) -> list[Picture]:
        photo = self.job.photo
        if photo is None:
            return []
        found = [Picture(_("올린 사진"), photo_url(photo), f"{photo.width}×{photo.height}")]
        cut = matte_url(photo)
        if cut:
            found.append(Picture(_("사진의 누끼"), cut, photo.method))
        return found

    def _picture(self, artifact: Artifact) -> Picture:
        name = str(Artifact.Kind(artifact.kind).label)
        facts = f"{artifact.width}×{artifact.height}"
        return Picture(f"{name} {artifact.format}".strip(), artifact_url(artifact), facts)

    @property
    def timeline(self) -> list[Moment]:
        moments = []
        before = self.job.queued_at
        for event in self.job.events.all():
            moments.append(
                Moment(
                    event,
                    str(dict(Job.Status.choices).get(event.to_status, event.to_status)),
                    _since(event.at - self.job.queued_at),
                    _since(event.at - before),
                )
            )
            before = event.at
        return moments

    @property
    def text_read(self) -> str:
        return " / ".join(self.job.text_read.splitlines())

    @property
    def was_read(self) -> bool:
        return self.job.text_read_at is not None and self.job.text_verified not in Job.UNREAD

    @property
    def read_since_start(self) -> str:
        return _since(self.job.text_read_at - self.job.queued_at) if self.job.text_read_at else ""

    @property
    def read_since_end(self) -> str:
        read, end = self.job.text_read_at, self.job.finished_at
        return _since(read - end) if read and end else ""

    @property
    def steps(self) -> list[Stretch]:
        """The measured steps, side by side."""
        measured = self.job.step_seconds
        named = [(str(step.label), step.value, measured.get(step.value)) for step in Job.CurrentStep]
        return stretches([(name, key, float(seconds)) for name, key, seconds in named if seconds])

    @property
    def request(self) -> list[RequestRow]:
        return request_rows(request_of(self.job))

    @property
    def exports(self) -> list[ExportLine]:
        drawn = {
            a.format: artifact_url(a) for a in self.job.artifacts.all() if a.kind == Artifact.Kind.EXPORT
        }
        return [
            ExportLine(each, drawn.get(each.format, ""), failure_of(each.error_code, each.error_context))
            for each in self.job.exports.all()
        ]

    @cached_property
    def callback(self) -> CallbackDelivery | None:
        return CallbackDelivery.objects.filter(job=self.job).first()


def _since(span: timedelta) -> str:
    return f"+{seconds_text(max(span.total_seconds(), 0.0))}"


def seconds_text(seconds: float) -> str:
    """``4.2 s``, ``3 min 5 s``, ``2 h 7 min``: short, and read the same in both languages."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
