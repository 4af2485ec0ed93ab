"""The storage of pictures: whole files or none."""

from __future__ import annotations

import errno
import io
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from adstudio.storage import StorageAway, WholeFileStorage
from tests.jobs import factories

SMALL = 4096


@pytest.fixture
def storage(tmp_path: Path) -> WholeFileStorage:
    return WholeFileStorage(location=tmp_path)


@pytest.fixture
def no_room() -> Iterator[None]:
    """No file may grow beyond ``SMALL`` bytes: writing fails in its midst, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every draft lies on a device that has no room, as the kernel tells it."""

    def draft(**options: object) -> IO[bytes]:
        link = tmp_path / "draft"  # which is deleted after, not what it leads to
        link.symlink_to("/dev/full")
        return link.open("wb")

    monkeypatch.setattr("adstudio.storage.NamedTemporaryFile", draft)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_it_is_the_storage_of_pictures() -> None:
    assert isinstance(default_storage, WholeFileStorage)


def test_a_file_is_kept_whole_and_its_namesake_gets_another_name(
    storage: WholeFileStorage, tmp_path: Path
) -> None:
    first = storage.save("a/b.png", ContentFile(b"one"))
    second = storage.save("a/b.png", ContentFile(b"two"))
    assert (first, storage.open(first).read(), storage.open(second).read()) == ("a/b.png", b"one", b"two")
    assert files(tmp_path) == sorted([first, second])
    assert Path(storage.path(first)).stat().st_mode & 0o777 == settings.FILE_UPLOAD_PERMISSIONS


@pytest.mark.usefixtures("no_room")
def test_a_full_disk_leaves_nothing_of_a_file(storage: WholeFileStorage, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too large") as told:
        storage.save("a/b.png", ContentFile(bytes(10 * SMALL)))
    assert told.value.errno == errno.EFBIG
    assert files(tmp_path) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("full_disk")
def test_a_disk_without_room_is_told_as_a_storage_that_is_away(client: Client) -> None:
    client.force_login(factories.owner(shop := factories.shop()))
    answer = client.post("/api/photos", {"file": io.BytesIO(factories.photo_bytes())})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage.away")
    assert int(answer["Retry-After"]) > 0
    assert not shop.photos.exists()
    with pytest.raises(StorageAway) as told:
        default_storage.save("a/b.png", ContentFile(b"one"))
    assert told.value.errno == errno.ENOSPC
