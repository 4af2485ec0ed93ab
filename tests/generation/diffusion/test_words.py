"""What the engine makes of prompts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.ad import AdBrief  # noqa: E402
from generation.diffusion import background  # noqa: E402
from generation.diffusion.assembly import Assembly  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.diffusion.flux import Recipe, Span  # noqa: E402
from generation.pipeline import StepResult  # noqa: E402
from generation.studio.scenes import scenes  # noqa: E402
from generation.types import Tuning  # noqa: E402

from .ads import EVERYTHING, ad, photo_like, small_canvas  # noqa: E402

__all__ = ["small_canvas"]
pytestmark = pytest.mark.usefixtures("small_canvas")


def test_a_preset_scene_and_style_never_load_a_text_encoder(
    open_tiny: Callable[..., Assembly], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_tiny()
    loaded = loads_of(first, monkeypatch)
    DiffusionEngine(first).warm_up()
    assert [loaded.count(key) for key in ("flux.text_encoder_2", "sdxl.text_encoder_2")] == [1, 1]
    later = open_tiny()
    loaded = loads_of(later, monkeypatch)
    engine = DiffusionEngine(later)
    engine.warm_up()
    for key in list(scenes())[::9]:
        assert ad(engine, prompt="", scene=key).product_difference == 0
    assert later.prompts.misses == 0 and not [key for key in loaded if "text_encoder" in key]


def loads_of(assembly: Assembly, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the parts that are read from files from now on."""
    loaded: list[str] = []
    load = assembly.loader.load
    monkeypatch.setattr(assembly.loader, "load", lambda key, *rest: loaded.append(key) or load(key, *rest))
    return loaded


def test_prompts_encoded_by_an_earlier_process_are_read_from_disk(open_tiny: Callable[..., Assembly]) -> None:
    ad(DiffusionEngine(open_tiny()))
    later = open_tiny()
    ad(DiffusionEngine(later))
    assert later.prompts.misses == 0 and later.prompts.hits > 0


def test_a_composition_prompt_paints_around_product_and_words_only(engine: DiffusionEngine) -> None:
    plain = ad(engine)
    tuning = Tuning(steps=3, composition_prompt="soft haze", composition_steps=10, composition_strength=0.5)
    refined = ad(engine, tuning=tuning)
    assert plain.final is not None and refined.final is not None
    assert refined.product_difference == 0
    changed = np.any(plain.final != refined.final, axis=2)
    assert 0.3 < changed.mean() < 0.98


def test_refining_leaves_every_kept_pixel_as_it_is(engine: DiffusionEngine) -> None:
    picture = photo_like()
    kept = np.random.default_rng(6).choice([0.0, 0.02, 1.0], picture.shape[:2]).astype(np.float32)
    made = engine.refine(picture, kept, EVERYTHING, 1, lambda *_: None)
    assert np.array_equal(made[kept > 0], picture[kept > 0])
    assert not np.array_equal(made[kept == 0], picture[kept == 0])


def test_what_is_kept_covers_all_of_the_product_and_the_words(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    steps: list[StepResult] = []
    refine = engine.refine
    monkeypatch.setattr(engine, "refine", lambda *args: seen.append(args) or refine(*args))
    result = ad(engine, on_step=steps.append, tuning=EVERYTHING, subline="딱 하루")
    picture, kept = seen[0][:2]
    assert steps[0].layer is not None and np.all(kept[steps[0].layer[..., 3] > 0] > 0)
    assert ((kept > 0) & (steps[0].layer[..., 3] == 0)).any()
    assert result.final is not None and np.array_equal(result.final[kept > 0], picture[kept > 0])


NEGATIVE = {
    "flux": {"negative_prompt": "겨울"},
    "sdxl": {"negative_prompt": "winter", "tuning": Tuning(bg_model="sdxl", steps=3)},
    "ring": {"tuning": Tuning(steps=3, bg_composition_negative_prompt="winter")},
    "whole": {
        "text": "반값",
        "tuning": Tuning(steps=3, composition_prompt="haze", composition_negative_prompt="winter"),
    },
}


@pytest.mark.parametrize("what", NEGATIVE)
def test_negative_prompts_are_heard_in_english(engine: DiffusionEngine, what: str) -> None:
    heard: list[str] = []
    for part in (engine.assembly.flux, engine.assembly.sdxl):
        encode = part.encode
        part.encode = lambda prompt, encode=encode: heard.append(prompt) or encode(prompt)  # type: ignore
    asked = {"text": "", **NEGATIVE[what]}
    with_one = ad(engine, **asked)
    assert "winter" in heard and all(prompt.isascii() for prompt in heard)
    without = {**asked, "negative_prompt": ""}
    if "tuning" in without:
        bare = {"bg_composition_negative_prompt": "", "composition_negative_prompt": ""}
        without["tuning"] = replace(without["tuning"], **bare)
    assert not np.array_equal(ad(engine, **without).final, with_one.final)  # type: ignore[arg-type]


def test_the_step_cache_is_not_used_where_it_would_mix_up_the_prompts(
    open_tiny: Callable[..., Assembly],
) -> None:
    picture, mask = photo_like(), np.ones((80, 90), np.float32)
    span = Span(lambda *_: None, "x", 0.0, 1.0)
    recipe = Recipe("a beach", "people", steps=4, seed=3)
    plain, cached = open_tiny(), open_tiny(cache_threshold=0.9)
    assert np.array_equal(
        plain.flux.inpaint(recipe, picture, mask, 0.8, span),
        cached.flux.inpaint(recipe, picture, mask, 0.8, span),
    )
    with cached.residency.on_device("flux.transformer") as transformer:
        assert transformer.is_cache_enabled


def test_prompts_become_english(engine: DiffusionEngine) -> None:
    from generation.pipeline import background_brief
    from generation.types import Size

    brief = background_brief(AdBrief(prompt="햇살 드는 카페 나무 테이블"), Size(64, 64), None)
    prompt = background.background_prompt(brief)
    assert prompt.isascii() and "cafe" in prompt.lower() and "no product" in prompt
    scene = background_brief(AdBrief(scene="hanok-window"), Size(64, 64), None)
    assert "hanok" in background.background_prompt(scene).lower()
