"""Every method of both clients against the live server."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from adstudio_client import (
    AdStudio,
    Conflict,
    ConnectionFailed,
    InvalidRequest,
    JobFailed,
    JobStopped,
    NoPicture,
    NotFound,
    NotSignedIn,
    Progress,
    TooMany,
    Unavailable,
    WaitTimeout,
    WordHints,
)
from django.conf import settings
from PIL import Image, ImageDraw

from accounts.models import Shop
from generation.typography.fonts import fonts
from jobs.models import Artifact, Job
from jobs.transitions import job_transition
from tests.clients.conftest import Open
from tests.conftest import Stack, free_port
from tests.jobs import factories
from tests.jobs.conftest import Client
from tests.jobs.submitting import finished, make_running, png

pytestmark = pytest.mark.timeout(300)

COFFEE = Path(settings.BASE_DIR) / "static/img/samples/coffee.png"


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def disc(width: int, height: int) -> bytes:
    """A matte: a white disc on black."""
    matte = Image.new("L", (width, height))
    ImageDraw.Draw(matte).ellipse((width // 4, height // 4, 3 * width // 4, 3 * height // 4), fill=255)
    out = io.BytesIO()
    matte.save(out, "PNG")
    return out.getvalue()


def test_it_makes_an_ad_and_all_that_follows(stack: Stack, studio: AdStudio, tmp_path: Path) -> None:
    stack.start_worker()
    heard: list[Progress] = []
    order = studio.generate(
        COFFEE, "오늘만\n반값", scene="cafe-wood", text_style="gold", seed=7, match_light=False, strength=0.5
    )
    assert (order.status, order.ignored) == ("pending", ["strength"])
    job = studio.wait(order, timeout=90, on_progress=heard.append)
    assert (job.status, job.seed, job.error) == ("completed", 7, None)
    assert job.parameters["text_content"] == "오늘만\n반값"
    percents = [each.progress_percent for each in heard]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len(percents) > 3

    final = studio.download(job)
    stored = Artifact.objects.get(job_id=job.job_id, kind="final_result")
    assert (final.content_type, size_of(final.data)) == ("image/png", (1024, 1024))
    assert final.save(tmp_path / "ad.png").read_bytes() == stored.file.read()
    status = studio.status(job, images=True)
    assert status.final_result == final.data
    assert size_of(status.step2_result or b"")[0] >= 512
    assert studio.status(job.job_id).final_result is None

    story = studio.export(order, "mms")  # 202 at first: nothing has drawn it yet
    assert (story.content_type, size_of(story.data)) == ("image/jpeg", (1280, 720))

    again = studio.wait(studio.rerun(job, start_step=2, text="할인"), timeout=90)
    assert (again.parent_id, again.title) == (job.job_id, "할인")
    studio.delete(job)
    assert [each.job_id for each in studio.jobs()] == [again.job_id]


def test_photos(studio: AdStudio, client_shop: Client) -> None:
    data = factories.photo_bytes(400, 320)
    photo = studio.upload_photo(data)
    assert (photo.width, photo.height, photo.matte_state) == (400, 320, "pending")
    assert studio.upload_photo(data) == photo
    matted = studio.replace_matte(photo.photo_id, disc(400, 320))
    assert (matted.matte_state, matted.method) == ("ready", "brush")
    assert studio.photo(photo.photo_id).matte_url == matted.matte_url
    brushed = studio.brush_matte(photo.photo_id, png(40, 32, (255, 255, 255, 255)))
    assert brushed.matte_url != matted.matte_url
    again = studio.cut_out_again(photo.photo_id, brushed.other_method)  # type: ignore[arg-type]
    assert (again.matte_state, again.matte_url) == ("pending", brushed.matte_url)
    order = studio.generate(photo_id=photo.photo_id, text="반값", test_mode=True)
    assert Job.objects.get().photo_id is not None
    assert studio.job(order).photo_id == photo.photo_id
    with pytest.raises(Conflict) as in_use:
        studio.delete_photo(photo.photo_id)
    assert in_use.value.code == "photo.in_use"
    studio.stop(order)
    studio.delete_photo(photo.photo_id)
    with pytest.raises(NotFound):
        studio.delete_photo(photo.photo_id)
    photo = studio.upload_photo(data)
    with pytest.raises(ValueError, match="not both"):
        studio.generate(data, photo_id=photo.photo_id)
    with pytest.raises(InvalidRequest) as refused:
        studio.replace_matte(photo.photo_id, png(10, 10))
    assert (refused.value.code, refused.value.status) == ("photo.matte_invalid", 422)


def test_words_fonts_and_health(studio: AdStudio, client_shop: Client) -> None:
    found = studio.optimize_prompt("대리석 주방, 금색 글자", text="반값")
    assert (found.scene, found.text_style, found.source) == ("marble-kitchen", "gold", "rules")
    words = studio.copy("크루아상", industry="bakery", text="갓 구운 크루아상")
    assert "크루아상" in words.suggestions[0] and words.headlines == words.suggestions
    assert words.captions["instagram-feed"].startswith("갓 구운 크루아상\n") and "#크루아상" in words.hashtags
    hints = studio.check_words("국내 최고 면역력 주스, 놓치면 안되요", industry="cafe")
    law = next(hint for hint in hints.hints if hint.kind == "law" and hint.rule == "best")
    assert (law.field, law.text) == ("text_content", "국내 최고") and law.law and law.safer and hints.notice
    assert "돼요" in {word for hint in hints.hints for word in hint.suggestions}
    assert studio.check_words("따뜻한 라떼") == WordHints(hints=[])
    assert [font.path for font in studio.fonts()] == [font.path for font in fonts()]
    health = studio.health()
    assert (health.status, health.total_jobs) == ("degraded", 0)
    assert "workers" in (health.degraded_parts or [])
    assert studio.resources().ram_total_gb > 0 and studio.resources().gpu_info == []
    assert abs((datetime.now(UTC) - health.server_time).total_seconds()) < 60


def test_jobs_come_page_by_page(studio: AdStudio, client_shop: Client) -> None:
    made = [str(factories.job(client_shop.shop).pk) for _ in range(5)]
    factories.job(factories.shop())
    listed = list(studio.jobs(page_size=2))
    assert [job.job_id for job in listed] == made[::-1]
    assert {job.status for job in listed} == {"pending"}
    overview = studio.overview()
    assert (overview.total_jobs, overview.active_jobs, overview.completed_jobs) == (5, 5, 0)
    assert [job.job_id for job in overview.jobs] == made[::-1]
    assert studio.stop(listed[0]).status == "stopped"
    assert studio.stop(listed[0]).status == "stopped"


def test_ends_that_are_no_pictures(studio: AdStudio, client_shop: Client) -> None:
    waiting = factories.job(client_shop.shop)
    with pytest.raises(WaitTimeout) as late:
        studio.wait(str(waiting.pk), timeout=1)
    assert late.value.progress is not None
    assert late.value.progress.queue_position == 1
    assert isinstance(late.value, TimeoutError)
    with pytest.raises(NoPicture, match="pending"):
        studio.download(str(waiting.pk))
    with pytest.raises(Conflict) as early:
        studio.export(str(waiting.pk), "mms")
    assert early.value.code == "job.not_finished"
    studio.stop(str(waiting.pk))
    with pytest.raises(JobStopped) as stopped:
        studio.wait(str(waiting.pk))
    assert stopped.value.job.job_id == str(waiting.pk)
    failed = make_running(factories.job(client_shop.shop))
    changes = {"error_code": "photo.no_product"}
    job_transition(job=failed, to="failed", reason="test", sources=["running"], changes=changes)
    with pytest.raises(JobFailed, match="사진에서 제품을 찾지 못했어요") as error:
        studio.wait(str(failed.pk))
    assert error.value.code == "photo.no_product"


def test_an_export_that_nobody_draws_times_out(studio: AdStudio, client_shop: Client) -> None:
    made = finished(client_shop.shop, factories.photo(client_shop.shop))
    with pytest.raises(WaitTimeout, match="not drawn"):
        studio.export(str(made.pk), "mms", timeout=3)


def test_another_shops_things_do_not_exist(studio: AdStudio) -> None:
    foreign = str(factories.job(factories.shop()).pk)
    for ask in (
        lambda: studio.status(foreign),
        lambda: studio.job(foreign),
        lambda: studio.wait(foreign, timeout=20),
        lambda: studio.stop(foreign),
        lambda: studio.delete(foreign),
        lambda: studio.rerun(foreign),
        lambda: studio.export(foreign, "mms"),
        lambda: studio.download(foreign),
        lambda: studio.stop("../../api/jobs"),
    ):
        with pytest.raises(NotFound) as refused:
            ask()
        assert refused.value.status == 404
    assert Job.objects.get().status == "pending"


def test_a_bad_token_opens_nothing(open_studio: Open, client_shop: Client) -> None:
    job = str(factories.job(client_shop.shop).pk)
    stranger = open_studio(token="ads_wrong", language="en")
    for ask in (stranger.fonts, lambda: stranger.generate(text="x"), lambda: stranger.wait(job, timeout=20)):
        with pytest.raises(NotSignedIn, match="The API token is") as refused:
            ask()
        assert refused.value.code == "auth.token_invalid"
    with pytest.raises(ValueError, match="token"):
        open_studio(token="two words")
    with pytest.raises(ValueError, match="http"):
        open_studio("ads.example.com")
    assert "ads_wrong" not in repr(vars(getattr(stranger, "client", stranger)))


def test_a_wrong_value_names_its_field(studio: AdStudio) -> None:
    with pytest.raises(InvalidRequest) as refused:
        studio.generate(text="반값", scene="moon")
    assert (refused.value.code, refused.value.field) == ("scene.unknown", "scene")
    with pytest.raises(InvalidRequest) as refused:
        studio.generate(factories.photo_bytes(), "반값", seed=-1)
    assert (refused.value.status, refused.value.field) == (422, "seed")
    with pytest.raises(FileNotFoundError):
        studio.generate("no-such-file.png")


def test_over_the_quota_is_told_at_once(studio: AdStudio, client_shop: Client) -> None:
    Shop.objects.filter(pk=client_shop.shop.pk).update(daily_jobs=1)
    studio.generate(text="하나")
    with pytest.raises(TooMany) as refused:
        studio.generate(text="둘")
    assert refused.value.code == "shop.over_quota"
    assert (refused.value.retry_after or 0) > 0


def test_an_engine_that_is_away_is_not_waited_for_longer_than_allowed(open_studio: Open) -> None:
    with pytest.raises(Unavailable) as refused:
        open_studio(max_wait=5).generate(text="반값", engine="diffusion")
    assert (refused.value.code, refused.value.retry_after) == ("engine.unavailable", 60)


def test_nobody_at_the_address(open_studio: Open) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        open_studio(f"http://127.0.0.1:{free_port()}", max_retries=1).fonts()
    assert (failed.value.code, failed.value.status) == ("client.connection_failed", None)
