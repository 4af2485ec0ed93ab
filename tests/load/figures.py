"""Percentiles and the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles


def percentiles(seconds: Sequence[float]) -> str:
    """The 50th, 95th and 99th percentile in milliseconds."""
    if len(seconds) < 2:
        return "–"
    cuts = quantiles(seconds, n=100)
    return " / ".join(f"{cuts[at - 1] * 1000:.0f}" for at in (50, 95, 99))


def p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else 0.0


@dataclass
class Table:
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: object) -> None:
        self.rows.append((name, str(value)))
        print(f"{name:<66}{value!s:>22}", flush=True)
