"""A real worker whose engine can be held up where a test wants it.

``python -m tests.jobs.lab_worker FOLDER``: before each sub-step the engine looks into FOLDER. A file
``pause-<name>`` holds it there, reporting progress, for as long as the file exists; ``hang-<name>`` makes it
call into C without ever letting go of the interpreter lock, ``hoard-<name>`` makes it take more and more memory. A
headline that is the text of the file ``poison`` kills the process. It writes ``at-<name>`` when it gets there.
Names: ``cutout``, ``step1``, ``step2``, ``step3`` (which has no progress to report while it is held).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adstudio.settings")
django.setup()

from generation.studio.engine import StudioEngine  # noqa: E402
from generation.types import (  # noqa: E402
    Background,
    BackgroundBrief,
    Cutout,
    Headline,
    HeadlineBrief,
    Picture,
    Report,
    SceneHints,
)
from jobs.worker.station import Station  # noqa: E402

HANG_SECONDS = 600
HOARD_BYTES = 16 * 1024 * 1024


class LabEngine(StudioEngine):
    """The studio engine, held up on demand."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.sculpted = False

    def _wait(self, name: str, report: Report) -> None:
        (self.folder / f"at-{name}").write_text(str(os.getpid()))
        if (self.folder / f"hang-{name}").exists():
            ctypes.PyDLL(None).sleep(HANG_SECONDS)
        hoard = []
        while (self.folder / f"hoard-{name}").exists():
            hoard.append(b"x" * HOARD_BYTES)
            time.sleep(0.05)
        while (self.folder / f"pause-{name}").exists():
            report("waiting", 0.1, None)
            time.sleep(0.05)

    def cut_out(self, photo: Picture, report: Report) -> Cutout:
        self._wait("cutout", report)
        return super().cut_out(photo, report)

    def make_background(self, brief: BackgroundBrief, report: Report) -> Background:
        self._wait("step1", report)
        return super().make_background(brief, report)

    def sculpt_headline(self, brief: HeadlineBrief, report: Report) -> Headline:
        self._wait("step2", report)
        poison = self.folder / "poison"
        if poison.exists() and poison.read_text() == " ".join(brief.lines):
            os.kill(os.getpid(), signal.SIGKILL)
        self.sculpted = True
        return super().sculpt_headline(brief, report)

    def scene_hints(self, brief: BackgroundBrief) -> SceneHints:
        if self.sculpted:  # the second question of a job: step 3 has begun
            self.sculpted = False
            self._wait("step3", lambda sub_step, fraction, preview: None)
        return super().scene_hints(brief)


if __name__ == "__main__":
    Station(LabEngine(Path(sys.argv[1]))).work()
