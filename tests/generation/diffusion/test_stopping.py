"""Progress, and how soon a wish to stop is heard."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.diffusion.assembly import Assembly  # noqa: E402
from generation.diffusion.denoising import Denoising  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.errors import Cancelled  # noqa: E402
from generation.types import Progress, Step, Tuning  # noqa: E402

from .ads import EVERYTHING, ad, small_canvas  # noqa: E402

__all__ = ["small_canvas"]
pytestmark = pytest.mark.usefixtures("small_canvas")


def test_it_stops_at_the_next_report_wherever_it_is(engine: DiffusionEngine) -> None:
    reports: list[Progress] = []
    clean = ad(engine, reports.append, tuning=EVERYTHING).final
    places = {(each.step, each.sub_step, each.fraction) for each in reports}
    assert {"background", "shadow", "refine", "finish", "painting"} <= {name for _, name, _ in places}
    assert (Step.COMPOSITE, "refine") in {place[:2] for place in places}
    for number in range(0, len(reports), 3):
        after = []

        def stop(progress: Progress, after: list[Progress] = after, number: int = number) -> None:
            after.append(progress)
            if len(after) > number:
                raise Cancelled

        with pytest.raises(Cancelled):
            ad(engine, stop, tuning=EVERYTHING)
        assert len(after) == number + 1
        assert all(part["why"] != "in use" for part in engine.standing())
    assert clean is not None and np.array_equal(ad(engine, tuning=EVERYTHING).final, clean)


@pytest.mark.parametrize(
    ("tuning", "wanted"),
    [
        (Tuning(steps=6), {"background": 6, "refine": 2, "painting": 2}),
        (Tuning(steps=6, bg_model="sdxl", strength=0.5), {"background": 6, "refine": 3, "painting": 2}),
    ],
)
def test_every_denoising_step_is_told(
    engine: DiffusionEngine, tuning: Tuning, wanted: dict[str, int]
) -> None:
    """So the longest wait for a stop is one step. Headlines are painted twice here, from noise of 0.6 and 0.45."""
    reports: list[Progress] = []
    ad(engine, reports.append, tuning=tuning)
    for name, steps in wanted.items():
        told = {each.fraction for each in reports if each.sub_step == name}
        assert len(told) >= steps + 1, name


def test_a_step_is_done_on_the_card_before_a_stop_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Launched ahead, the next step would still run after the wish to stop. What is asked of a card is noted here."""
    order: list[str] = []
    stream = SimpleNamespace(synchronize=lambda: order.append("the card is done"))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: stream)
    following = Denoising(lambda *told: order.append("asked"), "background", 0.0, 1.0, 2)
    for index in range(2):
        following.after_step(None, index, None, {"latents": SimpleNamespace(is_cuda=True, device="cuda")})
    assert order == ["the card is done", "asked"] * 2


def test_a_stop_while_words_are_encoded_is_heard_before_the_large_models_are_loaded(
    open_tiny: Callable[..., Assembly],
) -> None:
    engine = DiffusionEngine(open_tiny())

    def stop(progress: Progress) -> None:
        if engine.assembly.prompts.misses:
            raise Cancelled

    with pytest.raises(Cancelled):
        ad(engine, stop)
    assert engine.standing() == []


def test_a_stop_lets_go_of_what_the_run_held(engine: DiffusionEngine) -> None:
    ad(engine)

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())

    def stop(progress: Progress) -> None:
        if progress.sub_step in ("refine", "painting") and progress.fraction > 0.5:
            raise Cancelled

    before = tensors()
    with pytest.raises(Cancelled):
        ad(engine, stop)
    assert tensors() <= before


def test_a_stopped_run_leaves_no_cached_step_behind(open_tiny: Callable[..., Assembly]) -> None:
    cached = DiffusionEngine(open_tiny(cache_threshold=0.5))
    clean = ad(cached).final

    def stop(progress: Progress) -> None:
        if progress.sub_step == "background" and progress.fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        ad(cached, stop)
    assert clean is not None and np.array_equal(ad(cached).final, clean)
