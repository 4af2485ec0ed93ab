"""A copy of one's own data, in parts."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from jobs import data_export
from jobs.brand import logo_store
from jobs.claims.data_exports import data_export_claim
from jobs.data_export import data_export_request, forget_old_exports, look_after_left_alone, next_part
from jobs.models import Artifact, DataExport, DataExportPart
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.submitting import finished, part_made, stored_files
from tests.jobs.test_account_deletion import browser_of, confirmed

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/accounts/export/"


@pytest.fixture
def bakery() -> Shop:
    shop = factories.shop("봄날 커피")
    logo_store(shop=shop, data=factories.photo_bytes())
    finished(shop, factories.photo(shop), text_content="오늘만 반값")
    other = factories.shop("남의 빵집")
    finished(other, factories.photo(other))
    return shop


def test_a_worker_makes_it_and_its_person_alone_fetches_it(bakery: Shop, stack: Stack) -> None:
    user = factories.owner(bakery)
    assert browser_of(user).get(PAGE).status_code == 302  # the password again
    client = confirmed(user)
    client.post(PAGE)
    assert "모으고 있어요" in client.get(PAGE).content.decode()
    stack.start_worker()
    until(lambda: DataExport.objects.filter(finished_at__isnull=False).exists(), 60, "the export")

    part = DataExportPart.objects.get()
    assert f"{PAGE}{part.pk}/" in client.get(PAGE).content.decode()
    answer = client.get(f"{PAGE}{part.pk}/")
    assert confirmed(factories.person()).get(f"{PAGE}{part.pk}/").status_code == 404
    assert browser_of(user).get(f"{PAGE}{part.pk}/").status_code == 302
    assert Client().get(f"{PAGE}{part.pk}/").status_code == 302
    assert answer["Cache-Control"] == "private, no-store"  # else it opens again without the password
    _holds_all_of(bakery, zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))))  # type: ignore[attr-defined]


def _holds_all_of(shop: Shop, archive: zipfile.ZipFile) -> None:
    account = json.loads(archive.read("account.json"))
    assert (account["email"], account["shops"][0]["name"]) == (factories.owner(shop).email, "봄날 커피")
    assert "남의 빵집" not in json.dumps(account, ensure_ascii=False)
    photo, job = shop.photos.get(), shop.jobs.get()
    told = json.loads(archive.read(f"{shop.slug}/ads/{job.pk}/ad.json"))
    assert told["request"]["text_content"] == "오늘만 반값"
    logo = f"{shop.slug}/{str(shop.logo.name).rsplit('/', 1)[1]}"
    assert archive.read(logo) == shop.logo.read()
    expected = {
        "account.json",
        logo,
        f"{shop.slug}/photos/{photo.pk}/photo.json",
        f"{shop.slug}/ads/{job.pk}/ad.json",
    }
    for folder, file in [
        *((f"photos/{photo.pk}", file) for file in (photo.file, photo.matte)),
        *((f"ads/{job.pk}", artifact.file) for artifact in Artifact.objects.filter(job=job)),
    ]:
        name = f"{shop.slug}/{folder}/{str(file.name).rsplit('/', 1)[1]}"
        with file.open("rb") as source:
            assert archive.read(name) == source.read()
        expected.add(name)
    assert set(archive.namelist()) == expected
    text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json")).decode()
    assert "digest" not in text and "whsec_" not in text and "pbkdf2" not in text


def test_what_is_large_comes_in_parts_that_together_hold_everything_once(
    bakery: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_export, "PART_BYTES", 500)
    export = data_export_request(user=factories.owner(bakery))
    for _ in range(10):
        part_made(export)
    parts = list(DataExportPart.objects.all())
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert len(parts) == 3  # the account, the photo, the ad
    names = [name for part in parts for name in zipfile.ZipFile(part.file.open()).namelist()]
    assert len(names) == len(set(names))
    assert all(part.size == part.file.size for part in parts)
    export.refresh_from_db()
    assert export.finished_at is not None


def test_asking_again_goes_on_with_the_same_and_later_replaces_it(bakery: Shop) -> None:
    user = factories.owner(bakery)
    first = data_export_request(user=user)
    assert data_export_request(user=user) == first
    part_made(first)
    old = DataExportPart.objects.get().file.path
    assert data_export_request(user=user) != first
    assert old not in stored_files()
    assert DataExport.objects.count() == 1


def test_it_is_gone_after_a_week(bakery: Shop) -> None:
    export = data_export_request(user=factories.owner(bakery))
    part_made(export)
    path = DataExportPart.objects.get().file.path
    forget_old_exports()
    assert path in stored_files()
    DataExport.objects.update(finished_at=timezone.now() - timedelta(days=7, minutes=1))
    forget_old_exports()
    assert path not in stored_files()
    assert not DataExport.objects.exists()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[DataExport]:
    asked: list[DataExport] = []
    monkeypatch.setattr(data_export.queue, "wake_for_data_export", asked.append)
    return asked


def test_one_that_nobody_took_up_is_woken_once(bakery: Shop, woken: list[DataExport]) -> None:
    export = data_export_request(user=factories.owner(bakery))
    woken.clear()
    look_after_left_alone()
    assert woken == []
    DataExport.objects.update(looked_after_at=timezone.now() - timedelta(minutes=3))
    look_after_left_alone()
    look_after_left_alone()
    assert woken == [export]


def _worker_dies_of_it(export: DataExport) -> None:
    claim = data_export_claim(str(export.pk))
    assert claim is not None
    assert data_export_claim(str(export.pk)) is None  # one worker at a time
    claim.rows.update(heartbeat_at=timezone.now() - timedelta(minutes=1))


def test_a_part_that_ends_three_workers_is_given_up_and_the_page_says_so(
    bakery: Shop, woken: list[DataExport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_export, "PART_BYTES", 500)
    user = factories.owner(bakery)
    export = data_export_request(user=user)
    _worker_dies_of_it(export)
    part_made(export)  # it was chance: the second worker comes through, and the next part is counted anew
    stored = DataExportPart.objects.get().file.path
    woken.clear()
    for _ in range(3):
        _worker_dies_of_it(export)
        look_after_left_alone()
    assert len(woken) == 2  # after the third nobody more
    export.refresh_from_db()
    assert (export.error_code, export.attempts) == ("data_export.worker_lost", 3)
    assert export.finished_at is not None
    assert stored not in stored_files()  # half a copy is none
    page = confirmed(user).get(PAGE).content.decode()
    assert "세 번 멈춰" in page and "다시 모으기" in page
    again = data_export_request(user=user)
    for _ in range(5):
        part_made(again)
    assert DataExport.objects.get().error_code == "" and DataExportPart.objects.exists()


def test_a_part_that_fails_without_an_end_of_its_worker_counts_too(
    bakery: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = data_export_request(user=factories.owner(bakery))
    monkeypatch.setattr(data_export, "_write_item", lambda *a: (_ for _ in ()).throw(OSError("torn")))
    claim = data_export_claim(str(export.pk))
    assert claim is not None
    with pytest.raises(OSError, match="torn"):
        next_part(claim)
    export.refresh_from_db()
    assert (export.attempts, export.heartbeat_at) == (1, None)
