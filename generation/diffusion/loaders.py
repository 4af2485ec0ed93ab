"""Loads the parts of the models from their folders, in the form that the plan gives them."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch

from generation.diffusion import lock
from generation.diffusion.headers import FETCH_COMMAND, broken, count, has_variant, weight_files
from generation.diffusion.lock import Source
from generation.diffusion.plan import Count, Form
from generation.diffusion.registry import Model, Part
from generation.errors import EngineUnavailable, WeightsCorrupt, WeightsMissing

logger = logging.getLogger(__name__)

LEFT_EXACT: Final = ("time_text_embed", "x_embedder", "context_embedder")
"""Small layers at FLUX's entrance that are not quantised: an error there reaches every block."""
OWN_CLASS: Final = re.compile(r"\w+\.\w+")
"""A class of a file in the model's own folder, as its configuration names it."""
FP8_CAPABILITY: Final = (8, 9)
"""From Ada on, cards multiply 8-bit floats."""


def quantisers(device: torch.device, *, compiled: bool) -> tuple[Form, ...]:
    """The compressed forms that can be made on this machine, the better one first. Compiled, 8-bit floats are; where
    kernels are launched one by one, their quantising of every activation takes three times as long as unpacking
    NF4 (docs/performance.md)."""
    found = []
    if device.type == "cuda":
        from importlib.util import find_spec

        if torch.cuda.get_device_capability(device) >= FP8_CAPABILITY and find_spec("torchao"):
            found.append(Form.FP8)
        if find_spec("bitsandbytes"):
            found.append(Form.NF4)
    return tuple(found) if compiled else tuple(reversed(found))


class FolderLoader:
    """Loads from local folders, found through the lock file unless given. Implements ``residency.Loader``."""

    def __init__(self, models: tuple[Model, ...], sources: Mapping[str, Source] | None = None) -> None:
        self.models = models
        self.sources = dict(sources) if sources is not None else {m.key: lock.find(m) for m in models}
        self._parts = {part.key: (model, part) for model in models for part in model.parts}
        self._files = {
            key: weight_files(self.folder(key), model.variant) for key, (model, _) in self._parts.items()
        }

    def folder(self, key: str) -> Path:
        """Where a part's configuration and weights lie."""
        model, part = self._parts[key]
        return self.sources[model.key].folder / part.folder

    def model_folder(self, role: str) -> Path:
        """The folder of the model in that role, for tokenizers and schedulers."""
        return next(self.sources[model.key].folder for model in self.models if model.role == role)

    def revision(self, role: str) -> str:
        """Model key and revision of what is in that role: what cached embeddings are filed under."""
        model = next(model for model in self.models if model.role == role)
        source = self.sources[model.key]
        return f"{model.key}@{source.revision}@{source.folder if source.revision == lock.LOCAL else ''}"

    def counts(self) -> dict[str, Count]:
        """Parameters of every part, from the files' headers. Raises ``WeightsCorrupt``."""
        return {key: count(files) for key, files in self._files.items()}

    def kept(self) -> frozenset[str]:
        """Keys of the parts that stay loaded between jobs."""
        return frozenset(key for key, (_, part) in self._parts.items() if part.kept)

    def file_bytes(self, key: str) -> int:
        return sum(path.stat().st_size for path in self._files[key])

    def load(self, key: str, form: Form, device: torch.device) -> Any:
        """Raises ``WeightsMissing`` and ``WeightsCorrupt``, naming the folder and the command that mends it."""
        model, part = self._parts[key]
        folder = self.folder(key)
        logger.info("loading %s (%s) from %s", key, form, folder)
        with _told_plainly(folder, self._files[key]):
            if part.library == "remote":
                return self._load_remote(model, folder, device)
            module = _from_pretrained(model, part, folder, form, device)
        module.requires_grad_(False)
        if form is Form.STREAMED:
            _stream(module, device)
        return module

    def _load_remote(self, model: Model, folder: Path, device: torch.device) -> Any:
        """A model whose code comes with its weights. The code runs only as the lock file knows it.

        The class is built directly rather than through ``from_pretrained``: that hands the configuration over as the
        first argument, which is another one here, expects ``post_init`` to have run, and in early versions of
        transformers 5 builds on the meta device, where BiRefNet's ``torch.linspace().item()`` fails.
        """
        from safetensors.torch import load_file
        from transformers.dynamic_module_utils import get_class_from_dynamic_module

        reference = _class_reference(folder)
        _check_code(model, folder)
        kind = get_class_from_dynamic_module(reference, str(folder), local_files_only=True)
        settings = kind.config_class.from_pretrained(folder, local_files_only=True)
        parameters = inspect.signature(kind.__init__).parameters
        no_download = {"bb_pretrained": False} if "bb_pretrained" in parameters else {}
        module = kind(config=settings, **no_download)
        state: dict[str, Any] = {}
        for path in self._files["birefnet"]:
            state.update(load_file(path))
        module.load_state_dict(state)
        return module.to(device=device, dtype=run_dtype(model, device)).eval().requires_grad_(False)


def run_dtype(model: Model, device: torch.device) -> torch.dtype:
    """The model's own precision on a card; single precision on a CPU, whose half precision is slow or missing."""
    if device.type == "cpu":
        return torch.float32
    return torch.bfloat16 if model.dtype == "bfloat16" else torch.float16


def _from_pretrained(model: Model, part: Part, folder: Path, form: Form, device: torch.device) -> Any:
    import importlib

    kind = getattr(importlib.import_module(part.library), part.kind)
    arguments: dict[str, Any] = {
        "local_files_only": True,
        "use_safetensors": True,
        "output_loading_info": True,
    }
    dtype = run_dtype(model, device)
    arguments["dtype" if part.library == "transformers" else "torch_dtype"] = dtype
    if has_variant(folder, model.variant):
        arguments["variant"] = model.variant
    if form in (Form.FP8, Form.NF4):
        arguments["quantization_config"] = _quantization(form, dtype)
    if form is not Form.STREAMED and device.type != "cpu":
        arguments["device_map"] = {"": device}
    module, told = kind.from_pretrained(str(folder), **arguments)
    missing = sorted(told["missing_keys"])
    if missing:
        raise ValueError(f"{len(missing)} tensors are missing, {missing[0]} first")
    return module.eval()


def _quantization(form: Form, dtype: torch.dtype) -> Any:
    """diffusers' configuration of a quantiser. 8 bits: E4M3 weights and activations, one scale a row."""
    import diffusers

    if form is Form.NF4:
        return diffusers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=dtype,
            llm_int8_skip_modules=list(LEFT_EXACT),
        )
    from torchao.quantization import Float8DynamicActivationFloat8WeightConfig, PerRow

    # Its wishes for the compiler, set for the whole process, make it try out every kernel's layout: ten times the
    # compilation for no shorter step (docs/performance.md).
    config = Float8DynamicActivationFloat8WeightConfig(granularity=PerRow(), set_inductor_config=False)
    return diffusers.TorchAoConfig(config, modules_to_not_convert=list(LEFT_EXACT))


def _stream(module: Any, device: torch.device) -> None:
    """Leave the weights in host memory and bring them to the card block by block, the next while one runs."""
    from diffusers.hooks import apply_group_offloading

    apply_group_offloading(
        module,
        onload_device=device,
        offload_device=torch.device("cpu"),
        offload_type="block_level",
        num_blocks_per_group=1,
        block_modules=_holders_of_blocks(module),
        non_blocking=True,
        use_stream=device.type == "cuda",
        record_stream=device.type == "cuda",
    )


def _holders_of_blocks(module: Any) -> list[str]:
    """Names of the submodules inside which, at any depth, the lists of repeated blocks lie."""
    names: set[str] = set()
    for path, child in module.named_modules():
        above = path.split(".")[:-1]
        if isinstance(child, torch.nn.ModuleList) and not any(name.isdigit() for name in above):
            names.update(above)
    return sorted(names)


def _class_reference(folder: Path) -> str:
    """Which class of which file of the folder the model is, as ``file.Class``. Raises ``WeightsCorrupt``, also for a
    file elsewhere: that of another repository would come from wherever the hub's client has it."""
    path = folder / "config.json"
    try:
        reference = json.loads(path.read_text(encoding="utf-8"))["auto_map"]["AutoModelForImageSegmentation"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise broken(path, f"it names no class: {error}") from error
    if not isinstance(reference, str) or not OWN_CLASS.fullmatch(reference):
        raise broken(path, f"its code {reference!r} lies elsewhere, so it is not run")
    return reference


def _check_code(model: Model, folder: Path) -> None:
    """Every Python file of the folder is one that was locked, unchanged. Raises ``WeightsCorrupt``."""
    locked = lock.read_lock().get(model.key)
    for path in sorted(folder.rglob("*.py")):
        known = locked.files.get(str(path.relative_to(folder))) if locked else None
        if known is None or hashlib.sha256(path.read_bytes()).hexdigest() != known.sha256:
            raise broken(path, "its code is not the code that was locked, so it is not run")


@contextmanager
def _told_plainly(folder: Path, files: list[Path]) -> Iterator[None]:
    """Whatever a library says about a broken folder, in one sentence that names it (or its only weight file) and what
    to run."""
    try:
        yield
    except (WeightsMissing, WeightsCorrupt, torch.OutOfMemoryError):
        raise
    except ImportError as error:
        raise EngineUnavailable(f"{folder}: {error} Install requirements/diffusion-gpu.txt.") from error
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        file = files[0] if len(files) == 1 else folder
        raise WeightsCorrupt(
            f"{file} cannot be loaded ({first}); run {FETCH_COMMAND}", file=str(file), command=FETCH_COMMAND
        ) from error
