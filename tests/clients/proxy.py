"""A TCP proxy between a client and the server, for the faults that networks have."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

CHUNK = 65536
METHODS = (b"GET ", b"POST ", b"PUT ", b"DELETE ")


class Proxy:
    """Passes everything on, but for what a test tells it."""

    def __init__(self, target_port: int, certificate: tuple[str, str] | None = None) -> None:
        self.target_port = target_port
        self.tls: ssl.SSLContext | None = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests: list[str] = []
        """First lines, without the protocol."""
        self.answers: list[int] = []
        """Statuses that the server answered."""
        self.lose_answers = 0
        """So many of the next answers are lost: the request arrives, then the connection breaks."""
        self.own_answers: list[bytes] = []
        """Given in place of the server's to the next requests."""
        self.has_websockets = True
        self.open: list[socket.socket] = []
        self.ended = 0
        """Connections that have ended, by whichever side."""
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self, beginning: str) -> int:
        return sum(line.startswith(beginning) for line in self.requests)

    def cut(self) -> None:
        """Break every connection that is open now."""
        for end in self.open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def close(self) -> None:
        self.listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            client = self.tls.wrap_socket(client, server_side=True) if self.tls else client
            server = socket.create_connection(("127.0.0.1", self.target_port))
        except OSError:
            client.close()
            return
        self.open += [client, server]
        threading.Thread(target=self._pump, args=(server, client, self._answer), daemon=True).start()
        self._pump(client, server, self._request)
        self.ended += 1

    def _pump(self, source: socket.socket, target: socket.socket, passes: object) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if not passes(data, source):  # type: ignore[operator]
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _request(self, data: bytes, client: socket.socket) -> bool:
        if not data.startswith(METHODS):
            return True
        line = data.split(b" HTTP/", 1)[0].decode()
        self.requests.append(line)
        if self.own_answers:
            client.sendall(self.own_answers.pop(0))
            return False
        return self.has_websockets or "/ws/" not in line

    def _answer(self, data: bytes, server: socket.socket) -> bool:
        if not data.startswith(b"HTTP/1.1 "):
            return True
        self.answers.append(int(data[9:12]))
        if self.lose_answers:
            self.lose_answers -= 1
            return False
        return True


@contextlib.contextmanager
def proxied(port: int, certificate: tuple[str, str] | None = None) -> Iterator[Proxy]:
    """``certificate``: the files of a certificate and its key, for a proxy that speaks TLS."""
    proxy = Proxy(port, certificate)
    try:
        yield proxy
    finally:
        proxy.close()


def told(status: int, *headers: str, body: str = "") -> bytes:
    """An answer of some proxy, in its own words."""
    lines = [
        f"HTTP/1.1 {status} Told",
        *headers,
        f"Content-Length: {len(body)}",
        "Connection: close",
        "",
        body,
    ]
    return "\r\n".join(lines).encode()
