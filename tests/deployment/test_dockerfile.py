"""What the images are made of. `make check` runs hadolint over the Dockerfile too."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from adstudio.supervisor import WEB_SERVER
from tests.deployment.files import DOCKERFILE, ROOT, SERVICES, stages

RUN = {name: stage for name, stage in stages().items() if "\nCMD " in stage}
CONTEXT_BYTES = 48 * 1024 * 1024
INSTRUCTIONS = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")


def test_bases_are_pinned_to_a_version() -> None:
    images = [
        image for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) if image not in stages()
    ]
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    assert len(set(images)) == 4
    for image in images:
        assert re.search(r":\d+\.\d+(\.\d+)?(-[a-z]+)*$", image), image


def test_every_image_that_compose_runs_has_its_command() -> None:
    assert set(RUN) == {service["build"]["target"] for service in SERVICES.values() if "build" in service}


@pytest.mark.parametrize("name", RUN)
def test_an_image_runs_as_nobody_special(name: str) -> None:
    """By number, so that who runs it can see that it is not root."""
    after_copying = RUN[name].rpartition("COPY ")[2]
    assert re.search(r"^USER 10001:10001$", after_copying, re.MULTILINE)
    assert "chown" not in RUN[name], "the code belongs to root"


def test_commands_need_no_shell() -> None:
    commands = re.findall(r"^(?:CMD|HEALTHCHECK .*CMD) (.+)$", DOCKERFILE, re.MULTILINE)
    assert len(commands) == len(RUN) + 2
    for command in commands:
        assert isinstance(yaml.safe_load(command), list), command


def test_it_leaves_nothing_behind_that_was_only_fetched() -> None:
    runs = re.findall(r"^RUN (?:.*\\\n)*.*$", DOCKERFILE, re.MULTILINE)
    assert any("apt-get" in run for run in runs)
    for run in runs:
        if "apt-get" in run:
            assert "--no-install-recommends" in run
            assert run.endswith("rm -rf /var/lib/apt/lists/*")
            assert "upgrade" not in run
        if " install" in run and "pip" in run:
            assert "--no-cache-dir" in run
            assert " -r " in run, "versions are pinned in requirements/"
    assert not re.search(r"^ADD ", DOCKERFILE, re.MULTILINE)
    assert "curl" not in DOCKERFILE


def test_it_copies_only_paths_that_exist_and_are_sent() -> None:
    sent = allowed()
    for source in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists()
        assert source == "." or source in sent, source


def test_it_starts_the_web_server_as_make_run_does() -> None:
    """Without an access log above all."""
    command = re.search(r"^CMD (\[\"daphne.*\])$", DOCKERFILE, re.MULTILINE)
    assert command
    assert yaml.safe_load(command[1])[: len(WEB_SERVER) - 1] == list(WEB_SERVER[1:])


def test_the_web_image_leaves_out_the_model_runtime_alone() -> None:
    """By its names in base.txt, which every other image installs whole or in part."""
    base = (ROOT / "requirements" / "base.txt").read_text().splitlines()
    left_out = [line for line in base if re.match("^onnx", line)]
    assert [line.partition("==")[0] for line in left_out] == ["onnx", "onnxruntime"]
    assert "grep -v '^onnx' requirements/base.txt" in stages()["packages"]
    assert "grep '^onnxruntime==' requirements/base.txt" in stages()["packages-worker"]


def allowed() -> list[str]:
    """What ``.dockerignore`` lets into the build context."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert rules[0] == "*"
    return [rule[1:] for rule in rules if rule.startswith("!")]


def test_the_build_context_holds_the_program_and_nothing_else() -> None:
    names = allowed()
    assert all((ROOT / name).exists() for name in names)
    assert not {"secrets", ".env", ".git", "var", "models", "tests", "authoring"} & set(names)
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--", *names], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    files = [ROOT / name for name in tracked if name] or [f for n in names for f in _files(ROOT / n)]
    assert 1024 * 1024 < sum(file.stat().st_size for file in files if file.is_file()) < CONTEXT_BYTES


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*") if "__pycache__" not in file.parts]
