"""One run of a diffusers pipeline: its arguments, and after every step progress, previews, the chance to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from generation.diffusion.embeddings import Embeddings
from generation.diffusion.previews import LatentMap
from generation.types import Picture, Report, Size

PREVIEW_EVERY_SECONDS: Final = 1.0


@dataclass
class Denoising:
    """Follows one run of a pipeline. ``start`` and ``end`` are the run's share of its step, ``steps`` how many
    there will be. ``unpacked`` turns the pipeline's latents into ``(channels, height, width)``."""

    report: Report
    sub_step: str
    start: float
    end: float
    steps: int
    latent_map: LatentMap | None = None
    unpacked: Callable[[Any], Any] = lambda latents: latents[0]
    step_seconds: list[float] = field(default_factory=list)
    _sigmas: list[float] = field(default_factory=list)
    _before: tuple[Any, float] | None = None
    _shown_at: float = 0.0
    _ticked_at: float = field(default_factory=time.monotonic)

    def after_step(self, pipe: Any, index: int, timestep: Any, state: dict[str, Any]) -> dict[str, Any]:
        """diffusers' ``callback_on_step_end``. Lets ``Cancelled`` from the report pass: the run ends at once."""
        self._wait_for_step(state["latents"])
        now = time.monotonic()
        self.step_seconds.append(now - self._ticked_at)
        self._ticked_at = now
        preview = None
        if self.latent_map is not None and now - self._shown_at >= PREVIEW_EVERY_SECONDS:
            preview = self._preview(pipe, index, state["latents"])
            self._shown_at = now if preview is not None else self._shown_at
        if self.latent_map is not None:
            self._before = (state["latents"], self._sigma(pipe, index))
        done = (index + 1) / max(self.steps, 1)
        self.report(self.sub_step, self.start + (self.end - self.start) * min(done, 1.0), preview)
        return state

    def _preview(self, pipe: Any, index: int, latents: Any) -> Picture | None:
        """Where the last step was heading: both schedulers (flow matching and Euler) step along a straight
        line from noise to picture, so two points of it give its end."""
        assert self.latent_map is not None
        sigma = self._sigma(pipe, index)
        if self._before is None or self._before[1] == sigma:
            return None
        before, sigma_before = self._before
        ahead = latents - (latents - before) * (sigma / (sigma - sigma_before))
        return self.latent_map.picture(self.unpacked(ahead))

    @staticmethod
    def _wait_for_step(latents: Any) -> None:
        """The card has finished the step before the next is launched: else steps would be queued ahead, and a wish to
        stop would come after them. Costs about 4 ms a step on an H100, where the card waits for the next launch."""
        if latents.is_cuda:
            import torch

            torch.cuda.current_stream(latents.device).synchronize()

    def _sigma(self, pipe: Any, index: int) -> float:
        """The noise level after the step, from the scheduler's list, read once: reading waits for the card."""
        if not self._sigmas:
            self._sigmas = [float(sigma) for sigma in pipe.scheduler.sigmas.tolist()]
        begin = pipe.scheduler.begin_index or 0
        return self._sigmas[min(begin + index + 1, len(self._sigmas) - 1)]


def call_arguments(
    words: dict[str, Embeddings],
    size: Size,
    steps: int,
    seed: int,
    device: Any,
    dtype: Any,
    following: Denoising,
) -> dict[str, Any]:
    """What every pipeline is called with: embeddings (by the prefix of their names), frame, steps, seed, and who
    follows. It is to answer with latents."""
    import torch

    embeddings = {
        f"{prefix}{name}": tensor.to(device, dtype)
        for prefix, tensors in words.items()
        for name, tensor in tensors.items()
    }
    return embeddings | {
        "height": size.height,
        "width": size.width,
        "num_inference_steps": steps,
        "generator": torch.Generator("cpu").manual_seed(seed),
        "output_type": "latent",
        "callback_on_step_end": following.after_step,
        "callback_on_step_end_tensor_inputs": ["latents"],
    }


def denoised(
    pipe: Any,
    arguments: dict[str, Any],
    following: Denoising,
    context: AbstractContextManager[Any] | None = None,
) -> Any:
    """The latents of one run, made within ``context``. Lets ``Cancelled`` pass."""
    following.report(following.sub_step, following.start, None)
    try:
        with context or nullcontext():
            return pipe(**arguments).images
    finally:
        pipe.maybe_free_model_hooks()  # a run that was stopped skips it: caches would outlive their picture
