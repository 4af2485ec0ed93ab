"""A program's day with the running server and a worker: every way to start and stop, over REST alone."""

from __future__ import annotations

import base64
import io
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from jobs.models import Job
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import Client

SECONDS = 90.0
WHOLE, ASSET_SIDE = ("step1_result", "final_result"), 512


@pytest.fixture(autouse=True)
def media_folder() -> None:
    """Pictures lie where the server and the worker keep them."""


class Program:
    """What a shop's program does: submit, poll, take the pictures."""

    def __init__(self, stack: Stack, shop: Client) -> None:
        self.http = httpx.Client(base_url=stack.url, headers=shop.headers, timeout=60)

    def submit(self, **fields: Any) -> str:
        answer = self.http.post("/generate", json={"test_mode": True, "seed": 3, **fields})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["status"] == "pending" and "ignored" not in told
        return str(told["job_id"])

    def finished(self, job_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            told: dict[str, Any] = self.http.get(f"/status/{job_id}").json()
            if told["status"] not in ("pending", "running"):
                assert (told["status"], told["error"]) == ("completed", None), told
                return told
            time.sleep(0.3)
        raise AssertionError(f"{job_id} did not end: {told}")

    def make(self, **fields: Any) -> dict[str, Any]:
        return self.finished(self.submit(**fields))


def picture(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)))


def is_same(one: str, other: str) -> bool:
    """Pixel by pixel. What a file says of its origin differs: of a supplied picture nothing is known."""
    return bool((np.asarray(picture(one)) == np.asarray(picture(other))).all())


def made(told: dict[str, Any]) -> set[str]:
    return {kind for kind in ("step1_result", "step2_result", "final_result") if told[kind]}


@pytest.fixture
def program(stack: Stack, client_shop: Client, tmp_path: Path) -> Program:
    """With a worker without weights: GrabCut is quick."""
    worker = stack.child(
        "worker-contract", "manage.py", "worker", environ={"ADSTUDIO_MODELS_DIR": str(tmp_path)}
    )
    worker.start()
    stack.workers.append(worker)
    return Program(stack, client_shop)


@pytest.mark.timeout(400)
def test_every_start_and_every_stop(program: Program) -> None:
    product = base64.b64encode(factories.photo_bytes()).decode()
    words = {"text_content": "반값", "scene": "pastel-podium"}

    whole = program.make(input_image=product, **words)
    assert made(whole) == {"step1_result", "step2_result", "final_result"}
    sizes = {picture(whole[kind]).size for kind in WHOLE}
    assert len(sizes) == 1 and max(sizes.pop()) < 1024  # test_mode is small
    asset = picture(whole["step2_result"])
    assert asset.mode == "RGBA" and max(asset.size) >= ASSET_SIDE
    assert np.asarray(asset)[..., 3].min() == 0
    detail = program.http.get(f"/api/jobs/{whole['job_id']}").json()
    assert any("시험용" in note for note in detail["notes"])  # and says so

    from_text = program.make(start_step=2, step1_image=whole["step1_result"], text_content="새 문구")
    assert is_same(from_text["step1_result"], whole["step1_result"])
    assert made(from_text) == {"step1_result", "step2_result", "final_result"}

    kept = {
        "step1_image": whole["step1_result"],
        "step2_image": f"data:image/png;base64,{whole['step2_result']}",
    }
    composed = program.make(start_step=3, text_content="반값", **kept)
    assert is_same(composed["step1_result"], whole["step1_result"]) and composed["final_result"]

    assert made(program.make(input_image=product, stop_step=1, **words)) == {"step1_result"}
    assert made(program.make(input_image=product, stop_step=2, **words)) == {"step1_result", "step2_result"}
    asset_only = program.make(
        start_step=2, stop_step=2, step1_image=whole["step1_result"], text_content="반값"
    )
    assert not asset_only["final_result"] and asset_only["step2_result"]

    background = program.make(scene="pastel-podium")  # neither product nor words
    assert background["final_result"] and not background["step2_result"]
    no_product = program.make(**words)
    assert made(no_product) == {"step1_result", "step2_result", "final_result"}
    again = program.make(input_image=product, **words)
    assert again["final_result"] == whole["final_result"]  # the same request and seed, the same bytes
    assert Job.objects.filter(status="completed").count() == 9
