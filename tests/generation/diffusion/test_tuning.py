from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from generation.diffusion import tuning

if TYPE_CHECKING:
    from generation.diffusion.assembly import Assembly


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("flux.transformer", {"FluxTransformerBlock", "FluxSingleTransformerBlock"}),
        ("sdxl.unet", {"BasicTransformerBlock"}),
        ("sdxl.controlnet", {"BasicTransformerBlock"}),
    ],
)
def test_it_compiles_the_blocks_that_a_model_repeats_and_nothing_else(
    tiny: Assembly, key: str, names: set[str]
) -> None:
    with tiny.residency.on_device(key) as module:
        tuning.compile_blocks(module)
        compiled = [child for child in module.modules() if child._compiled_call_impl is not None]
        repeated = [child for child in module.modules() if type(child).__name__ in names]
    assert compiled == repeated and len(repeated) > 1
    assert {type(child).__name__ for child in compiled} == names
