"""Pictures on S3, or on anything that speaks its protocol: what ``S3_BUCKET`` turns on (``adstudio.settings``).

An object is whole under its key or not there at all: one request puts it. All are private; browsers get a presigned
address after the same check that lets them see a local file. Whatever keeps S3 from answering is ``StorageAway``, so
that callers tell it from a file that is gone (``FileNotFoundError``) and try again or say so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from adstudio.storage import StorageAway

CHUNK = 256 * 1024
IN_MEMORY_BYTES = 8 * 1024 * 1024
"""A larger file is read into a temporary one."""
SINGLE_PUT_BYTES = 4 * 1024**3
"""What S3 takes in one request is more than any of our files has; many parts could leave some behind."""
CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 2
"""Of one request. Workers try again for half a minute (``jobs.worker.patience.patiently``), people are told soon."""
CONNECTIONS = 20
_NOT_THERE = 404


def client_config(addressing_style: str) -> Config:
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": addressing_style},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=CONNECTIONS,
    )


class ObjectStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """``public_endpoint_url``: where browsers reach the bucket, when that is not where we do."""

    def __init__(self, *, public_endpoint_url: str = "", **options: Any) -> None:
        self.public_endpoint_url = public_endpoint_url
        self._making = threading.Lock()
        self._made: Any = None
        super().__init__(
            **options,
            default_acl=None,
            file_overwrite=False,
            querystring_auth=True,
            client_config=client_config(options["addressing_style"]),
            transfer_config=TransferConfig(multipart_threshold=SINGLE_PUT_BYTES, use_threads=False),
        )

    @property
    def connection(self) -> Any:
        """One for the process: a request's thread lives as long as the request, and each new connection costs a tenth
        of a second. What is used of it is its client, which threads may share."""
        with self._making:
            if self._made is None:
                self._made = self._resource(self.endpoint_url)
            return self._made

    @cached_property
    def _signer(self) -> Any:
        """The client that presigns: it needs the address that browsers will call."""
        if not self.public_endpoint_url:
            return self.connection.meta.client
        with self._making:
            return self._resource(self.public_endpoint_url).meta.client

    def _resource(self, endpoint_url: str | None) -> Any:
        return self._create_session().resource(
            "s3", region_name=self.region_name, endpoint_url=endpoint_url, config=self.client_config
        )

    def presigned(self, name: str, *, content_type: str, disposition: str, seconds: int, cached: int) -> str:
        """The address under which anyone may read this one object for so many seconds, with these headers. ``cached``:
        for how many more a browser keeps it; 0 is not at all."""
        asked = {
            "Bucket": self.bucket_name,
            "Key": self._key(name),
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
            "ResponseCacheControl": f"private, max-age={cached}, immutable"
            if cached
            else "private, no-store",
        }
        with _told(name):
            return cast(
                str, self._signer.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
            )

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Every file's name and when it was last written: a request for a thousand of them."""
        prefix = f"{self.location}/" if self.location else ""
        with _told(prefix or "/"):
            pages = self.connection.meta.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket_name, Prefix=prefix
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(prefix), entry["LastModified"]

    def _key(self, name: str) -> str:
        return cast(str, self._normalize_name(clean_name(name)))

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        """The whole object, in one request: what is read cannot end in the middle."""
        spool = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - it is handed on
        with _told(name):
            answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=self._key(name))
            for chunk in answer["Body"].iter_chunks(CHUNK):
                spool.write(chunk)
        spool.seek(0)
        return File(cast("IO[bytes]", spool), name)

    def _save(self, name: str, content: File[bytes]) -> str:
        with _told(name):
            return cast(str, super()._save(name, content))

    def delete(self, name: str) -> None:
        with _told(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _told(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _told(name):
            return int(super().size(name))


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_THERE and not _is_bucket(error):
            raise FileNotFoundError(f"{name} is not in the bucket") from error
        raise StorageAway(f"{name}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageAway(f"{name}: {error}") from error


def _is_bucket(error: ClientError) -> bool:
    """Whether it is the bucket that is not there: a setting that is wrong, not a picture that is gone."""
    return bool(error.response["Error"]["Code"] == "NoSuchBucket")
