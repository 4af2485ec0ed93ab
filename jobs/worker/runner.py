"""Carries one claimed job through the pipeline and stores what it makes.

The runner owns state and files; ``generation.pipeline`` only makes pictures. Every write is fenced by the claim.
"""

from __future__ import annotations

import logging
import time

from django.db import InterfaceError, OperationalError

from adstudio.files import delete_on_commit
from adstudio.logs import note
from generation import errors, intake
from generation.ad import AdResult, StepPictures, StepResult
from generation.engines import Engine, Finisher
from generation.pipeline import background_brief, make_ad
from generation.provenance import SourceType, xmp
from generation.types import Cutout, EngineName, Picture, Progress, Step
from jobs import events, queue, selectors
from jobs.artifacts import artifact_draft, artifact_kept, picture_of
from jobs.claims import Claim, LostClaim
from jobs.durations import STEP_SHARE
from jobs.models import Artifact, Job, Photo
from jobs.moderation import picture_check
from jobs.photos import cut_out_picture, notes_of, photo_as_cut, photo_cutout_found, photo_picture
from jobs.small_pictures import small_picture
from jobs.worker import headlines
from jobs.worker.briefs import brief_of, params_of
from jobs.worker.patience import failure_of, patiently
from jobs.worker.signing import sealed

logger = logging.getLogger(__name__)

PROGRESS_EVERY_SECONDS = 0.2
CUTOUT_SHARE = 0.35
"""Share of step 1 that belongs to the cut-out when it is not there yet."""
KIND_OF_STEP = {
    Step.BACKGROUND: Artifact.Kind.STEP1,
    Step.TEXT_ASSET: Artifact.Kind.STEP2,
    Step.COMPOSITE: Artifact.Kind.FINAL,
}
NOTE_OF_ORIGIN = {"painted": "note.headline_painted", "sculpted": "note.headline_sculpted"}
"""Which headline a diffusion job got. The studio engine has one kind only."""


class JobRunner:
    """One attempt at one job."""

    def __init__(self, claim: Claim, engine: Engine) -> None:
        self.claim = claim
        self.engine = engine
        self.job = patiently(lambda: Job.objects.select_related("photo", "shop").get(pk=claim.job_id))
        self.params = params_of(self.job)
        self.step_seconds: dict[str, float] = dict(self.job.step_seconds)
        self.last_write = 0.0
        self.last_step = time.monotonic()
        self.offset = 0.0

    def run(self) -> None:
        """Make the ad and write its end. Lets ``LostClaim`` pass: then nothing more may be written."""
        note(shop_id=self.job.shop_id)
        try:
            self._check_stop()
            result = self._make()
            self._complete(result)
        except errors.Cancelled:
            patiently(
                lambda: self.claim.end(
                    to=Job.Status.STOPPED, reason="stopped by request", message_code="job.stopped"
                )
            )
        except (LostClaim, OperationalError, InterfaceError):
            raise
        except Exception as error:
            self._fail(*failure_of(error, f"job {self.job.pk}"))

    def _make(self) -> AdResult:
        ready = patiently(self._ready_pictures)
        try:
            product = self._product() if ready.step1 is None else self._seated_product(ready)
            self.last_step = time.monotonic()
            return make_ad(
                patiently(lambda: brief_of(self.job)),
                self.engine,
                product=product,
                ready=ready,
                on_progress=self._on_progress,
                on_step=self._on_step,
            )
        finally:
            if self.params.auto_unload and isinstance(self.engine, Finisher):
                self.engine.unload()

    def _ready_pictures(self) -> StepPictures:
        """Pictures supplied with the request or stored by an earlier attempt; a resumed job starts after them."""
        kept = selectors.pictures(self.job)

        def load(kind: str) -> Picture | None:
            return picture_of(kept[kind]) if kind in kept else None

        step1 = load(Artifact.Kind.STEP1)
        return StepPictures(
            step1=None if step1 is None else step1[..., :3],
            layer=load(Artifact.Kind.CUTOUT),
            step2=load(Artifact.Kind.STEP2),
            foreign=step1 is not None and self.job.foreign_background,
            step1_source=selectors.source_of(self.job, Artifact.Kind.STEP1),
            step2_source=selectors.source_of(self.job, Artifact.Kind.STEP2),
        )

    def _product(self) -> Cutout | None:
        """The photo's product: the matte that is there, else cut out now and kept for the next job."""
        photo_id = self.job.photo_id
        if photo_id is None:
            return None
        photo = patiently(lambda: Photo.objects.get(pk=photo_id))
        cutout = None if photo.matte_state == Photo.MatteState.READY else self._cut_out_and_kept(photo)
        if cutout is None:  # there already, or the merchant was quicker
            photo, cutout = patiently(lambda: photo_as_cut(photo_id))
        notes = notes_of(photo)
        if notes:
            patiently(lambda: self.claim.update(notes=notes))
        return cutout

    def _seated_product(self, ready: StepPictures) -> Cutout | None:
        """The product that stands in the ready background, if its cut-out is still there."""
        photo = self.job.photo
        if ready.layer is None or photo is None or photo.matte_state != Photo.MatteState.READY:
            return None
        return patiently(lambda: photo_as_cut(photo.pk))[1]

    def _cut_out_and_kept(self, photo: Photo) -> Cutout | None:
        """None where a matte has come meanwhile."""
        cutout = self._cut_out(photo)
        rows = Photo.objects.exclude(matte_state=Photo.MatteState.READY).filter(matte=photo.matte.name)
        kept = patiently(lambda: photo_cutout_found(photo=photo, cutout=cutout, rows=rows))
        return cutout if kept else None

    def _cut_out(self, photo: Photo) -> Cutout:
        picture = patiently(lambda: photo_picture(photo))

        def report(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
            self._on_progress(Progress(Step.BACKGROUND, "cutout", fraction * CUTOUT_SHARE, preview))

        self._show_sketch(picture)
        cutout = cut_out_picture(photo, picture, self.engine, report)
        self.offset = CUTOUT_SHARE
        return cutout

    def _show_sketch(self, picture: Picture) -> None:
        """A first preview while the product is still being cut out; where a first guess fails, none."""
        brief = patiently(lambda: brief_of(self.job))
        try:
            sketch = self.engine.sketch(background_brief(brief, brief.size, None), picture)
        except errors.ProductNotFound:
            return
        self._on_progress(Progress(Step.BACKGROUND, "cutout", 0.05 * CUTOUT_SHARE, sketch))

    def _check_stop(self) -> None:
        if patiently(self.claim.stop_asked):
            raise errors.Cancelled

    def _on_progress(self, progress: Progress) -> None:
        self._check_stop()
        now = time.monotonic()
        if progress.preview is None and now - self.last_write < PROGRESS_EVERY_SECONDS:
            return
        self.last_write = now
        start, end = STEP_SHARE[progress.step]
        fraction = progress.fraction
        if progress.step is Step.BACKGROUND and progress.sub_step != "cutout":
            fraction = self.offset + fraction * (1 - self.offset)
        percent = max(self.job.progress_percent, round(start + (end - start) * fraction))
        self._write_progress(progress.step, progress.sub_step, percent)
        if progress.preview is not None:
            self._store_preview(progress.preview)

    def _write_progress(self, step: Step, sub_step: str, percent: int) -> None:
        code = "cutout" if sub_step == "cutout" else step.value
        values = {
            "current_step": step.value,
            "sub_step": sub_step,
            "progress_percent": percent,
            "message_code": code,
            "step_seconds": self.step_seconds,
        }
        self.job.sequence = patiently(lambda: self.claim.progress(**values))
        self.job.status = Job.Status.RUNNING
        for name, value in values.items():
            setattr(self.job, name, value)
        events.send_progress(self.job)

    def _store_preview(self, picture: Picture) -> None:
        preview = self._store_small(Artifact.Kind.PREVIEW, picture)
        self._count_event()
        events.send_preview(self.job, preview)

    def _count_event(self) -> None:
        """A number of its own for each event: a gap between two tells a socket that one was lost."""
        self.job.sequence = patiently(self.claim.progress)

    def _store_small(self, kind: str, picture: Picture) -> Artifact:
        return self._store(kind, *small_picture(picture, kind), "image/jpeg")

    def _on_step(self, result: StepResult) -> None:
        if self.job.engine == EngineName.DIFFUSION and result.origin in NOTE_OF_ORIGIN:
            self._note(NOTE_OF_ORIGIN[result.origin])
        if result.layer is not None:
            self._store(Artifact.Kind.CUTOUT, result.layer, intake.encode_png(result.layer))
        if result.step is Step.COMPOSITE:
            self._check_content(result.picture)
        data = intake.encode_png(result.picture, xmp=xmp(result.source))
        if result.step is Step.COMPOSITE:
            data = sealed(data, "image/png", result.source, self.job)
        kind = KIND_OF_STEP[result.step]
        artifact = self._store(kind, result.picture, data, source=result.source)
        now = time.monotonic()
        self.step_seconds[result.step.value] = round(now - self.last_step, 2)
        self.last_step = now
        self._write_progress(result.step, "done", STEP_SHARE[result.step][1])
        if result.step is Step.COMPOSITE:
            self._store_preview(result.picture)  # from now on the small picture that lists show
            self._store_small(Artifact.Kind.THUMB, result.picture)
        self._count_event()
        events.send_artifact(self.job, artifact)
        self._check_stop()

    def _check_content(self, picture: Picture) -> None:
        """Before anybody sees it. Lets ``PictureRefused`` pass."""
        _, jpeg = small_picture(picture, Artifact.Kind.PREVIEW)
        patiently(lambda: picture_check(job=self.job, jpeg=jpeg))

    def _store(
        self,
        kind: str,
        picture: Picture,
        data: bytes,
        content_type: str = "image/png",
        source: SourceType = SourceType.UNKNOWN,
    ) -> Artifact:
        return patiently(lambda: self._replace(kind, picture, data, content_type, source))

    def _replace(
        self, kind: str, picture: Picture, data: bytes, content_type: str, source: SourceType
    ) -> Artifact:
        """Store the picture in place of an older one of its kind, while the claim is held."""
        height, width = picture.shape[:2]
        made = artifact_draft(
            job=self.job,
            kind=kind,
            data=data,
            size=(width, height),
            attempt=self.claim.attempt,
            content_type=content_type,
            source=source,
        )
        with artifact_kept(made, self.claim.held()) as job:
            old = list(job.artifacts.filter(kind=kind, format=""))
            Artifact.objects.filter(pk__in=[artifact.pk for artifact in old]).delete()
            for artifact in old:
                delete_on_commit(artifact.file.storage, str(artifact.file.name))
        return made

    def _note(self, code: str) -> None:
        """What the merchant should know, once."""
        notes = patiently(lambda: Job.objects.values_list("notes", flat=True).get(pk=self.job.pk))
        if code not in notes:
            patiently(lambda: self.claim.update(notes=[*notes, code]))

    def _complete(self, result: AdResult) -> None:
        if self.params.test_mode:
            self._note("note.test_mode")
        if result.logo_left_out:
            self._note("note.logo_left_out")
        if result.label_left_out:
            self._note("note.ai_label_left_out")
        reading = headlines.to_be_read(self.params, result.headline)
        patiently(
            lambda: self.claim.end(
                to=Job.Status.COMPLETED,
                reason="completed",
                progress_percent=100,
                sub_step="",
                message_code="job.completed",
                product_difference=result.product_difference,
                step_seconds=self.step_seconds,
                **reading,
            )
        )
        if reading.get("text_verified") == Job.TextVerified.WAITING:
            queue.wake(self.job.engine)

    def _fail(self, code: str, context: dict[str, str] | None = None) -> None:
        patiently(
            lambda: self.claim.end(
                to=Job.Status.FAILED,
                reason=code,
                error_code=code,
                error_context=context or {},
                message_code="job.failed",
            )
        )
