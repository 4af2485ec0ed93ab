"""``manage.py fetch_models diffusion`` as it is run, with the hub's own client against a hub on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from generation.diffusion.lock import find
from generation.diffusion.registry import chosen

from .hub_server import REVISION, HubServer

ROOT = Path(__file__).resolve().parents[3]
UNET = "unet/diffusion_pytorch_model.fp16.safetensors"
CHUNK = 10 * 1024**2
"""What the hub's client writes at a time: a broken line costs less than that."""


@pytest.fixture
def hub(tiny_models: Path, tmp_path: Path) -> Iterator[HubServer]:
    """Every model's repository; half-precision files have the names that they have on the hub."""
    folders = {}
    for model in chosen():
        folder = tmp_path / "hub" / model.repo
        for path in (tiny_models / model.key).rglob("*"):
            variant = model.variant and path.suffix == ".safetensors"
            name = (
                path.name.replace(".safetensors", f".{model.variant}.safetensors") if variant else path.name
            )
            if path.is_file():
                target = folder / path.relative_to(tiny_models / model.key).with_name(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, target)
        folders[model.repo] = folder
    large = folders["stabilityai/stable-diffusion-xl-base-1.0"] / UNET
    large.unlink()
    large.write_bytes(bytes(2 * CHUNK + 1000))
    with HubServer(folders) as server:
        yield server


def run(hub: HubServer, models: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "FLUX_"))}
    return subprocess.run(
        [sys.executable, "manage.py", "fetch_models", "diffusion", *arguments],
        cwd=ROOT,
        env={
            **kept,
            "ADSTUDIO_MODELS_DIR": str(models),
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(models / "hf"),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_models_are_fetched_with_bars_broken_lines_are_mended_and_a_second_run_asks_nobody(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    refused = run(hub, models)
    assert refused.returncode == 1 and "--accept-license" in refused.stderr and hub.sent == []
    hub.breaks[UNET] = [CHUNK + 5]
    done = run(hub, models, "--accept-license")
    assert done.returncode == 0, done.stderr[-1500:]
    assert (UNET, CHUNK) in hub.sent
    for model in chosen():
        assert f"Licence: {model.licence}" in done.stdout
        assert f"Ready: {model.key} of {model.repo} at {REVISION}" in done.stdout
    assert f"{UNET}: 100%" in done.stderr
    monkeypatch.setenv("ADSTUDIO_MODELS_DIR", str(models))
    assert all(find(model).revision == REVISION for model in chosen())
    assert not list(models.rglob("*.part"))
    hub.sent.clear()
    again = run(hub, models, HF_ENDPOINT="http://127.0.0.1:9")
    assert again.returncode == 0 and hub.sent == [], again.stderr[-1500:]


def test_a_fetch_that_died_goes_on_where_it_stopped(hub: HubServer, tmp_path: Path) -> None:
    models = tmp_path / "models"
    hub.breaks[UNET] = [CHUNK + 5] * 9
    broken = run(hub, models, "--accept-license")
    assert broken.returncode == 1 and "goes on where it stopped" in broken.stderr
    assert "Traceback" not in broken.stderr
    hub.breaks.clear()
    hub.sent.clear()
    assert run(hub, models, "--accept-license").returncode == 0
    assert next(start for name, start in hub.sent if name == UNET) == CHUNK
    assert not [name for name, _ in hub.sent if name == "birefnet.py"]  # it was whole before


def test_a_gated_and_an_unreachable_model_say_what_to_do(hub: HubServer, tmp_path: Path) -> None:
    hub.gated.add("black-forest-labs/FLUX.1-dev")
    gated = run(hub, tmp_path / "models", "--accept-license")
    assert gated.returncode == 1 and "is gated: accept its conditions" in gated.stderr
    assert "HF_TOKEN" in gated.stderr and "Traceback" not in gated.stderr
    nobody = run(hub, tmp_path / "other", "--accept-license", HF_ENDPOINT="http://127.0.0.1:9")
    assert nobody.returncode == 1 and "the hub could not be reached for ZhengPeng7/BiRefNet" in nobody.stderr
    offline = run(hub, tmp_path / "other", "--accept-license", HF_HUB_OFFLINE="1")
    assert offline.returncode == 1 and "HF_HUB_OFFLINE is set" in offline.stderr


def test_a_folder_stands_for_a_repository(hub: HubServer, tmp_path: Path, tiny_models: Path) -> None:
    models = tmp_path / "models"
    done = run(hub, models, f"--folder=flux-dev={tiny_models / 'flux-dev'}")
    assert done.returncode == 0, done.stderr[-1500:]
    lock = json.loads((models / "diffusion/lock.json").read_text())
    assert lock["flux-dev"]["revision"] == "local folder" and lock["sdxl"]["revision"] == REVISION
