from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.diffusion import background, headline  # noqa: E402
from generation.diffusion.assembly import RESERVE, Assembly, assemble, card_memory  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.diffusion.flux import Recipe, Span  # noqa: E402
from generation.diffusion.options import GIB, Options  # noqa: E402
from generation.diffusion.plan import Form  # noqa: E402
from generation.engines import Finisher, Resident, open_engine  # noqa: E402
from generation.errors import Cancelled, EngineUnavailable, OutOfMemory  # noqa: E402
from generation.pipeline import AdBrief, AdResult, StepResult, make_ad  # noqa: E402
from generation.studio.scenes import scenes  # noqa: E402
from generation.types import Cutout, EngineName, Picture, Progress, Step, Tuning  # noqa: E402
from generation.typography.fonts import default_font  # noqa: E402
from generation.verify.fidelity import fidelity  # noqa: E402

from .tiny import CPU, lock_folders  # noqa: E402

QUICK = Tuning(steps=3)


@pytest.fixture(autouse=True)
def small_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headline, "LONGER_SIDE", 128)
    monkeypatch.setattr(headline, "STEPS", 4)


def product() -> Cutout:
    alpha = np.zeros((200, 150), np.uint8)
    cv2.ellipse(alpha, (75, 110), (50, 80), 0, 0, 360, 255, -1)
    colors = np.random.default_rng(1).integers(0, 256, (200, 150, 3), np.uint8)
    return Cutout(np.dstack([colors, cv2.GaussianBlur(alpha, (5, 5), 0)]), "alpha", 1.0)


def ad(
    engine: DiffusionEngine,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_step: Callable[[StepResult], None] = lambda result: None,
    **brief: Any,
) -> AdResult:
    wanted = {"text": "반값", "prompt": "a beach", "tuning": QUICK, "seed": 3, **brief}
    return make_ad(
        AdBrief(font=default_font().path, test_mode=True, **wanted),
        engine,
        product=product(),
        on_progress=on_progress,
        on_step=on_step,
    )


def test_it_fills_both_seams(engine: DiffusionEngine) -> None:
    assert isinstance(engine, Finisher) and isinstance(engine, Resident)
    assert engine.name is EngineName.DIFFUSION and engine.cards() == []


def test_a_whole_ad_keeps_the_products_pixels(engine: DiffusionEngine) -> None:
    steps: list[StepResult] = []
    seen: list[Progress] = []
    result = ad(engine, seen.append, steps.append)
    assert result.final is not None and result.final.shape == (256, 256, 3)
    assert result.product_difference == 0
    first = steps[0]
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


@pytest.mark.parametrize("sub_step", ["background", "shadow", "refine", "painting"])
def test_it_stops_within_one_denoising_step(engine: DiffusionEngine, sub_step: str) -> None:
    ad(engine)
    after = []

    def stop(progress: Progress) -> None:
        if progress.sub_step == sub_step or after:
            after.append(progress)
            raise Cancelled

    with pytest.raises(Cancelled):
        ad(engine, stop)
    assert len(after) == 1
    assert all(part["why"] != "in use" for part in engine.standing())
    clean = ad(engine)
    assert clean.product_difference == 0


def test_a_stopped_run_leaves_no_cached_step_behind(open_tiny: Callable[..., Assembly]) -> None:
    cached = DiffusionEngine(open_tiny(cache_threshold=0.5))
    clean = ad(cached).final

    def stop(progress: Progress) -> None:
        if progress.sub_step == "background" and progress.fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        ad(cached, stop)
    assert clean is not None and np.array_equal(ad(cached).final, clean)


STAGES = ("flux.make", "flux.inpaint", "sdxl.paint", "matting.matte")


def short_of_memory(monkeypatch: pytest.MonkeyPatch, assembly: Assembly, stage: str, times: int) -> list[int]:
    """Let a stage run out of memory so many times; tells how often it was tried."""
    part, name = stage.split(".")
    owner = getattr(assembly, part)
    real, tries = getattr(owner, name), [0]

    def tight(*args: Any, **kwargs: Any) -> Any:
        tries[0] += 1
        if tries[0] <= times:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, tight)
    return tries


@pytest.mark.parametrize("stage", STAGES)
def test_out_of_memory_empties_the_card_and_tries_once_more(
    engine: DiffusionEngine, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    evicted = []
    evict = engine.assembly.residency.evict_idle
    monkeypatch.setattr(engine.assembly.residency, "evict_idle", lambda: (evicted.append(1), evict()))
    tries = short_of_memory(monkeypatch, engine.assembly, stage, 1)
    if stage == "matting.matte":
        engine.assembly.with_room(lambda: engine.assembly.matting.matte(photo_like()))
    else:
        assert ad(engine).product_difference == 0
    assert tries[0] >= 2 and len(evicted) == 1


def photo_like() -> Picture:
    return np.random.default_rng(2).integers(0, 256, (80, 90, 3), np.uint8)


@pytest.mark.parametrize("stage", STAGES[:3])
def test_out_of_memory_twice_fails_this_job_alone(
    engine: DiffusionEngine, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        short_of_memory(patch, engine.assembly, stage, 2)
        with pytest.raises(OutOfMemory):
            ad(engine)
    assert ad(engine).product_difference == 0


def test_sdxl_makes_the_background_when_asked(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = short_of_memory(monkeypatch, engine.assembly, "flux.make", 0)
    result = ad(engine, tuning=Tuning(bg_model="sdxl", steps=2))
    assert tries == [0] and result.product_difference == 0


def test_a_composition_prompt_paints_around_product_and_words_only(engine: DiffusionEngine) -> None:
    plain = ad(engine)
    tuning = Tuning(steps=3, composition_prompt="soft haze", composition_steps=10, composition_strength=0.5)
    refined = ad(engine, tuning=tuning)
    assert plain.final is not None and refined.final is not None
    assert refined.product_difference == 0
    changed = np.any(plain.final != refined.final, axis=2)
    assert 0.3 < changed.mean() < 0.98


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


def test_unloading_empties_the_card(engine: DiffusionEngine) -> None:
    ad(engine)
    engine.unload()
    assert engine.standing() == [] and engine.assembly.residency.device_bytes() == 0


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


def test_the_shadow_lies_under_the_product_and_darkens_only() -> None:
    from generation.studio.product import paste_at
    from generation.types import Box

    grey = np.full((256, 256, 3), 180, np.uint8)
    pasted = paste_at(product().picture, Box(80, 60, 90, 120))
    shaded = background.with_shadow(grey, pasted, 10)
    lost = grey[..., 0].astype(int) - shaded[..., 0]
    assert lost.min() >= 0 and lost[165:185, 110:140].mean() > 20 and lost[:60].max() <= 2


def test_prompts_become_english(engine: DiffusionEngine) -> None:
    from generation.pipeline import background_brief
    from generation.types import Size

    brief = background_brief(AdBrief(prompt="햇살 드는 카페 나무 테이블"), Size(64, 64), None)
    prompt = background.background_prompt(brief)
    assert prompt.isascii() and "cafe" in prompt.lower() and "no product" in prompt
    scene = background_brief(AdBrief(scene="hanok-window"), Size(64, 64), None)
    assert "hanok" in background.background_prompt(scene).lower()


def test_without_a_card_the_engine_says_so(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIFFUSION_DEVICE")
    with pytest.raises(EngineUnavailable, match="no CUDA card"):
        open_engine(EngineName.DIFFUSION)


def test_a_wrong_option_is_named(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUX_PRECISION", "fp7")
    with pytest.raises(EngineUnavailable, match="FLUX_PRECISION='fp7' is none of auto, bf16"):
        open_engine(EngineName.DIFFUSION)
