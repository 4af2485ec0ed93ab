from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from adstudio.supervisor import WEB_SERVER

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def manage_calls(words: list[str]) -> list[list[str]]:
    """The arguments of every ``manage.py`` in a command, also inside ``sh -c``."""
    if words[:2] == ["sh", "-c"]:
        return [call for part in re.split(r"&&|\|\|", words[2]) for call in manage_calls(shlex.split(part))]
    return [words[words.index("manage.py") + 1 :]] if "manage.py" in words else []


def compose_calls() -> list[tuple[str, list[str]]]:
    return [
        (name, call)
        for name, service in SERVICES.items()
        for call in manage_calls(service.get("command", []))
    ]


def dockerfile_calls() -> list[tuple[str, list[str]]]:
    commands = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    return [("Dockerfile", call) for command in commands for call in manage_calls(yaml.safe_load(command))]


@pytest.mark.parametrize(("where", "call"), compose_calls() + dockerfile_calls())
def test_it_calls_management_commands_as_they_are(where: str, call: list[str]) -> None:
    name, *arguments = call
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    command.create_parser("manage.py", name).parse_args(arguments)


def test_it_finds_commands_to_check() -> None:
    assert {call[0] for _, call in compose_calls()} >= {"migrate", "worker", "reconcile_jobs", "fetch_models"}


def test_it_builds_targets_that_the_dockerfile_has() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    wanted = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert {"web", "worker", "worker-gpu"} <= wanted <= targets


def test_it_never_runs_the_application_as_root() -> None:
    for stage in re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE):
        if "CMD" in stage:
            assert "USER adstudio\n" in stage, stage.splitlines()[0]


def test_it_starts_the_web_server_as_make_run_does() -> None:
    """Without an access log above all."""
    command = re.search(r"^CMD (\[\"daphne.*\])$", DOCKERFILE, re.MULTILINE)
    assert command
    assert yaml.safe_load(command[1])[: len(WEB_SERVER) - 1] == list(WEB_SERVER[1:])


def test_valkey_and_everyone_who_calls_it_have_the_password() -> None:
    assert "${VALKEY_PASSWORD:?set it in .env}" in SERVICES["valkey"]["command"]
    assert SERVICES["web"]["environment"]["REDIS_URL"].startswith("redis://:${VALKEY_PASSWORD")


def test_it_copies_only_paths_that_exist() -> None:
    for source in re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE):
        assert (ROOT / source).exists()


def test_it_serves_one_web_process_on_both_ports_of_the_design() -> None:
    assert SERVICES["web"]["ports"] == ["8080:8000", "8000:8000"]
    assert [name for name, service in SERVICES.items() if name != "web" and "ports" in service] == []


def test_it_waits_for_servers_and_migrations() -> None:
    for name in ("web", "worker", "worker-gpu", "reconcile"):
        awaited = {key: value["condition"] for key, value in SERVICES[name]["depends_on"].items()}
        assert awaited["postgres"] == awaited["valkey"] == "service_healthy", name
        assert awaited["migrate"] == "service_completed_successfully", name
    for name in ("postgres", "valkey", "web"):
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_it_reserves_a_gpu_only_in_the_gpu_profile() -> None:
    with_gpu = {name for name, service in SERVICES.items() if "deploy" in service}
    assert with_gpu == {"worker-gpu"} == {name for name, service in SERVICES.items() if "profiles" in service}
    device = SERVICES["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"][0]
    assert device["driver"] == "nvidia"
    assert device["capabilities"] == ["gpu"]


def test_it_holds_no_secret_and_asks_for_each() -> None:
    needed = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    offered = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    assert needed == {"POSTGRES_PASSWORD", "SECRET_KEY", "VALKEY_PASSWORD"}
    assert all(offered[name] == "" for name in needed)


def test_it_names_volumes_that_are_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
