"""What the bench runs: a whole job's model work through the engine's own parts, and the same with diffusers alone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch

from generation.diffusion import random_weights
from generation.diffusion.assembly import Assembly
from generation.diffusion.flux import Recipe, Span, decoded
from generation.diffusion.matting import DEVIATION, MEAN
from generation.diffusion.registry import BY_KEY
from generation.diffusion.sdxl import Painting
from generation.errors import Cancelled
from generation.types import Coverage, Picture, Size

FRAME: Final = Size(1024, 1024)
HEADLINE: Final = Size(1024, 512)
RING_STRENGTH: Final = 0.35
TINY_FRAME, TINY_HEADLINE = Size(64, 64), Size(128, 64)
TINY_STEPS: Final = 4


def _silent(sub_step: str, fraction: float, preview: Picture | None) -> None:
    pass


QUIET: Final = Span(_silent, "bench", 0.0, 1.0)


@dataclass
class Job:
    """Matte, background, refinement around the product, painted headline; ``seconds`` of each stage last time."""

    assembly: Assembly
    tiny: bool
    seconds: dict[str, float] = field(default_factory=dict)
    flux_steps: list[float] = field(default_factory=list)
    sdxl_steps: list[float] = field(default_factory=list)
    frame: Size = field(init=False)
    photo: Picture = field(init=False)
    ring: Coverage = field(init=False)
    start: Picture = field(init=False)
    outlines: Coverage = field(init=False)

    def __post_init__(self) -> None:
        self.frame = TINY_FRAME if self.tiny else FRAME
        if self.tiny:
            self.assembly.matting.side = TINY_FRAME.width
        words = TINY_HEADLINE if self.tiny else HEADLINE
        random = np.random.default_rng(0)
        self.photo = random.integers(0, 256, (self.frame.height, self.frame.width, 3), np.uint8)
        self.ring = np.zeros(self.photo.shape[:2], np.float32)
        self.ring[self.frame.height // 3 :, self.frame.width // 4 : -self.frame.width // 4] = 1
        self.start = random.integers(0, 256, (words.height, words.width, 3), np.uint8)
        self.outlines = (random.random((words.height, words.width)) > 0.9).astype(np.float32)

    def recipe(self, prompt: str, steps: int | None = None) -> Recipe:
        """As a background is asked for, unless fewer steps do."""
        model = BY_KEY[self.assembly.options.flux]
        steps = steps or model.steps
        return Recipe(prompt, steps=min(steps, TINY_STEPS) if self.tiny else steps, guidance=model.guidance)

    def painting(self, prompt: str) -> Painting:
        return Painting(prompt, steps=TINY_STEPS if self.tiny else 24)

    def run(self, prompt: str, steps: int | None = None) -> None:
        """One job's model work, warm or cold as things stand."""
        recipe = self.recipe(prompt, steps)
        made, flux, sdxl = self.assembly, self.assembly.flux, self.assembly.sdxl
        self._stage("words", lambda: (flux.encode(prompt), sdxl.encode(prompt)))
        self._stage("birefnet", lambda: made.with_room(lambda: made.matting.matte(self.photo)))
        picture = self._stage("flux", lambda: made.with_room(lambda: flux.make(recipe, self.frame, QUIET)))
        self.flux_steps = flux.step_seconds[1:]
        self._stage(
            "refine",
            lambda: made.with_room(lambda: flux.inpaint(recipe, picture, self.ring, RING_STRENGTH, QUIET)),
        )
        self._stage(
            "headline",
            lambda: made.with_room(
                lambda: sdxl.paint(self.painting(prompt), self.start, self.outlines, QUIET)
            ),
        )
        self.sdxl_steps = sdxl.step_seconds[1:]

    def _stage(self, name: str, work: Callable[[], Any]) -> Any:
        started = time.monotonic()
        result = work()
        wait(self.assembly.device)
        self.seconds[name] = time.monotonic() - started
        return result

    def decode_seconds(self) -> float:
        """FLUX's decoder alone, for the frame."""
        with self.assembly.residency.on_device("flux.vae") as vae:
            factor = 2 ** (len(vae.config.block_out_channels) - 1)
            shape = (1, vae.config.latent_channels, self.frame.height // factor, self.frame.width // factor)
            latents = torch.randn(shape, device=vae.device, dtype=vae.dtype)
            decoded(vae, latents)
            wait(self.assembly.device)
            started = time.monotonic()
            decoded(vae, latents)
            return time.monotonic() - started


def flux_only(assembly: Assembly, tiny: bool, steps: int | None = None) -> tuple[float, list[float]]:
    """One background, prompt known: seconds, and seconds of its steps (without waiting for the card in between)."""
    job = Job(assembly, tiny)
    job.assembly.flux.encode("the same prompt")
    started = time.monotonic()
    assembly.flux.make(job.recipe("the same prompt", steps), job.frame, QUIET)
    wait(assembly.device)
    return time.monotonic() - started, assembly.flux.step_seconds[1:]


def plain_calls(assembly: Assembly, job: Job) -> dict[str, float]:
    """The same work as ``Job.run`` written with diffusers alone: seconds of each call, the second of two."""
    return {
        "birefnet": _second(assembly, lambda: _plain_matte(assembly, job)),
        "flux": _second(assembly, lambda: _plain_flux(assembly, job, assembly.flux.making)),
        "refine": _second(assembly, lambda: _plain_flux(assembly, job, assembly.flux.inpainting)),
        "headline": _second(assembly, lambda: _plain_sdxl(assembly, job)),
    }


def _second(assembly: Assembly, call: Callable[[], Any]) -> float:
    call()
    wait(assembly.device)
    started = time.monotonic()
    call()
    wait(assembly.device)
    return time.monotonic() - started


def _plain_matte(assembly: Assembly, job: Job) -> Any:
    with assembly.residency.on_device("birefnet") as network:
        dtype = next(network.parameters()).dtype
        pixels = torch.from_numpy(job.photo).to(assembly.device).permute(2, 0, 1)[None].float() / 255
        pixels = torch.nn.functional.interpolate(
            pixels, (assembly.matting.side,) * 2, mode="bilinear", antialias=True
        )
        mean, deviation = (
            torch.tensor(each, device=assembly.device)[None, :, None, None] for each in (MEAN, DEVIATION)
        )
        return network(((pixels - mean) / deviation).to(dtype))[-1].sigmoid().float().cpu()


def _plain_flux(assembly: Assembly, job: Job, kind: str) -> Any:
    import diffusers

    residency, words = assembly.residency, assembly.flux.encode("the same prompt")
    recipe = job.recipe("")
    with residency.on_device("flux.transformer") as transformer, residency.on_device("flux.vae") as vae:
        scheduler = diffusers.FlowMatchEulerDiscreteScheduler.from_pretrained(
            str(assembly.loader.model_folder("flux")), subfolder="scheduler"
        )
        parts = {"scheduler": scheduler, "vae": vae, "transformer": transformer}
        pipe = getattr(diffusers, kind)(**parts, **_plain_rest(assembly))
        pipe.set_progress_bar_config(disable=True)
        more: dict[str, Any] = {}
        if kind == assembly.flux.inpainting:
            image = torch.from_numpy(job.photo).permute(2, 0, 1)[None].float() / 255
            more = {
                "image": image,
                "mask_image": torch.from_numpy(job.ring)[None, None],
                "strength": RING_STRENGTH,
            }
        return pipe(
            **{name: tensor.to(assembly.device, vae.dtype) for name, tensor in words.items()},
            **more,
            height=job.frame.height,
            width=job.frame.width,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            generator=torch.Generator("cpu").manual_seed(0),
        ).images[0]


def _plain_rest(assembly: Assembly) -> dict[str, Any]:
    """What the pipelines want named beside what is there."""
    nothing: dict[str, Any] = {"text_encoder": None, "tokenizer": None}
    if assembly.options.flux == random_weights.KLEIN_KEY:
        return {**nothing, "is_distilled": True}
    return {**nothing, "text_encoder_2": None, "tokenizer_2": None}


def _plain_sdxl(assembly: Assembly, job: Job) -> Any:
    import diffusers

    residency, painting = assembly.residency, job.painting("")
    words = assembly.sdxl.encode("the same prompt")
    nothing = {name: torch.zeros_like(tensor) for name, tensor in words.items()}
    with (
        residency.on_device("sdxl.controlnet") as controlnet,
        residency.on_device("sdxl.unet") as unet,
        residency.on_device("sdxl.vae") as vae,
    ):
        scheduler = diffusers.EulerDiscreteScheduler.from_pretrained(
            str(assembly.loader.model_folder("sdxl")), subfolder="scheduler"
        )
        pipe = diffusers.StableDiffusionXLControlNetImg2ImgPipeline(
            vae, None, None, None, None, unet, controlnet, scheduler, add_watermarker=False
        )
        pipe.set_progress_bar_config(disable=True)
        height, width = job.start.shape[:2]
        return pipe(
            **{name: tensor.to(assembly.device, unet.dtype) for name, tensor in words.items()},
            **{
                f"negative_{name}": tensor.to(assembly.device, unet.dtype) for name, tensor in nothing.items()
            },
            image=torch.from_numpy(job.start).permute(2, 0, 1)[None].float() / 255,
            control_image=torch.from_numpy(np.repeat(job.outlines[None], 3, 0))[None],
            height=height,
            width=width,
            strength=painting.strength,
            num_inference_steps=painting.steps,
            guidance_scale=painting.guidance,
            controlnet_conditioning_scale=painting.hold,
            generator=torch.Generator("cpu").manual_seed(0),
        ).images[0]


def stop_halfway(assembly: Assembly, job: Job) -> dict[str, float]:
    """Ask to stop in the middle of the denoising: how long until it did, and what stays allocated afterwards."""
    steps = job.recipe("").steps
    asked = [0.0]

    def report(sub_step: str, fraction: float, preview: Picture | None) -> None:
        if asked[0]:
            raise Cancelled
        if fraction >= 0.5:
            asked[0] = time.monotonic()

    cuda = assembly.device.type == "cuda"
    wait(assembly.device)
    before = torch.cuda.memory_allocated() if cuda else 0
    with contextlib.suppress(Cancelled):
        assembly.flux.make(job.recipe("the same prompt"), job.frame, Span(report, "bench", 0.0, 1.0))
    wait(assembly.device)
    seconds = time.monotonic() - asked[0]
    after = torch.cuda.memory_allocated() if cuda else 0
    step = sum(job.flux_steps) / max(len(job.flux_steps), 1)
    return {"seconds": seconds, "step": step, "of_steps": steps, "kept_bytes": after - before}


def wait(device: torch.device) -> None:
    """Until the card has done everything it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
