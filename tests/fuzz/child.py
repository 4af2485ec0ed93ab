"""``python -m tests.fuzz.child FAMILY CASES SEED FILE``: one family, in a process that may die of it.

The case that is being looked at lies in FILE, so that one which kills the process is not lost. CPU time and memory are
bounded here; a call that never comes back is ended by the parent.
"""

from __future__ import annotations

import importlib
import json
import logging
import pickle
import resource
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import django
from hypothesis import HealthCheck, Phase, given, seed, settings

MEMORY_BYTES = 2 * 1024**3
"""Beyond what the process has when it begins: more than the largest accepted picture takes on its way in."""
FAMILIES = ("picture", "word", "request")


class _OutOfTime(BaseException):
    """Not an Exception: what catches a decoder's errors must not catch this."""


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _ring(number: int, frame: object) -> None:
    raise _OutOfTime


def _run(prop: Any, count: int, first_seed: int, file: Path) -> dict[str, Any]:
    """Look at about so many cases; raises what the property raised, with the smallest case that makes it."""
    seen, longest = 0, 0.0

    @seed(first_seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(prop.cases)
    def check(case: Any) -> None:
        nonlocal seen, longest
        file.write_bytes(pickle.dumps((prop.name, case)))
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, prop.seconds)
        try:
            prop.check(case)
        except _OutOfTime:
            raise AssertionError(f"more than {prop.seconds} s of CPU time") from None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        seen, longest = seen + 1, max(longest, time.process_time() - began)

    began = time.monotonic()
    check()
    return {"name": prop.name, "cases": seen, "longest": longest, "seconds": time.monotonic() - began}


def main(family: str, cases: int, first_seed: int, file: Path) -> None:
    django.setup()
    logging.disable()
    warnings.simplefilter("ignore")
    properties = importlib.import_module(f"tests.fuzz.{family}_properties").PROPERTIES
    signal.signal(signal.SIGPROF, _ring)
    _bound_memory()
    for prop in properties:
        told = _run(prop, max(1, cases * prop.share // 100), first_seed, file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({**told, "peak_mb": peak}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
