"""One POST to an address that strangers chose.

The name is resolved once, every address of it is checked, and the connection goes to a checked address, so that no
second look-up can lead elsewhere. Redirects are not followed, no proxy is used, and no more is read than the status
line, within ``TOTAL_SECONDS``.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from typing import Any, Final

from jobs.callback_urls import Target, is_public, is_web_port

TOTAL_SECONDS: Final = 10.0
"""For connecting, sending and the answer's first line together. Looking up the name comes before."""
MOST_READ_BYTES: Final = 16 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d(?: [^\r\n]*)?\r?\n(?:[^\r\n]+\r?\n)*\r?\n")

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


class NotPosted(Exception):
    """No answer; ``code`` says why: ``address_refused``, ``name_unknown``, ``unreachable``, ``not_http``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def post(target: Target, body: bytes, headers: dict[str, str], *, to_private: bool) -> int:
    """Send the body and return the answer's HTTP status. Raises ``NotPosted``.

    ``to_private``: also to addresses that are not of the open internet, and to any port.
    """
    addresses = _addresses(target, to_private)
    deadline = time.monotonic() + TOTAL_SECONDS
    try:
        with _connected(target, addresses, deadline) as connection:
            connection.settimeout(_left(deadline))
            connection.sendall(_request(target, body, headers) + body)
            return _status(connection, deadline)
    except OSError as error:  # ssl.SSLError and TimeoutError are OSErrors
        raise NotPosted("unreachable") from error


def _addresses(target: Target, to_private: bool) -> list[Address]:
    if not to_private and not is_web_port(target.port):
        raise NotPosted("address_refused")
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotPosted("name_unknown") from error
    if not to_private and not all(is_public(str(place[0])) for *_, place in found):
        raise NotPosted("address_refused")
    return [(family, place) for family, _, _, _, place in found]


def _connected(target: Target, addresses: list[Address], deadline: float) -> socket.socket:
    """A connection to the first of the addresses that answers; over TLS, the certificate is the name's."""
    failure: OSError = OSError("no address")
    for family, place in addresses:
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(_left(deadline))
            plain.connect(place)
            if not target.secure:
                return plain
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except OSError as error:
            plain.close()
            failure = error
    raise failure


def _request(target: Target, body: bytes, headers: dict[str, str]) -> bytes:
    lines = {
        "Host": target.authority,
        "User-Agent": "AdStudio",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode("ascii")


def _status(connection: socket.socket, deadline: float) -> int:
    """Of the final answer; interim ones (1xx) are passed over."""
    read = b""
    while len(read) < MOST_READ_BYTES:
        connection.settimeout(_left(deadline))
        piece = connection.recv(1024)
        if not piece:
            break
        read += piece
        while interim := _INTERIM.match(read):
            read = read[interim.end() :]
        line = _STATUS_LINE.match(read)
        if line and not line[1].startswith(b"1"):
            return int(line[1])
    raise NotPosted("not_http")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
