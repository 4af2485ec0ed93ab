"""A real server that speaks S3 (moto's), in a process of its own, and what puts AdStudio on it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from adstudio.processes import Child, ProcessSpec, stop_together, wait_until
from adstudio.s3 import Bucket

KEY = "adstudio-tests"
BUCKET = "pictures"
PREFIX = "shop-ads"
START_SECONDS = 60.0


class ObjectServer:
    """The server and its one bucket. Frozen, it takes connections and answers nothing."""

    def __init__(self, folder: Path, host: str, port: int, wrap: tuple[str, ...] = ()) -> None:
        self.url = f"http://{host}:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)]
        self.child = Child(
            ProcessSpec(
                name="s3",
                argv=[*wrap, *command],
                log=folder / "s3.log",
                stop_steps=((signal.SIGTERM, 3.0), (signal.SIGKILL, 1.0)),
            )
        )

    @property
    def bucket(self) -> Bucket:
        return Bucket(BUCKET, self.url, "", "us-east-1", "path", PREFIX, KEY, KEY)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.url,
            "S3_PREFIX": PREFIX,
            "S3_ACCESS_KEY_ID": KEY,
            "S3_SECRET_ACCESS_KEY": KEY,
        }

    @cached_property
    def client(self) -> Any:
        """A client of its own, for looking into the bucket past AdStudio."""
        session = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name="us-east-1")
        return session.client("s3", endpoint_url=self.url)

    def start(self) -> None:
        self.child.start()
        assert wait_until(self._answers, START_SECONDS, lambda: not self.child.alive), self.child.log_tail()
        self.client.create_bucket(Bucket=BUCKET)

    def stop(self) -> None:
        stop_together([self.child])

    def _answers(self) -> bool:
        try:
            self.client.list_buckets()
        except Exception:
            return False
        return True

    def names(self) -> set[str]:
        """Names as AdStudio knows them."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {
            entry["Key"].removeprefix(f"{PREFIX}/") for page in pages for entry in page.get("Contents", [])
        }

    @contextmanager
    def silent(self) -> Iterator[None]:
        """It takes requests and answers none."""
        self.child.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.child.send(signal.SIGCONT)
