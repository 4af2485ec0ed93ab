"""The storage itself, against a real server: whole objects, private, under a prefix; what it says when S3 is away."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from adstudio import object_storage
from adstudio.checks import check_bucket
from adstudio.s3 import bucket_from_environment
from adstudio.storage import StorageAway
from tests.s3 import BUCKET, PREFIX, ObjectServer

S3_VARIABLES = ("BUCKET", "REGION", "ENDPOINT_URL", "PUBLIC_ENDPOINT_URL", "ADDRESSING_STYLE", "PREFIX")


def test_a_file_is_kept_under_the_prefix_and_its_namesake_gets_another_name(on_s3: ObjectServer) -> None:
    first = default_storage.save("a/b.png", ContentFile(b"one"))
    second = default_storage.save("a/b.png", ContentFile(b"two"))
    assert first == "a/b.png" != second
    assert (default_storage.open(first).read(), default_storage.open(second).read()) == (b"one", b"two")
    assert on_s3.client.head_object(Bucket=BUCKET, Key=f"{PREFIX}/a/b.png")["ContentType"] == "image/png"
    assert (default_storage.exists(first), default_storage.size(first)) == (True, 3)
    default_storage.delete(first)
    assert not default_storage.exists(first)
    with pytest.raises(FileNotFoundError):
        default_storage.open(first)


def test_nobody_reads_an_object_without_a_signature(on_s3: ObjectServer) -> None:
    name = default_storage.save("a/b.png", ContentFile(b"one"))
    key = f"{PREFIX}/{name}"
    [grant] = on_s3.client.get_object_acl(Bucket=BUCKET, Key=key)["Grants"]
    assert (grant["Grantee"]["Type"], grant["Permission"]) == ("CanonicalUser", "FULL_CONTROL")
    assert httpx.get(f"{on_s3.url}/{BUCKET}/{key}").status_code == 403
    assert httpx.get(_presigned(name)).content == b"one"


def _presigned(name: str) -> str:
    return str(
        default_storage.presigned(  # type: ignore[attr-defined]
            name, content_type="image/png", disposition="inline", seconds=60, cached=5
        )
    )


def test_the_listing_names_every_file_with_its_time(on_s3: ObjectServer) -> None:
    names = {default_storage.save(f"jobs/{n % 2}/{n}.png", ContentFile(b"x")) for n in range(4)}
    on_s3.client.put_object(Bucket=BUCKET, Key="somebody-elses/file", Body=b"x")
    listed = dict(default_storage.listing())  # type: ignore[attr-defined]
    assert set(listed) == names
    assert all(abs(datetime.now(UTC) - at) < timedelta(minutes=1) for at in listed.values())


def test_a_server_that_is_away_or_silent_is_told_as_such(
    on_s3: ObjectServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(object_storage, "READ_SECONDS", 0.3)
    name = default_storage.save("a.png", ContentFile(b"one"))
    with on_s3.silent():
        for ask in (
            default_storage.open,
            default_storage.exists,
            default_storage.delete,
            default_storage.size,
        ):
            with pytest.raises(StorageAway):
                ask("other.png" if ask == default_storage.delete else name)
        with pytest.raises(StorageAway):
            default_storage.save("b.png", ContentFile(b"two"))
        with pytest.raises(StorageAway):
            list(default_storage.listing())  # type: ignore[attr-defined]
        assert _presigned(name)  # needs no server
    assert default_storage.open(name).read() == b"one"  # and now it is there


def test_a_bucket_that_is_not_there_is_no_missing_picture(on_s3: ObjectServer, settings: Any) -> None:
    options = {**on_s3.bucket.storage()["OPTIONS"], "bucket_name": "nobodys"}
    settings.STORAGES = {**settings.STORAGES, "default": {**on_s3.bucket.storage(), "OPTIONS": options}}
    with pytest.raises(StorageAway, match="NoSuchBucket"):
        default_storage.open("a.png")


def _environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name in S3_VARIABLES:
        monkeypatch.delenv(f"S3_{name}", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(f"S3_{name}", value)


@pytest.mark.parametrize(
    "values",
    [
        {"REGION": "us-east-1"},
        {"REGION": "ap-northeast-2"},
        {"REGION": "ap-northeast-2", "ADDRESSING_STYLE": "path"},
        {"ENDPOINT_URL": "https://minio.example.com:9000"},
        {"ENDPOINT_URL": "https://objects.example.com", "ADDRESSING_STYLE": "virtual", "REGION": "kr"},
        {"ENDPOINT_URL": "http://10.0.0.1:9000", "PUBLIC_ENDPOINT_URL": "https://media.example.com"},
    ],
    ids=lambda values: "-".join(values),
)
def test_the_pages_policy_names_the_origin_that_presigned_addresses_have(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    given = {"BUCKET": "pics", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", **values}
    _environment(monkeypatch, **given)
    bucket = bucket_from_environment()
    assert bucket is not None
    storage = object_storage.ObjectStorage(**bucket.storage()["OPTIONS"])
    url = storage.presigned("a.png", content_type="image/png", disposition="inline", seconds=9, cached=9)
    assert url.startswith(f"{bucket.origin}/")
    assert "X-Amz-Expires=9&" in url and "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "needs S3_REGION"),
        ({"REGION": "x", "ADDRESSING_STYLE": "auto"}, "path or virtual"),
        ({"REGION": "x", "BUCKET": "a.b"}, "S3_ADDRESSING_STYLE=path"),
        ({"ENDPOINT_URL": "minio:9000"}, "begin with https://"),
        ({"REGION": "x", "ACCESS_KEY_ID": "a"}, "or neither"),
    ],
    ids=["no-region", "style", "dot", "no-scheme", "half-a-key"],
)
def test_a_setting_that_cannot_work_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str
) -> None:
    _environment(monkeypatch, **{"BUCKET": "pics", **values})
    with pytest.raises(ImproperlyConfigured, match=said):
        bucket_from_environment()


def test_a_bucket_over_plain_http_is_no_deployment(on_s3: ObjectServer, settings: Any) -> None:
    settings.HTTPS = False
    assert check_bucket() == []
    settings.HTTPS = True
    assert [told.id for told in check_bucket()] == ["adstudio.E002"]
    settings.S3 = dataclasses.replace(on_s3.bucket, public_endpoint_url="https://media.example.com")
    assert check_bucket() == []


def test_without_a_bucket_pictures_stay_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    _environment(monkeypatch)
    assert bucket_from_environment() is None
