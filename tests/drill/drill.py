"""One drill: faults in an order that its seed decides, work all the while, and the promises at the end."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter, defaultdict
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from adstudio.processes import Child, stop_together
from jobs.models import Job
from jobs.worker.patience import patiently
from tests.drill.diffusion import diffusion_worker
from tests.drill.faults import Fault, faults
from tests.drill.promises import promises, quiet
from tests.drill.stream import Stream
from tests.drill.system import SERVING_SECONDS, System, wait_for

SETTLE_SECONDS = 240.0
PAUSE_SECONDS = (0.2, 2.0)
SHOWN_AT_MOST = 8


class Drill:
    def __init__(self, folder: Path, *, seed: int, faults: int, diffusion: bool) -> None:
        self.folder = folder
        self.seed = seed
        self.count = faults
        self.random = random.Random(seed)
        self.began = time.monotonic()
        self.hits: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.crashes = 0
        print(f"Seed {seed}, {faults} faults. Starting in {folder / 'run'}", flush=True)
        self.system = System(folder / "run")
        self.gpu: Child | None = diffusion_worker(folder) if diffusion else None
        self.stream = Stream(self.system, diffusion=diffusion, seed=seed)

    def run(self) -> bool:
        """Whether every promise held."""
        self.stream.start()
        order = self._order()
        for number, fault in enumerate(order, 1):
            self._breathe()
            told = fault.strike(self.system)
            self.hits[fault.name][told] += 1
            self.crashes += fault.crashes
            at = time.monotonic() - self.began
            print(f"[{at:6.1f} s] {number:3}/{len(order)} {fault.name} {told and f'({told})'}", flush=True)
        self._settle()
        self._tell()
        return self._judge()

    def clear(self, *, keep: bool) -> None:
        """End what runs, and remove the run folder unless it is kept."""
        if not self.system.up.ended:
            self.system.stop()
        if self.gpu is not None:
            stop_together([self.gpu])
        connection.close()
        self.system.release_disk()
        if keep:
            print(f"Left for a look, without its pictures: {self.folder}")
        else:
            self.system.remove()
            shutil.rmtree(self.folder)

    def _order(self) -> list[Fault]:
        """Rounds of all faults, each shuffled, so that a short drill too has most of them."""
        order: list[Fault] = []
        while len(order) < self.count:
            known = faults(self.system, diffusion=self.gpu is not None)
            first = self.random.sample(known, len(known))
            again = [fault for fault in known for _ in range(fault.weight - 1)]
            order += first + self.random.sample(again, len(again))
        return order[: self.count]

    def _breathe(self) -> None:
        """A moment of work between two faults; not long enough to recover from all of them."""
        time.sleep(self.random.uniform(*PAUSE_SECONDS))
        self._keep_going()

    def _keep_going(self) -> None:
        self.system.ensure_up()
        if self.gpu is not None and not self.gpu.alive:
            self.gpu.start()
        try:
            self.stream.waiting = patiently(lambda: Job.objects.filter(status__in=Job.ACTIVE).count())
        except (DatabaseError, InterfaceError):
            connection.close()

    def _settle(self) -> None:
        """Until all is done that was begun."""

        def done() -> bool:
            self._keep_going()
            return self.system.serves() and patiently(quiet)

        wait_for(self.system.serves, SERVING_SECONDS)
        self.stream.finish()
        wait_for(done, SETTLE_SECONDS, 0.5)
        if self.gpu is not None:
            stop_together([self.gpu])
            self.gpu = None

    def _tell(self) -> None:
        print(f"\n{sum(map(Counter.total, self.hits.values()))} faults, seed {self.seed}:")
        for name, told in sorted(self.hits.items()):
            where = ", ".join(f"{at} {count}" for at, count in told.most_common() if at)
            print(f"  {told.total():4}  {name:34} {where}")
        ends = Counter(Job.objects.values_list("status", "error_code"))
        print(f"{len(self.stream.accepted)} jobs accepted; in all:")
        for (status, code), count in sorted(ends.items()):
            print(f"  {count:4}  {status} {code}")
        attempts = Counter(Job.objects.values_list("attempts", flat=True))
        print("attempts a job: " + ", ".join(f"{n}: {count}" for n, count in sorted(attempts.items())))
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(self.stream.answers.items()))
        print(f"answers: {answers}; the slowest after {self.stream.slowest:.1f} s\n")

    def _judge(self) -> bool:
        held = True
        for name, promise in promises(self.system, self.stream, self.crashes).items():
            against = list(promise())
            held = held and not against
            print(f"  {'holds ' if not against else 'BROKEN'}  {name}")
            for line in against[:SHOWN_AT_MOST]:
                print(f"            {line}")
            if len(against) > SHOWN_AT_MOST:
                print(f"            and {len(against) - SHOWN_AT_MOST} more")
        print(
            f"\n{'Every promise held' if held else 'Promises broke'}, after {time.monotonic() - self.began:.0f} s."
        )
        return held
