"""What the engine makes is what the plain diffusers calls make: nothing changes the picture on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from generation.diffusion.assembly import Assembly  # noqa: E402
from generation.diffusion.bench_jobs import QUIET  # noqa: E402
from generation.diffusion.flux import Recipe  # noqa: E402
from generation.diffusion.sdxl import Painting  # noqa: E402
from generation.types import Size  # noqa: E402

ROUNDING = 1.5 / 255


def call(pipe: Any, **more: Any) -> np.ndarray[Any, Any]:
    pipe.set_progress_bar_config(disable=True)
    picture: np.ndarray[Any, Any] = pipe(
        num_inference_steps=3, generator=torch.Generator("cpu").manual_seed(3), output_type="np", **more
    ).images[0]
    return picture


def tokens_and_models(tiny: Assembly, role: str, **parts: str) -> dict[str, Any]:
    """A pipeline's whole set of components, loaded without the engine."""
    import diffusers
    import transformers

    folder = tiny.loader.model_folder(role)
    found: dict[str, Any] = {}
    for name, kind in parts.items():
        library = diffusers if hasattr(diffusers, kind) else transformers
        loaded = getattr(library, kind).from_pretrained(str(folder), subfolder=name)
        found[name] = loaded.float() if isinstance(loaded, torch.nn.Module) else loaded
    return found


FLUX = {
    "transformer": "FluxTransformer2DModel",
    "vae": "AutoencoderKL",
    "text_encoder": "CLIPTextModel",
    "text_encoder_2": "T5EncoderModel",
    "tokenizer": "AutoTokenizer",
    "tokenizer_2": "AutoTokenizer",
    "scheduler": "FlowMatchEulerDiscreteScheduler",
}


@pytest.mark.parametrize("negative", ["", "people"])
def test_flux(tiny: Assembly, negative: str) -> None:
    import diffusers

    recipe = Recipe("a beach", negative, steps=3, true_guidance=2.5, seed=3)
    made = tiny.flux.make(recipe, Size(96, 64), QUIET)
    plain = call(
        diffusers.FluxPipeline(**tokens_and_models(tiny, "flux", **FLUX)),
        prompt="a beach",
        negative_prompt=negative or None,
        true_cfg_scale=2.5,
        height=64,
        width=96,
        guidance_scale=3.5,
    )
    assert np.abs(made / 255.0 - plain).max() < ROUNDING


@pytest.mark.parametrize("negative", ["", "people"])
def test_flux_inpainting(tiny: Assembly, negative: str) -> None:
    import diffusers

    picture = np.random.default_rng(5).integers(0, 256, (64, 96, 3), np.uint8)
    mask = np.zeros((64, 96), np.float32)
    mask[16:48, 32:80] = 1
    recipe = Recipe("a beach", negative, steps=3, true_guidance=2.5, seed=3)
    made = tiny.flux.inpaint(recipe, picture, mask, 0.7, QUIET)
    plain = call(
        diffusers.FluxInpaintPipeline(**tokens_and_models(tiny, "flux", **FLUX)),
        prompt="a beach",
        negative_prompt=negative or None,
        true_cfg_scale=2.5,
        image=torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255,
        mask_image=torch.from_numpy(mask)[None, None],
        strength=0.7,
        height=64,
        width=96,
        guidance_scale=3.5,
    )
    assert np.array_equal(made[mask == 0], picture[mask == 0])
    assert np.abs(made / 255.0 - plain)[mask == 1].max() < ROUNDING


@pytest.mark.parametrize("negative", ["", "dull"])
def test_sdxl(tiny: Assembly, negative: str) -> None:
    import diffusers

    made = tiny.sdxl.make(Painting("gold", negative, steps=3, guidance=5.0, seed=3), Size(128, 64), QUIET)
    with tiny.residency.on_device("sdxl.vae") as vae:
        pipe = diffusers.StableDiffusionXLPipeline(
            vae=vae,
            add_watermarker=False,
            **tokens_and_models(
                tiny,
                "sdxl",
                unet="UNet2DConditionModel",
                text_encoder="CLIPTextModel",
                text_encoder_2="CLIPTextModelWithProjection",
                tokenizer="AutoTokenizer",
                tokenizer_2="AutoTokenizer",
                scheduler="EulerDiscreteScheduler",
            ),
        )
        plain = call(
            pipe, prompt="gold", negative_prompt=negative or None, height=64, width=128, guidance_scale=5.0
        )
    assert np.abs(made / 255.0 - plain).max() < ROUNDING
