"""Where this machine can listen, and where others reach it."""

from __future__ import annotations

import socket

_UNROUTED_ADDRESS = ("192.0.2.1", 9)
"""From the block reserved for documentation: shows which way packets would leave; none is sent."""


def bind_error(host: str, port: int) -> str:
    """Why nothing can listen there; empty when it can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    except OverflowError:
        return "there is no such port"
    return ""


def lan_address() -> str | None:
    """This machine's address in its network, None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_UNROUTED_ADDRESS)
        except OSError:
            return None
        return str(probe.getsockname()[0])
