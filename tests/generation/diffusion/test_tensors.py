"""Weights of every kind survive the way to host memory and back. On a CPU the device is another place in the same
memory; that the copies share nothing is what is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.diffusion import assembly, loaders  # noqa: E402
from generation.diffusion.assembly import Assembly  # noqa: E402
from generation.diffusion.engine import DiffusionEngine  # noqa: E402
from generation.diffusion.plan import Form, Plan, PlannedPart  # noqa: E402
from generation.diffusion.residency import Residency  # noqa: E402
from generation.diffusion.tensors import copied, tensors_of  # noqa: E402

from .ads import ad, small_canvas  # noqa: E402

__all__ = ["small_canvas"]
CPU = torch.device("cpu")
META = torch.device("meta")


class Shelf:
    """A loader that hands out one module."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def load(self, key: str, form: Form, device: Any) -> Any:
        return self.module

    def file_bytes(self, key: str) -> int:
        return 1


def float8_linear() -> Any:
    """A layer as torchao quantises it. Its own ``quantize_`` refuses a CPU, its tensors don't."""
    pytest.importorskip("torchao")
    from torchao.quantization import Float8Tensor, PerRow

    module = torch.nn.Linear(16, 32, dtype=torch.bfloat16).requires_grad_(False)
    module.weight = torch.nn.Parameter(
        Float8Tensor.from_hp(module.weight.data, granularity=PerRow()), requires_grad=False
    )
    return module


def nf4_linear() -> Any:
    """A layer as bitsandbytes quantises it, with the settings of ``loaders``."""
    bitsandbytes = pytest.importorskip("bitsandbytes")
    module = bitsandbytes.nn.Linear4bit(
        64, 64, compute_dtype=torch.float32, quant_type="nf4", compress_statistics=False
    )
    return module.requires_grad_(False).to("cpu")


def plain_linear() -> Any:
    return torch.nn.Linear(16, 32).requires_grad_(False)


@pytest.mark.parametrize("make", [plain_linear, float8_linear, nf4_linear])
def test_a_part_that_was_evicted_twice_computes_as_before(make: Any) -> None:
    module = make()
    photo = torch.randn(3, module.in_features)
    wanted = _computed(module, photo)
    plan = Plan(100, {"a": PlannedPart(Form.FULL, 40, 40)}, True)
    residency = Residency(Shelf(module), plan, CPU, 100)
    for _ in range(3):
        with residency.on_device("a") as brought:
            assert isinstance(brought.weight, torch.nn.Parameter)
            assert not brought.weight.requires_grad
            assert torch.equal(_computed(brought, photo), wanted)
        residency.evict_idle()
    assert residency.weight_bytes_read == 1


def _computed(module: Any, photo: Any) -> Any:
    """What the layer makes of a photo; torchao's multiplies 8-bit numbers on a card only."""
    with torch.no_grad():
        if hasattr(module.weight, "qdata"):
            return photo.to(torch.bfloat16) @ module.weight.dequantize().T + module.bias
        return module(photo)


@pytest.mark.parametrize("make", [plain_linear, float8_linear, nf4_linear])
def test_a_copy_shares_nothing_and_keeps_its_kind(make: Any) -> None:
    weight = make().weight
    twin = copied(weight, CPU)
    assert type(twin) is type(weight) and isinstance(twin, torch.nn.Parameter)
    before, after = _storages(weight), _storages(twin)
    assert len(after) == len(before) >= 1 and not before & after


def _storages(weight: Any) -> set[int]:
    """Where a weight's numbers lie."""
    parts = [weight.qdata, weight.scale] if hasattr(weight, "qdata") else [weight]
    state = getattr(weight, "quant_state", None)
    if state is not None:
        parts += [state.absmax, state.code]
    return {part.data_ptr() for part in parts}


def test_an_8_bit_weight_moves_with_its_scales_to_another_device() -> None:
    weight = float8_linear().weight
    moved = copied(weight, META)
    assert moved.device == moved.qdata.device == moved.scale.device == META
    assert moved.qdata.dtype == torch.float8_e4m3fn and weight.qdata.device == CPU


def test_a_4_bit_weights_scales_stay_when_its_copy_moves() -> None:
    module = nf4_linear()
    kept = module.weight.quant_state
    twin = copied(module.weight, CPU)
    assert twin.quant_state is not kept and torch.equal(twin.quant_state.absmax, kept.absmax)


def test_a_4_bit_layer_forgets_the_scales_it_had_on_the_device() -> None:
    module = nf4_linear()
    residency = Residency(Shelf(module), Plan(100, {"a": PlannedPart(Form.NF4, 40, 40)}, True), CPU, 100)
    with residency.on_device("a"):
        was = module.weight.quant_state
    residency.evict_idle()
    assert module.weight.quant_state is not was and module.quant_state is module.weight.quant_state


def test_every_tensor_is_found_by_its_name() -> None:
    module = torch.nn.Sequential(plain_linear(), torch.nn.BatchNorm1d(4))
    assert {"0.weight", "0.bias", "1.running_mean"} <= set(tensors_of(module))


@pytest.fixture
def int8_for_fp8(monkeypatch: pytest.MonkeyPatch) -> None:
    """torchao refuses a CPU 8-bit floats; 8-bit integers go the same way through diffusers, loaders and residency."""
    pytest.importorskip("torchao")
    import diffusers
    from torchao.quantization import Int8WeightOnlyConfig

    made = diffusers.TorchAoConfig(Int8WeightOnlyConfig(), modules_to_not_convert=list(loaders.LEFT_EXACT))
    monkeypatch.setattr(loaders, "_quantization", lambda form, dtype: made)
    monkeypatch.setattr(assembly, "quantisers", lambda device, compiled: (Form.FP8,))


@pytest.mark.usefixtures("int8_for_fp8", "small_canvas")
def test_a_quantised_transformer_makes_the_same_ad_however_often_it_is_evicted(
    open_tiny: Callable[..., Assembly],
) -> None:
    whole = open_tiny(precision="fp8")
    first = ad(DiffusionEngine(whole))
    with whole.residency.on_device("flux.transformer") as transformer:
        kinds = {name: type(each.data) for name, each in transformer.named_parameters() if each.ndim == 2}
    exact = {name for name, kind in kinds.items() if kind is torch.Tensor}
    assert exact and exact < set(kinds) and all(name.startswith(loaders.LEFT_EXACT) for name in exact)
    kept = sum(whole.plan.parts[key].device_bytes for key in whole.loader.kept())
    narrow = open_tiny(precision="fp8", memory=round(0.9 * kept))
    assert narrow.plan.parts["flux.transformer"].form is Form.FP8 and not narrow.plan.resident
    engine = DiffusionEngine(narrow)
    for _ in range(2):
        made = ad(engine)
        assert first.final is not None and np.array_equal(made.final, first.final)
    assert {"host", "device"} == {part["place"] for part in engine.standing()}


def test_the_quantisers_are_asked_as_diffusers_takes_it() -> None:
    pytest.importorskip("torchao")
    pytest.importorskip("bitsandbytes")
    fp8 = loaders._quantization(Form.FP8, torch.bfloat16)
    told = fp8.to_dict()["quant_type"]["default"]
    assert told["_type"] == "Float8DynamicActivationFloat8WeightConfig"
    assert {each["_type"] for each in told["_data"]["granularity"]} == {"PerRow"}
    assert told["_data"]["set_inductor_config"] is False  # it would make compiling ten times as long
    nf4 = loaders._quantization(Form.NF4, torch.bfloat16)
    assert nf4.load_in_4bit and nf4.bnb_4bit_quant_type == "nf4"
    assert nf4.bnb_4bit_compute_dtype == torch.bfloat16
    assert nf4.llm_int8_skip_modules == fp8.modules_to_not_convert == list(loaders.LEFT_EXACT)
