"""Schemathesis against the running server: what the schema says is what the API does, for whatever is sent."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from accounts.tokens import token_create
from adstudio.processes import stop_together
from jobs.models import WorkerState
from jobs.photos import photo_create
from tests.conftest import ROOT, Stack
from tests.jobs import factories
from tests.jobs.submitting import finished, make_running, png, submit

SEED = 20261125
MAX_EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "10"))
"""Made-up requests per operation, beyond those that cover every bound of the schema. ``make fuzz`` asks for more."""
LONGEST_SECONDS = 500 + 10 * MAX_EXAMPLES
"""A minute on a machine of its own; a busy one takes its time."""
BRIEFLY = ("--phases", "examples,fuzzing", "--generation-with-security-parameters", "false")
"""The second run is about who calls: bounds are covered by the first, and sign-in is not made up beside the session."""
HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def media_folder() -> None:
    """Pictures lie where the server looks for them."""


@pytest.fixture
def roomy(live_environ: dict[str, str], transactional_db: None) -> Iterator[Stack]:
    """A live server that is never busy and takes any number of requests: 503 and 429 would hide what lies behind."""
    stack = Stack({**live_environ, "QUEUE_LIMIT": "1000000", "API_TOKEN_RATE": "0"})
    stack.start_web()
    yield stack
    stop_together([stack.web])


@pytest.fixture
def busy_shop(transactional_db: None) -> Shop:
    """A shop with jobs in every state, on both engines."""
    shop = factories.shop(daily_jobs=1_000_000)
    seen = timezone.now() + timedelta(hours=1)
    WorkerState.objects.create(name="gpu", host="h", pid=1, engine="diffusion", last_seen=seen)
    return shop


def keys_of(shop: Shop) -> dict[str, list[str]]:
    photos = [photo_create(shop=shop, data=png(64, 64, (200, 60, shade))) for shade in range(12)]
    jobs = [finished(shop, photo=photos[0], engine="studio") for _ in range(8)]
    jobs += [submit(shop, engine="studio").job for _ in range(3)]
    jobs += [make_running(submit(shop, engine="diffusion").job) for _ in range(2)]
    return {"job_id": [str(job.pk) for job in jobs], "photo_id": [str(photo.pk) for photo in photos]}


def schemathesis(stack: Stack, shop: Shop, headers: dict[str, str], *options: str) -> None:
    """Run it; the server's own complaints come along when it finds something."""
    sign_in = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{stack.url}/api/openapi.json", *sign_in),
        *("--seed", str(SEED), "--max-examples", str(MAX_EXAMPLES), *options),
    ]
    environ = {
        **os.environ,
        "PROPERTY_KEYS": json.dumps(keys_of(shop)),
        "SCHEMATHESIS_HOOKS": "tests.jobs.api.property_hooks",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=LONGEST_SECONDS
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:] + stack.web.log_tail()


@pytest.mark.timeout(LONGEST_SECONDS + 60)
def test_with_a_token(roomy: Stack, busy_shop: Shop) -> None:
    _, plain = token_create(shop=busy_shop, name="properties")
    schemathesis(roomy, busy_shop, {"Authorization": f"Bearer {plain}"})


@pytest.mark.timeout(LONGEST_SECONDS + 60)
def test_with_a_session(roomy: Stack, busy_shop: Shop) -> None:
    client = Client()
    client.force_login(factories.owner(busy_shop))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    csrf = secrets.token_hex(16)
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}"
    schemathesis(roomy, busy_shop, {"Cookie": cookies, "X-CSRFToken": csrf}, *BRIEFLY)
