from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.diffusion import background  # noqa: E402
from generation.diffusion.assembly import Assembly, assemble  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.diffusion.options import GIB, Options  # noqa: E402
from generation.engines import Finisher, Resident, open_engine  # noqa: E402
from generation.errors import EngineUnavailable  # noqa: E402
from generation.pipeline import StepResult  # noqa: E402
from generation.types import EngineName, Picture, Progress, Size, Step, Tuning  # noqa: E402
from generation.verify.fidelity import fidelity  # noqa: E402

from .ads import ad, photo_like, product, small_canvas  # noqa: E402
from .tiny import CPU, lock_folders  # noqa: E402

__all__ = ["small_canvas"]
pytestmark = pytest.mark.usefixtures("small_canvas")


def test_it_fills_both_seams(engine: DiffusionEngine) -> None:
    assert isinstance(engine, Finisher) and isinstance(engine, Resident)
    assert engine.name is EngineName.DIFFUSION and engine.cards() == []


def test_a_whole_ad_keeps_the_products_pixels(engine: DiffusionEngine) -> None:
    steps: list[StepResult] = []
    seen: list[Progress] = []
    result = ad(engine, seen.append, steps.append)
    assert result.final is not None and result.final.shape == (256, 256, 3)
    assert result.product_difference == 0
    assert result.source == "compositeWithTrainedAlgorithmicMedia"
    first = steps[0]
    assert {each.source for each in (first, steps[-1])} == {result.source}
    assert first.layer is not None
    nothing = np.zeros(first.picture.shape[:2], np.float32)
    assert fidelity(first.picture, first.layer, nothing).max_difference == 0
    fractions = [each.fraction for each in seen if each.step is Step.BACKGROUND]
    assert fractions == sorted(fractions)
    assert {"background", "refine", "painting"} <= {each.sub_step for each in seen}
    parts = {part["name"]: part for part in engine.standing()}
    assert parts["flux.transformer"]["place"] == "device" and "flux.text_encoder_2" not in parts


def test_the_same_brief_gives_the_same_bytes_and_another_seed_others(engine: DiffusionEngine) -> None:
    first, again, other = ad(engine), ad(engine), ad(engine, seed=4)
    assert first.final is not None and np.array_equal(first.final, again.final)
    assert not np.array_equal(first.final, other.final)


def test_a_second_job_reads_no_weights_and_loads_no_text_encoder(
    tiny_models: Path, models_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_models, folder)
    lock_folders(folder)
    assembly = assemble(Options(vram_budget=GIB, compiled=False), device=CPU)
    engine = DiffusionEngine(assembly)
    first = ad(engine)
    read, encoded = assembly.residency.weight_bytes_read, assembly.prompts.misses
    assert read >= sum(assembly.loader.file_bytes(key) for key in assembly.loader.kept() - {"birefnet"})
    for path in folder.rglob("*.safetensors"):
        path.unlink()
    again = ad(engine)
    assert (assembly.residency.weight_bytes_read, assembly.prompts.misses) == (read, encoded)
    assert first.final is not None and np.array_equal(first.final, again.final)


def test_nothing_is_asked_of_the_network(engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was asked of the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert ad(engine).product_difference == 0 and os.environ["HF_HUB_OFFLINE"] == "1"


def test_sdxl_makes_the_background_when_asked(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.assembly.flux, "make", None)
    assert ad(engine, tuning=Tuning(bg_model="sdxl", steps=2)).product_difference == 0


def test_the_cut_out_takes_the_photos_own_alpha_at_its_word(engine: DiffusionEngine) -> None:
    made = engine.cut_out(product().picture, lambda *_: None)
    assert made.method == "alpha" and engine.standing() == []


def test_the_cut_out_cleans_the_networks_matte(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    matte = np.zeros((64, 64), np.float32)
    matte[16:48, 20:44] = 0.97
    matte[2:4, 2:4] = 0.9
    monkeypatch.setattr(engine.assembly.matting, "matte", lambda photo: matte)
    photo = photo_like()
    made = engine.cut_out(photo, lambda *_: None)
    solid = made.picture[..., 3] == 255
    assert made.method == "birefnet" and 0.12 < solid.mean() < 0.25
    assert np.array_equal(made.picture[solid][:, :3], photo[solid])
    assert made.picture[:8, :8, 3].max() == 0


def test_the_networks_matte_has_its_own_size_and_range(engine: DiffusionEngine) -> None:
    matte = engine.assembly.matting.matte(photo_like())
    assert matte.shape == (64, 64) and matte.dtype == np.float32 and 0 <= matte.min() <= matte.max() <= 1


def test_without_refinement_the_background_is_what_was_made_but_for_shadow_and_product(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Picture] = []
    real = engine.assembly.flux.make
    monkeypatch.setattr(
        engine.assembly.flux, "make", lambda *arguments: made.append(real(*arguments)) or made[-1]
    )
    result = ad(engine, text="", tuning=Tuning(steps=3, strength=0.0))
    assert result.final is not None
    far = np.s_[:40, :40]
    assert np.array_equal(result.final[far], made[0][far]) and made[0][far].std() > 1


def test_only_a_ring_around_the_product_is_refined(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    inpaint = engine.assembly.flux.inpaint
    monkeypatch.setattr(engine.assembly.flux, "inpaint", lambda *args: asked.append(args) or inpaint(*args))
    steps: list[StepResult] = []
    ad(engine, on_step=steps.append, text="", tuning=Tuning(steps=3, strength=0.6))
    _, seated, ring, strength, _ = asked[0]
    layer = steps[0].layer
    assert layer is not None and strength == 0.6 and 0.1 < (ring > 0).mean() < 0.7
    made, solid = steps[0].picture, layer[..., 3] == 255
    assert np.array_equal(made[ring == 0], seated[ring == 0])
    assert np.array_equal(made[solid], layer[solid][:, :3])
    assert not np.array_equal(made[(ring > 0) & ~solid], seated[(ring > 0) & ~solid])


@pytest.mark.parametrize("frame", [Size(200, 120), Size(130, 250)])
def test_a_background_has_the_formats_own_shape(engine: DiffusionEngine, frame: Size) -> None:
    result = ad(engine, frame=frame)
    assert result.final is not None and result.final.shape == (frame.height, frame.width, 3)
    assert result.product_difference == 0


def test_the_shadow_lies_under_the_product_and_darkens_only() -> None:
    from generation.studio.product import paste_at
    from generation.types import Box

    grey = np.full((256, 256, 3), 180, np.uint8)
    pasted = paste_at(product().picture, Box(80, 60, 90, 120))
    shaded = background.with_shadow(grey, pasted, 10)
    lost = grey[..., 0].astype(int) - shaded[..., 0]
    assert lost.min() >= 0 and lost[165:185, 110:140].mean() > 20 and lost[:60].max() <= 2


def test_without_a_card_the_engine_says_so(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIFFUSION_DEVICE")
    with pytest.raises(EngineUnavailable, match="no CUDA card"):
        open_engine(EngineName.DIFFUSION)


def test_an_attention_kernel_that_is_not_there_is_named(open_tiny: Callable[..., Assembly]) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"DIFFUSION_ATTENTION=xformers cannot be used here: .*xformers"
    ):
        DiffusionEngine(open_tiny(attention="xformers")).warm_up()


def test_a_wrong_option_is_named(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUX_PRECISION", "fp7")
    with pytest.raises(EngineUnavailable, match="FLUX_PRECISION='fp7' is none of auto, bf16"):
        open_engine(EngineName.DIFFUSION)
