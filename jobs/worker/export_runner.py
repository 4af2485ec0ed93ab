"""Draws one claimed export and stores it. Only workers import this: it loads the picture code."""

from __future__ import annotations

import io
import time
from dataclasses import replace

from django.db import InterfaceError, OperationalError
from PIL import Image

from adstudio.logs import note
from generation import errors, intake
from generation.engines import Engine
from generation.export.credentials import History
from generation.export.every_format import every_format
from generation.export.files import Seal, encode
from generation.export.formats import FORMATS
from generation.provenance import SourceType, xmp
from generation.types import Cutout, OnProgress, Progress, Step
from jobs import selectors
from jobs.artifacts import artifact_draft, artifact_kept, stored_bytes
from jobs.claims import LostClaim
from jobs.claims.exports import ExportClaim
from jobs.models import Artifact, Export, Job, Photo
from jobs.photos import photo_as_cut
from jobs.versions import request_of
from jobs.worker.briefs import brief_of
from jobs.worker.patience import failure_of, patiently
from jobs.worker.signing import history_of, seal_for

LOOK_EVERY_SECONDS = 1.0
"""How often the drawing is interrupted to see whether the export is still wanted."""


class ExportRunner:
    """One attempt at one export."""

    def __init__(self, claim: ExportClaim, engine: Engine) -> None:
        self.claim = claim
        self.engine = engine
        self.last_look = time.monotonic()

    def run(self) -> None:
        """Draw the picture and write the export's end. Lets ``LostClaim`` pass: then nothing more may be written."""
        try:
            export = patiently(self._export)
            note(shop_id=export.job.shop_id)
            data, source = self._draw(export.job, export.format)
            patiently(lambda: self._store(export, data, source))
        except (LostClaim, OperationalError, InterfaceError):
            raise
        except Exception as error:
            self._fail(*failure_of(error, f"export {self.claim.export_id}"))

    def _export(self) -> Export:
        export = self.claim.rows.select_related("job__photo").first()
        if export is None:
            raise LostClaim(str(self.claim.export_id))
        return export

    def _draw(self, job: Job, key: str) -> tuple[bytes, SourceType]:
        """The file, and where its picture comes from: the ad's own picture where it was made for this channel, else
        composed at the channel's shape."""
        request = request_of(job)
        own = request.get("format") == key and not request.get("test_mode")
        final = selectors.pictures(job).get(Artifact.Kind.FINAL) if own else None
        if final is not None:
            return patiently(lambda: self._written_anew(final, key))
        if job.photo_gone:
            raise errors.ProductNotFound("the photo was deleted after the export was asked for")
        product = self._product(job)
        if FORMATS[key].packshot and product is None:
            raise errors.ProductNotFound("a packshot needs a product")
        brief = replace(patiently(lambda: brief_of(job)), format=key, stop=Step.COMPOSITE, test_mode=False)
        sources: list[SourceType] = []

        def seal(source: SourceType) -> Seal | None:
            sources.append(source)
            return seal_for(source, history_of(job, drawn_anew=True))

        [(_, data)] = every_format(brief, self.engine, product, [key], self._told, seal)
        return data, sources[0]

    def _written_anew(self, final: Artifact, key: str) -> tuple[bytes, SourceType]:
        original = stored_bytes(final)
        source = SourceType(final.source)
        seal = seal_for(source, History(original=(original, final.content_type)))
        return encode(intake.read_layer(original)[..., :3], FORMATS[key], xmp(source), seal), source

    def _product(self, job: Job) -> Cutout | None:
        """The photo's product, as the matte that is there now cuts it out."""
        photo = job.photo
        if photo is None or not photo.matte:
            return None
        try:
            return patiently(lambda: photo_as_cut(photo.pk))[1]
        except Photo.DoesNotExist as error:
            raise errors.ProductNotFound("the photo was deleted while the export was drawn") from error

    def _told(self, key: str) -> OnProgress:
        def on_progress(progress: Progress) -> None:
            now = time.monotonic()
            if now - self.last_look < LOOK_EVERY_SECONDS:
                return
            self.last_look = now
            if not patiently(self.claim.rows.exists):
                raise LostClaim(str(self.claim.export_id))

        return on_progress

    def _store(self, export: Export, data: bytes, source: SourceType) -> None:
        with Image.open(io.BytesIO(data)) as picture:
            size = picture.size
        drawn = artifact_draft(
            job=export.job,
            kind=Artifact.Kind.EXPORT,
            data=data,
            size=size,
            attempt=self.claim.attempt,
            content_type=FORMATS[export.format].media_type,
            format_key=export.format,
            source=source,
        )
        with artifact_kept(drawn, self.claim.held()):
            self.claim.end(to=Export.Status.COMPLETED)

    def _fail(self, code: str, context: dict[str, str] | None = None) -> None:
        patiently(
            lambda: self.claim.end(to=Export.Status.FAILED, error_code=code, error_context=context or {})
        )
