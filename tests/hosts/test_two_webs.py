"""The short form: two web processes behind one address, on the suite's own Postgres and Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Stack, until
from tests.hosts import promises
from tests.hosts.fleet import Fleet
from tests.hosts.network import Host

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def fleet(stack: Stack, tmp_path: Path) -> Iterator[Fleet]:
    here = Fleet(tmp_path, stack.environ)
    here.start_web(Host("here", "127.0.0.1"), beside=(stack.port,))
    until(lambda: promises.serves(here.direct(1)) and promises.serves(here.url), 60, "the second web process")
    yield here
    here.stop()


def test_sessions_limits_and_events_belong_to_both(stack: Stack, fleet: Fleet) -> None:
    stack.start_worker()
    told: list[str] = []
    promises.one_address(fleet, told.append)
    promises.both_webs_tell(fleet, told.append)
    assert len(told) == 2
