"""Photos, submitting, stopping, deleting and re-running, on a real database with real files."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from django.conf import settings as project
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.typography.fonts import default_font, fonts
from jobs import durations, events, photos, queue, selectors, services
from jobs.errors import Busy, EngineUnavailable, NotFound, OverQuota, Refused
from jobs.models import Artifact, Job, JobEvent, Photo, WorkerState
from jobs.params import AdParams
from jobs.transitions import job_transition
from tests.jobs import factories

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400


@pytest.fixture(autouse=True)
def _nothing_measured() -> None:
    durations.forget()


@pytest.fixture
def shop() -> Shop:
    return factories.shop()


def submit(of: Shop, *, photo: Photo | None = None, **fields: Any) -> services.Submission:
    asked = AdParams.model_validate({"text_content": "오늘만 반값", **fields})
    return services.job_submit(shop=of, params=asked, photo=photo)


def png(width: int = 64, height: int = 48, color: tuple[int, ...] = (90, 120, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if len(color) == 4 else "RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def stored_files() -> set[str]:
    return {str(path) for path in project.MEDIA_ROOT.rglob("*") if path.is_file()}


def is_stored(name: str) -> bool:
    return (project.MEDIA_ROOT / name).is_file()


def finished(of: Shop, photo: Photo | None = None, **fields: Any) -> Job:
    """A completed job with all of its pictures."""
    job = submit(of, photo=photo, **fields).job
    asset = np.zeros((40, 512, 4), np.uint8)
    asset[8:32, 20:490] = (200, 160, 40, 255)
    kinds = {"step1_result": png(), "step2_result": _encoded(asset), "final_result": png(color=(1, 2, 3))}
    for kind, data in kinds.items():
        services.artifact_store(job=job, kind=kind, data=data, size=Image.open(io.BytesIO(data)).size)
    if photo is not None:
        layer = png(color=(10, 20, 30, 255))
        services.artifact_store(job=job, kind="cutout", data=layer, size=(64, 48))
    Job.objects.filter(pk=job.pk).update(
        status="completed", progress_percent=100, started_at=timezone.now(), finished_at=timezone.now()
    )
    return selectors.job_get(shop=of, job_id=job.pk)


def _encoded(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def make_running(job: Job) -> Job:
    changes = {"worker": "w", "attempts": 1, "heartbeat_at": timezone.now(), "started_at": timezone.now()}
    running = job_transition(job=job, to="running", reason="claimed", sources=["pending"], changes=changes)
    assert running is not None
    return running


# Photos


def test_the_same_bytes_again_are_the_same_photo(shop: Shop) -> None:
    data = factories.photo_bytes()
    first = services.photo_create(shop=shop, data=data)
    before = stored_files()
    assert services.photo_create(shop=shop, data=data) == first
    assert stored_files() == before
    assert services.photo_create(shop=factories.shop(), data=data) != first


def test_a_photo_whose_cut_out_failed_may_be_tried_again(shop: Shop) -> None:
    first = services.photo_create(shop=shop, data=factories.photo_bytes())
    photos.photo_cutout_failed(photo=first, code="photo.no_product")
    assert services.photo_create(shop=shop, data=factories.photo_bytes()) != first


def test_a_photo_beyond_32_megabytes_is_413(shop: Shop) -> None:
    with pytest.raises(Refused) as refusal:
        services.photo_create(shop=shop, data=b"\xff\xd8\xff" + bytes(project.PHOTO_MAX_BYTES))
    assert (refusal.value.code, refusal.value.status) == ("photo.too_large", 413)


def test_a_new_matte_replaces_the_old_file(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    photo = factories.photo(shop)
    old = str(photo.matte.name)
    matte = np.zeros((photo.height, photo.width), np.uint8)
    matte[40:200, 60:220] = 255
    with django_capture_on_commit_callbacks(execute=True):
        services.photo_matte_replace(photo=photo, data=_encoded(matte))
    photo.refresh_from_db()
    assert (photo.method, photo.matte_state, photo.confidence) == ("brush", "ready", 1.0)
    assert photo.matte.name != old
    assert is_stored(str(photo.matte.name)) and not is_stored(old)
    cut = photos.photo_cutout(photo).picture
    assert cut[120, 140, 3] == 255 and cut[10, 10, 3] == 0


def test_a_matte_can_be_replaced_twice_in_one_go(shop: Shop) -> None:
    photo = factories.photo(shop)
    matte = _encoded(np.full((photo.height, photo.width), 255, np.uint8))
    for _ in range(2):
        services.photo_matte_replace(photo=photo, data=matte)
    assert photos.photo_cutout(photo).picture[..., 3].min() == 255


@pytest.mark.parametrize("data", [b"", b"no picture", png(31, 400), png(64, 64)])
def test_a_matte_that_does_not_fit_changes_nothing(shop: Shop, data: bytes) -> None:
    photo = factories.photo(shop)
    before = str(photo.matte.name)
    with pytest.raises(Refused) as refusal:
        services.photo_matte_replace(photo=photo, data=data)
    assert (refusal.value.code, refusal.value.field) == ("photo.matte_invalid", "matte")
    photo.refresh_from_db()
    assert photo.matte.name == before and is_stored(before)


def test_an_empty_matte_is_refused(shop: Shop) -> None:
    photo = factories.photo(shop)
    with pytest.raises(Refused, match=r"photo\.matte_invalid"):
        services.photo_matte_replace(
            photo=photo, data=_encoded(np.zeros((photo.height, photo.width), np.uint8))
        )


# Submitting


@pytest.mark.parametrize(
    ("fields", "code", "field", "allowed"),
    [
        ({"scene": "moon"}, "scene.unknown", "scene", scenes()),
        ({"text_style": "lava"}, "style.unknown", "text_style", styles()),
        ({"format": "poster"}, "format.unknown", "format", FORMATS),
    ],
)
def test_an_unknown_choice_names_the_known_ones(
    shop: Shop, fields: dict[str, str], code: str, field: str, allowed: dict[str, object]
) -> None:
    with pytest.raises(Refused) as refusal:
        submit(shop, **fields)
    assert (refusal.value.code, refusal.value.status, refusal.value.field) == (code, 422, field)
    assert refusal.value.context["allowed"] == ", ".join(allowed)


def test_an_unknown_font_is_refused_with_and_without_words(shop: Shop) -> None:
    for text in ("반값", ""):
        with pytest.raises(Refused) as refusal:
            submit(shop, font_name="Comic/Comic.ttf", text_content=text)
        assert (refusal.value.code, refusal.value.field) == ("font.unknown", "font_name")


@pytest.mark.parametrize("field", ["text_content", "subline", "price_before", "price_now"])
def test_a_glyph_that_the_font_lacks_is_refused_before_anything_is_queued(shop: Shop, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        submit(shop, **{field: "반값🔥"})
    assert (refusal.value.code, refusal.value.field) == ("text.glyph_missing", field)
    assert refusal.value.context["characters"] == "🔥"
    assert refusal.value.context["font"]


def test_a_refusal_leaves_nothing_behind(shop: Shop) -> None:
    before, step = stored_files(), png()
    asked = [
        ({"scene": "moon"}, {}),
        ({"text_content": "🔥"}, {}),
        ({"start_step": 2}, {}),
        ({"start_step": 3}, {"step1_image": step}),
        ({"start_step": 3}, {"step1_image": step, "step2_image": b"no picture"}),
        ({"start_step": 2, "text_content": ""}, {"step1_image": step}),
        ({"engine": "diffusion"}, {}),
    ]
    with patch.object(queue, "wake") as wake:
        for fields, images in asked:
            params = AdParams.model_validate({"text_content": "반값", **fields})
            with pytest.raises(Refused):
                services.job_submit(shop=shop, params=params, **images)
    assert not Job.objects.exists() and not Artifact.objects.exists() and not JobEvent.objects.exists()
    assert stored_files() == before
    wake.assert_not_called()


@pytest.mark.parametrize(
    ("start_step", "images", "code", "field"),
    [
        (2, {}, "step.image_missing", "step1_image"),
        (3, {"step1_image": png()}, "step.image_missing", "step2_image"),
        (3, {"step2_image": png()}, "step.image_missing", "step1_image"),
        (2, {"step1_image": b"GIF89a nothing"}, "photo.format_unsupported", "step1_image"),
        (2, {"step1_image": png(1, 1)}, "photo.too_small", "step1_image"),
        (3, {"step1_image": png(), "step2_image": png()[:60]}, "photo.unreadable", "step2_image"),
    ],
)
def test_a_later_start_needs_the_pictures_before_it(
    shop: Shop, start_step: int, images: dict[str, bytes], code: str, field: str
) -> None:
    params = AdParams.model_validate({"text_content": "반값", "start_step": start_step})
    with pytest.raises(Refused) as refusal:
        services.job_submit(shop=shop, params=params, **images)
    assert (refusal.value.code, refusal.value.status, refusal.value.field) == (code, 422, field)


def test_a_full_queue_is_busy(shop: Shop, settings: Any) -> None:
    settings.QUEUE_LIMIT = 2
    submit(factories.shop())
    submit(factories.shop())
    with pytest.raises(Busy) as refusal:
        submit(shop)
    assert (refusal.value.status, refusal.value.code) == (503, "queue.full")
    assert refusal.value.retry_after
    Job.objects.all()[0].delete()
    assert submit(shop).job.status == "pending"


def test_a_shop_over_its_quota_is_told_when_to_come_back(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=1)
    shop.refresh_from_db()
    yesterday = submit(shop).job
    Job.objects.filter(pk=yesterday.pk).update(queued_at=timezone.now() - timedelta(days=1))
    submit(shop)
    with pytest.raises(OverQuota) as refusal:
        submit(shop)
    assert (refusal.value.status, refusal.value.context["limit"]) == (429, 1)
    assert refusal.value.retry_after is not None and 0 < refusal.value.retry_after <= DAY_SECONDS
    back = timezone.localtime() + timedelta(seconds=refusal.value.retry_after + 1)
    assert back.date() > timezone.localdate()
    assert submit(factories.shop()).job.status == "pending"


def _worker(engine: str, seconds_ago: float = 0.0) -> None:
    seen = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerState.objects.create(name=f"{engine}-{seconds_ago}", host="h", pid=1, engine=engine, last_seen=seen)


def test_the_gpu_engine_needs_a_live_worker(shop: Shop) -> None:
    _worker("studio")
    _worker("diffusion", seconds_ago=60)
    with pytest.raises(EngineUnavailable) as refusal:
        submit(shop, engine="diffusion")
    assert (refusal.value.status, refusal.value.code) == (503, "engine.unavailable")
    assert submit(shop).job.engine == "studio"


def test_auto_takes_the_gpu_while_it_is_alive(shop: Shop) -> None:
    _worker("diffusion")
    assert submit(shop).job.engine == "diffusion"
    assert submit(shop, engine="diffusion").job.engine == "diffusion"
    assert submit(shop, engine="studio").job.engine == "studio"


def test_another_shops_photo_does_not_exist(shop: Shop) -> None:
    strangers = factories.photo(factories.shop())
    with pytest.raises(Refused) as refusal:
        submit(shop, photo=strangers)
    assert (refusal.value.code, refusal.value.status, refusal.value.field) == (
        "photo.not_found",
        404,
        "photo_id",
    )
    with pytest.raises(NotFound):
        selectors.photo_get(shop=shop, photo_id=strangers.pk)


def test_a_seed_is_always_there(shop: Shop) -> None:
    drawn = {submit(shop).job.seed for _ in range(3)}
    assert len(drawn) == 3
    assert submit(shop, seed=0).job.seed == 0
    assert submit(shop, seed=2**53 - 1).job.seed == 2**53 - 1


def test_the_font_is_settled_when_the_job_is_taken(shop: Shop) -> None:
    own = next(font.path for font in fonts() if font.path != default_font().path)
    assert submit(shop).job.request["font_name"] == default_font().path
    Shop.objects.filter(pk=shop.pk).update(default_font=own)
    shop.refresh_from_db()
    assert submit(shop).job.request["font_name"] == own
    assert submit(shop, font_name="").job.request["font_name"] == own
    assert submit(shop, font_name=default_font().path).job.request["font_name"] == default_font().path


def test_fields_without_use_are_named(shop: Shop) -> None:
    assert submit(shop, scene="cafe-wood", subline="딱 하루").ignored == []
    assert submit(shop, strength=0.5, bg_model="sdxl").ignored == ["bg_model", "strength"]
    assert submit(shop, text_content="", subline="딱 하루", text_style="gold").ignored == [
        "text_style",
        "subline",
    ]
    asked = AdParams.model_validate(
        {"start_step": 3, "scene": "cafe-wood", "text_style": "gold", "subline": "딱"}
    )
    made = services.job_submit(shop=shop, params=asked, step1_image=png(), step2_image=png(512, 64))
    assert made.ignored == ["scene", "text_style"]


def test_the_wake_up_waits_for_the_commit(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    with patch.object(queue, "_enqueue") as enqueue:
        with django_capture_on_commit_callbacks(execute=False) as held:
            submit(shop)
            services.photo_create(shop=shop, data=factories.photo_bytes(333, 320))
        enqueue.assert_not_called()
        for callback in held:
            callback()
    assert [call.args[:2] for call in enqueue.call_args_list] == [
        ("studio", queue.RUN_NEXT),
        ("studio", queue.CUT_OUT_PHOTO),
    ]


# Stopping and deleting


def test_stopping_a_running_job_sets_the_flag_once(shop: Shop) -> None:
    job = make_running(submit(shop).job)
    assert services.job_stop(job=job).status == "running"
    asked = job.cancel_requested_at
    assert asked is not None
    assert services.job_stop(job=job).cancel_requested_at == asked


def test_stopping_a_finished_job_changes_nothing(shop: Shop) -> None:
    job = finished(shop)
    assert services.job_stop(job=job).status == "completed"
    assert job.cancel_requested_at is None


def test_a_running_job_is_not_deleted(shop: Shop) -> None:
    job = make_running(submit(shop).job)
    with pytest.raises(Refused) as refusal:
        services.job_delete(job=job)
    assert (refusal.value.code, refusal.value.status) == ("job.running", 400)
    assert Job.objects.filter(pk=job.pk).exists()


def test_deleting_removes_rows_and_files(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    photo = factories.photo(shop)
    job = finished(shop, photo)
    names = [str(artifact.file.name) for artifact in job.artifacts.all()]
    assert len(names) == 4 and all(is_stored(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        services.job_delete(job=job)
    assert not any(is_stored(name) for name in names)
    assert not Job.objects.exists() and not Artifact.objects.exists() and not JobEvent.objects.exists()
    assert is_stored(str(photo.file.name))


def test_deleting_twice_says_that_it_is_gone(shop: Shop) -> None:
    job = submit(shop).job
    again = Job.objects.get(pk=job.pk)
    services.job_delete(job=job)
    with pytest.raises(NotFound):
        services.job_delete(job=again)


# Re-running


def test_a_rerun_lives_on_without_its_parent(shop: Shop, django_capture_on_commit_callbacks: Any) -> None:
    parent = finished(shop, factories.photo(shop), seed=5)
    before = {kind: made.sha256 for kind, made in selectors.pictures(parent).items()}
    child = services.job_rerun(job=parent, start_step=3, changes={"text_position": "bottom"}).job
    assert (child.parent, child.seed, child.current_step) == (parent, 5, "step3_composite")
    with django_capture_on_commit_callbacks(execute=True):
        services.job_delete(job=parent)
    child = selectors.job_get(shop=shop, job_id=child.pk)
    assert child.parent is None
    kept = selectors.pictures(child)
    assert set(kept) == {"cutout", "step1_result", "step2_result"}
    assert all(is_stored(str(made.file.name)) for made in kept.values())
    assert kept["cutout"].sha256 == before["cutout"]


def test_a_rerun_from_the_headline_takes_only_the_background(shop: Shop) -> None:
    parent = finished(shop, factories.photo(shop), scene="cafe-wood", bg_prompt="카페")
    made = services.job_rerun(job=parent, start_step=2, changes={"text_content": "마감 세일"})
    assert set(selectors.pictures(made.job)) == {"cutout", "step1_result"}
    assert (made.job.title, made.job.request["text_content"]) == ("마감 세일", "마감 세일")
    assert made.ignored == []


def test_a_rerun_from_the_start_takes_the_photo_alone(shop: Shop) -> None:
    parent = finished(shop, factories.photo(shop), scene="cafe-wood", stop_step=2)
    made = services.job_rerun(job=parent, start_step=1, changes={"scene": "hanok-window", "seed": None}).job
    assert not selectors.pictures(made)
    assert (made.photo, made.request["scene"]) == (parent.photo, "hanok-window")
    assert made.request.get("stop_step") is None


def test_a_rerun_cannot_change_the_background_it_keeps(shop: Shop) -> None:
    parent = finished(shop, scene="cafe-wood", format="instagram-square")
    changes = {"scene": "hanok-window", "format": "instagram-story", "text_position": "top"}
    made = services.job_rerun(job=parent, start_step=2, changes=changes)
    assert made.ignored == ["scene", "format"]
    assert (made.job.request["scene"], made.job.request["format"]) == ("cafe-wood", "instagram-square")
    assert made.job.request["text_position"] == "top"


def test_a_rerun_takes_a_fields_second_name(shop: Shop) -> None:
    parent = finished(shop, text_model_prompt="gold")
    made = services.job_rerun(job=parent, start_step=2, changes={"text_prompt": "wood"}).job
    assert made.request["text_model_prompt"] == "wood"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"composition_mode": "sideways"}, "composition_mode"),
        ({"text_content": "가" * 81}, "text_content"),
        ({"stop_step": 1}, "stop_step"),
        ({"text_style": "lava"}, "text_style"),
        ({"font_name": "no/font.ttf"}, "font_name"),
    ],
)
def test_a_bad_change_is_refused_by_name(shop: Shop, changes: dict[str, object], field: str) -> None:
    parent = finished(shop)
    with pytest.raises(Refused) as refusal:
        services.job_rerun(job=parent, start_step=2, changes=changes)
    assert (refusal.value.status, refusal.value.field) == (422, field)
    assert Job.objects.count() == 1


def test_a_job_without_a_background_reruns_only_from_the_start(shop: Shop) -> None:
    waiting = submit(shop).job
    with pytest.raises(Refused) as refusal:
        services.job_rerun(job=waiting, start_step=2, changes={})
    assert (refusal.value.code, refusal.value.field) == ("step.image_missing", "step1_image")
    assert services.job_rerun(job=waiting, start_step=1, changes={}).job.parent == waiting


# What is told


def _complete(shop: Shop, seconds: tuple[float, float, float], **fields: Any) -> None:
    job = finished(shop, **fields)
    Job.objects.filter(pk=job.pk).update(step_seconds=dict(zip(durations.STEPS, seconds, strict=True)))


def test_what_is_left_is_measured_and_falls(shop: Shop) -> None:
    for _ in range(3):
        _complete(shop, (20.0, 6.0, 2.0))
    _complete(shop, (0.1, 0.1, 0.1), test_mode=True)
    durations.forget()
    first, second = submit(shop).job, submit(shop).job
    assert (selectors.eta_seconds(first), selectors.eta_seconds(second)) == (28, 56)
    assert selectors.step_eta_seconds(first) is None
    job = make_running(first)
    assert (selectors.eta_seconds(job), selectors.step_eta_seconds(job)) == (28, 20)
    job.started_at = timezone.now() - timedelta(seconds=12)
    assert (selectors.eta_seconds(job), selectors.step_eta_seconds(job)) == (16, 8)
    job.current_step, job.step_seconds = "step2_text_asset", {"step1_background": 9.0}
    assert (selectors.eta_seconds(job), selectors.step_eta_seconds(job)) == (5, 3)
    job.status = "completed"
    assert (selectors.eta_seconds(job), selectors.step_eta_seconds(job)) == (None, None)


def test_what_is_left_counts_only_the_steps_that_are_wanted(shop: Shop) -> None:
    _complete(shop, (20.0, 6.0, 2.0))
    durations.forget()
    assert selectors.eta_seconds(submit(shop, text_content="").job) == 20
    Job.objects.filter(status="pending").delete()
    assert selectors.eta_seconds(submit(shop, stop_step=2).job) == 26
    Job.objects.filter(status="pending").delete()
    parent = finished(shop)
    assert selectors.eta_seconds(services.job_rerun(job=parent, start_step=3, changes={}).job) == 2


def test_progress_is_told_while_valkey_is_away(shop: Shop, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
        }
    }
    job = make_running(submit(shop).job)
    assert events.progress_row(job)["eta_seconds"] > 0


def test_places_in_the_queue_are_the_same_one_by_one_and_in_a_list(shop: Shop) -> None:
    submit(factories.shop())
    mine = [submit(shop).job for _ in range(3)]
    submit(factories.shop())
    make_running(mine[0])
    listed = {job.pk: selectors.queue_position(job) for job in selectors.jobs_of(shop)}
    assert listed == {mine[0].pk: None, mine[1].pk: 2, mine[2].pk: 3}
    assert selectors.queue_position(Job.objects.get(pk=mine[2].pk)) == 3


def test_a_list_costs_the_same_few_queries_however_long_it_is(shop: Shop) -> None:
    def cost() -> int:
        durations.forget()
        with CaptureQueriesContext(connection) as asked:
            rows = [events.job_row(job) for job in selectors.jobs_of(shop)]
        assert len(rows) == Job.objects.filter(shop=shop).count()
        return len(asked)

    finished(shop)
    make_running(submit(shop).job)
    submit(shop)
    few = cost()
    for _ in range(6):
        finished(shop)
        submit(shop)
    assert cost() == few <= 3
