"""Whole jobs in all their variants, through a real worker, and every kind of bad photo at the upload."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from accounts.models import Shop
from adstudio.processes import Child, stop_together
from generation import intake
from generation.export.formats import FORMATS
from generation.verify.fidelity import EROSION_PX
from jobs import selectors, services
from jobs.errors import Refused
from jobs.events import job_row
from jobs.messages import sentence
from jobs.models import Artifact, Job, Photo
from jobs.params import AdParams
from jobs.photos import photo_create
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import wait_for

TEST_SIDE = 256
WIDE_SIZES = {"naver-timeboard": (1660, 260), "instagram-story": (1080, 1920), "kakao-display": (1200, 600)}
"""Formats made at full size: the flattest, the tallest and one between."""


class Studio:
    """A shop with a photo, and a live worker that makes its ads."""

    def __init__(self) -> None:
        self.shop: Shop = factories.shop()
        self.photo: Photo = factories.photo(self.shop)

    def submit(
        self,
        *,
        product: bool = True,
        step1_image: bytes | None = None,
        step2_image: bytes | None = None,
        **fields: Any,
    ) -> Job:
        asked = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3, **fields}
        return services.job_submit(
            shop=self.shop,
            params=AdParams.model_validate(asked),
            photo=self.photo if product else None,
            step1_image=step1_image,
            step2_image=step2_image,
        ).job

    def make(self, **asked: Any) -> Job:
        return completed(self.submit(**asked))

    def rerun(self, job: Job, start_step: int, **changes: Any) -> Job:
        return completed(services.job_rerun(job=job, start_step=start_step, changes=changes).job)


@pytest.fixture(scope="module")
def worker(_live_web: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """One worker for all tests here, since its start takes as long as several test pictures. It has no weights,
    so it cuts out with GrabCut, which is quick and the same everywhere."""
    environ = {"ADSTUDIO_MODELS_DIR": str(tmp_path_factory.mktemp("no-models"))}
    child = _live_web.child("worker-variants", "manage.py", "worker", environ=environ)
    child.start()
    yield child
    stop_together([child])


@pytest.fixture
def studio(worker: Child, transactional_db: None) -> Studio:
    assert worker.alive, worker.log_tail()
    return Studio()


def completed(job: Job) -> Job:
    wait_for(job)
    assert (job.status, job.error_code, job.progress_percent) == ("completed", "", 100)
    return job


def kinds(job: Job) -> set[str]:
    return set(selectors.pictures(Job.objects.get(pk=job.pk))) - {"preview", "thumb"}


def stored(job: Job, kind: str) -> Artifact:
    return Artifact.objects.get(job=job, kind=kind)


def data_of(job: Job, kind: str) -> bytes:
    with stored(job, kind).file.open("rb") as file:
        return bytes(file.read())


def pixels(job: Job, kind: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data_of(job, kind))))


def changed(job: Job) -> np.ndarray:
    """How far, in 8-bit steps, each pixel of the ad is from the background."""
    final, background = pixels(job, "final_result"), pixels(job, "step1_result")
    return np.abs(final.astype(int) - background).max(axis=-1)


def product_inside(job: Job) -> np.ndarray:
    layer = pixels(job, "cutout")
    width = 2 * EROSION_PX + 1
    return cv2.erode((layer[..., 3] == 255).astype(np.uint8), np.ones((width, width), np.uint8)).astype(bool)


def test_words_are_optional_and_so_is_the_product(studio: Studio) -> None:
    bare = studio.make(text_content="")
    assert kinds(bare) == {"cutout", "step1_result", "final_result"}
    assert stored(bare, "final_result").sha256 == stored(bare, "step1_result").sha256
    assert bare.product_difference == 0

    alone = studio.make(product=False)
    assert kinds(alone) == {"step1_result", "step2_result", "final_result"}
    assert alone.product_difference is None
    assert (changed(alone) > 40).sum() > 300, "the headline shows"

    empty = studio.make(product=False, text_content="")
    assert kinds(empty) == {"step1_result", "final_result"}


def test_it_stops_after_a_step(studio: Studio) -> None:
    first = studio.make(stop_step=1)
    assert kinds(first) == {"cutout", "step1_result"}
    second = studio.make(stop_step=2)
    assert kinds(second) == {"cutout", "step1_result", "step2_result"}
    for job in (first, second):
        assert job_row(selectors.job_get(shop=job.shop, job_id=job.pk))["urls"].get("final_result") is None
        assert "note.test_mode" in job.notes
    asset = pixels(second, "step2_result")
    assert asset.shape[2] == 4 and max(asset.shape[:2]) >= 512
    only_words = studio.make(start_step=2, stop_step=2, step1_image=data_of(first, "step1_result"))
    assert kinds(only_words) == {"step1_result", "step2_result"}


def test_it_starts_from_pictures_that_are_sent(studio: Studio) -> None:
    whole = studio.make()
    step1, step2 = data_of(whole, "step1_result"), data_of(whole, "step2_result")
    from2 = studio.make(start_step=2, product=False, step1_image=step1)
    from3 = studio.make(start_step=3, product=False, step1_image=step1, step2_image=step2)
    for job in (from2, from3):
        assert (pixels(job, "step1_result") == pixels(whole, "step1_result")).all()
        assert job.product_difference is not None and job.product_difference <= 1
        assert 300 < (changed(job) > 40).sum() < TEST_SIDE**2 / 2
    assert (pixels(from3, "step2_result") == pixels(whole, "step2_result")).all()


def test_a_background_of_any_size_keeps_it(studio: Studio) -> None:
    out = io.BytesIO()
    Image.fromarray(factories.product_picture(640, 360)).save(out, "JPEG")
    job = studio.make(start_step=2, product=False, step1_image=out.getvalue(), text_position="bottom")
    assert pixels(job, "final_result").shape == (360, 640, 3)
    rows, columns = np.nonzero(changed(job) > 60)
    assert rows.size > 300
    assert rows.mean() > 180, "the headline is in the lower half of the whole picture"
    off_the_disc = np.hypot(columns - 320, rows - 180) > 360 * 0.33 - 3
    assert off_the_disc.mean() > 0.98, "and beside the product, which was found in it"


def test_a_channels_safe_zone_is_that_of_the_background_sent(studio: Studio) -> None:
    small = io.BytesIO()
    Image.fromarray(factories.product_picture(540, 960)).save(small, "PNG")
    asked = {"format": "instagram-story", "test_mode": False, "text_position": "bottom", "product": False}
    job = studio.make(start_step=2, step1_image=small.getvalue(), **asked)
    rows, _ = np.nonzero(changed(job) > 60)
    assert rows.size > 1000
    shadow_px = 8
    assert rows.min() >= 135 - shadow_px and rows.max() < 960 - 192 + shadow_px
    assert rows.mean() > 480


def test_an_asset_without_transparency_is_laid_as_it_is(studio: Studio) -> None:
    background = io.BytesIO()
    Image.new("RGB", (300, 300), (240, 240, 240)).save(background, "PNG")
    asset = io.BytesIO()
    Image.new("RGB", (600, 120), (180, 20, 40)).save(asset, "JPEG")
    job = studio.make(
        start_step=3,
        product=False,
        text_content="",
        step1_image=background.getvalue(),
        step2_image=asset.getvalue(),
    )
    final = pixels(job, "final_result").astype(int)
    red = (final[..., 0] > 120) & (final[..., 1] < 80)
    rows, columns = np.nonzero(red)
    assert 3.5 < (np.ptp(columns) + 1) / (np.ptp(rows) + 1) < 6.5
    assert red[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].mean() > 0.95


@pytest.mark.parametrize("mode", ["overlay", "blend", "behind"])
def test_no_mode_repaints_the_product(studio: Studio, mode: str) -> None:
    job = studio.make(composition_mode=mode, text_position="center")
    assert job.product_difference is not None and job.product_difference <= 1
    assert (changed(job) > 40).sum() > 300
    inside = product_inside(job)
    assert inside.sum() > 1000
    touched = changed(job)[inside]
    assert (touched == 0).mean() > 0.5
    if mode == "behind":
        assert touched.max() == 0


def test_the_product_takes_the_scenes_light_only_when_asked(studio: Studio) -> None:
    plain, again, matched = (
        studio.submit(scene="chuseok", match_light=wish) for wish in (False, False, True)
    )
    layers = [pixels(completed(job), "cutout").astype(int) for job in (plain, again, matched)]
    assert (layers[0] == layers[1]).all()
    assert (layers[0][..., 3] == layers[2][..., 3]).all()
    inside = product_inside(plain)
    assert np.abs(layers[0] - layers[2])[inside].mean() > 3
    assert matched.product_difference is not None and matched.product_difference <= 1


def test_the_headline_goes_where_it_is_asked_to(studio: Studio) -> None:
    jobs = {name: studio.submit(text_position=name) for name in ("top", "bottom", "auto")}
    heights = {}
    for name, job in jobs.items():
        rows, _ = np.nonzero(changed(completed(job)) > 60)
        heights[name] = rows.mean() / TEST_SIDE
    assert heights["top"] < 0.4
    assert heights["bottom"] > 0.6
    assert 0 < heights["auto"] < 1


@pytest.mark.parametrize("key", WIDE_SIZES)
def test_a_channels_ad_has_its_size(studio: Studio, key: str) -> None:
    job = studio.make(format=key, test_mode=False, text_content="오늘만 반값")
    for kind in ("step1_result", "final_result"):
        made = stored(job, kind)
        assert (made.width, made.height) == WIDE_SIZES[key]
        assert pixels(job, kind).shape == (*WIDE_SIZES[key][::-1], 3)
    assert job.product_difference is not None and job.product_difference <= 1
    assert (changed(job) > 40).sum() > 2000
    assert "note.test_mode" not in job.notes


@pytest.mark.django_db
@pytest.mark.parametrize("key", FORMATS)
def test_every_channel_can_be_asked_for(key: str) -> None:
    job = services.job_submit(shop=factories.shop(), params=AdParams.model_validate({"format": key})).job
    assert job.request["format"] == key


def test_a_photo_without_a_product_fails_with_a_sentence(studio: Studio) -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(clear, "PNG")
    studio.photo = photo_create(shop=studio.shop, data=clear.getvalue())
    job = wait_for(studio.submit())
    assert (job.status, job.error_code) == ("failed", "photo.no_product")
    error = job_row(job)["error"]
    assert error == {"code": "photo.no_product", "message": sentence("photo.no_product")}
    assert "제품을 찾지 못했어요" in error["message"]
    studio.photo.refresh_from_db()
    assert (studio.photo.matte_state, studio.photo.matte_error) == ("failed", "photo.no_product")
    assert kinds(job) == set()


def test_new_words_keep_the_background_to_the_byte(studio: Studio) -> None:
    first = studio.make(text_position="top", bg_prompt="파스텔")
    again = studio.rerun(first, 2, text_content="마감 세일")
    assert data_of(again, "step1_result") == data_of(first, "step1_result")
    assert data_of(again, "cutout") == data_of(first, "cutout")
    assert stored(again, "step2_result").sha256 != stored(first, "step2_result").sha256
    assert stored(again, "final_result").sha256 != stored(first, "final_result").sha256
    assert again.product_difference is not None and again.product_difference <= 1


@pytest.mark.parametrize("product", [True, False], ids=["product", "no product"])
def test_the_same_words_again_give_the_same_ad(studio: Studio, product: bool) -> None:
    first = studio.make(product=product)
    for start_step in (1, 2, 3):
        again = studio.rerun(first, start_step)
        assert data_of(again, "final_result") == data_of(first, "final_result"), f"from step {start_step}"
        assert again.product_difference == first.product_difference


# Bad photos, at the upload


def _saved(image: Image.Image, name: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def _product(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(factories.product_picture()).convert(mode)


def _huge_header() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def _palette() -> bytes:
    image = _product().quantize(32, dither=Image.Dither.NONE)
    corner = image.getpixel((0, 0))
    return _saved(image, transparency=corner)


def _sixteen_bit() -> bytes:
    return _saved(Image.fromarray(np.asarray(_product("L")).astype(np.uint16) * 257))


REFUSED: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", "photo.empty", 422),
    "text": ("사진이 아니라 글입니다".encode() * 20, "photo.format_unsupported", 422),
    "1x1": (_saved(Image.new("RGB", (1, 1))), "photo.too_small", 422),
    "30000x30000": (_huge_header(), "photo.too_large", 413),
    "truncated": (_saved(_product(), "JPEG")[:-2000], "photo.unreadable", 422),
}
ACCEPTED: dict[str, Callable[[], bytes]] = {
    "animated": lambda: _saved(
        _product(), "WEBP", save_all=True, append_images=[Image.new("RGB", (320, 320))]
    ),
    "cmyk": lambda: _saved(_product("CMYK"), "JPEG"),
    "16-bit": _sixteen_bit,
    "palette": _palette,
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_photo_is_refused_and_nothing_kept(name: str) -> None:
    data, code, status = REFUSED[name]
    with pytest.raises(Refused) as refusal:
        photo_create(shop=factories.shop(), data=data)
    assert (refusal.value.code, refusal.value.status) == (code, status)
    assert sentence(code, refusal.value.context) != sentence("no such code")
    assert not Photo.objects.exists()


def test_an_odd_photo_becomes_an_ad(studio: Studio) -> None:
    jobs = {}
    for name, data in ACCEPTED.items():
        studio.photo = photo_create(shop=studio.shop, data=data())
        assert (studio.photo.width, studio.photo.height) == (320, 320)
        jobs[name] = (studio.submit(text_content=""), studio.photo)
    for name, (job, photo) in jobs.items():
        completed(job)
        photo.refresh_from_db()
        assert photo.matte_state == "ready", name
        matte = intake.read_layer(photo.matte.read())[..., 3]
        y, x = np.mgrid[0:320, 0:320]
        disc = np.hypot(x - 160, y - 160)
        assert (matte[disc < 95] > 200).mean() > 0.97, name
        assert (matte[disc > 118] < 60).mean() > 0.97, name
        assert job.product_difference == 0
        assert ("note.cutout_grabcut" in job.notes) == (name != "palette"), name
