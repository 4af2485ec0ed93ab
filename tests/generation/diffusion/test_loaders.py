from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors import safe_open  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from generation.diffusion import loaders  # noqa: E402
from generation.diffusion.assembly import Assembly  # noqa: E402
from generation.diffusion.fetch import use_folder  # noqa: E402
from generation.diffusion.headers import FETCH_COMMAND  # noqa: E402
from generation.diffusion.loaders import FolderLoader  # noqa: E402
from generation.diffusion.lock import Source  # noqa: E402
from generation.diffusion.plan import Form  # noqa: E402
from generation.diffusion.registry import BY_KEY, chosen  # noqa: E402
from generation.errors import EngineError, WeightsCorrupt, WeightsMissing  # noqa: E402

from .tiny import CPU, lock_folders  # noqa: E402

UNET = "sdxl/unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def own(tiny_models: Path, models_dir: Path, tmp_path: Path) -> Path:
    """A copy of the tiny models that a test may break, locked as they are."""
    folder = tmp_path / "own"
    shutil.copytree(tiny_models, folder)
    lock_folders(folder)
    return folder


def loader_of(folder: Path) -> FolderLoader:
    return FolderLoader(chosen(), {model.key: Source(folder / model.key, "a" * 40) for model in chosen()})


def test_every_part_loads_and_has_as_many_numbers_as_its_header_says(
    tiny_models: Path, models_dir: Path
) -> None:
    loader = loader_of(tiny_models)
    for key, count in loader.counts().items():
        module = loader.load(key, Form.FULL, CPU)
        held = {id(tensor): tensor.numel() for tensor in module.state_dict(keep_vars=True).values()}
        assert sum(held.values()) == count.matrices + count.others, key
        assert not module.training and not any(each.requires_grad for each in module.parameters())


@pytest.mark.parametrize(
    "key", ["flux.transformer", "flux.text_encoder_2", "sdxl.text_encoder", "sdxl.unet", "sdxl.controlnet"]
)
def test_a_streamed_part_computes_what_a_whole_one_does(
    tiny_models: Path, models_dir: Path, key: str
) -> None:
    loader = loader_of(tiny_models)
    results = []
    for form in (Form.FULL, Form.STREAMED):
        module = loader.load(key, form, CPU)
        assert bool(_hooked(module)) is (form is Form.STREAMED)
        assert all(path.rpartition(".")[2].isdigit() or path in HOLDERS for path in _hooked(module))
        torch.manual_seed(0)
        with torch.no_grad():
            if key == "flux.transformer":
                results.append(_denoised(module))
            elif key.startswith("sdxl.") and "text" not in key:
                results.append(_painted(module))
            else:
                results.append(module(torch.arange(8)[None])[0])
    assert torch.equal(*results)


HOLDERS = ("", "encoder", "mid_block", "controlnet_cond_embedding")
"""What is streamed beside the numbered blocks: what lies between them."""


def _hooked(module: torch.nn.Module) -> list[str]:
    """Where the streaming listens."""
    return [path for path, child in module.named_modules() if hasattr(child, "_diffusers_hook")]


def _painted(module: torch.nn.Module) -> torch.Tensor:
    more = {"controlnet_cond": torch.randn(1, 3, 64, 64)} if "ControlNet" in type(module).__name__ else {}
    told = module(
        torch.randn(1, 4, 8, 8),
        torch.tensor(5),
        encoder_hidden_states=torch.randn(1, 7, 64),
        added_cond_kwargs={"text_embeds": torch.randn(1, 32), "time_ids": torch.ones(1, 6)},
        return_dict=False,
        **more,
    )
    return told[-1] if more else told[0]


def _denoised(module: torch.nn.Module) -> torch.Tensor:
    return module(
        hidden_states=torch.randn(1, 4, 64),
        timestep=torch.tensor([0.5]),
        guidance=torch.tensor([3.5]),
        pooled_projections=torch.randn(1, 32),
        encoder_hidden_states=torch.randn(1, 8, 32),
        txt_ids=torch.zeros(8, 3),
        img_ids=torch.zeros(4, 3),
        return_dict=False,
    )[0]


def test_half_precision_files_are_found_by_their_suffix(own: Path) -> None:
    path = own / UNET
    path.rename(path.with_name("diffusion_pytorch_model.fp16.safetensors"))
    assert loader_of(own).load("sdxl.unet", Form.FULL, CPU) is not None


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def no_header(path: Path) -> None:
    path.write_bytes(b"<html>not found</html>" * 40)


@pytest.mark.parametrize("damage", [Path.unlink, cut_short, no_header])
def test_a_damaged_file_is_named_when_the_engine_is_opened(
    own: Path, open_tiny: Callable[..., Assembly], damage: Callable[[Path], None]
) -> None:
    lock_folders(own)
    damage(own / UNET)
    with pytest.raises((WeightsMissing, WeightsCorrupt)) as caught:
        open_tiny()
    assert str(own / UNET) in caught.value.detail and FETCH_COMMAND in caught.value.detail


@pytest.mark.parametrize("damage", [cut_short, no_header])
def test_a_damaged_file_is_found_by_its_header_where_no_lock_tells_its_size(
    own: Path, damage: Callable[[Path], None]
) -> None:
    damage(own / UNET)
    with pytest.raises(WeightsCorrupt, match=UNET):
        loader_of(own).counts()


def test_weights_of_another_model_are_refused(own: Path) -> None:
    shutil.copy(own / "sdxl-vae/diffusion_pytorch_model.safetensors", own / UNET)
    with pytest.raises(WeightsCorrupt, match=rf"{UNET} cannot be loaded.*{FETCH_COMMAND}"):
        loader_of(own).load("sdxl.unet", Form.FULL, CPU)


def test_a_configuration_that_does_not_fit_is_refused(own: Path) -> None:
    path = own / "flux-dev/transformer/config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_layers": 5}))
    with pytest.raises(WeightsCorrupt, match="flux-dev/transformer"):
        loader_of(own).load("flux.transformer", Form.FULL, CPU)


def test_a_model_never_fetched_is_named(models_dir: Path, open_tiny: Callable[..., Assembly]) -> None:
    lock = models_dir / "diffusion" / "lock.json"
    lock.write_text(json.dumps({k: v for k, v in json.loads(lock.read_text()).items() if k != "sdxl-canny"}))
    with pytest.raises(WeightsMissing, match=BY_KEY["sdxl-canny"].repo):
        open_tiny()
    lock.write_text("{")
    with pytest.raises(WeightsCorrupt, match=r"lock\.json"):
        open_tiny()


def test_remote_code_that_changed_after_it_was_locked_never_runs(own: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    path = own / "birefnet/birefnet.py"
    path.write_text(path.read_text() + f"\nopen({str(trace)!r}, 'w')\n")
    with pytest.raises(WeightsCorrupt, match=r"birefnet\.py.*not the code that was locked"):
        loader_of(own).load("birefnet", Form.FULL, CPU)
    assert not trace.exists()


def test_remote_code_that_was_never_locked_never_runs(own: Path) -> None:
    (own / "birefnet/deeper").mkdir()
    for name in ("deeper/extra.py", "extra.py"):
        path = own / "birefnet" / name
        path.write_text("raise SystemExit")
        with pytest.raises(WeightsCorrupt, match=r"extra\.py.*not the code that was locked"):
            loader_of(own).load("birefnet", Form.FULL, CPU)
        path.unlink()


@pytest.mark.parametrize(
    "elsewhere", ["some/model--birefnet.BiRefNet", "../birefnet.BiRefNet", "BiRefNet", None]
)
def test_code_outside_the_models_own_folder_never_runs(own: Path, elsewhere: str | None) -> None:
    path = own / "birefnet/config.json"
    config = json.loads(path.read_text())
    config["auto_map"]["AutoModelForImageSegmentation"] = elsewhere
    path.write_text(json.dumps(config))
    with pytest.raises(WeightsCorrupt, match=r"config\.json.*lies elsewhere, so it is not run"):
        loader_of(own).load("birefnet", Form.FULL, CPU)


def test_a_configuration_without_code_is_told(own: Path) -> None:
    (own / "birefnet/config.json").write_text("{}")
    with pytest.raises(WeightsCorrupt, match=r"config\.json.*names no class"):
        loader_of(own).load("birefnet", Form.FULL, CPU)


def test_code_of_a_local_folder_is_locked_as_it_is(own: Path) -> None:
    use_folder(BY_KEY["birefnet"], own / "birefnet")
    assert loader_of(own).load("birefnet", Form.FULL, CPU) is not None
    (own / "birefnet/birefnet.py").write_text("raise SystemExit")
    with pytest.raises(WeightsCorrupt, match="not the code that was locked"):
        loader_of(own).load("birefnet", Form.FULL, CPU)


def test_the_same_weights_for_another_program_count_and_load_once(own: Path) -> None:
    folder = own / "sdxl-vae"
    before = loader_of(own).file_bytes("sdxl.vae")
    shutil.copy(folder / "diffusion_pytorch_model.safetensors", folder / "sdxl_vae.safetensors")
    assert loader_of(own).file_bytes("sdxl.vae") == before


def test_a_missing_shard_is_named(own: Path) -> None:
    folder = own / "flux-dev/transformer"
    whole = folder / "diffusion_pytorch_model.safetensors"
    names = [
        "diffusion_pytorch_model-00001-of-00002.safetensors",
        "diffusion_pytorch_model-00002-of-00002.safetensors",
    ]
    with safe_open(whole, "pt") as file:
        keys = sorted(file.keys())
        halves = [{key: file.get_tensor(key) for key in part} for part in (keys[::2], keys[1::2])]
    for name, half in zip(names, halves, strict=True):
        save_file(half, folder / name, {"format": "pt"})
    weight_map = {key: name for name, half in zip(names, halves, strict=True) for key in half}
    index = folder / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    whole.unlink()
    assert loader_of(own).load("flux.transformer", Form.FULL, CPU) is not None
    (folder / names[1]).unlink()
    with pytest.raises(WeightsCorrupt, match=rf"flux-dev/transformer.*{FETCH_COMMAND}"):
        loader_of(own).load("flux.transformer", Form.FULL, CPU)


def test_a_package_that_remote_code_needs_is_told(own: Path) -> None:
    path = own / "birefnet/birefnet.py"
    path.write_text("import a_package_nobody_has\n" + path.read_text())
    lock_folders(own)
    with pytest.raises(EngineError, match=r"a_package_nobody_has.*diffusion-gpu\.txt"):
        loader_of(own).load("birefnet", Form.FULL, CPU)


def test_no_quantiser_is_offered_without_a_card() -> None:
    assert loaders.quantisers(CPU, compiled=True) == ()
