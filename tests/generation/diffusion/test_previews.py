from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from generation.diffusion.denoising import Denoising  # noqa: E402
from generation.diffusion.embeddings import EmbeddingCache  # noqa: E402
from generation.diffusion.previews import fit, test_chart  # noqa: E402
from generation.types import Picture  # noqa: E402

test_chart.__test__ = False  # type: ignore[attr-defined]


class LinearCoder:
    """An autoencoder whose latents are a known linear code of the mean colour of 8 x 8 pixels."""

    device, dtype = torch.device("cpu"), torch.float32
    config = SimpleNamespace(shift_factor=0.1, scaling_factor=0.36)
    code = torch.tensor([[0.5, 0.2, -0.1], [0.1, -0.7, 0.3], [0.9, 0.1, 0.4], [0.2, 0.2, 0.2]])

    def encode(self, pixels: Any) -> Any:
        means = torch.nn.functional.avg_pool2d(pixels, 8)
        latents = torch.einsum("cr,brhw->bchw", self.code, means) + 0.3
        return SimpleNamespace(latent_dist=SimpleNamespace(mode=lambda: latents))


def latents_of(colors: np.ndarray[Any, Any]) -> Any:
    pixels = torch.from_numpy(colors).permute(2, 0, 1)[None].float() * 2 - 1
    found = torch.einsum("cr,brhw->bchw", LinearCoder.code, pixels)[0] + 0.3
    return (found - 0.1) * 0.36


def test_the_map_is_read_off_the_encoder() -> None:
    colors = np.random.default_rng(3).uniform(0.1, 0.9, (6, 5, 3))
    shown = fit(LinearCoder()).picture(latents_of(colors))
    assert shown.dtype == np.uint8 and shown.shape[0] / 6 == shown.shape[1] / 5
    step = shown.shape[0] // 6
    assert np.abs(shown[::step, ::step] / 255.0 - colors).max() < 0.02


def test_the_chart_has_many_colours() -> None:
    chart = test_chart()
    assert chart.shape == (256, 256, 3) and chart.std(axis=(0, 1)).min() > 0.1


def test_a_preview_shows_where_the_denoising_is_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    colors = np.random.default_rng(4).uniform(0.2, 0.8, (8, 8, 3))
    goal, noise = latents_of(colors)[None], torch.randn(1, 4, 8, 8)
    sigmas = torch.tensor([1.0, 0.7, 0.4, 0.0])
    pipe = SimpleNamespace(scheduler=SimpleNamespace(sigmas=sigmas, begin_index=0))
    told: list[tuple[float, Picture | None]] = []
    following = Denoising(
        lambda name, fraction, preview: told.append((fraction, preview)), "x", 0.5, 1.0, 3, fit(LinearCoder())
    )
    for index in range(3):
        sigma = sigmas[index + 1]
        following._shown_at = 0.0
        following.after_step(pipe, index, None, {"latents": (1 - sigma) * goal + sigma * noise})
    assert [round(fraction, 3) for fraction, _ in told] == [0.667, 0.833, 1.0]
    assert told[0][1] is None
    for _, preview in told[1:]:
        assert preview is not None
        small = preview[:: preview.shape[0] // 8, :: preview.shape[1] // 8]
        assert np.abs(small / 255.0 - colors).max() < 0.03


def test_embeddings_are_filed_by_model_and_prompt(tmp_path: Any) -> None:
    asked: list[str] = []

    def encode(value: float) -> Any:
        asked.append(str(value))
        return {"prompt_embeds": torch.full((1, 2), value, dtype=torch.bfloat16)}

    cache = EmbeddingCache(tmp_path)
    assert cache.get("m@1", "a", lambda: encode(1.0))["prompt_embeds"][0, 0] == 1
    cache.get("m@1", "a", lambda: encode(2.0))
    cache.get("m@2", "a", lambda: encode(3.0))
    cache.get("m@1", "b", lambda: encode(4.0))
    assert asked == ["1.0", "3.0", "4.0"] and (cache.hits, cache.misses) == (1, 3)
    again = EmbeddingCache(tmp_path).get("m@1", "a", lambda: encode(9.0))["prompt_embeds"]
    assert again.dtype == torch.bfloat16 and again[0, 0] == 1 and asked[-1] == "4.0"


def test_a_broken_file_of_embeddings_is_made_again(tmp_path: Any) -> None:
    cache = EmbeddingCache(tmp_path)
    cache.get("m", "a", lambda: {"x": torch.ones(1)})
    (path,) = tmp_path.glob("*.safetensors")
    path.write_bytes(b"half")
    assert EmbeddingCache(tmp_path).get("m", "a", lambda: {"x": torch.zeros(1)})["x"] == 0
    assert path.stat().st_size > 4


def test_the_disk_keeps_the_newest_prompts(tmp_path: Any) -> None:
    cache = EmbeddingCache(tmp_path, on_disk=3)
    for number in range(6):
        cache.get("m", str(number), lambda: {"x": torch.ones(1)})
    assert len(list(tmp_path.glob("*.safetensors"))) == 3


def test_the_disk_keeps_presets_however_many_prompts_follow(tmp_path: Any) -> None:
    cache = EmbeddingCache(tmp_path, on_disk=2)
    assert cache.unknown("m", ["a", "b"]) == ["a", "b"]
    for prompt in ("a", "b", "1", "2", "3"):
        cache.get("m", prompt, lambda: {"x": torch.ones(1)})
    assert len(list(tmp_path.glob("*.safetensors"))) == 4
    assert EmbeddingCache(tmp_path).unknown("m", ["a", "b", "c"]) == ["c"]
