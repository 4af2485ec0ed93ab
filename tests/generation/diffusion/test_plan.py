from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.diffusion.plan import GIB, TOGETHER, Count, Form, make_plan

MILLION = 10**6
REAL = {
    "birefnet": Count(200 * MILLION, 21 * MILLION, 60 * MILLION),
    "flux.transformer": Count(11_880 * MILLION, 21 * MILLION, 700 * MILLION),
    "flux.vae": Count(MILLION, 83 * MILLION, 84 * MILLION),
    "flux.text_encoder": Count(123 * MILLION, 0, 123 * MILLION),
    "flux.text_encoder_2": Count(4_762 * MILLION, 0, 520 * MILLION),
    "sdxl.unet": Count(1_500 * MILLION, 1_067 * MILLION, 1_300 * MILLION),
    "sdxl.controlnet": Count(700 * MILLION, 551 * MILLION, 700 * MILLION),
    "sdxl.vae": Count(MILLION, 83 * MILLION, 84 * MILLION),
}
"""Sizes like the real models'."""
KEPT = frozenset(key for key in REAL if "text_encoder" not in key)
BOTH = (Form.FP8, Form.NF4)


def flux_form(memory_gib: float, quantisers: tuple[Form, ...] = BOTH, forced: str = "auto") -> Form:
    return make_plan(REAL, KEPT, round(memory_gib * GIB), quantisers, forced).parts["flux.transformer"].form


def test_a_large_card_keeps_everything_at_full_precision() -> None:
    plan = make_plan(REAL, KEPT, 80 * GIB, BOTH)
    assert plan.resident and {part.form for part in plan.parts.values()} == {Form.FULL}


@pytest.mark.parametrize(
    ("memory", "form"), [(24, Form.FP8), (22.5, Form.FP8), (16, Form.FP8), (12, Form.NF4)]
)
def test_a_smaller_card_gets_a_quantised_transformer(memory: float, form: Form) -> None:
    assert flux_form(memory) is form


def test_without_quantisers_the_transformer_is_streamed() -> None:
    assert flux_form(22.5, ()) is Form.STREAMED
    assert flux_form(22.5, (Form.NF4,)) is Form.NF4


def test_without_quantisers_full_precision_takes_turns_where_each_turn_fits() -> None:
    plan = make_plan(REAL, KEPT, 30 * GIB, ())
    assert plan.parts["flux.transformer"].form is Form.FULL and not plan.resident


def test_a_precision_that_was_asked_for_is_kept() -> None:
    assert flux_form(80, forced="nf4") is Form.NF4


def test_a_text_encoder_too_large_for_the_card_is_streamed() -> None:
    plan = make_plan(REAL, KEPT, 10 * GIB, BOTH)
    assert plan.parts["flux.text_encoder_2"].form is Form.STREAMED


@pytest.mark.parametrize("memory", [7, 8, 10])
def test_what_paints_the_headline_is_streamed_where_it_does_not_fit(memory: float) -> None:
    plan = make_plan(REAL, KEPT, memory * GIB, BOTH)
    assert plan.parts["sdxl.unet"].form is Form.STREAMED and plan.too_large() == ""


def test_decoders_are_never_streamed() -> None:
    plan = make_plan({"flux.vae": Count(0, GIB, 0)}, frozenset({"flux.vae"}), GIB, BOTH)
    assert plan.parts["flux.vae"].form is Form.FULL and "flux.vae needs 2.0 GiB" in plan.too_large()


def test_a_card_that_is_too_small_is_told_with_what_is_missing() -> None:
    told = make_plan(REAL, KEPT, 4 * GIB, BOTH).too_large()
    assert told.startswith("sdxl.unet with sdxl.controlnet with sdxl.vae needs 3.9 GiB of the card")


@given(memory=st.floats(7, 200), quantisers=st.permutations([Form.FP8, Form.NF4]), count=st.integers(0, 2))
def test_what_must_be_on_the_card_together_always_fits(
    memory: float, quantisers: list[Form], count: int
) -> None:
    plan = make_plan(REAL, KEPT, round(memory * GIB), quantisers[:count])
    assert plan.budget < memory * GIB and plan.too_large() == ""
    for group in TOGETHER:
        assert sum(plan.parts[key].device_bytes for key in group if key in plan.parts) <= plan.budget
    assert all(part.device_bytes <= plan.budget for part in plan.parts.values())


def test_the_better_of_the_compressed_forms_is_taken_first() -> None:
    assert flux_form(22.5, (Form.FP8, Form.NF4)) is Form.FP8
    assert flux_form(22.5, (Form.NF4, Form.FP8)) is Form.NF4


@pytest.mark.parametrize(
    ("compiled", "wanted"), [(True, (Form.FP8, Form.NF4)), (False, (Form.NF4, Form.FP8))]
)
def test_eight_bit_floats_are_the_better_form_only_where_blocks_are_compiled(
    monkeypatch: pytest.MonkeyPatch, compiled: bool, wanted: tuple[Form, ...]
) -> None:
    torch = pytest.importorskip("torch")
    from generation.diffusion import loaders

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert loaders.quantisers(torch.device("cuda", 0), compiled=compiled) == wanted
