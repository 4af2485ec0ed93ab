"""Read access to photos, jobs, pictures and workers."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.models import Shop
from generation.provenance import SourceType
from jobs.errors import NotFound, Refused
from jobs.models import Artifact, Export, Job, Photo, WorkerState

WORKER_ALIVE = timedelta(seconds=15)
_STANDING = """
    SELECT j.*,
           CASE j.status WHEN 'pending' THEN (
               SELECT count(*) FROM jobs_job o
                WHERE o.status = 'pending' AND o.engine = j.engine AND (o.queued_at, o.id) < (j.queued_at, j.id)
           ) END AS waiting_ahead
      FROM jobs_job j
     WHERE j.id = %s AND j.shop_id = %s AND j.deleted_at IS NULL
"""


def jobs_of(shop: Shop) -> QuerySet[Job]:
    """The shop's jobs but those being deleted, newest first, with their pictures and their places in the queue."""
    return with_places(_kept(shop))


def with_places(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """These jobs with their pictures and their places in the queue."""
    older = Job.objects.filter(status=Job.Status.PENDING, engine=OuterRef("engine")).filter(
        Q(queued_at__lt=OuterRef("queued_at")) | Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
    )
    ahead = older.order_by().values("engine").annotate(number=Count("pk")).values("number")
    place = Case(When(status=Job.Status.PENDING, then=Coalesce(Subquery(ahead), 0)))
    return jobs.annotate(waiting_ahead=place).prefetch_related("artifacts")


def _kept(shop: Shop) -> QuerySet[Job]:
    """The shop's jobs but for those being deleted."""
    return Job.objects.filter(shop=shop, deleted_at=None)


def job_get(*, shop: Shop, job_id: UUID | str) -> Job:
    """Raises ``NotFound``, also for a job of another shop."""
    job = jobs_of(shop).select_related("photo").filter(pk=_key(job_id)).first()
    if job is None:
        raise NotFound
    return job


def job_standing(*, shop_id: int, job_id: UUID | str) -> Job:
    """As ``job_get``, without pictures and photo. Programs ask for a status many times a second, and the ORM takes
    longer to put this into words than Postgres to answer it."""
    job = next(iter(Job.objects.raw(_STANDING, [_key(job_id), shop_id])), None)
    if job is None:
        raise NotFound
    return job


def _key(job_id: UUID | str) -> UUID:
    try:
        return job_id if isinstance(job_id, UUID) else UUID(str(job_id))
    except ValueError as error:
        raise NotFound from error


def job_hold(job: Job) -> None:
    """Keep the job from being deleted until this transaction ends. Raises ``NotFound`` when it is gone."""
    if Job.objects.select_for_update(no_key=True).filter(pk=job.pk).values_list("pk").first() is None:
        raise NotFound


def shop_hold(shop_id: int) -> None:
    """Keep the shop from being deleted until this transaction ends. Raises ``Refused`` when it is gone.

    Before anything else of the shop's is locked: its deletion takes them in the same order.
    """
    if Shop.objects.select_for_update(no_key=True).filter(pk=shop_id).values_list("pk").first() is None:
        raise Refused("shop.gone", status=404)


def shop_of_job(job: Job) -> Shop:
    """Raises ``Refused`` when it was deleted meanwhile, and the job with it."""
    try:
        return job.shop
    except Shop.DoesNotExist as error:
        raise Refused("shop.gone", status=404) from error


def photo_get(*, shop: Shop, photo_id: UUID | str) -> Photo:
    try:
        key = photo_id if isinstance(photo_id, UUID) else UUID(str(photo_id))
    except ValueError as error:
        raise NotFound("photo.not_found") from error
    photo = Photo.objects.filter(shop=shop, pk=key).first()
    if photo is None:
        raise NotFound("photo.not_found")
    return photo


def pictures(job: Job) -> dict[str, Artifact]:
    """The job's pictures by kind: the newest preview, the one of each other kind."""
    return {artifact.kind: artifact for artifact in job.artifacts.all() if not artifact.format}


def source_of(job: Job, kind: str) -> SourceType:
    """Where the job's picture of that kind comes from; unknown also where there is none."""
    picture = pictures(job).get(kind)
    return SourceType(picture.source) if picture is not None else SourceType.UNKNOWN


def queue_position(job: Job) -> int | None:
    """1 for the next of its queue by age; None once it is not waiting. ``jobs_of`` brought it along."""
    if job.status != Job.Status.PENDING:
        return None
    known: int | None = getattr(job, "waiting_ahead", None)
    if known is not None:
        return known + 1
    ahead = Job.objects.filter(status=Job.Status.PENDING, engine=job.engine).filter(
        Q(queued_at__lt=job.queued_at) | Q(queued_at=job.queued_at, pk__lt=job.pk)
    )
    return ahead.count() + 1


def elapsed_seconds(job: Job) -> float:
    """Seconds since the worker took the job, 0 before."""
    if job.started_at is None:
        return 0.0
    return round(((job.finished_at or timezone.now()) - job.started_at).total_seconds(), 1)


def shop_counts(shop: Shop) -> dict[str, int]:
    """Numbers of the shop's jobs, as ``GET /jobs`` and ``GET /health`` tell them."""
    return Job.objects.filter(shop=shop, deleted_at=None).aggregate(
        total_jobs=Count("pk"),
        active_jobs=Count("pk", filter=Q(status__in=Job.ACTIVE)),
        completed_jobs=Count("pk", filter=Q(status=Job.Status.COMPLETED)),
        failed_jobs=Count("pk", filter=Q(status=Job.Status.FAILED)),
    )


def midnight() -> datetime:
    """When the day began, in the service's time zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def seconds_until_tomorrow() -> int:
    return 86_400 - int((timezone.now() - midnight()).total_seconds())


def live_workers(engine: str | None = None) -> QuerySet[WorkerState]:
    """Workers heard of within the last seconds, by the database's clock."""
    workers = WorkerState.objects.filter(last_seen__gt=Now() - WORKER_ALIVE)
    return workers.filter(engine=engine) if engine else workers


def waiting_count(engine: str) -> int:
    return Job.objects.filter(status=Job.Status.PENDING, engine=engine).count()


def waiting_exports(engine: str) -> int:
    return Export.objects.filter(status=Export.Status.PENDING, engine=engine).count()


def waiting_headlines(engine: str) -> int:
    """Finished ads of the engine's whose headline is still to be read back."""
    waiting = Job.objects.filter(text_verified=Job.TextVerified.WAITING, engine=engine, deleted_at=None)
    return waiting.count()


def artifact_get(artifact_id: UUID) -> Artifact:
    artifact = Artifact.objects.select_related("job").filter(pk=artifact_id, job__deleted_at=None).first()
    if artifact is None:
        raise NotFound("media.not_found")
    return artifact
