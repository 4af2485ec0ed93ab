"""Every format of an ad in one file, packed from what workers have stored."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from generation.export.formats import FORMATS
from jobs.models import Export, Job
from jobs.zips import bundle_files, bundle_request, zip_chunks
from tests.jobs import factories
from tests.jobs.finished import export_stored, failed, finished

pytestmark = pytest.mark.django_db
JSON = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _drawn(job: Job, *left_out: str) -> None:
    for key, entry in FORMATS.items():
        if key not in left_out:
            size = (entry.default.width, entry.default.height)
            export_stored(job, key, size, "PNG" if entry.extension == "png" else "JPEG")


def _archive(answer: Any) -> zipfile.ZipFile:
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer)))


def test_asking_has_every_format_drawn_once(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.owner(shop))
    answer = client.get(f"/ads/{job.pk}/zip/", **JSON)
    assert answer.status_code == 202
    assert answer["Retry-After"] == "2"
    assert answer.json() == {"ready": 0, "total": len(FORMATS), "failed": []}
    client.get(f"/ads/{job.pk}/zip/", **JSON)
    assert set(Export.objects.values_list("format", flat=True)) == set(FORMATS)
    export_stored(job, "mms", (1280, 720))
    assert client.get(f"/ads/{job.pk}/zip/", **JSON).json()["ready"] == 1


def test_without_scripts_a_page_waits_and_asks_again(client: Client, shop: Shop) -> None:
    job = finished(shop)
    client.force_login(factories.owner(shop))
    page = client.get(f"/ads/{job.pk}/zip/")
    assert page.status_code == 202
    text = page.content.decode()
    assert f"{len(FORMATS)}개 가운데 0개를 그렸어요" in text
    assert '<meta http-equiv="refresh" content="3">' in text


def test_the_archive_holds_real_pictures_of_each_size(client: Client, shop: Shop) -> None:
    job = finished(shop, title="봄 신메뉴")
    _drawn(job)
    client.force_login(factories.team_mate(shop))
    assert client.get(f"/ads/{job.pk}/zip/", **JSON).status_code == 200
    answer = client.get(f"/ads/{job.pk}/zip/")
    assert answer["Content-Type"] == "application/zip"
    assert ".zip" in answer["Content-Disposition"]
    archive = _archive(answer)
    assert archive.testzip() is None
    start = f"adstudio-봄-신메뉴-{str(job.pk)[:8]}"
    wanted = {f"{start}.png": (320, 320)}
    wanted |= {
        f"{start}-{key}.{entry.extension}": (entry.default.width, entry.default.height)
        for key, entry in FORMATS.items()
    }
    assert set(archive.namelist()) == set(wanted)
    for name, size in wanted.items():
        with Image.open(io.BytesIO(archive.read(name))) as picture:
            picture.load()
            assert picture.size == size
            assert picture.format == ("PNG" if name.endswith("png") else "JPEG")


def test_a_format_that_failed_is_left_out_and_named(client: Client, shop: Shop) -> None:
    job = finished(shop)
    _drawn(job, "mms")
    Export.objects.create(
        job=job,
        format="mms",
        engine="studio",
        status="failed",
        error_code="export.file_too_large",
        finished_at=timezone.now(),
    )
    client.force_login(factories.owner(shop))
    assert client.get(f"/ads/{job.pk}/zip/", **JSON).json()["failed"] == ["문자(MMS)"]
    archive = _archive(client.get(f"/ads/{job.pk}/zip/"))
    assert not any("mms" in name for name in archive.namelist())
    assert "mms" in archive.read("빠진 규격.txt").decode()


def test_an_ad_that_is_not_there_has_no_archive(client: Client, shop: Shop) -> None:
    client.force_login(factories.owner(shop))
    for job in (factories.job(shop), failed(shop, "photo.no_product")):
        answer = client.get(f"/ads/{job.pk}/zip/", **JSON)
        assert answer.status_code == 409
        assert answer.json()["detail"]
        assert client.get(f"/ads/{job.pk}/zip/")["Location"] == f"/ads/{job.pk}/"
    assert not Export.objects.exists()


def test_it_is_packed_piece_by_piece(shop: Shop) -> None:
    job = finished(shop)
    _drawn(job)
    chunks = zip_chunks(bundle_files(job, bundle_request(job)))
    first = next(chunks)
    assert first.startswith(b"PK")
    assert len(first) < 300_000
    assert len(list(chunks)) > len(FORMATS)
