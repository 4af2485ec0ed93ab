"""Whole jobs on the diffusion engine, tiny models of the real classes: worker, database, websocket."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch
from safetensors.torch import load_file, save_file
from websockets.sync.client import connect

from adstudio.processes import Child
from jobs import services, system
from jobs.models import Artifact, Engine, Job, WorkerState
from jobs.params import AdParams
from tests.conftest import Stack, until
from tests.generation.diffusion.tiny import lock_folders, tiny_models
from tests.jobs import factories
from tests.jobs.conftest import Client, wait_for
from tests.labels import source_type

__all__ = ["tiny_models"]
WORK_SECONDS = 110.0
pytestmark = pytest.mark.timeout(280)


@pytest.fixture
def environ(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What puts a diffusion worker on the tiny models. BiRefNet takes the whole photo for the product."""
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(tmp_path / "models"))
    folder = tmp_path / "own"
    shutil.copytree(tiny_models, folder)
    weights = folder / "birefnet/model.safetensors"
    save_file({**load_file(weights), "last.bias": torch.full((1,), 9.0)}, weights, {"format": "pt"})
    lock_folders(folder)
    return {
        "ADSTUDIO_MODELS_DIR": str(tmp_path / "models"),
        "HF_MODULES_CACHE": str(tmp_path / "modules"),
        "DIFFUSION_DEVICE": "cpu",
        "VRAM_BUDGET_GB": "1",
        "OMP_NUM_THREADS": "1",
    }


def start(stack: Stack, environ: dict[str, str], *program: str) -> Child:
    arguments = program or ("manage.py", "worker", "--engine", "diffusion")
    worker = stack.child("diffusion", *arguments, environ=environ)
    worker.start()
    stack.workers.append(worker)
    until(
        lambda: not worker.alive or WorkerState.objects.filter(engine=Engine.DIFFUSION).exists(),
        WORK_SECONDS,
        "a diffusion worker",
    )
    assert worker.alive, worker.log_tail()
    return worker


def submit(client: Client, *, cut: bool = True, **fields: Any) -> services.Submission:
    photo = factories.photo(client.shop, cut=cut)
    asked = {"text_content": "반값", "test_mode": True, "num_inference_steps": 3, "seed": 5, **fields}
    return services.job_submit(shop=client.shop, params=AdParams.model_validate(asked), photo=photo)


def followed(stack: Stack, client: Client, **fields: Any) -> tuple[services.Submission, list[dict[str, Any]]]:
    """A job, and everything that the shop's websocket tells of it until its end: it is open before the job is there,
    as the worker is quick."""
    url = stack.url.replace("http", "ws") + "/ws/shop/"
    with connect(url, additional_headers=client.headers) as socket:
        seen: list[dict[str, Any]] = [json.loads(socket.recv(timeout=WORK_SECONDS))]
        told = submit(client, **fields)
        while seen[-1]["type"] != "finished":
            seen.append(json.loads(socket.recv(timeout=WORK_SECONDS)))
    return told, seen


def test_an_ad_is_made_followed_stopped_and_unloaded(
    stack: Stack, client_shop: Client, environ: dict[str, str]
) -> None:
    worker = start(stack, environ)
    _the_worker_said_what_it_found(worker)
    wishes = {"bg_prompt": "해변", "composition_prompt": "haze", "composition_steps": 10}
    told, seen = followed(stack, client_shop, cut=False, **wishes)
    job = told.job
    assert job.engine == Engine.DIFFUSION and told.ignored == []
    assert seen[-1]["status"] == "completed", worker.log_tail()
    job.refresh_from_db()
    assert job.photo is not None and job.photo.method == "birefnet"
    assert job.product_difference == 0 and "note.headline_sculpted" in job.notes
    assert {"cutout", "background", "refine", "painting"} <= {each.get("sub_step") for each in seen}
    assert {"snapshot", "progress", "preview", "artifact"} <= {each["type"] for each in seen}
    sequences = [each["sequence"] for each in seen if "sequence" in each]
    assert sequences == sorted(sequences)
    kinds = set(job.artifacts.values_list("kind", flat=True))
    assert {Artifact.Kind.STEP1, Artifact.Kind.STEP2, Artifact.Kind.FINAL} <= kinds
    _its_files_say_that_a_model_painted_it(job)
    _resident_models_are_told()
    _a_job_stops_while_it_paints(client_shop)
    _auto_unload_empties_the_card(client_shop)


def _its_files_say_that_a_model_painted_it(job: Job) -> None:
    for kind in (Artifact.Kind.STEP1, Artifact.Kind.FINAL):
        with job.artifacts.get(kind=kind).file.open("rb") as file:
            assert source_type(file.read()) == "compositeWithTrainedAlgorithmicMedia", kind


def _the_worker_said_what_it_found(worker: Child) -> None:
    log = worker.spec.log.read_text()
    for said in ("no card: everything runs on the CPU", "FLUX.1 [dev] Non-Commercial", "GiB for weights"):
        assert said in log, log


def _resident_models_are_told() -> None:
    def told() -> set[str]:
        state = WorkerState.objects.get(engine=Engine.DIFFUSION)
        return {part["name"] for part in state.resident_models if part["place"] == "device"}

    until(lambda: {"birefnet", "flux.transformer", "sdxl.unet"} <= told(), 20, "resident models told")
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


def test_a_job_that_finds_no_memory_fails_alone_and_wrong_letters_are_replaced(
    stack: Stack, client_shop: Client, environ: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    worker = start(stack, environ, "-m", "tests.jobs.diffusion_lab", str(folder))
    (folder / "short-of-memory").touch()
    (folder / "wrong-letters").touch()
    failed = wait_for(submit(client_shop).job, seconds=WORK_SECONDS)
    assert (failed.status, failed.error_code) == ("failed", "engine.out_of_memory"), worker.log_tail()
    (folder / "short-of-memory").unlink()
    wrong = wait_for(submit(client_shop).job, seconds=WORK_SECONDS)
    assert wrong.status == "completed" and "note.headline_sculpted" in wrong.notes
    (folder / "right-letters").touch()
    right = wait_for(submit(client_shop).job, seconds=WORK_SECONDS)
    assert right.status == "completed" and "note.headline_painted" in right.notes
    assert "note.headline_sculpted" not in right.notes and worker.alive


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize("damage", [cut_short, Path.unlink])
def test_a_worker_with_broken_weights_refuses_and_names_the_file(
    stack: Stack, environ: dict[str, str], tmp_path: Path, damage: Any
) -> None:
    path = tmp_path / "own/sdxl/unet/diffusion_pytorch_model.safetensors"
    damage(path)
    log = refusal(stack, environ)
    assert str(path) in log and "fetch_models diffusion" in log and "Traceback" not in log


def test_a_worker_without_weights_refuses_with_the_command_that_fetches_them(
    stack: Stack, tmp_path: Path
) -> None:
    log = refusal(stack, {"ADSTUDIO_MODELS_DIR": str(tmp_path), "DIFFUSION_DEVICE": "cpu"})
    assert "fetch_models diffusion" in log and "Traceback" not in log


def test_a_worker_that_cannot_fit_its_models_says_what_is_missing(
    stack: Stack, environ: dict[str, str]
) -> None:
    log = refusal(stack, {**environ, "VRAM_BUDGET_GB": "0.0001"})
    assert "the models do not fit: birefnet needs" in log and "Traceback" not in log


def refusal(stack: Stack, environ: dict[str, str]) -> str:
    """The log of a worker that does not start."""
    worker = stack.child("refused", "manage.py", "worker", "--engine", "diffusion", environ=environ)
    worker.spec.log.unlink(missing_ok=True)
    worker.start()
    until(lambda: not worker.alive, 60, "the refused worker's end")
    assert worker.returncode == 1
    return worker.log_tail()
