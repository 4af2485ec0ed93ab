"""Measures the diffusion engine: ``python -m generation.diffusion.bench --random-weights``.

Needs torch, diffusers and this package; no Django, no database. Every figure is the product's own code path, and the
plain diffusers calls with the same settings, weights and prompt embeddings run beside it in the same process.
With ``--random-weights`` models of the real size and classes are written to ``--weights`` first: they cost what the
real ones cost, and show nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch

from generation.diffusion import lock, random_weights, tuning
from generation.diffusion.assembly import RESERVE, Assembly, assemble, describe
from generation.diffusion.bench_card import allocated, emptied, peak, reset_peak
from generation.diffusion.bench_jobs import FRAME, Job, flux_only, plain_calls, stop_halfway, wait
from generation.diffusion.lock import LOCAL, Locked, LockedFile, Source
from generation.diffusion.options import GIB, PRECISIONS, Options
from generation.diffusion.registry import DEFAULT_FLUX, FLUX_KEYS, chosen
from generation.errors import GenerationError
from generation.types import Size

ROWS: Final = (
    "cold",
    "warm",
    "plain",
    "ad",
    "decode",
    "stop",
    "leak",
    "eager",
    "cudnn",
    "cache",
    "compile",
    "compile-cache",
)
"""``cold``: the first job, everything read from files. ``warm``: three more. ``plain``: the same calls made with
diffusers directly, in turn with ours. ``ad``: a whole ad through the pipeline, from photo to picture. ``decode``: the
decoder alone. ``stop``: stopped in the middle. ``leak``: ten jobs in a row. The others are FLUX alone with one speed
option each; they come last since they change the transformer."""
NOTED: Final = ("stages", "ratio", "bytes_read", "steps_skipped", "skipped_step", "warm_up", "error")
SPEED_ROWS: Final = ("eager", "cudnn", "cache", "compile", "compile-cache")
CACHE_THRESHOLD: Final = 0.08
TINY_AD: Final = Size(256, 256)
SAME_PROMPT: Final = "the same prompt"
WARM_JOBS: Final = 3
LEAK_JOBS: Final = 10
LEAK_STEPS: Final = 6
"""Denoising steps of those jobs: how many there are changes nothing about what is left behind."""


@dataclass
class Report:
    """Rows as they are measured, printed at once and kept for the JSON file."""

    file: Path | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def add(self, row: str, **values: Any) -> None:
        self.rows.setdefault(row, {}).update(values)
        told = "  ".join(f"{key}={_short(value)}" for key, value in values.items())
        print(f"[{time.monotonic() - self.began:6.1f} s] {row:<14} {told}", flush=True)
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps(self.rows, indent=1, default=str), encoding="utf-8")


def main() -> None:
    arguments = _parse()
    torch.set_grad_enabled(False)
    report = Report(arguments.json)
    device = (
        torch.device("cuda", torch.cuda.current_device())
        if torch.cuda.is_available()
        else torch.device("cpu")
    )
    if device.type == "cuda":
        torch.cuda.init()
    report.add("machine", **_machine(device))
    sizes = random_weights.sizes_for(arguments.flux, tiny=arguments.tiny)
    if arguments.random_weights:
        # the lock that lets BiRefNet's stand-in run must not be the product's own
        os.environ["ADSTUDIO_MODELS_DIR"] = str(arguments.weights)
        _write_weights(arguments, sizes, device, report)
    options = _options(arguments, device)
    assembly = assemble(options, _sources(arguments), device)
    report.add("plan", told=describe(assembly)[-2:], resident=assembly.plan.resident)
    _measure(assembly, arguments.rows.split(","), report, tiny=arguments.tiny)
    print(table(report.rows), flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--random-weights", action="store_true", help="write random weights unless they are there"
    )
    parser.add_argument(
        "--tiny", action="store_true", help="with tiny models: shows that the bench itself works"
    )
    parser.add_argument(
        "--weights", type=Path, default=Path("bench-weights"), help="folder of the random weights"
    )
    parser.add_argument("--vram-cap", type=float, metavar="GIB", help="let the process have only this much")
    parser.add_argument("--rows", default=",".join(ROWS), help=f"of {','.join(ROWS)}")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="of FLUX's transformer")
    parser.add_argument("--compile", action="store_true", help="compile in every row, not only in its own")
    parser.add_argument(
        "--cache",
        type=float,
        default=0.0,
        help="FirstBlockCache's threshold in every row, not only in its own",
    )
    parser.add_argument("--flux", choices=FLUX_KEYS, default=DEFAULT_FLUX)
    parser.add_argument("--attention", default="auto")
    parser.add_argument("--json", type=Path, help="write the rows there")
    arguments = parser.parse_args()
    unknown = set(arguments.rows.split(",")) - set(ROWS)
    if unknown:
        parser.error(f"no rows {', '.join(sorted(unknown))}")
    return arguments


def _options(arguments: argparse.Namespace, device: torch.device) -> Options:
    options = Options(
        flux=arguments.flux,
        precision=arguments.precision,
        compiled=arguments.compile,
        cache_threshold=arguments.cache,
        attention=arguments.attention,
        host_budget=48 * GIB,
    )
    if arguments.vram_cap is None:
        return options
    grant = round(arguments.vram_cap * GIB) - RESERVE  # CUDA's own context is outside the allocator's count
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(grant / total, device)
    return replace(options, vram_budget=grant)


def _sources(arguments: argparse.Namespace) -> dict[str, Source] | None:
    if not arguments.random_weights:
        return None
    return {model.key: Source(arguments.weights / model.key, LOCAL) for model in chosen(arguments.flux)}


def _write_weights(
    arguments: argparse.Namespace, sizes: dict[str, Any], device: torch.device, report: Report
) -> None:
    for model in chosen(arguments.flux):
        folder = arguments.weights / model.key
        done = folder / ".written"
        if done.exists():
            continue
        started = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        random_weights.write_model(model, folder, sizes, device)
        done.touch()
        emptied(device)
        total = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
        report.add(f"write {model.key}", seconds=time.monotonic() - started, gib=total / GIB)
        if model.remote_code:
            files = {
                path.name: LockedFile(path.stat().st_size, _sha256(path)) for path in folder.glob("*.py")
            }
            lock.write_lock(
                model.key, Locked(str(folder), LOCAL, model.licence, str(folder.resolve()), files)
            )


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def _measure(assembly: Assembly, wanted: list[str], report: Report, *, tiny: bool) -> None:
    """Every row on its own: one that fails says so, and the next is measured."""
    job = Job(assembly, tiny)
    rows: dict[str, Callable[[], None]] = {
        "cold": lambda: _cold(assembly, job, report),
        "warm": lambda: _warm(assembly, job, report),
        "plain": lambda: _plain(assembly, job, report),
        "ad": lambda: _ad(assembly, report, tiny=tiny),
        "decode": lambda: report.add("decode", seconds=job.decode_seconds()),
        "stop": lambda: report.add("stop", **stop_halfway(assembly, job)),
        "leak": lambda: _leak(assembly, job, report),
        **{row: partial(_speed, assembly, row, report, tiny=tiny) for row in SPEED_ROWS},
    }
    for row in ROWS:
        if row in wanted:
            try:
                rows[row]()
            except (RuntimeError, ImportError, GenerationError) as error:
                traceback.print_exc()
                report.add(row, error=f"{type(error).__name__}: {error}"[:400])


def _cold(assembly: Assembly, job: Job, report: Report) -> None:
    reset_peak(assembly.device)
    started = time.monotonic()
    job.run(f"cold {time.time_ns()}")
    wait(assembly.device)
    report.add(
        "cold",
        seconds=time.monotonic() - started,
        stages=dict(job.seconds),
        **peak(assembly.device),
        load_seconds=assembly.residency.load_seconds,
        read_gib=assembly.residency.weight_bytes_read / GIB,
    )


def _warm(assembly: Assembly, job: Job, report: Report) -> None:
    job.run(SAME_PROMPT)
    before, misses = assembly.residency.weight_bytes_read, assembly.prompts.misses
    reset_peak(assembly.device)
    taken = [_timed_job(job) for _ in range(WARM_JOBS)]
    seconds, stages = _middle(taken)
    report.add(
        "warm",
        seconds=seconds,
        all_seconds=[each for each, _ in taken],
        stages=stages,
        flux_step=statistics.median(job.flux_steps),
        sdxl_step=statistics.median(job.sdxl_steps),
        bytes_read=assembly.residency.weight_bytes_read - before,
        prompts_encoded=assembly.prompts.misses - misses,
        **peak(assembly.device),
        resident=[f"{s.key}:{s.place}" for s in assembly.residency.standing()],
    )


def _plain(assembly: Assembly, job: Job, report: Report) -> None:
    """The plain calls and ours in turn, so that a card that slows down slows both."""
    assembly.flux.encode(SAME_PROMPT)
    assembly.sdxl.encode(SAME_PROMPT)
    plain_calls(assembly, job)
    job.run(SAME_PROMPT)
    reset_peak(assembly.device)
    pairs = [(plain_calls(assembly, job), _timed_job(job)) for _ in range(WARM_JOBS)]
    seconds, stages = _middle([(sum(plain.values()), plain) for plain, _ in pairs])
    ratios = [ours / sum(plain.values()) for plain, (ours, _) in pairs]
    ours, our_stages = _middle([mine for _, mine in pairs])
    report.add("plain", seconds=seconds, stages=stages, **peak(assembly.device))
    report.add(
        "ours beside it", seconds=ours, stages=our_stages, ratio=statistics.median(ratios), ratios=ratios
    )


def _timed_job(job: Job) -> tuple[float, dict[str, float]]:
    started = time.monotonic()
    job.run(SAME_PROMPT)
    wait(job.assembly.device)
    return time.monotonic() - started, dict(job.seconds)


def _middle(taken: list[tuple[float, dict[str, float]]]) -> tuple[float, dict[str, float]]:
    """The run of median length."""
    return sorted(taken, key=lambda each: each[0])[len(taken) // 2]


def _ad(assembly: Assembly, report: Report, *, tiny: bool) -> None:
    from generation.diffusion.bench_ads import make_whole_ad

    frame = TINY_AD if tiny else FRAME
    for row, passes in (("ad", True), ("ad painted twice", False)):
        make_whole_ad(assembly, frame, passes=passes)
        reset_peak(assembly.device)
        taken = [make_whole_ad(assembly, frame, passes=passes) for _ in range(WARM_JOBS)]
        seconds, stages = _middle([(sum(stages.values()), stages) for stages in taken])
        report.add(row, seconds=seconds, stages=stages, **peak(assembly.device))


def _leak(assembly: Assembly, job: Job, report: Report) -> None:
    device, after = assembly.device, []
    for _ in range(LEAK_JOBS):
        job.run(SAME_PROMPT, steps=LEAK_STEPS)
        after.append(allocated(device))
    report.add("leak", after_gib=[round(value / GIB, 4) for value in after], grown_bytes=after[-1] - after[0])


def _speed(assembly: Assembly, row: str, report: Report, *, tiny: bool) -> None:
    """FLUX alone: four steps to warm up, then a whole picture."""
    from diffusers import FirstBlockCacheConfig

    device = assembly.device
    with assembly.residency.on_device("flux.transformer") as transformer:
        backend = "native" if row == "eager" else tuning.attention_backend(assembly.options, device)
        if backend != "native" or row == "eager":
            transformer.set_attention_backend(backend)
        caching = "cache" in row
        if caching:
            transformer.enable_cache(FirstBlockCacheConfig(threshold=CACHE_THRESHOLD))
        if (
            row.startswith("compile")
            and device.type == "cuda"
            and not getattr(transformer, "_bench_compiled", False)
        ):
            tuning.compile_blocks(transformer)
            transformer._bench_compiled = True
    first, _ = flux_only(assembly, tiny, steps=4)
    reset_peak(device)
    seconds, steps = flux_only(assembly, tiny)
    least = max(steps) / 3 if caching else 0.0
    skipped = [step for step in steps if step < least]
    computed = [step for step in steps if step >= least]
    report.add(
        row,
        seconds=seconds,
        warm_up=first,
        step=statistics.median(computed),
        steps_skipped=len(skipped),
        skipped_step=statistics.median(skipped or [0.0]),
        attention=backend,
        **peak(device),
    )
    if caching:
        with assembly.residency.on_device("flux.transformer") as transformer:
            transformer.disable_cache()


def table(rows: dict[str, dict[str, Any]]) -> str:
    """The rows as a Markdown table of the figures that most have."""
    lines = ["| row | seconds | FLUX step | card's peak GiB | notes |", "|---|---|---|---|---|"]
    for name, row in rows.items():
        if "seconds" in row and not name.startswith("write"):
            step = _short(row.get("step", row.get("flux_step", "")))
            rest = {key: value for key, value in row.items() if key in NOTED}
            most = _short(row.get("card_peak_gib", ""))
            lines.append(f"| {name} | {_short(row['seconds'])} | {step} | {most} | {_short(rest)} |")
    return "\n".join(lines)


def _machine(device: torch.device) -> dict[str, Any]:
    import diffusers
    import transformers

    told = {
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "transformers": transformers.__version__,
    }
    if device.type == "cuda":
        told["card"] = torch.cuda.get_device_name(device)
    return {**told, "frame": f"{FRAME.width}x{FRAME.height}"}


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "[" + " ".join(_short(each) for each in value) + "]"
    return str(value)


if __name__ == "__main__":
    main()
