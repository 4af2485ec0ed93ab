"""Weights of every kind survive the way to host memory and back. On a CPU the device is another place in the same
memory; that the copies share nothing is what is checked."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from generation.diffusion.plan import Form, Plan, PlannedPart  # noqa: E402
from generation.diffusion.residency import Residency  # noqa: E402
from generation.diffusion.tensors import copied, tensors_of  # noqa: E402

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
