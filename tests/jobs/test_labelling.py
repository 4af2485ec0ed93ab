"""What each picture of a job says of where it comes from, wherever it leaves the house, and what is signed."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from generation import intake
from generation.export.formats import FORMATS
from generation.provenance import SourceType, xmp
from generation.studio.engine import StudioEngine
from jobs import exports, services
from jobs.claims import claim_next
from jobs.claims.exports import export_claim_next
from jobs.models import Artifact, Job, Photo, WorkerState
from jobs.params import AdParams
from jobs.sharing import share_link_create, share_token
from jobs.variations import variations_begin
from jobs.worker.export_runner import ExportRunner
from jobs.worker.runner import JobRunner
from tests.certificates import Issued, issue
from tests.jobs import factories
from tests.labels import source_type

pytestmark = pytest.mark.django_db
ASKED = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}
FINAL, STEP1, STEP2 = Artifact.Kind.FINAL, Artifact.Kind.STEP1, Artifact.Kind.STEP2
PAINTED = "compositeWithTrainedAlgorithmicMedia"


def made(job: Job) -> Job:
    """The job after a worker's turn at it."""
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None and claim.job_id == job.pk
    JobRunner(claim, StudioEngine()).run()
    job = Job.objects.get(pk=job.pk)
    assert job.status == "completed", job.error_code
    return job


def ad(
    shop: Shop, *, photo: Photo | None = None, pictures: dict[str, bytes] | None = None, **fields: Any
) -> Job:
    params = AdParams.model_validate({**ASKED, **fields})
    return made(services.job_submit(shop=shop, params=params, photo=photo, **(pictures or {})).job)


def file_of(job: Job, kind: str, key: str = "") -> bytes:
    with Artifact.objects.get(job=job, kind=kind, format=key).file.open("rb") as file:
        return bytes(file.read())


def sources(job: Job) -> list[str | None]:
    """What background, headline and ad say, which is what their rows say."""
    told = []
    for kind in (STEP1, STEP2, FINAL):
        row = Artifact.objects.filter(job=job, kind=kind).first()
        if row is not None:
            told.append(source_type(file_of(job, kind)))
            assert (told[-1] or "") == row.source
    return told


def exported(job: Job, key: str) -> bytes:
    exports.export_request(job=job, key=key)
    claim = export_claim_next(engine="studio", worker="w")
    assert claim is not None
    ExportRunner(claim, StudioEngine()).run()
    return file_of(job, Artifact.Kind.EXPORT, key)


def paint(job: Job) -> Job:
    """As if a diffusion worker had made its background."""
    row = Artifact.objects.get(job=job, kind=STEP1)
    with row.file.open("rb") as file:
        picture = intake.read_photo(file.read()).picture
    row.file.save(
        "painted.png", io.BytesIO(intake.encode_png(picture, xmp=xmp(SourceType.AI_COMPOSITE))), save=False
    )  # type: ignore[arg-type]
    row.source = SourceType.AI_COMPOSITE
    row.save()
    Job.objects.filter(pk=job.pk).update(engine="diffusion")
    return Job.objects.get(pk=job.pk)


# In every file that leaves the house --------------------------------------------------------------------------
def test_a_studio_ad_with_a_photo_is_a_composite_wherever_it_is_fetched(client: Client, shop: Shop) -> None:
    job = ad(shop, photo=factories.photo(shop))
    assert sources(job) == ["composite", "digitalCreation", "composite"]
    client.force_login(factories.owner(shop))
    final = Artifact.objects.get(job=job, kind=FINAL)
    shared = f"/s/{share_token(share_link_create(job=job))}/picture?download"
    for address in (f"/media/{final.pk}", f"/ads/{job.pk}/download/", shared):
        assert source_type(b"".join(client.get(address))) == "composite", address  # type: ignore[arg-type]
    told = client.get(f"/status/{job.pk}").json()
    given = {name: source_type(base64.b64decode(told[name])) for name in ("step1_result", "final_result")}
    assert given == {"step1_result": "composite", "final_result": "composite"}


def test_every_channel_s_file_says_it_in_the_archive_too(client: Client, shop: Shop) -> None:
    job = ad(shop, photo=factories.photo(shop))
    client.force_login(factories.owner(shop))
    for key in ("mms", "coupang", "instagram-square"):
        assert source_type(exported(job, key)) == "composite"
        fetched = b"".join(client.get(f"/api/jobs/{job.pk}/export?format={key}"))  # type: ignore[arg-type]
        assert source_type(fetched) == "composite"
    answer = client.get(f"/ads/{job.pk}/zip/", headers={"Accept": "application/json"}).json()
    assert answer["ready"] == 3
    from jobs.zips import bundle_files, bundle_request, zip_chunks

    packed = zipfile.ZipFile(io.BytesIO(b"".join(zip_chunks(bundle_files(job, bundle_request(job))))))
    assert len(packed.namelist()) == 4
    assert {source_type(packed.read(name)) for name in packed.namelist()} == {"composite"}


def test_an_ad_without_a_photo_is_a_digital_creation(shop: Shop) -> None:
    assert sources(ad(shop)) == ["digitalCreation", "digitalCreation", "digitalCreation"]
    assert sources(ad(shop, text_content="")) == ["digitalCreation", "digitalCreation"]


def test_variations_and_re_runs_say_it_too(shop: Shop) -> None:
    job = ad(shop, photo=factories.photo(shop))
    again = made(services.job_rerun(job=job, start_step=3, changes={"text_position": "bottom"}).job)
    assert sources(again) == ["composite", "digitalCreation", "composite"]
    [first, *_] = variations_begin(job=job).jobs.order_by("queued_at")
    assert sources(made(first)) == ["composite", "digitalCreation", "composite"]


def test_the_same_order_gives_the_same_bytes(shop: Shop) -> None:
    photo = factories.photo(shop)
    first, again = (ad(shop, photo=photo) for _ in range(2))
    assert file_of(first, FINAL) == file_of(again, FINAL)
    assert exported(first, "mms") == exported(again, "mms")


# What comes from outside --------------------------------------------------------------------------------------
def _background(source: SourceType | None) -> bytes:
    picture = np.full((256, 256, 3), (90, 120, 150), np.uint8)
    return intake.encode_png(picture, xmp=xmp(source) if source is not None else b"")


@pytest.mark.parametrize("claim", [None, SourceType.COMPOSITE, SourceType.DIGITAL_CREATION], ids=str)
def test_a_supplied_background_is_of_unknown_origin_whatever_it_claims_not_to_be(
    shop: Shop, claim: SourceType | None
) -> None:
    job = ad(shop, start_step=2, pictures={"step1_image": _background(claim)}, ai_label=True)
    assert sources(job) == [None, "digitalCreation", None]


def test_a_supplied_background_that_says_it_is_ai_stays_ai(shop: Shop) -> None:
    job = ad(shop, start_step=2, pictures={"step1_image": _background(SourceType.AI)})
    assert sources(job) == ["trainedAlgorithmicMedia", "digitalCreation", "trainedAlgorithmicMedia"]
    again = made(services.job_rerun(job=job, start_step=2, changes={"text_content": "마감"}).job)
    assert sources(again)[-1] == "trainedAlgorithmicMedia"


# The visible label --------------------------------------------------------------------------------------------
def test_words_changed_on_a_studio_worker_leave_a_painted_background_painted(shop: Shop) -> None:
    source = paint(ad(shop, photo=factories.photo(shop)))
    plain, label = (
        services.job_rerun(job=source, start_step=2, changes={"engine": "studio", "ai_label": wish})
        for wish in (False, True)
    )
    assert plain.ignored == label.ignored == []
    files = []
    for submission in (plain, label):
        job = made(submission.job)
        assert sources(job) == [PAINTED, "digitalCreation", PAINTED]
        assert job.product_difference == 0 and "note.ai_label_left_out" not in job.notes
        files.append(intake.read_photo(file_of(job, FINAL)).picture)
    assert not np.array_equal(*files)


def test_a_studio_ad_is_never_called_ai_made_and_says_that_the_wish_is_of_no_use(shop: Shop) -> None:
    photo = factories.photo(shop)
    params = AdParams.model_validate({**ASKED, "ai_label": True})
    submission = services.job_submit(shop=shop, params=params, photo=photo)
    assert submission.ignored == ["ai_label"]
    labelled = file_of(made(submission.job), FINAL)
    assert labelled == file_of(ad(shop, photo=photo), FINAL)


def test_a_shop_labels_all_its_ads_unless_a_request_says_otherwise(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(ai_label=True)
    shop.refresh_from_db()
    WorkerState.objects.create(name="g", host="h", pid=1, engine="diffusion", last_seen=timezone.now())

    def wished(**fields: Any) -> bool | None:
        params = AdParams.model_validate({**ASKED, **fields})
        return services.job_submit(shop=shop, params=params).job.request.get("ai_label")

    assert (wished(), wished(ai_label=False), wished(ai_label=True)) == (True, False, True)
    job = Job.objects.order_by("queued_at")[1]
    Job.objects.filter(pk=job.pk).update(status="stopped", finished_at=timezone.now())
    job.refresh_from_db()
    assert services.job_rerun(job=job, start_step=1, changes={}).job.request["ai_label"] is False


# Signed -------------------------------------------------------------------------------------------------------
@pytest.fixture
def signing(settings: Any, tmp_path: Path) -> Issued:
    issued = issue()
    (tmp_path / "chain.pem").write_text(issued.chain)
    (tmp_path / "key.pem").write_text(issued.key)
    settings.C2PA_CERTIFICATE = str(tmp_path / "chain.pem")
    settings.C2PA_PRIVATE_KEY = str(tmp_path / "key.pem")
    return issued


Read = Callable[[bytes, str], c2pa.Reader]


@pytest.fixture
def read(signing: Issued) -> Read:
    trust = {"trust": {"trust_anchors": signing.root}, "verify": {"verify_trust": True}}

    def reader(file: bytes, media_type: str) -> c2pa.Reader:
        found = c2pa.Reader(media_type, io.BytesIO(file), context=c2pa.Context.from_dict(trust))
        assert found.get_validation_state() == "Trusted"
        return found

    return reader


def _ingredients(reader: c2pa.Reader) -> dict[str, str]:
    manifest = reader.get_active_manifest()
    assert manifest is not None
    return {each["relationship"]: each["instance_id"] for each in manifest["ingredients"]}


def _actions(reader: c2pa.Reader) -> list[str]:
    manifest = reader.get_active_manifest()
    assert manifest is not None
    return [each["action"] for each in manifest["assertions"][0]["data"]["actions"]]


def test_a_finished_ad_and_its_exports_are_signed(shop: Shop, read: Read) -> None:
    photo = factories.photo(shop)
    job = ad(shop, photo=photo, test_mode=False, format="kakao-message")
    final = read(file_of(job, FINAL), "image/png")
    assert _actions(final) == ["c2pa.created", "c2pa.placed"]
    assert _ingredients(final) == {"componentOf": f"urn:sha256:{photo.sha256}"}
    anew = read(exported(job, "kakao-message"), "image/jpeg")
    assert _actions(anew) == ["c2pa.opened", "c2pa.transcoded"] and "parentOf" in _ingredients(anew)
    drawn = exported(job, "mms")
    assert len(drawn) <= (FORMATS["mms"].max_bytes or 0)
    assert _actions(read(drawn, "image/jpeg")) == ["c2pa.created", "c2pa.placed"]
    assert source_type(drawn) == "composite"


def test_an_ad_before_a_supplied_background_is_signed_as_an_edit(shop: Shop, read: Read) -> None:
    job = ad(shop, start_step=2, pictures={"step1_image": _background(None)})
    reader = read(file_of(job, FINAL), "image/png")
    background = Artifact.objects.get(job=job, kind=STEP1)
    assert _actions(reader) == ["c2pa.opened", "c2pa.edited"]
    assert _ingredients(reader) == {"parentOf": f"urn:sha256:{background.sha256}"}


def test_without_a_certificate_nothing_is_signed(shop: Shop) -> None:
    with pytest.raises(c2pa.C2paError):
        c2pa.Reader("image/png", io.BytesIO(file_of(ad(shop, text_content=""), FINAL)))


def test_an_ad_that_cannot_be_signed_fails_and_says_so(shop: Shop, signing: Issued, settings: Any) -> None:
    Path(settings.C2PA_PRIVATE_KEY).write_text(issue().key)
    job = services.job_submit(shop=shop, params=AdParams.model_validate(ASKED)).job
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None
    JobRunner(claim, StudioEngine()).run()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "signing.failed")
    assert not Artifact.objects.filter(job=job, kind=FINAL).exists()


def test_a_worker_does_not_start_with_a_certificate_that_cannot_sign(signing: Issued, settings: Any) -> None:
    Path(settings.C2PA_PRIVATE_KEY).unlink()
    with pytest.raises(CommandError, match="C2PA_CERTIFICATE"):
        call_command("worker", "--burst")


# From the command line ----------------------------------------------------------------------------------------
def test_the_command_s_files_say_it_and_are_signed(tmp_path: Path, read: Read) -> None:
    picture = factories.product_picture(400, 400)
    alpha = np.where(picture[..., 1] < 100, 255, 0).astype(np.uint8)
    photo = tmp_path / "product.png"
    photo.write_bytes(intake.encode_png(np.dstack([picture, alpha])))
    for name, more in (("ad.png", ()), ("ad.jpg", ()), ("mms.jpg", ("--format", "mms"))):
        out = tmp_path / name
        call_command(
            "generate",
            *(str(photo), "--text", "반값", "--scene", "white-sweep", "--seed", "3", "--out", str(out)),
            *("--label", *more),
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
        assert source_type(out.read_bytes()) == "composite"
        read(out.read_bytes(), "image/png" if out.suffix == ".png" else "image/jpeg")
