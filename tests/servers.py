"""Early pytest plugin: a run folder of its own for this run of the tests, with real Postgres and Valkey.

It is loaded with ``-p`` before Django's settings are, so that they find the private servers by themselves. The
servers start with the first test that needs them; the kernel ends them should pytest be killed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adstudio import embedded

RUN_DIR = Path(tempfile.mkdtemp(prefix="adstudio-tests-"))
# As root, Postgres runs as an account that must be able to pass through.
RUN_DIR.chmod(0o711)

for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SITE_URL", "DEBUG", "MODERATION"):
    os.environ.pop(name, None)
for name in [name for name in os.environ if name.startswith("OPENAI_")]:
    del os.environ[name]
os.environ["ADSTUDIO_RUN_DIR"] = str(RUN_DIR)
os.environ["ADSTUDIO_TEST"] = "1"
# Tests ask more often than programs do; those of the limit give a token its own.
os.environ["API_TOKEN_RATE"] = "0"
# Playwright's synchronous API keeps an event loop in the main thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Servers]:
    """The private Postgres and Valkey. Every test with a database has them; others ask for this fixture."""
    running = embedded.Servers(RUN_DIR, durable=False)
    running.start()
    yield running
    running.stop()


def pytest_unconfigure() -> None:
    embedded.remove_state(RUN_DIR)
