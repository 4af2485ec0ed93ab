"""The health check of containers that answer no requests, against real processes that freeze and hang."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection, transaction

from adstudio.processes import Child, stop_together
from jobs.worker.heartbeat import EXIT_STUCK
from tests.conftest import ROOT, Stack, until

PATIENCE = "4"
"""Seconds; docker-compose.yml allows more."""
WITHOUT_A_TURN = """
import time
import django
django.setup()
from generation.studio.engine import StudioEngine
from jobs.worker import heartbeat, station
heartbeat.STUCK_SECONDS = 2.0
station.AdWorker.dequeue_job_and_maintain_ttl = lambda *arguments: time.sleep(600)
station.Station(StudioEngine()).work()
"""
"""A worker whose loop stands still between two jobs, where no job's hard time runs."""
ROUND_WITHOUT_END = """
import django
django.setup()
from django.core.management import call_command
from jobs.management.commands import reconcile_jobs
reconcile_jobs.ROUND_HARD_SECONDS = 10.0
call_command("reconcile_jobs", loop=True)
"""


def sick(file: Path, patience: str = PATIENCE) -> str:
    """What the check says against the process; empty when it is well."""
    done = subprocess.run(
        [sys.executable, "deploy/alive.py", patience],
        cwd=ROOT,
        env={"ADSTUDIO_ALIVE_FILE": str(file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


def test_it_goes_by_the_files_age(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    assert sick(file) == "no sign of life yet\n"
    file.touch()
    assert sick(file) == ""
    time.sleep(1.1)
    assert sick(file, "1") == "no sign of life for 1 s\n"


def _started(stack: Stack, file: Path, name: str, *arguments: str) -> Child:
    environ = {"ADSTUDIO_ALIVE_FILE": str(file), "DJANGO_SETTINGS_MODULE": "adstudio.settings"}
    child = stack.child(name, *arguments, environ=environ)
    child.start()
    return child


def _child(stack: Stack, file: Path, name: str, *arguments: str) -> Child:
    child = _started(stack, file, name, *arguments)
    until(lambda: not sick(file), 60, f"{name}'s first sign of life")
    return child


def test_frozen_processes_are_found_out(stack: Stack, tmp_path: Path) -> None:
    commands = {"worker": ("worker",), "reconcile": ("reconcile_jobs", "--loop")}
    files = [tmp_path / name for name in commands]
    children = [
        _started(stack, tmp_path / name, f"alive-{name}", "manage.py", *arguments)
        for name, arguments in commands.items()
    ]
    try:
        until(lambda: not any(map(sick, files)), 60, "signs of life")
        for child in children:
            child.send(signal.SIGSTOP)
        until(lambda: all("no sign of life for" in sick(file) for file in files), 20, "the check's no")
        for child in children:
            child.send(signal.SIGCONT)
        until(lambda: not any(map(sick, files)), 20, "the check's yes")
    finally:
        for child in children:
            child.send(signal.SIGCONT)
        stop_together(children)


def test_a_worker_whose_loop_stands_still_ends_itself(stack: Stack, tmp_path: Path) -> None:
    child = _child(stack, tmp_path / "alive", "alive-stuck", "-c", WITHOUT_A_TURN)
    until(lambda: not child.alive, 20, "its end")
    assert child.returncode == EXIT_STUCK
    assert "did not look for work" in child.log_tail()


def test_a_round_of_reconciling_that_hangs_is_found_out_and_ended(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "alive"
    child = _child(stack, file, "alive-round", "-c", ROUND_WITHOUT_END)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE jobs_job IN ACCESS EXCLUSIVE MODE")
        until(lambda: "no sign of life for" in sick(file), 20, "the check's no")
        until(lambda: not child.alive, 30, "its end")
    assert child.returncode == 1
