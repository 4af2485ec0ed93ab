"""Whole jobs on the diffusion engine, tiny models of the real classes: worker, database, websocket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from websockets.sync.client import connect

from jobs import services, system
from jobs.models import Artifact, Engine, Job, WorkerState
from jobs.params import AdParams
from tests.conftest import Stack, until
from tests.generation.diffusion.tiny import lock_folders, tiny_models
from tests.jobs import factories
from tests.jobs.conftest import Client, wait_for

__all__ = ["tiny_models"]
WORK_SECONDS = 110.0
pytestmark = pytest.mark.timeout(280)


@pytest.fixture
def environ(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What puts a diffusion worker on the tiny models."""
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path / "models"))
    lock_folders(tiny_models)
    return {
        "ADSTUDIO_MODELS_DIR": str(tmp_path / "models"),
        "HF_MODULES_CACHE": str(tmp_path / "modules"),
        "DIFFUSION_DEVICE": "cpu",
        "VRAM_BUDGET_GB": "1",
        "OMP_NUM_THREADS": "1",
    }


def start(stack: Stack, environ: dict[str, str]) -> Any:
    worker = stack.child("diffusion", "manage.py", "worker", "--engine", "diffusion", environ=environ)
    worker.start()
    stack.workers.append(worker)
    until(
        lambda: not worker.alive or WorkerState.objects.filter(engine=Engine.DIFFUSION).exists(),
        WORK_SECONDS,
        "a diffusion worker",
    )
    assert worker.alive, worker.log_tail()
    return worker


def submit(client: Client, **fields: Any) -> services.Submission:
    photo = factories.photo(client.shop)
    asked = {"text_content": "반값", "test_mode": True, "num_inference_steps": 3, "seed": 5, **fields}
    return services.job_submit(shop=client.shop, params=AdParams.model_validate(asked), photo=photo)


def test_an_ad_is_made_followed_stopped_and_unloaded(
    stack: Stack, client_shop: Client, environ: dict[str, str]
) -> None:
    worker = start(stack, environ)
    told = submit(client_shop, bg_prompt="해변", composition_prompt="haze", composition_steps=10)
    job = told.job
    assert job.engine == Engine.DIFFUSION and told.ignored == []
    url = stack.url.replace("http", "ws") + f"/ws/jobs/{job.pk}/"
    seen: list[dict[str, Any]] = []
    with connect(url, additional_headers=client_shop.headers) as socket:
        while not seen or seen[-1]["type"] != "finished":
            seen.append(json.loads(socket.recv(timeout=WORK_SECONDS)))
    assert seen[-1]["status"] == "completed", worker.log_tail()
    job.refresh_from_db()
    assert job.product_difference == 0 and "note.headline_sculpted" in job.notes
    assert {"background", "refine", "painting"} <= {each.get("sub_step") for each in seen}
    kinds = set(job.artifacts.values_list("kind", flat=True))
    assert {Artifact.Kind.STEP1, Artifact.Kind.STEP2, Artifact.Kind.FINAL} <= kinds
    _resident_models_are_told()
    _a_job_stops_while_it_paints(client_shop)
    _auto_unload_empties_the_card(client_shop)


def _resident_models_are_told() -> None:
    def told() -> set[str]:
        state = WorkerState.objects.get(engine=Engine.DIFFUSION)
        return {part["name"] for part in state.resident_models if part["place"] == "device"}

    until(lambda: {"flux.transformer", "sdxl.unet"} <= told(), 20, "resident models told")
    assert system.system_metrics()["gpu_info"] == []  # no card here to show them with


def _a_job_stops_while_it_paints(client: Client) -> None:
    job = submit(client, num_inference_steps=50, text_content="").job
    until(lambda: Job.objects.get(pk=job.pk).sub_step == "background", WORK_SECONDS, "denoising")
    services.job_stop(job=Job.objects.get(pk=job.pk))
    assert wait_for(job, seconds=WORK_SECONDS).status == Job.Status.STOPPED


def _auto_unload_empties_the_card(client: Client) -> None:
    job = submit(client, text_content="", auto_unload=True).job
    assert wait_for(job, seconds=WORK_SECONDS).status == Job.Status.COMPLETED
    until(lambda: WorkerState.objects.get(engine=Engine.DIFFUSION).resident_models == [], 20, "an empty card")


def test_a_worker_without_weights_refuses_with_the_command_that_fetches_them(
    stack: Stack, tmp_path: Path
) -> None:
    worker = stack.child(
        "refused",
        "manage.py",
        "worker",
        "--engine",
        "diffusion",
        environ={"ADSTUDIO_MODELS_DIR": str(tmp_path), "DIFFUSION_DEVICE": "cpu"},
    )
    worker.start()
    until(lambda: not worker.alive, 60, "the refused worker's end")
    log = worker.log_tail()
    assert worker.returncode == 1 and "fetch_models diffusion" in log and "Traceback" not in log
