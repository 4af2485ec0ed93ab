"""Which models the engine uses, for what, under which licence, and of which parts each of them consists.

Declarative and without torch. Revisions, sizes and checksums are not written here: ``fetch`` reads them from
the hub and keeps them in a lock file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Part:
    """One module of a model. ``key`` is what residency calls it; ``folder`` its subfolder in the model's
    repository ("" for the root); ``library`` and ``kind`` the class that loads it; ``kept`` whether it stays
    loaded between jobs (text encoders don't: their output is cached)."""

    key: str
    folder: str
    library: str
    kind: str
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Model:
    """A repository. ``role`` is what it does in the engine: of several models in one role, one is chosen.
    ``dtype`` is the precision it is run in; ``variant`` the weight files' suffix in the repository. ``guided``: takes
    a guidance scale; ``avoids``: can be kept away from a negative prompt. ``steps`` and ``guidance``: a background's
    denoising steps and guidance scale, as the model's card advises."""

    key: str
    role: str
    repo: str
    purpose: str
    licence: str
    dtype: str
    parts: tuple[Part, ...]
    files: tuple[str, ...]
    must_accept: bool = False
    remote_code: bool = False
    variant: str = ""
    guided: bool = True
    avoids: bool = True
    steps: int = 0
    guidance: float = 0.0


def _flux(
    key: str, repo: str, licence: str, *, must_accept: bool, guided: bool, steps: int, guidance: float
) -> Model:
    return Model(
        key=key,
        role="flux",
        repo=repo,
        purpose="backgrounds, and the refinement around the product",
        licence=licence,
        dtype="bfloat16",
        parts=(
            Part("flux.transformer", "transformer", "diffusers", "FluxTransformer2DModel"),
            Part("flux.vae", "vae", "diffusers", "AutoencoderKL"),
            Part("flux.text_encoder", "text_encoder", "transformers", "CLIPTextModel", kept=False),
            Part("flux.text_encoder_2", "text_encoder_2", "transformers", "T5EncoderModel", kept=False),
        ),
        files=(
            "transformer/*",
            "vae/*",
            "text_encoder/*",
            "text_encoder_2/*",
            "tokenizer/*",
            "tokenizer_2/*",
            "scheduler/*",
        ),
        must_accept=must_accept,
        guided=guided,
        steps=steps,
        guidance=guidance,
    )


MODELS: Final = (
    Model(
        key="birefnet",
        role="birefnet",
        repo="ZhengPeng7/BiRefNet",
        purpose="cutting the product out",
        licence="MIT",
        dtype="float16",
        parts=(Part("birefnet", "", "remote", "AutoModelForImageSegmentation"),),
        files=("*.json", "*.py", "model.safetensors"),
        remote_code=True,
    ),
    _flux(
        "flux-dev",
        "black-forest-labs/FLUX.1-dev",
        "FLUX.1 [dev] Non-Commercial License: no commercial use without an agreement with Black Forest Labs",
        must_accept=True,
        guided=True,
        steps=28,
        guidance=3.5,
    ),
    _flux(
        "flux-schnell",
        "black-forest-labs/FLUX.1-schnell",
        "Apache-2.0",
        must_accept=False,
        guided=False,
        steps=4,
        guidance=0.0,
    ),
    Model(
        key="flux2-klein",
        role="flux",
        repo="black-forest-labs/FLUX.2-klein-4B",
        purpose="backgrounds, and the refinement around the product",
        licence="Apache-2.0",
        dtype="bfloat16",
        parts=(
            Part("flux.transformer", "transformer", "diffusers", "Flux2Transformer2DModel"),
            Part("flux.vae", "vae", "diffusers", "AutoencoderKLFlux2"),
            Part("flux.text_encoder", "text_encoder", "transformers", "Qwen3ForCausalLM", kept=False),
        ),
        files=("transformer/*", "vae/*", "text_encoder/*", "tokenizer/*", "scheduler/*"),
        guided=False,
        avoids=False,
        steps=4,
        guidance=1.0,
    ),
    Model(
        key="sdxl",
        role="sdxl",
        repo="stabilityai/stable-diffusion-xl-base-1.0",
        purpose="painting the headline",
        licence="CreativeML Open RAIL++-M",
        dtype="float16",
        parts=(
            Part("sdxl.unet", "unet", "diffusers", "UNet2DConditionModel"),
            Part("sdxl.text_encoder", "text_encoder", "transformers", "CLIPTextModel", kept=False),
            Part(
                "sdxl.text_encoder_2",
                "text_encoder_2",
                "transformers",
                "CLIPTextModelWithProjection",
                kept=False,
            ),
        ),
        files=(
            "unet/*.fp16.safetensors",
            "unet/*.json",
            "text_encoder*/*.fp16.safetensors",
            "text_encoder*/*.json",
            "tokenizer*/*",
            "scheduler/*",
        ),
        variant="fp16",
    ),
    Model(
        key="sdxl-vae",
        role="sdxl-vae",
        repo="madebyollin/sdxl-vae-fp16-fix",
        purpose="SDXL's decoder, mended so that half precision does not overflow",
        licence="MIT",
        dtype="float16",
        parts=(Part("sdxl.vae", "", "diffusers", "AutoencoderKL"),),
        files=("config.json", "diffusion_pytorch_model.safetensors"),
    ),
    Model(
        key="sdxl-canny",
        role="sdxl-canny",
        repo="diffusers/controlnet-canny-sdxl-1.0",
        purpose="holding the painted headline to the font's outlines",
        licence="CreativeML Open RAIL++-M",
        dtype="float16",
        parts=(Part("sdxl.controlnet", "", "diffusers", "ControlNetModel"),),
        files=("config.json", "diffusion_pytorch_model.fp16.safetensors"),
        variant="fp16",
    ),
)
BY_KEY: Final = {model.key: model for model in MODELS}
FLUX_KEYS: Final = tuple(model.key for model in MODELS if model.role == "flux")
DEFAULT_FLUX: Final = "flux-dev"


def chosen(flux: str = DEFAULT_FLUX) -> tuple[Model, ...]:
    """One model for each role, with the FLUX of that key. Raises ``KeyError``."""
    picked = BY_KEY[flux]
    return tuple(model for model in MODELS if model.role != "flux" or model is picked)
