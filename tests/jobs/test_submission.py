"""What a submission accepts and refuses, on a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from accounts.models import Shop
from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.typography.fonts import default_font, fonts
from jobs import queue, selectors, services
from jobs.errors import Busy, EngineUnavailable, NotFound, OverQuota, Refused
from jobs.models import Artifact, Job, JobEvent, WorkerState
from jobs.params import AdParams
from jobs.photos import photo_create
from tests.jobs import factories
from tests.jobs.submitting import png, stored_files, submit

pytestmark = pytest.mark.django_db
DAY_SECONDS = 86_400


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
    yesterday = factories.job(shop)
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
            photo_create(shop=shop, data=factories.photo_bytes(333, 320))
        enqueue.assert_not_called()
        for callback in held:
            callback()
    assert [call.args[:2] for call in enqueue.call_args_list] == [
        ("studio", queue.RUN_NEXT),
        ("studio", queue.CUT_OUT_PHOTO),
    ]


ASKED = {
    "bg_negative_prompt": "사람",
    "bg_composition_negative_prompt": "people",
    "composition_negative_prompt": "people",
    "guidance_scale": 4,
    "composition_guidance_scale": 3,
    "match_light": True,
}
CLOSED_TO_ALL = ["match_light"]


@pytest.mark.parametrize(
    ("flux", "bg_model", "ignored"),
    [
        ("flux-dev", "flux", CLOSED_TO_ALL),
        ("flux-schnell", "flux", [*CLOSED_TO_ALL, "composition_guidance_scale", "guidance_scale"]),
        ("flux2-klein", "flux", list(ASKED)),
        (
            "flux2-klein",
            "sdxl",
            [name for name in ASKED if name not in ("bg_negative_prompt", "guidance_scale")],
        ),
    ],
)
def test_what_the_chosen_flux_has_no_use_for_is_named(
    flux: str, bg_model: str, ignored: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUX_MODEL", flux)
    asked = AdParams.model_validate({**ASKED, "bg_model": bg_model})
    assert sorted(asked.of_no_use("diffusion")) == sorted(ignored)


def test_how_the_background_is_painted_is_of_no_use_once_it_is_there(shop: Shop) -> None:
    WorkerState.objects.create(name="gpu", host="here", pid=1, engine="diffusion", last_seen=timezone.now())
    asked = AdParams.model_validate(
        {"start_step": 2, "text_content": "반값", "strength": 0.2, "engine": "diffusion"}
    )
    made = services.job_submit(shop=shop, params=asked, step1_image=png())
    assert made.ignored == ["strength"]
    told = submit(shop, text_content="", composition_prompt="haze", engine="diffusion")
    assert told.ignored == ["composition_prompt"]
