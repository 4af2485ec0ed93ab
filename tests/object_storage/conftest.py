"""A server that speaks S3, one for the run of the tests, emptied for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project

from tests.conftest import free_port
from tests.jobs.conftest import lab  # noqa: F401 - a fixture
from tests.s3 import BUCKET, ObjectServer


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    server = ObjectServer(tmp_path_factory.mktemp("s3"), "127.0.0.1", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def on_s3(object_server: ObjectServer, settings: Any, tmp_path: Any) -> Iterator[ObjectServer]:
    """This process keeps its pictures in the bucket. ``MEDIA_ROOT`` leads nowhere, so that who uses it is found out."""
    settings.S3 = object_server.bucket
    settings.STORAGES = {**project.STORAGES, "default": object_server.bucket.storage()}
    settings.MEDIA_ROOT = tmp_path / "no-media"
    policy = project.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    images = [*policy["img-src"], object_server.bucket.origin]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**policy, "img-src": images}}
    yield object_server
    assert not (tmp_path / "no-media").exists()
    for version in object_server.client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        object_server.client.delete_object(Bucket=BUCKET, Key=version["Key"])
