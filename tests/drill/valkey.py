"""Valkey as a network sees it: cut off, told something."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def valkey_away(sockets: Path) -> Iterator[bool]:
    """Every connection drops and no new one is made for a while; Valkey itself runs on. False where it does not."""
    path, aside = sockets / "valkey.sock", sockets / "aside.sock"
    try:
        path.rename(aside)
        tell_valkey(aside, b"CLIENT KILL TYPE normal SKIPME yes\r\nCLIENT KILL TYPE pubsub\r\n")
    except OSError:
        yield False
        return
    yield True
    if not path.exists():  # it was started again meanwhile
        aside.rename(path)


def tell_valkey(path: Path, commands: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        client.connect(str(path))
        client.sendall(commands)
        client.recv(256)
