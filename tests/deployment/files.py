"""The files that containers are made and run from, read once."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def stages() -> dict[str, str]:
    """The Dockerfile's stages by name, each from its FROM on."""
    parts = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]
    return {re.match(r"FROM \S+ AS (\S+)\n", part)[1]: part for part in parts}  # type: ignore[index]


def manage_calls(words: list[str]) -> list[list[str]]:
    """The arguments of every ``manage.py`` in a command, also inside ``sh -c``."""
    if words[:2] == ["sh", "-c"]:
        return [call for part in re.split(r"&&|\|\|", words[2]) for call in manage_calls(shlex.split(part))]
    return [words[words.index("manage.py") + 1 :]] if "manage.py" in words else []
