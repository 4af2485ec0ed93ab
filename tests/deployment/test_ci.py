"""What CI and pre-commit run is what make runs, with the tools of requirements/dev.txt."""

from __future__ import annotations

import importlib.metadata
import re
from functools import cache
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_config

from tests.conftest import ROOT
from tests.deployment.files import stages

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
CHECK = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
HOOKS_FILE = ROOT / ".pre-commit-config.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(HOOKS_FILE.read_text())["repos"][0]["hooks"]


def pinned() -> dict[str, str]:
    lines = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    pairs = [line.partition("==") for line in lines if "==" in line]
    return {re.sub(r"\[.*\]", "", name).lower(): version for name, _, version in pairs}


@cache
def programs() -> dict[str, str]:
    """The pinned packages by the programs that they bring."""
    return {
        file.name: name
        for name in pinned()
        for file in importlib.metadata.files(name) or ()
        if file.parts[-2:-1] == ("bin",)
    }


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_the_tool_that_make_check_runs(hook: dict[str, Any]) -> None:
    assert hook["language"] == "system"
    path, *arguments = hook["entry"].split()
    program = path.removeprefix(".venv/bin/")
    assert program != path, "a tool of the environment, so that its version is ours"
    package = programs()[program]
    assert importlib.metadata.version(package) == pinned()[package]
    lines = [line for line in CHECK.splitlines() if re.search(rf"(-m |/bin/){program} ", line)]
    assert any(all(word in line for word in arguments if word != "--fix") for line in lines), hook["entry"]


def test_every_hook_is_local() -> None:
    repositories = load_config(str(HOOKS_FILE))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    assert "pre-commit" in pinned()


def test_ci_runs_what_the_ci_script_runs() -> None:
    script = re.findall("^make .*$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    ran = [
        step["run"]
        for job in JOBS.values()
        for step in job["steps"]
        if step.get("run", "").startswith("make ")
    ]
    assert sorted(ran) == sorted(script)


def test_ci_may_read_and_no_more() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW["concurrency"]["group"]
    for job in JOBS.values():
        assert "permissions" not in job
        assert job["timeout-minutes"]
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_ci_pins_what_it_uses() -> None:
    for job in JOBS.values():
        for step in job["steps"]:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/none@v1")), step
        image = job["container"]["image"] if isinstance(job["container"], dict) else job["container"]
        assert image.startswith("python:")
        version = image.removeprefix("python:").partition("-")[0]
        assert stages()["packages"].startswith(f"FROM python:{version}-slim-bookworm ")
