"""What the channel layer drops when a socket's process falls behind is made good by the next sync."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

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
QUIET_SECONDS = 1.5


@contextmanager
def frozen(stack: Stack) -> Iterator[None]:
    """The web process reads nothing meanwhile."""
    assert stack.web.process is not None
    os.kill(stack.web.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stack.web.process.pid, signal.SIGCONT)


def heard(socket: ClientConnection, wanted: int) -> list[dict[str, object]]:
    """Messages until one has that sequence, or until it stays quiet."""
    messages = []
    while True:
        try:
            messages.append(json.loads(socket.recv(timeout=10 if not messages else QUIET_SECONDS)))
        except TimeoutError:
            return messages
        if messages[-1].get("sequence") == wanted:
            return messages


def synced(socket: ClientConnection, sequence: int) -> list[dict[str, object]]:
    socket.send(json.dumps({"type": "sync", "sequence": sequence}))
    return heard(socket, -1)


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
        assert json.loads(socket.recv(timeout=10))["type"] == "snapshot"
        with frozen(stack):
            for percent in range(SENT):
                job.sequence = claim.progress(progress_percent=percent)
                send_progress(job)
        arrived = heard(socket, job.sequence)
        assert 0 < len(arrived) < SENT, "nothing was dropped"
        job.sequence = claim.progress(progress_percent=50)
        send_progress(job)
        newest = heard(socket, job.sequence)[-1]
        assert newest["sequence"] == job.sequence  # by its sequence the client is not behind
        assert [message["type"] for message in synced(socket, job.sequence)] == ["snapshot"]
        assert synced(socket, job.sequence) == []  # once it has it, all is well


def test_when_nothing_comes_after_the_gap_the_sequence_tells(
    stack: Stack, client_shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = factories.job(client_shop.shop)
    monkeypatch.setattr(get_channel_layer(), "capacity", 0)
    url = stack.url.replace("http", "ws") + f"/ws/jobs/{job.pk}/"
    with connect(url, additional_headers=client_shop.headers) as socket:
        assert json.loads(socket.recv(timeout=10))["type"] == "snapshot"
        assert claim_next(engine="studio", worker="w") is not None
        snapshot = synced(socket, 0)
        assert [message["type"] for message in snapshot] == ["snapshot"]
        assert snapshot[0]["job"]["status"] == "running"  # type: ignore[index]
