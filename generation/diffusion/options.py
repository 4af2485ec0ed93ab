"""How the engine runs on this machine: settings, each read from one environment variable.

Defaults are what was measured to be best (docs/performance.md); what changes the picture says so here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from generation.diffusion.registry import BY_KEY, DEFAULT_FLUX, FLUX_KEYS, Model
from generation.errors import EngineUnavailable

GIB: Final = 1024**3
PRECISIONS: Final = ("auto", "bf16", "fp8", "nf4")
ATTENTION: Final = (
    "auto",
    "native",
    "_native_cudnn",
    "_native_flash",
    "flash",
    "_flash_3",
    "sage",
    "xformers",
)
TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Options:
    """``flux``: key of the background model (``FLUX_MODEL``). ``vram_budget``: bytes the engine may take on the
    card, None for what is free less a reserve (``VRAM_BUDGET_GB``). ``host_budget``: bytes of pinned host
    memory for what was evicted (``HOST_BUDGET_GB``; unless set, at most half of the machine's memory).
    ``precision`` of FLUX's transformer (``FLUX_PRECISION``): ``auto`` quantises only when the models do not fit.
    ``compiled``: ``torch.compile`` the repeated blocks (``DIFFUSION_COMPILE``). ``cache_threshold``:
    FirstBlockCache reuses a step's blocks when the first one changed by less than this share; 0 is off, more is
    faster and strays further from the picture (``FLUX_CACHE_THRESHOLD``). ``attention``: diffusers' name of the
    attention kernel (``DIFFUSION_ATTENTION``).
    """

    flux: str = DEFAULT_FLUX
    vram_budget: int | None = None
    host_budget: int = 24 * GIB
    precision: str = "auto"
    compiled: bool = True
    cache_threshold: float = 0.0
    attention: str = "auto"


def from_environment(environ: Mapping[str, str] | None = None) -> Options:
    """The options of this process. Raises ``EngineUnavailable`` with the variable's name for a wrong value."""
    env = os.environ if environ is None else environ
    default = Options()
    host = min(default.host_budget, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    budget = env.get("VRAM_BUDGET_GB", "")
    return Options(
        flux=_one_of(env, "FLUX_MODEL", FLUX_KEYS, default.flux),
        vram_budget=round(_number(env, "VRAM_BUDGET_GB", 0) * GIB) if budget else None,
        host_budget=round(_number(env, "HOST_BUDGET_GB", host / GIB) * GIB),
        precision=_one_of(env, "FLUX_PRECISION", PRECISIONS, default.precision),
        compiled=_switch(env, "DIFFUSION_COMPILE", default.compiled),
        cache_threshold=_number(env, "FLUX_CACHE_THRESHOLD", default.cache_threshold),
        attention=_one_of(env, "DIFFUSION_ATTENTION", ATTENTION, default.attention),
    )


def flux_of(environ: Mapping[str, str]) -> Model:
    """The background model that is chosen; the default where the choice is none."""
    return BY_KEY.get(environ.get("FLUX_MODEL") or DEFAULT_FLUX, BY_KEY[DEFAULT_FLUX])


def _one_of(env: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = env.get(name) or default
    if value not in allowed:
        raise EngineUnavailable(f"{name}={value!r} is none of {', '.join(allowed)}")
    return value


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise EngineUnavailable(f"{name}={text!r} is no number from 0 up")
    return value


def _switch(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name)
    if text is None:
        return default
    if text.lower() not in TRUE | FALSE:
        raise EngineUnavailable(f"{name}={text!r} is neither on nor off")
    return text.lower() in TRUE
