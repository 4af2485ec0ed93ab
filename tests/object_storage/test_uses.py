"""Every use of pictures that lie in a bucket: seen, fetched, packed, exported, deleted, found when orphaned."""

from __future__ import annotations

import io
import re
import signal
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from adstudio import object_storage
from adstudio.files import orphans
from jobs import brand, sharing
from jobs.account_deletion import account_delete
from jobs.claims.data_exports import data_export_claim
from jobs.data_export import data_export_request, next_part
from jobs.demo import wait_for_sample
from jobs.media import artifact_url, download_name, matte_screen_url, matte_url, photo_screen_url, photo_url
from jobs.models import Artifact, DataExportPart, Job
from jobs.photo_deletion import photo_delete
from jobs.retention import expire
from jobs.services import job_delete, job_rerun
from jobs.zips import Bundle, bundle_files, zip_chunks
from tests.jobs import factories
from tests.jobs.finished import export_stored
from tests.jobs.submitting import finished
from tests.jobs.test_account_deletion import confirmed
from tests.s3 import ObjectServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_s3")]


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


@pytest.fixture
def ad(shop: Shop) -> Job:
    return finished(shop, factories.photo(shop))


@pytest.fixture
def browser(shop: Shop) -> Client:
    client = Client()
    client.force_login(factories.owner(shop))
    return client


def _followed(answer: Any, on_s3: ObjectServer, *, is_kept: bool = True) -> httpx.Response:
    """What a browser gets when it follows, without cookies, to the bucket, and whether it keeps it."""
    assert answer.status_code == 302, answer.content
    address = answer["Location"]
    assert address.startswith(f"{on_s3.url}/")
    assert int(parse_qs(urlsplit(address).query)["X-Amz-Expires"][0]) <= 300
    assert answer["Cache-Control"] == ("private, max-age=240" if is_kept else "private, no-store")
    got = httpx.get(address)
    assert got.status_code == 200, got.text
    kept = "private, max-age=86400, immutable" if is_kept else "private, no-store"
    assert got.headers["Cache-Control"] == kept
    return got


def test_pictures_are_redirects_after_the_same_check(
    on_s3: ObjectServer, shop: Shop, ad: Job, browser: Client
) -> None:
    final = ad.artifacts.get(kind="final_result")
    assert ad.photo is not None
    stranger = Client()
    stranger.force_login(factories.person())
    for url, file in (
        (artifact_url(final), final.file),
        (photo_url(ad.photo), ad.photo.file),
        (matte_url(ad.photo), ad.photo.matte),
    ):
        assert url is not None
        got = _followed(browser.get(url), on_s3)
        assert got.content == file.open("rb").read()
        assert got.headers["Content-Type"] == ("image/jpeg" if url == photo_url(ad.photo) else "image/png")
        assert Client().get(url).status_code == 401
        assert stranger.get(url).status_code == 404


def test_what_scripts_read_comes_from_the_page_s_own_origin(ad: Job, browser: Client) -> None:
    """A canvas that had another origin's picture drawn on it can never be read again."""
    assert ad.photo is not None
    final = ad.artifacts.get(kind="final_result")
    for url in (photo_screen_url(ad.photo), matte_screen_url(ad.photo), f"{artifact_url(final)}?from_here"):
        assert browser.get(url).status_code == 200
    page = browser.get(f"/ads/{ad.pk}/").content.decode()
    assert f'data-share-file="{artifact_url(final)}?from_here"' in page


def test_the_policy_lets_pages_show_pictures_of_the_bucket_and_nothing_else(
    on_s3: ObjectServer, ad: Job, browser: Client
) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in browser.get(f"/ads/{ad.pk}/")["Content-Security-Policy"].split(";")
        if " " in part.strip()
    )
    assert [name for name, sources in policy.items() if on_s3.url in sources] == ["img-src"]


def test_downloads_have_the_names_they_have_on_a_disk(on_s3: ObjectServer, ad: Job, browser: Client) -> None:
    export_stored(ad, "kakao-message", (800, 400))
    for url, name, kind in (
        (f"/ads/{ad.pk}/download/", download_name(ad), "image/png"),
        (
            f"/api/jobs/{ad.pk}/export?format=kakao-message",
            download_name(ad, format_key="kakao-message", extension="jpg"),
            "image/jpeg",
        ),
    ):
        got = _followed(browser.get(url), on_s3)
        told = got.headers["Content-Disposition"]
        assert told.startswith("attachment") and name in unquote(told)
        assert got.headers["Content-Type"] == kind


def test_a_shared_picture_that_was_taken_back_is_gone_at_once(ad: Job) -> None:
    url = f"/s/{sharing.share_token(sharing.share_link_create(job=ad))}/picture?download"
    answer = Client().get(url)
    assert (answer.status_code, answer["Content-Disposition"][:10]) == (200, "attachment")
    sharing.share_links_revoke(job=ad)
    assert Client().get(url).status_code == 410


def test_logo_rerun_and_zip(
    on_s3: ObjectServer, shop: Shop, ad: Job, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    brand.logo_store(shop=shop, data=factories.photo_bytes())
    _followed(browser.get("/shop/logo.png"), on_s3)
    assert brand.logo_colors(shop)
    again = job_rerun(job=ad, start_step=2, changes={"logo": "auto", "text_content": "반값"}).job
    assert set(again.artifacts.values_list("kind", flat=True)) == {"step1_result", "cutout", "logo"}
    drawn = export_stored(ad, "kakao-message", (800, 400))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_chunks(bundle_files(ad, Bundle(ready=[drawn]))))))
    assert archive.testzip() is None and len(archive.namelist()) == 2
    before = on_s3.names()
    with django_capture_on_commit_callbacks(execute=True):
        brand.logo_remove(shop=shop)
    assert len(before - on_s3.names()) == 1


def test_a_copy_of_ones_data_lies_in_the_bucket_and_goes_with_the_account(
    on_s3: ObjectServer, shop: Shop, ad: Job, django_capture_on_commit_callbacks: Any
) -> None:
    user = factories.owner(shop)
    claim = data_export_claim(str(data_export_request(user=user).pk))
    assert claim is not None
    next_part(claim)
    part = DataExportPart.objects.get()
    got = _followed(confirmed(user).get(f"/accounts/export/{part.pk}/"), on_s3, is_kept=False)
    assert got.headers["Content-Type"] == "application/zip"
    assert f'filename="adstudio-{timezone.localdate():%Y%m%d}-1.zip"' in got.headers["Content-Disposition"]
    names = zipfile.ZipFile(io.BytesIO(got.content)).namelist()
    assert any(re.search(r"/final_result-a0-\w{8}\.png$", name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        account_delete(user=user, shops=[shop.pk])
    assert on_s3.names() == set()


def test_deleted_and_expired_files_leave_the_bucket(
    on_s3: ObjectServer, shop: Shop, ad: Job, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    of_ad = {name for name in on_s3.names() if name.startswith(f"jobs/{ad.pk}/")}
    assert len(of_ad) == 4
    with django_capture_on_commit_callbacks(execute=True):
        job_delete(job=ad)
    assert on_s3.names() & of_ad == set()
    with django_capture_on_commit_callbacks(execute=True):
        photo_delete(photo=ad.photo)
    assert on_s3.names() == set()
    old = finished(shop)
    settings.KEEP_JOBS_DAYS = 30
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        expire()
    assert on_s3.names() == set()


def test_orphans_are_found_by_name_and_age(on_s3: ObjectServer, ad: Job, capsys: Any) -> None:
    lost = default_storage.save("jobs/gone/final_result-a1.png", ContentFile(b"x"))
    assert list(orphans(default_storage, before=timezone.now() + timedelta(minutes=1))) == [lost]  # type: ignore[arg-type]
    call_command("orphans", "--delete")
    assert "0 files" in capsys.readouterr().out  # not a day old
    assert lost in on_s3.names()


def test_the_demo_s_picture_is_told_by_its_address(shop: Shop, ad: Job, settings: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(slug="demo")
    final = Artifact.objects.get(job=ad, kind="final_result")
    assert wait_for_sample(5) == f"{settings.SITE_URL}{artifact_url(final)}"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_storage, "READ_SECONDS", 0.3)


@pytest.mark.usefixtures("hasty")
def test_a_silent_bucket_is_told_and_nothing_half_is_kept(
    on_s3: ObjectServer, shop: Shop, ad: Job, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    committed = django_capture_on_commit_callbacks
    jobs, photos = shop.jobs.count(), shop.photos.count()
    files = {"file": io.BytesIO(factories.photo_bytes(400, 400))}
    with on_s3.silent():
        answer = browser.post("/api/generate", {**files, "text_content": "반값"})
        page = browser.get(f"{photo_screen_url(ad.photo)}") if ad.photo else None
        shown = browser.get(f"/s/{sharing.share_token(sharing.share_link_create(job=ad))}/picture")
        status = browser.get(f"/status/{ad.pk}")
        with committed(execute=True):
            job_delete(job=ad)  # the row goes, whatever the bucket says
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage.away")
    assert int(answer["Retry-After"]) > 0
    assert page is not None and (page.status_code, page.json()["error"]["code"]) == (503, "storage.away")
    assert (status.status_code, status.json()["error"]["code"]) == (503, "storage.away")
    assert (shown.status_code, "잠시 쉬고 있어요" in shown.content.decode()) == (503, True)
    assert (shop.jobs.count(), shop.photos.count()) == (jobs - 1, photos)


@pytest.mark.usefixtures("hasty")
def test_a_bucket_that_goes_silent_between_two_pictures_is_told_in_the_one_shape(
    on_s3: ObjectServer, ad: Job, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    fetch = object_storage.ObjectStorage._open

    def then_silence(storage: Any, name: str, mode: str = "rb") -> Any:
        file = fetch(storage, name, mode)
        opened.append(name)
        on_s3.child.send(signal.SIGSTOP)
        return file

    assert len(browser.get(f"/status/{ad.pk}").json()["final_result"]) > 100
    monkeypatch.setattr(object_storage.ObjectStorage, "_open", then_silence)
    try:
        answer = browser.get(f"/status/{ad.pk}")
    finally:
        on_s3.child.send(signal.SIGCONT)
    assert len(opened) == 1
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage.away")
    assert int(answer["Retry-After"]) > 0
