"""An ad made by a language model: the SDK's client, the real command, a real worker."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

import anyio
import pytest
from django.conf import settings
from PIL import Image

from accounts.models import ApiToken
from jobs.models import Artifact, Job
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import Lab, wait_for
from tests.jobs.mcp.conftest import Host, converse, error_of, told

pytestmark = pytest.mark.timeout(300)

COFFEE = Path(settings.BASE_DIR) / "static/img/samples/coffee.png"


def test_it_makes_an_ad_of_a_file_and_shows_and_saves_it(stack: Stack, host: Host, tmp_path: Path) -> None:
    stack.start_worker()
    target = tmp_path / "ad.png"
    progress: list[float] = []

    async def note(percent: float, total: float | None, message: str | None) -> None:
        progress.append(percent)

    async def talk() -> None:
        async with host.open() as model:
            ordered = told(
                await model.call_tool(
                    "generate_ad",
                    {
                        "photo_path": str(COFFEE),
                        "text_content": "오늘만 반값",
                        "scene": "cafe-wood",
                        "format": "instagram-story",
                        "seed": 7,
                        "mood": "unknown to us",
                    },
                )
            )
            assert (ordered["status"], ordered["ignored"]) == ("pending", ["mood"])
            asked = {"job_id": ordered["job_id"], "wait_seconds": 60, "save_to": str(target)}
            result = await model.call_tool("check_status", asked, progress_callback=note)
            standing = told(result)
            assert (standing["status"], standing["progress_percent"]) == ("completed", 100), standing
            final = Artifact.objects.get(job_id=ordered["job_id"], kind="final_result")
            told_of = {"width": 1080, "height": 1920, "bytes": final.size, "sha256": final.sha256}
            assert standing["picture"] == {**told_of, "saved_to": str(target)}
            shown = Image.open(io.BytesIO(base64.b64decode(result.content[1].data)))
            assert (shown.format, shown.size) == ("JPEG", (576, 1024))

            again = await model.call_tool("check_status", asked)
            assert error_of(again)["code"] == "file.exists"

    converse(talk)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == Artifact.objects.get(kind="final_result").sha256
    assert progress[-1] == 100
    assert progress == sorted(progress)


def test_a_square_picture_is_shown_at_its_own_size(stack: Stack, host: Host) -> None:
    """The photo as base64, and the same order repeated under its key."""
    stack.start_worker()
    photo = base64.b64encode(factories.photo_bytes()).decode()
    order = {"photo_base64": photo, "text_content": "반값", "test_mode": True, "idempotency_key": "one"}

    async def talk() -> None:
        async with host.open() as model:
            first = told(await model.call_tool("generate_ad", order))
            assert told(await model.call_tool("generate_ad", order))["job_id"] == first["job_id"]
            asked = {"job_id": first["job_id"], "wait_seconds": 60}
            result = await model.call_tool("check_status", asked)
            picture = told(result)["picture"]
            shown = Image.open(io.BytesIO(base64.b64decode(result.content[1].data)))
            assert shown.size == (picture["width"], picture["height"])
            unseen = await model.call_tool("check_status", {**asked, "include_picture": False})
            assert told(unseen)["picture"] == picture
            assert len(unseen.content) == 1
            other = await model.call_tool("generate_ad", {**order, "text_content": "할인"})
            assert error_of(other)["code"] == "idempotency.other_request"
            assert error_of(other)["field"] == "idempotency_key"

    converse(talk)
    assert Job.objects.count() == 1


def test_a_running_job_is_stopped(lab: Lab, host: Host) -> None:
    lab.hold("step1")
    lab.start()

    async def talk() -> None:
        async with host.open() as model:
            photo = factories.photo(ApiToken.objects.get().shop)
            job_id = told(await model.call_tool("generate_ad", {"photo_id": str(photo.pk)}))["job_id"]
            await anyio.to_thread.run_sync(lab.wait_at, "step1")
            early = told(await model.call_tool("check_status", {"job_id": job_id, "wait_seconds": 0.6}))
            assert (early["status"], early["picture"]) == ("running", None)
            assert "check_status again" in early["next_step"]
            assert told(await model.call_tool("stop_job", {"job_id": job_id}))["status"] == "running"
            ended = told(await model.call_tool("check_status", {"job_id": job_id, "wait_seconds": 60}))
            assert ended["status"] == "stopped"

    converse(talk)
    assert wait_for(Job.objects.get()).status == "stopped"


def test_a_waiting_job_without_a_worker_says_so_and_stops_at_once(host: Host) -> None:
    async def talk() -> None:
        async with host.open() as model:
            job_id = told(await model.call_tool("generate_ad", {"text_content": "반값"}))["job_id"]
            standing = told(await model.call_tool("check_status", {"job_id": job_id}))
            assert (standing["status"], standing["queue_position"]) == ("pending", 1)
            assert "No worker is running" in standing["next_step"]
            assert told(await model.call_tool("stop_job", {"job_id": job_id}))["status"] == "stopped"
            assert told(await model.call_tool("stop_job", {"job_id": job_id}))["status"] == "stopped"

    converse(talk)
