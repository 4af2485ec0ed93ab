"""Writes folders like the hub's, of the real classes, with random weights: real sizes cost what the real models cost,
tiny ones make the tests quick. Nothing here is ever used to make a merchant's picture.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import torch

from generation.diffusion.registry import Model, Part

DEVIATION: Final = 0.02
"""Standard deviation of the weights: what transformers are commonly initialised with."""
CLIP_TOKENS, LONG_TOKENS = 77, 512
KLEIN_KEY: Final = "flux2-klein"
TIED: Final = {"encoder.embed_tokens.weight": "shared.weight", "lm_head.weight": "model.embed_tokens.weight"}
"""Where T5's and Qwen3's second name of an embedding points."""
SHARD_BYTES: Final = 5_000_000_000
CODE: Final = Path(__file__).parent / "birefnet_shape"
UNKNOWN_TOKEN, PADDING_TOKEN, END_TOKEN = "<unk>", "<pad>", "</s>"

_FLUX: Final[dict[str, Any]] = {
    "patch_size": 1,
    "in_channels": 64,
    "num_layers": 19,
    "num_single_layers": 38,
    "attention_head_dim": 128,
    "num_attention_heads": 24,
    "joint_attention_dim": 4096,
    "pooled_projection_dim": 768,
    "guidance_embeds": True,
    "axes_dims_rope": [16, 56, 56],
}
_FLUX_VAE: Final[dict[str, Any]] = {
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2,
    "latent_channels": 16,
    "sample_size": 1024,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}
_CLIP_L: Final[dict[str, Any]] = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
    "vocab_size": 49408,
}
_CLIP_G: Final[dict[str, Any]] = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
    "vocab_size": 49408,
    "hidden_act": "gelu",
}
_T5: Final[dict[str, Any]] = {
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "vocab_size": 32128,
    "feed_forward_proj": "gated-gelu",
}
_FLUX2_VAE: Final[dict[str, Any]] = {
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2,
    "latent_channels": 32,
}
_KLEIN: Final[dict[str, Any]] = {
    "in_channels": 128,
    "num_layers": 5,
    "num_single_layers": 20,
    "attention_head_dim": 128,
    "num_attention_heads": 24,
    "joint_attention_dim": 7680,
    "timestep_guidance_channels": 256,
    "axes_dims_rope": [32, 32, 32, 32],
    "guidance_embeds": False,
}
_QWEN3: Final[dict[str, Any]] = {
    "hidden_size": 2560,
    "intermediate_size": 9728,
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 151936,
    "tie_word_embeddings": True,
}
_UNET_DOWN: Final[dict[str, Any]] = {
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "block_out_channels": [320, 640, 1280],
    "layers_per_block": 2,
    "transformer_layers_per_block": [1, 2, 10],
    "attention_head_dim": [5, 10, 20],
    "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "use_linear_projection": True,
}
_UNET: Final[dict[str, Any]] = {
    **_UNET_DOWN,
    "sample_size": 128,
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
}
_SDXL_VAE: Final[dict[str, Any]] = {
    **{key: value for key, value in _FLUX_VAE.items() if not key.startswith(("use_", "shift"))},
    "latent_channels": 4,
    "scaling_factor": 0.13025,
    "force_upcast": False,
}
REAL: Final[dict[str, dict[str, Any]]] = {
    "flux.transformer": _FLUX,
    "flux.vae": _FLUX_VAE,
    "flux.text_encoder": _CLIP_L,
    "flux.text_encoder_2": _T5,
    "sdxl.unet": _UNET,
    "sdxl.controlnet": _UNET_DOWN,
    "sdxl.vae": _SDXL_VAE,
    "sdxl.text_encoder": _CLIP_L,
    "sdxl.text_encoder_2": _CLIP_G,
    "birefnet": {},
}
"""Configurations as the models' repositories have them; BiRefNet's is that of its stand-in."""

_TINY_VAE: Final[dict[str, Any]] = {
    "block_out_channels": [8, 8, 8, 8],
    "layers_per_block": 1,
    "norm_num_groups": 2,
}
_TINY_CLIP: Final[dict[str, Any]] = {
    "hidden_size": 32,
    "intermediate_size": 37,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "projection_dim": 32,
    "vocab_size": 1000,
}
_TINY_UNET: Final[dict[str, Any]] = {
    "block_out_channels": [8, 8, 16],
    "layers_per_block": 1,
    "transformer_layers_per_block": [1, 1, 1],
    "attention_head_dim": [2, 2, 4],
    "cross_attention_dim": 64,
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 80,
    "norm_num_groups": 4,
}
TINY: Final[dict[str, dict[str, Any]]] = {
    "flux.transformer": {
        **_FLUX,
        "num_layers": 2,
        "num_single_layers": 2,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": 32,
        "pooled_projection_dim": 32,
        "axes_dims_rope": [4, 4, 8],
    },
    "flux.vae": {**_FLUX_VAE, **_TINY_VAE},
    "flux.text_encoder": {**_CLIP_L, **_TINY_CLIP},
    "flux.text_encoder_2": {
        **_T5,
        "d_model": 32,
        "d_kv": 8,
        "d_ff": 37,
        "num_layers": 2,
        "num_heads": 4,
        "vocab_size": 1000,
    },
    "sdxl.unet": {**_UNET, **_TINY_UNET},
    "sdxl.controlnet": {**_UNET_DOWN, **_TINY_UNET, "conditioning_embedding_out_channels": [8, 8, 8, 8]},
    "sdxl.vae": {**_SDXL_VAE, **_TINY_VAE},
    "sdxl.text_encoder": {**_CLIP_L, **_TINY_CLIP},
    "sdxl.text_encoder_2": {**_CLIP_G, **_TINY_CLIP},
    "birefnet": {"embed_dim": 8, "depths": [1, 1, 1, 1], "heads": [1, 1, 2, 2], "window": 4},
}
_KLEIN_PARTS: Final = ("flux.transformer", "flux.vae", "flux.text_encoder")
REAL_KLEIN: Final = {**REAL, **dict(zip(_KLEIN_PARTS, (_KLEIN, _FLUX2_VAE, _QWEN3), strict=True))}
"""With FLUX.2 [klein]'s parts in FLUX.1's place."""
TINY_KLEIN: Final[dict[str, dict[str, Any]]] = {
    **TINY,
    "flux.transformer": {
        **_KLEIN,
        "in_channels": 32,
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": 48,
        "timestep_guidance_channels": 16,
        "axes_dims_rope": [4, 4, 4, 4],
    },
    "flux.vae": {**_FLUX2_VAE, **_TINY_VAE, "latent_channels": 8},
    "flux.text_encoder": {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 28,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "vocab_size": 200,
        "tie_word_embeddings": True,
    },
}
CHAT_TEMPLATE: Final = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
_SCHEDULERS: Final[dict[str, dict[str, Any]]] = {
    "flux": {
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "shift": 3.0,
        "use_dynamic_shifting": True,
        "base_shift": 0.5,
        "max_shift": 1.15,
        "base_image_seq_len": 256,
        "max_image_seq_len": 4096,
    },
    "sdxl": {
        "_class_name": "EulerDiscreteScheduler",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "steps_offset": 1,
        "timestep_spacing": "leading",
    },
}


def sizes_for(flux: str, *, tiny: bool) -> dict[str, dict[str, Any]]:
    """Configurations of all parts where FLUX is the model of that key."""
    if flux == KLEIN_KEY:
        return TINY_KLEIN if tiny else REAL_KLEIN
    return TINY if tiny else REAL


def write_model(model: Model, folder: Path, sizes: dict[str, dict[str, Any]], device: torch.device) -> None:
    """Write one model's folder; ``sizes`` as ``sizes_for`` gives them. Weights are drawn on ``device``."""
    for part in model.parts:
        target = folder / part.folder
        target.mkdir(parents=True, exist_ok=True)
        if part.library == "remote":
            _write_remote(target, sizes[part.key])
        else:
            _write_part(model, part, target, sizes[part.key], device)
    for name in {pattern.split("/")[0] for pattern in model.files if pattern.startswith("tokenizer")}:
        for ending in ("", "_2") if name == "tokenizer*" else (name.removeprefix("tokenizer"),):
            clip = model.role == "sdxl" or (model.key.startswith("flux-") and not ending)
            longest = CLIP_TOKENS if clip else LONG_TOKENS
            _write_tokenizer(folder / f"tokenizer{ending}", longest, talks=model.key == KLEIN_KEY)
    if model.role in _SCHEDULERS:
        (folder / "scheduler").mkdir(exist_ok=True)
        text = json.dumps(_SCHEDULERS[model.role], indent=1)
        (folder / "scheduler" / "scheduler_config.json").write_text(text, encoding="utf-8")


def _write_part(model: Model, part: Part, folder: Path, config: dict[str, Any], device: torch.device) -> None:
    import diffusers
    import transformers

    with torch.device("meta"):
        if part.library == "diffusers":
            module = getattr(diffusers, part.kind).from_config(config)
            module.save_config(folder)
            name = "diffusion_pytorch_model"
        else:
            kind = getattr(transformers, part.kind)
            settings = kind.config_class(**config)
            settings.architectures = [part.kind]
            module = kind(settings)
            settings.save_pretrained(folder)
            name = "model"
    dtype = torch.bfloat16 if model.dtype == "bfloat16" else torch.float16
    _save(module.state_dict(), folder, name, dtype, device)


def _write_remote(folder: Path, config: dict[str, Any]) -> None:
    import importlib

    code = importlib.import_module(f"generation.diffusion.{CODE.name}.birefnet")
    torch.manual_seed(0)
    module = code.BiRefNet(config=code.BiRefNetConfig(**config))
    for source in (CODE / "birefnet.py", CODE / "BiRefNet_config.py"):
        shutil.copy(source, folder / source.name)
    card = {
        **config,
        "bb_pretrained": False,
        "architectures": ["BiRefNet"],
        "auto_map": {
            "AutoConfig": "BiRefNet_config.BiRefNetConfig",
            "AutoModelForImageSegmentation": "birefnet.BiRefNet",
        },
    }
    (folder / "config.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
    _save(module.state_dict(), folder, "model", torch.float32, torch.device("cpu"), keep=True)


def _save(
    state: dict[str, Any],
    folder: Path,
    name: str,
    dtype: torch.dtype,
    device: torch.device,
    keep: bool = False,
) -> None:
    """Random tensors of the shapes in ``state`` (with ``keep`` its own), in shards with an index where one would
    be too large."""
    from safetensors.torch import save_file

    random = torch.Generator(device).manual_seed(0)
    shards: list[dict[str, Any]] = [{}]
    held = 0
    for key, tensor in _own(state):
        size = tensor.numel() * dtype.itemsize
        if held + size > SHARD_BYTES and shards[-1]:
            shards.append({})
            held = 0
        shards[-1][key] = tensor if keep else tensor.shape
        held += size
    files = [f"{name}.safetensors"]
    if len(shards) > 1:
        files = [
            f"{name}-{number:05}-of-{len(shards):05}.safetensors" for number in range(1, len(shards) + 1)
        ]
    weight_map: dict[str, str] = {}
    total = 0
    for file, shard in zip(files, shards, strict=True):
        drawn = {key: value if keep else _draw(key, value, dtype, random) for key, value in shard.items()}
        total += sum(tensor.nbytes for tensor in drawn.values())
        weight_map |= dict.fromkeys(drawn, file)
        save_file(
            {key: tensor.contiguous() for key, tensor in drawn.items()}, folder / file, {"format": "pt"}
        )
    if len(files) > 1:
        index = {"metadata": {"total_size": total}, "weight_map": weight_map}
        (folder / f"{name}.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")


def _own(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every tensor once: an embedding that is tied to another stands in the state twice, and in real files under one
    name."""
    for key, tensor in state.items():
        if TIED.get(key) not in state:
            yield key, tensor


def _draw(key: str, shape: Any, dtype: torch.dtype, random: torch.Generator) -> Any:
    """Matrices from a normal distribution; a norm's scale is 1, every offset 0."""
    device = random.device
    if len(shape) > 1:
        return torch.empty(shape, dtype=dtype, device=device).normal_(0, DEVIATION, generator=random)
    fill = torch.ones if key.endswith("weight") else torch.zeros
    return fill(shape, dtype=dtype, device=device)


def _write_tokenizer(folder: Path, longest: int, *, talks: bool) -> None:
    """A tokenizer whose tokens are single printable characters; a language model's ``talks``."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = [PADDING_TOKEN, UNKNOWN_TOKEN, *map(chr, range(32, 127)), END_TOKEN]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN_TOKEN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END_TOKEN}", special_tokens=[(END_TOKEN, vocabulary[END_TOKEN])]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token=UNKNOWN_TOKEN,
        pad_token=PADDING_TOKEN,
        eos_token=END_TOKEN,
        model_max_length=longest,
    )
    wrapped.chat_template = CHAT_TEMPLATE if talks else None
    wrapped.save_pretrained(folder)
