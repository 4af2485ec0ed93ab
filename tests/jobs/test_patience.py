"""What a worker waits for, and what it does not."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from django.db import OperationalError

from jobs.worker import patience
from jobs.worker.patience import patiently

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "RETRY_SECONDS", 0.2)
    monkeypatch.setattr(patience, "RETRY_PAUSE_SECONDS", 0.05)


def failing(error: Exception, times: int) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def work() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "done"

    return work, calls


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), OSError(errno.EDQUOT, "quota"), OperationalError("away")]
)
def test_it_waits_for_room_and_for_the_database(error: Exception) -> None:
    work, calls = failing(error, 2)
    assert patiently(work) == "done"
    assert len(calls) == 3


def test_it_waits_no_longer_than_it_should() -> None:
    work, calls = failing(OSError(errno.ENOSPC, "full"), 1000)
    with pytest.raises(OSError, match="full"):
        patiently(work)
    assert 2 < len(calls) < 20


def test_it_does_not_wait_for_what_will_not_mend() -> None:
    work, calls = failing(FileNotFoundError(errno.ENOENT, "gone"), 1)
    with pytest.raises(FileNotFoundError):
        patiently(work)
    assert len(calls) == 1
