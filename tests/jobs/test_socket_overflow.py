"""What the channel layer drops when a socket's process falls behind is made good by the next sync."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from channels.layers import get_channel_layer
from websockets.sync.client import ClientConnection, connect

from jobs.claims import claim_next
from jobs.events import send_progress
from jobs.models import Job
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.conftest import Client

CAPACITY = 3
SENT = 12
TOLD_SECONDS = 30.0


@contextmanager
def frozen(stack: Stack) -> Iterator[None]:
    """The web process reads nothing meanwhile."""
    assert stack.web.process is not None
    os.kill(stack.web.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stack.web.process.pid, signal.SIGCONT)


def told(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=TOLD_SECONDS))
    return message


def heard(socket: ClientConnection, wanted: int) -> list[dict[str, Any]]:
    """Messages until one has that sequence."""
    messages = [told(socket)]
    while messages[-1].get("sequence") != wanted:
        messages.append(told(socket))
    return messages


def sync(socket: ClientConnection, sequence: int) -> None:
    socket.send(json.dumps({"type": "sync", "sequence": sequence}))


def sequence_in(snapshot: dict[str, Any]) -> int:
    assert snapshot["type"] == "snapshot"
    [row] = [snapshot["job"]] if "job" in snapshot else snapshot["jobs"]
    return int(row["sequence"])


@pytest.mark.parametrize("path", ["/ws/jobs/{job}/", "/ws/shop/"])
def test_a_gap_ends_in_a_snapshot(
    stack: Stack, client_shop: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.job(client_shop.shop)
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None
    job = Job.objects.get(pk=claim.job_id)
    monkeypatch.setattr(get_channel_layer(), "capacity", CAPACITY)
    url = stack.url.replace("http", "ws") + path.format(job=job.pk)
    with connect(url, additional_headers=client_shop.headers) as socket:
        assert told(socket)["type"] == "snapshot"
        with frozen(stack):
            for percent in range(SENT):
                job.sequence = claim.progress(progress_percent=percent)
                send_progress(job)
        monkeypatch.setattr(get_channel_layer(), "capacity", 2 * SENT)
        job.sequence = claim.progress(progress_percent=50)
        send_progress(job)
        arrived = heard(socket, job.sequence)  # by its sequence the client is not behind
        assert 1 < len(arrived) < SENT + 1, "nothing was dropped"
        sync(socket, job.sequence)
        assert sequence_in(told(socket)) == job.sequence
        sync(socket, job.sequence)  # once it has it, all is well: the answers are those to the next questions
        sync(socket, -1)
        assert sequence_in(told(socket)) == job.sequence
        newest = claim.progress(progress_percent=60)
        sync(socket, -1)
        assert sequence_in(told(socket)) == newest


def test_when_nothing_comes_after_the_gap_the_sequence_tells(
    stack: Stack, client_shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(client_shop.shop)
    monkeypatch.setattr(get_channel_layer(), "capacity", 0)
    url = stack.url.replace("http", "ws") + f"/ws/jobs/{job.pk}/"
    with connect(url, additional_headers=client_shop.headers) as socket:
        assert told(socket)["type"] == "snapshot"
        assert claim_next(engine="studio", worker="w") is not None
        sync(socket, 0)
        snapshot = told(socket)
        assert (snapshot["type"], snapshot["job"]["status"]) == ("snapshot", "running")
