"""The engine's settings and what they need of the machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from generation.diffusion.options import GIB, Options, from_environment
from generation.errors import EngineUnavailable

ROOT = Path(__file__).resolve().parents[3]
VARIABLES = (
    "FLUX_MODEL",
    "VRAM_BUDGET_GB",
    "HOST_BUDGET_GB",
    "FLUX_PRECISION",
    "DIFFUSION_COMPILE",
    "DIFFUSION_ATTENTION",
    "FLUX_CACHE_THRESHOLD",
    "DIFFUSION_JOB_HARD_SECONDS",
    "DIFFUSION_MEMORY_LIMIT_MB",
)


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs/diffusion.md").read_text(encoding="utf-8")
    rows = {
        line.split("|")[1].strip(" `"): line.split("|")[2].strip()
        for line in text.splitlines()
        if "|" in line
    }
    assert set(VARIABLES) <= set(rows)
    default = Options()
    assert rows["FLUX_MODEL"] == f"`{default.flux}`" and rows["FLUX_PRECISION"] == f"`{default.precision}`"
    assert rows["DIFFUSION_ATTENTION"] == f"`{default.attention}`"
    assert rows["DIFFUSION_COMPILE"] == ("on" if default.compiled else "off")
    assert rows["HOST_BUDGET_GB"].startswith(f"{default.host_budget // GIB}")
    assert rows["FLUX_CACHE_THRESHOLD"].startswith(f"{default.cache_threshold:g}")


def test_host_memory_is_half_of_a_small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 16 * GIB // 4096}
    monkeypatch.setattr(os, "sysconf", memory.__getitem__)
    assert from_environment({}).host_budget == 8 * GIB
    assert from_environment({"HOST_BUDGET_GB": "12"}).host_budget == 12 * GIB
    memory["SC_PHYS_PAGES"] *= 8
    assert from_environment({}).host_budget == 24 * GIB


@pytest.mark.parametrize("name", ["VRAM_BUDGET_GB", "HOST_BUDGET_GB", "FLUX_CACHE_THRESHOLD"])
@pytest.mark.parametrize("value", ["many", "-1", "inf", "nan"])
def test_a_number_that_is_none_is_named(name: str, value: str) -> None:
    with pytest.raises(EngineUnavailable, match=f"{name}='{value}'"):
        from_environment({name: value})


@pytest.mark.parametrize("name", ["FLUX_MODEL", "FLUX_PRECISION", "DIFFUSION_ATTENTION", "DIFFUSION_COMPILE"])
def test_a_choice_that_is_none_is_named(name: str) -> None:
    with pytest.raises(EngineUnavailable, match=f"{name}='what'"):
        from_environment({name: "what"})


def test_compiling_is_left_out_where_nothing_can_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from generation.diffusion import tuning

    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    assert tuning.what_compiling_lacks() == "a C compiler"
    monkeypatch.setenv("CC", "/bin/sh")
    monkeypatch.setattr(tuning.sysconfig, "get_path", lambda name: "/nowhere")
    assert tuning.what_compiling_lacks() == "Python.h"


@pytest.mark.parametrize(
    ("arguments", "installed"),
    [
        ((), {"base"}),
        (("ENGINE=diffusion", "CARD="), {"base", "diffusion"}),
        (("ENGINE=diffusion", "CARD=/dev/nvidiactl"), {"base", "diffusion", "diffusion-gpu"}),
    ],
)
def test_make_run_installs_what_the_machine_can_use(
    tmp_path: Path, arguments: tuple[str, ...], installed: set[str]
) -> None:
    told = subprocess.run(
        ["make", "-n", "run", f"VENV={tmp_path}", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    for name in ("base", "diffusion", "diffusion-gpu"):
        assert (f"-r requirements/{name}.txt" in told.stdout) is (name in installed), told.stdout
    assert ("fetch_models" in told.stdout) and told.returncode == 0


@pytest.mark.parametrize(
    ("card", "fetched"), [("", False), ("/dev/nvidiactl", False), ("/dev/nvidiactl", True)]
)
def test_make_bench_measures_the_card_where_there_is_one(tmp_path: Path, card: str, fetched: bool) -> None:
    if fetched:
        (tmp_path / "diffusion").mkdir()
        (tmp_path / "diffusion/lock.json").touch()
    told = subprocess.run(
        ["make", "-n", "bench", f"VENV={tmp_path}", f"CARD={card}"],
        cwd=ROOT,
        env={**os.environ, "ADSTUDIO_MODELS_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert ("-m generation.diffusion.bench" in told.stdout) is bool(card), told.stdout
    random = f"ADSTUDIO_MODELS_DIR={tmp_path}/bench" in told.stdout and "--random-weights" in told.stdout
    assert random is (bool(card) and not fetched) and told.returncode == 0
