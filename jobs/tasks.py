"""What RQ may call: fetch by id, call one service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from adstudio.logs import about, note
from generation.types import Picture
from jobs import data_export, small_pictures
from jobs.claims import Held, LostClaim, claim_next
from jobs.claims.data_exports import data_export_claim
from jobs.claims.exports import export_claim_next
from jobs.claims.photos import photo_claim
from jobs.models import Photo
from jobs.photos import cut_out_picture, photo_cutout_failed, photo_cutout_found, photo_picture
from jobs.worker.export_runner import ExportRunner
from jobs.worker.headlines import headline_read_next
from jobs.worker.patience import failure_of, patiently
from jobs.worker.runner import JobRunner
from jobs.worker.station import Station, station

logger = logging.getLogger(__name__)


@contextmanager
def _fresh_connections() -> Iterator[Station]:
    close_old_connections()
    here = station()
    try:
        with about(worker=here.name):
            yield here
    finally:
        here.heartbeat.unwatch()
        close_old_connections()


def run_next(engine: str) -> None:
    """Make the next ad or draw the next export. The two take turns, so that neither waits for all of the other.
    Where neither waits, read a finished ad's headline."""
    with _fresh_connections() as here:
        turns = (_draw_export, _make_ad) if here.export_is_next else (_make_ad, _draw_export)
        for turn in turns:
            if turn(here, engine):
                here.export_is_next = turn is _make_ad
                return
        here.heartbeat.watch(None)
        headline_read_next(engine)


def _make_ad(here: Station, engine: str) -> bool:
    """Claim the next waiting job of this engine and make its ad; False when none waits."""
    claim = patiently(lambda: claim_next(engine=engine, worker=here.name))
    return claim is not None and _kept(here, claim, lambda: JobRunner(claim, here.engine).run())


def _draw_export(here: Station, engine: str) -> bool:
    """Claim the next waiting export of this engine and draw it; False when none waits."""
    claim = patiently(lambda: export_claim_next(engine=engine, worker=here.name))
    return claim is not None and _kept(here, claim, lambda: ExportRunner(claim, here.engine).run())


def _kept(here: Station, claim: Held, work: Callable[[], None]) -> bool:
    """Work under a claim that the heartbeat keeps; True, also where it was lost on the way."""
    here.heartbeat.watch(claim)
    with about(job_id=claim.job_id):
        try:
            work()
        except LostClaim as lost:
            logger.warning("%s %s is no longer ours; nothing more written", type(claim).__name__, lost)
    return True


def cut_out_photo(photo_id: str) -> None:
    """Cut the product out of a freshly uploaded photo, once."""
    with _fresh_connections() as here:
        claim = patiently(lambda: photo_claim(photo_id))
        if claim is None:
            return
        photo = patiently(lambda: Photo.objects.get(pk=claim.photo_id))
        note(photo_id=photo.pk, shop_id=photo.shop_id)
        here.heartbeat.watch(claim)
        try:
            picture = patiently(lambda: photo_picture(photo))
            cutout = cut_out_picture(photo, picture, here.engine, _silent)
            if not patiently(lambda: photo_cutout_found(photo=photo, cutout=cutout, rows=claim.rows)):
                logger.info("photo %s was cut out by somebody else meanwhile, or deleted", photo_id)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and claim.attempt < settings.JOB_MAX_ATTEMPTS:
                raise  # taken back as from a worker that died, and tried again
            code, _ = failure_of(error, f"photo {photo_id}")
            patiently(lambda: photo_cutout_failed(photo=photo, code=code, rows=claim.rows))


def export_data(export_id: str) -> None:
    """Make the next part of somebody's data. The part after it waits its turn behind the ads of others."""
    with _fresh_connections() as here:
        claim = patiently(lambda: data_export_claim(export_id))
        if claim is not None:
            here.heartbeat.watch(claim)
            data_export.next_part(claim)


def draw_small_pictures(cursor: str) -> None:
    """Small pictures for a few older ads that lack them. Those after them wait their turn behind others' ads."""
    with _fresh_connections() as here:
        here.heartbeat.watch(None)
        small_pictures.draw_batch(cursor)


def _silent(sub_step: str, fraction: float, preview: Picture | None = None) -> None:
    """A photo's cut-out has no progress bar."""
