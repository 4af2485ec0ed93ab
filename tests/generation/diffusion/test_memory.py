"""What the engine does about the card's memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.diffusion.assembly import RESERVE, Assembly, card_memory  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.diffusion.options import GIB, Options  # noqa: E402
from generation.diffusion.plan import Form  # noqa: E402
from generation.errors import EngineUnavailable, OutOfMemory, ProductNotFound  # noqa: E402
from generation.types import Tuning  # noqa: E402

from .ads import EVERYTHING, ad, photo_like, small_canvas  # noqa: E402

__all__ = ["small_canvas"]
pytestmark = pytest.mark.usefixtures("small_canvas")


STAGES = {
    "background": ("flux", "make"),
    "ring": ("flux", "inpaint"),
    "headline": ("sdxl", "paint"),
    "words of the background": ("flux", "_encode"),
    "words of the headline": ("sdxl", "_encode"),
    "denoising": ("flux", "_run"),
    "decoding": ("flux", "_decode"),
    "loading": ("loader", "load"),
}


SDXL_MADE = {"tuning": Tuning(bg_model="sdxl", steps=2)}


def short_of_memory(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, times: int) -> list[int]:
    """Let a part of the work run out of memory so many times; tells how often it was tried."""
    real, tries = getattr(owner, name), [0]

    def tight(*args: Any, **kwargs: Any) -> Any:
        tries[0] += 1
        if tries[0] <= times:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, tight)
    return tries


def evictions(monkeypatch: pytest.MonkeyPatch, assembly: Assembly) -> list[int]:
    """Every time the card is emptied from now on."""
    evicted: list[int] = []
    evict = assembly.residency.evict_idle
    monkeypatch.setattr(assembly.residency, "evict_idle", lambda: (evicted.append(1), evict()))
    return evicted


@pytest.mark.parametrize("stage", STAGES)
def test_out_of_memory_empties_the_card_and_tries_once_more(
    engine: DiffusionEngine, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, name = STAGES[stage]
    evicted = evictions(monkeypatch, engine.assembly)
    tries = short_of_memory(monkeypatch, getattr(engine.assembly, part), name, 1)
    assert ad(engine).product_difference == 0
    assert tries[0] >= 2 and len(evicted) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_out_of_memory_twice_fails_this_job_alone(
    engine: DiffusionEngine, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, name = STAGES[stage]
    with monkeypatch.context() as patch:
        short_of_memory(patch, getattr(engine.assembly, part), name, 2)
        with pytest.raises(OutOfMemory, match="CUDA out of memory"):
            ad(engine)
    assert not [each for each in engine.standing() if each["place"] == "device"]
    assert ad(engine).product_difference == 0


def test_out_of_memory_in_the_other_stages_is_tried_once_more_too(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = engine.assembly
    with monkeypatch.context() as patch:
        evicted = evictions(patch, made)
        short_of_memory(patch, made.sdxl, "make", 1)
        assert ad(engine, text="", **SDXL_MADE).product_difference == 0 and len(evicted) == 1
    with monkeypatch.context() as patch:
        evicted = evictions(patch, made)
        short_of_memory(patch, made.matting, "matte", 1)
        with pytest.raises(ProductNotFound):  # random weights find nothing, but they were asked again
            engine.cut_out(np.zeros((64, 64, 3), np.uint8), lambda *_: None)
        assert len(evicted) == 1
    with monkeypatch.context() as patch:
        evicted = evictions(patch, made)
        short_of_memory(patch, made.flux, "inpaint", 1)
        kept = np.zeros((80, 90), np.float32)
        assert engine.refine(photo_like(), kept, EVERYTHING, 1, lambda *_: None).shape == (80, 90, 3)
        assert len(evicted) == 1
    made.residency.drop()
    with monkeypatch.context() as patch:
        short_of_memory(patch, made.loader, "load", 2)
        with pytest.raises(OutOfMemory):
            engine.warm_up()


@pytest.mark.parametrize("share", [0.4, 0.55, 0.75])
def test_a_smaller_budget_gives_the_same_picture_and_is_never_exceeded(
    open_tiny: Callable[..., Assembly], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = open_tiny()
    wanted = ad(DiffusionEngine(whole)).final
    kept = sum(whole.plan.parts[key].device_bytes for key in whole.loader.kept())
    narrow = open_tiny(memory=round(2 * share * kept))
    assert not narrow.plan.resident
    highest = 0
    on_device = narrow.residency.on_device

    @contextmanager
    def watched(key: str) -> Iterator[Any]:
        nonlocal highest
        with on_device(key) as module:
            highest = max(highest, narrow.residency.device_bytes())
            yield module

    monkeypatch.setattr(narrow.residency, "on_device", watched)
    made = ad(DiffusionEngine(narrow)).final
    assert 0 < highest <= narrow.plan.budget
    assert wanted is not None and np.array_equal(made, wanted)


def test_streamed_models_make_the_same_picture_and_are_read_once(open_tiny: Callable[..., Assembly]) -> None:
    whole = open_tiny()
    kept = sum(whole.plan.parts[key].device_bytes for key in whole.loader.kept())
    narrow = open_tiny(memory=round(0.66 * kept))
    streamed = {key for key, part in narrow.plan.parts.items() if part.form is Form.STREAMED}
    assert streamed >= {"flux.transformer", "sdxl.unet", "sdxl.controlnet"}
    engine = DiffusionEngine(narrow)
    assert np.array_equal(ad(engine).final, ad(DiffusionEngine(whole)).final)  # type: ignore[arg-type]
    read = narrow.residency.weight_bytes_read
    assert ad(engine).product_difference == 0 and narrow.residency.weight_bytes_read == read
    told = {part["name"]: (part["place"], part["why"]) for part in engine.standing()}
    assert told["flux.transformer"] == ("host", "streamed block by block")


def test_a_card_that_is_too_small_is_refused_with_what_is_missing(open_tiny: Callable[..., Assembly]) -> None:
    with pytest.raises(EngineUnavailable, match=r"do not fit: birefnet needs .* of the card beside"):
        open_tiny(memory=100_000)


def test_a_precision_that_cannot_be_made_here_is_refused(open_tiny: Callable[..., Assembly]) -> None:
    with pytest.raises(
        EngineUnavailable, match=r"FLUX_PRECISION=fp8 cannot be made here.*diffusion-gpu\.txt"
    ):
        open_tiny(precision="fp8")


def test_a_budget_beyond_the_card_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (20 * GIB, 24 * GIB))
    card = torch.device("cuda", 0)
    assert card_memory(card, Options()) == 20 * GIB - RESERVE
    assert card_memory(card, Options(vram_budget=10 * GIB)) == 10 * GIB
    with pytest.raises(EngineUnavailable, match=r"VRAM_BUDGET_GB=40 is more than the card has: 24\.0 GiB"):
        card_memory(card, Options(vram_budget=40 * GIB))


def test_unloading_empties_the_card(engine: DiffusionEngine) -> None:
    ad(engine)
    engine.unload()
    assert engine.standing() == [] and engine.assembly.residency.device_bytes() == 0
