"""A backup takes its pictures out of the bucket and puts them back into one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from adstudio import embedded
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.backups import OtherFolder, rows_of
from tests.jobs.submitting import finished
from tests.s3 import BUCKET, PREFIX, ObjectServer

RESTORED = "restored"


@pytest.fixture
def other(on_s3: ObjectServer, tmp_path: Path) -> Iterator[OtherFolder]:
    """Another installation on the same server, under a prefix of its own."""
    folder = OtherFolder(tmp_path / "other")
    folder.environ |= {**on_s3.environ, "S3_PREFIX": RESTORED}
    tmp_path.chmod(0o711)
    yield folder
    embedded.remove_state(folder.path)


def _objects(on_s3: ObjectServer, prefix: str) -> dict[str, str]:
    found = on_s3.client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
    return {
        entry["Key"].removeprefix(f"{prefix}/"): hashlib.sha256(
            on_s3.client.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
        ).hexdigest()
        for entry in found
    }


def test_pictures_come_back_into_a_bucket_byte_by_byte(
    stack: Stack, on_s3: ObjectServer, other: OtherFolder, tmp_path: Path
) -> None:
    shop = factories.shop("봄날 커피")
    finished(shop, factories.photo(shop))
    before = _objects(on_s3, PREFIX)
    assert len(before) == 6
    out = tmp_path / "backup.tar"
    call_command("backup", f"--out={out}")
    call_command("backup", f"--verify={out}")
    done = other.manage("restore", str(out))
    assert done.returncode == 0, done.stderr
    assert _objects(on_s3, RESTORED) == before
    with other.servers() as there:
        assert len(rows_of(there.cursor())["jobs_artifact"]) == 4


def test_a_bucket_that_is_away_ends_the_backup_and_leaves_nothing(
    stack: Stack, on_s3: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from adstudio import object_storage

    monkeypatch.setattr(object_storage, "READ_SECONDS", 0.3)
    factories.photo(factories.shop())
    out = tmp_path / "backups" / "backup.tar"
    out.parent.mkdir()
    with on_s3.silent(), pytest.raises(CommandError, match="Read timeout"):
        call_command("backup", f"--out={out}")
    assert list(out.parent.iterdir()) == []
