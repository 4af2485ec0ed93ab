from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from adstudio import embedded, postgres
from jobs.worker import heartbeat
from tests.deployment.files import (
    COMPOSE,
    COMPOSE_TEXT,
    DOCKERFILE,
    OURS,
    ROOT,
    SERVICES,
    manage_calls,
    stages,
)

APPLICATION = ("migrate", "weights", "web", "reconcile", "worker", "worker-gpu")
SECRETS = {"postgres_password", "valkey_password", "secret_key"}


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


def test_it_has_every_part_of_the_system() -> None:
    assert set(SERVICES) == {"postgres", "valkey", "proxy", *APPLICATION}
    assert {service["build"]["target"] for service in OURS.values()} <= set(stages())


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_do_no_more_than_its_work(name: str) -> None:
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0 < int(group)
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"][0].startswith("/tmp:")
    assert all("size=" in folder for folder in service["tmpfs"])
    limits = service["deploy"]["resources"]["limits"]
    assert {"memory", "pids"} <= set(limits)
    assert service["logging"]["options"]["max-size"]
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_a_containers_environment(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|SECRET", variable):
            assert variable.endswith("_FILE"), variable
            assert value.startswith("/run/secrets/")
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
        assert not re.search(r"://[^/]*:[^/]*@", str(value)), f"a password in {variable}"
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) == {"SITE_NAME", "SECRETS_DIR"}


def test_secrets_are_files_that_git_and_images_leave_out() -> None:
    assert set(COMPOSE["secrets"]) == SECRETS
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"${{SECRETS_DIR:-./secrets}}/{name}"}
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert not re.search("(?i)password|secret_key", (ROOT / ".env.example").read_text())


def test_the_proxy_reaches_the_web_process_alone() -> None:
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert networks["proxy"] == {"edge"}
    assert [name for name, joined in networks.items() if "edge" in joined] == ["web", "proxy"]
    assert networks["postgres"] == networks["valkey"] == {"data"}
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_it_publishes_one_web_process_on_both_ports_of_the_design() -> None:
    assert {"8080:8080", "8000:8000"} < set(SERVICES["proxy"]["ports"])
    assert SERVICES["proxy"]["environment"]["WEB_ADDRESS"] == "web:8000"


def test_it_waits_for_servers_and_migrations() -> None:
    for name in ("web", "worker", "worker-gpu", "reconcile"):
        awaited = {key: value["condition"] for key, value in SERVICES[name]["depends_on"].items()}
        assert awaited["postgres"] == awaited["valkey"] == "service_healthy", name
        assert awaited["migrate"] == "service_completed_successfully", name
    assert SERVICES["proxy"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_whatever_stays_up_has_a_health_check() -> None:
    in_images = {name for name, stage in stages().items() if "HEALTHCHECK" in stage}
    assert in_images == {"web", "proxy"}
    for name, service in SERVICES.items():
        told = service.get("healthcheck", {})
        own = "test" in told or (service.get("build", {}).get("target") in in_images and not told)
        assert own != (service["restart"] == "no"), name


def test_workers_and_reconcile_are_asked_for_their_own_sign_of_life() -> None:
    """In the folder that is written to and is each container's own, however many there are."""
    assert "ADSTUDIO_ALIVE_FILE=/tmp/alive" in stages()["app"]
    for name in ("worker", "worker-gpu", "reconcile"):
        *command, seconds = SERVICES[name]["healthcheck"]["test"]
        assert command == ["CMD", "python", "deploy/alive.py"]
        assert (ROOT / command[-1]).exists()
        assert float(seconds) < heartbeat.STUCK_SECONDS
        assert not {"ADSTUDIO_ALIVE_FILE", "TMPDIR"} & set(SERVICES[name]["environment"])


def test_a_stopped_worker_may_finish_what_it_is_at(settings: Any) -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > settings.JOB_HARD_SECONDS["studio"]


def test_a_worker_ends_itself_before_the_kernel_does(settings: Any) -> None:
    for name, engine in (("worker", "studio"), ("worker-gpu", "diffusion")):
        limit = int(SERVICES[name]["deploy"]["resources"]["limits"]["memory"].removesuffix("g")) * 1024
        assert limit > settings.WORKER_MEMORY_LIMIT_MB[engine], name


def test_only_who_makes_files_may_write_them() -> None:
    writable = {
        (name, volume.split(":")[0])
        for name, service in SERVICES.items()
        for volume in service.get("volumes", [])
        if not volume.endswith(":ro")
    }
    assert {name for name, volume in writable if volume == "static"} == {"migrate"}
    assert {name for name, volume in writable if volume == "models"} == {"weights", "worker-gpu"}
    assert {volume for _, volume in writable} == set(COMPOSE["volumes"])


def test_it_reserves_a_gpu_only_in_the_gpu_profile() -> None:
    with_gpu = {
        name for name, service in SERVICES.items() if "reservations" in service["deploy"]["resources"]
    }
    assert with_gpu == {"worker-gpu"} == {name for name, service in SERVICES.items() if "profiles" in service}
    device = SERVICES["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"][0]
    assert device["driver"] == "nvidia"
    assert device["capabilities"] == ["gpu"]


def test_its_servers_are_those_that_everything_was_tested_on() -> None:
    """pg_dump refuses a server newer than itself, so backups depend on it too."""
    program = postgres.client_program("pg_dump")
    for image, argv in (
        ("postgres", [program, "--version"]),
        ("valkey", [embedded._valkey_binary(), "--version"]),
    ):
        told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        tag = SERVICES[image]["image"].partition(":")[2]
        assert re.search(rf"(?<![\d.]){re.escape(tag)}(?![\d.])", told), f"{image}:{tag} is not {told}"


def test_the_health_check_asks_for_a_host_that_is_allowed() -> None:
    assert SERVICES["web"]["environment"]["ALLOWED_HOSTS"].endswith(",localhost")
    assert 'HTTPConnection("localhost", 8000' in (ROOT / "deploy" / "answers.py").read_text()
