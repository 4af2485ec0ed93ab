from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from generation.diffusion import random_weights  # noqa: E402
from generation.diffusion.assembly import Assembly, assemble  # noqa: E402
from generation.diffusion.flux import Recipe, Span  # noqa: E402
from generation.diffusion.klein import Klein  # noqa: E402
from generation.diffusion.lock import Source  # noqa: E402
from generation.diffusion.options import GIB, Options  # noqa: E402
from generation.diffusion.registry import BY_KEY, chosen  # noqa: E402
from generation.types import Picture, Size  # noqa: E402

from .tiny import CPU  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("klein")
    random_weights.write_model(BY_KEY["flux2-klein"], made, random_weights.TINY_KLEIN, CPU)
    return made


@pytest.fixture
def klein(tiny_models: Path, models_dir: Path, folder: Path) -> Assembly:
    sources = {model.key: Source(tiny_models / model.key, "a" * 40) for model in chosen("flux2-klein")}
    sources["flux2-klein"] = Source(folder, "b" * 40)
    return assemble(Options(flux="flux2-klein", vram_budget=GIB, compiled=False), sources, CPU)


def test_klein_makes_and_inpaints_with_previews(klein: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.diffusion.denoising.PREVIEW_EVERY_SECONDS", 0.0)
    assert isinstance(klein.flux, Klein)
    previews: list[Picture | None] = []
    span = Span(lambda name, fraction, preview: previews.append(preview), "x", 0.0, 1.0)
    made = klein.flux.make(Recipe("a beach", steps=3), Size(72, 56), span)
    assert made.shape == (56, 72, 3) and made.std() > 0
    assert [each.shape for each in previews if each is not None] == [(512 // 10 * 8, 512 // 10 * 10, 3)] * 2
    mask = np.zeros((56, 72), np.float32)
    mask[20:40, 20:50] = 1
    painted = klein.flux.inpaint(Recipe("sand", steps=4), made, mask, 0.6, span)
    assert np.array_equal(painted[mask == 0], made[mask == 0])
    assert not np.array_equal(painted[mask == 1], made[mask == 1])
    assert np.array_equal(klein.flux.make(Recipe("a beach", steps=3), Size(72, 56), span), made)


def test_its_own_decoding_is_the_pipelines(klein: Assembly) -> None:
    quiet = Span(lambda *_: None, "x", 0.0, 1.0)
    made = klein.flux.make(Recipe("a beach", steps=2, seed=3), Size(64, 64), quiet)
    words = klein.flux.encode("a beach")
    with klein.flux._pipeline("Flux2KleinPipeline") as pipe:
        plain = pipe(
            prompt_embeds=words["prompt_embeds"],
            height=64,
            width=64,
            num_inference_steps=2,
            guidance_scale=1.0,
            generator=torch.Generator("cpu").manual_seed(3),
            output_type="np",
        ).images[0]
    assert np.abs(made / 255.0 - plain).max() < 0.006


def test_presets_are_learnt_with_one_load_and_negative_prompts_change_nothing(klein: Assembly) -> None:
    klein.flux.learn(["a beach", "a desk"])
    assert klein.prompts.misses == 2 and klein.residency.standing() == []
    read = klein.residency.weight_bytes_read
    assert read == klein.loader.file_bytes("flux.text_encoder")
    quiet = Span(lambda *_: None, "x", 0.0, 1.0)
    plain = klein.flux.make(Recipe("a beach", steps=2, seed=3), Size(64, 64), quiet)
    assert np.array_equal(
        klein.flux.make(Recipe("a beach", "people", steps=2, seed=3), Size(64, 64), quiet), plain
    )
    assert klein.prompts.misses == 2
