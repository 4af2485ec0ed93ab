"""The main job, with nothing faked: HTTP upload, queue, worker process, websocket, pictures."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from PIL import Image
from websockets.sync.client import connect

from jobs.models import Artifact, Job
from tests.conftest import Stack
from tests.jobs.conftest import Client, wait_for

COFFEE = Path(settings.BASE_DIR) / "static/img/samples/coffee.png"


def test_it_turns_a_photo_and_a_headline_into_an_ad(stack: Stack, client_shop: Client) -> None:
    answer = httpx.post(
        f"{stack.url}/api/generate",
        headers=client_shop.headers,
        files={"file": ("coffee.png", COFFEE.read_bytes(), "image/png")},
        data={"text_content": "오늘만 반값", "scene": "cafe-wood", "text_style": "gold", "seed": "7"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    job_id = answer.json()["job_id"]
    assert answer.json()["status"] == "pending"

    told = _watch(stack, client_shop, job_id)
    messages = [next(told)]
    assert messages[0]["type"] == "snapshot"
    stack.start_worker()  # not before: what it does is to be watched from the beginning
    messages += told
    kinds = [message["kind"] for message in messages if message["type"] == "artifact"]
    assert kinds == ["step1_result", "step2_result", "final_result"]
    assert any(message["type"] == "preview" for message in messages)
    assert messages[-1]["status"] == "completed"
    numbers = [m["sequence"] for m in messages if m["type"] == "progress"]
    assert numbers == sorted(set(numbers))

    status = httpx.get(f"{stack.url}/status/{job_id}", headers=client_shop.headers).json()
    assert (status["status"], status["progress_percent"], status["error"]) == ("completed", 100, None)
    final = httpx.get(stack.url + messages[-1]["final_url"], headers=client_shop.headers)
    assert Image.open(io.BytesIO(final.content)).size == (1024, 1024)

    job = Job.objects.get(pk=job_id)
    assert job.product_difference is not None
    assert job.product_difference <= 1
    for artifact in Artifact.objects.filter(job=job):
        assert hashlib.sha256(artifact.file.read()).hexdigest() == artifact.sha256
    assert _read_back(stack, client_shop, job_id) == ("yes", "오늘만 반값")


def _read_back(stack: Stack, client: Client, job_id: str) -> tuple[str, str]:
    """What the picture says, once the idle worker has read it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        told = httpx.get(f"{stack.url}/api/jobs/{job_id}", headers=client.headers).json()
        if told["text_verified"]:
            return told["text_verified"], told["text_read"]
        time.sleep(0.5)
    raise AssertionError("nobody read it")


def test_the_same_request_and_seed_give_the_same_bytes(stack: Stack, client_shop: Client) -> None:
    stack.start_worker()
    digests = []
    for _ in range(2):
        answer = httpx.post(
            f"{stack.url}/api/generate",
            headers=client_shop.headers,
            files={"file": ("coffee.png", COFFEE.read_bytes(), "image/png")},
            data={"text_content": "반값", "scene": "pastel-podium", "seed": "11", "test_mode": "true"},
            timeout=30,
        )
        job_id = answer.json()["job_id"]
        assert wait_for(Job.objects.get(pk=job_id)).status == "completed"
        digests.append(Artifact.objects.get(job_id=job_id, kind="final_result").sha256)
    assert digests[0] == digests[1]


def _watch(stack: Stack, client: Client, job_id: str) -> Iterator[dict[str, Any]]:
    """Everything the job's socket says until it is finished."""
    url = stack.url.replace("http", "ws") + f"/ws/jobs/{job_id}/"
    with connect(url, additional_headers=client.headers) as socket:
        message: dict[str, Any] = {"type": ""}
        while message["type"] != "finished":
            message = json.loads(socket.recv(timeout=90))
            yield message
