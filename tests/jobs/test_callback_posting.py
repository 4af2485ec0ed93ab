"""Where callbacks may go, and what a hostile receiver can do: real sockets, nothing of the posting is faked."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import callback_posting
from jobs.callback_posting import NotPosted, post
from jobs.callback_urls import is_public, is_web_port, literal_address, target_of
from tests.jobs.receiver import receiving

PRIVATE = [
    *(
        "127.0.0.1",
        "127.8.9.10",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
    ),
    *("100.64.0.1", "0.0.0.0", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff02::1"),
    *("2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::"),
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "211.249.220.24", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
QUICK_SECONDS = 1.0


@pytest.mark.parametrize("address", PRIVATE)
def test_it_knows_a_private_address(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_it_knows_a_public_address(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "x",
            "//a/b",
            "ftp://a/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "gopher://a:70/",
            "http://",
        ),
        *(
            "http:///path",
            "http://user@a/",
            "http://u:p@a/",
            "http://a b/",
            "http://a/\r\nX: y",
            "http://a\\@b/",
        ),
        *(
            "http://a:0/",
            "http://a:99999/",
            "http://a:x/",
            "http://[::1/",
            "http://a_%00/",
            "http://" + "a" * 300,
        ),
        *("http://a/" + "x" * 2000, "http://ⓔxample＠b/"),
    ],
)
def test_what_is_no_url_for_a_callback(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        target_of(url)


def test_a_url_is_taken_apart() -> None:
    target = target_of("HTTPS://Shop.Example:8443/훅?주문=1&a=%20b#part")
    assert (target.host, target.port, target.authority) == ("shop.example", 8443, "shop.example:8443")
    assert target.path == "/%ED%9B%85?%EC%A3%BC%EB%AC%B8=1&a=%20b"
    assert target_of("http://[2606:4700::1111]").authority == "[2606:4700::1111]"
    assert target_of("http://한글.kr/").host == "xn--bj0bj06e.kr"
    assert literal_address(target_of("http://[::1]:80/").host) == "::1"


def send(url: str, *, to_private: bool = True) -> int:
    return post(target_of(url), b"{}", {"webhook-id": "1"}, to_private=to_private)


def assert_not_posted(url: str, code: str, **options: bool) -> None:
    with pytest.raises(NotPosted) as failure:
        send(url, **options)
    assert failure.value.code == code


def test_it_posts_and_tells_the_status() -> None:
    with receiving(204, 500) as receiver:
        assert send(f"http://127.0.0.1:{receiver.port}/hook?a=1") == 204
        assert send(f"http://127.0.0.1:{receiver.port}/hook?a=1") == 500
    [first, _] = receiver.came
    assert (first.path, first.body) == ("/hook?a=1", b"{}")
    assert first.headers["content-type"] == "application/json"
    assert (first.headers["host"], first.headers["webhook-id"]) == (f"127.0.0.1:{receiver.port}", "1")


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inner, receiving(302, location=f"http://127.0.0.1:{inner.port}/") as outer:
        assert send(f"http://127.0.0.1:{outer.port}/") == 302
    assert len(outer.came) == 1 and inner.came == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "0"])
def test_nothing_reaches_this_host(host: str) -> None:
    with receiving() as receiver:
        assert_not_posted(f"http://{host}:{receiver.port}/", "address_refused", to_private=False)
    assert receiver.came == []


@pytest.mark.parametrize("port", [22, 25, 53, 110, 465, 587, 1023, 3306, 5432, 6379, 6667, 11211, 27017])
def test_no_other_service_is_talked_to(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _resolving(monkeypatch, ["8.8.8.8"])
    assert_not_posted(f"http://mail.example:{port}/", "address_refused", to_private=False)
    assert asked == []


@pytest.mark.parametrize("port", [80, 443, 3000, 8000, 8080, 8443, 49152])
def test_it_knows_a_port_of_web_servers(port: int) -> None:
    assert is_web_port(port)


def _resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names lead to these addresses, another list at each look-up; returns the names that were looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, **options: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_one_private_address_of_a_name_is_enough_to_refuse_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        _resolving(monkeypatch, ["93.184.216.34", "127.0.0.1"])
        assert_not_posted(f"http://shop.example:{receiver.port}/", "address_refused", to_private=False)
    assert receiver.came == []


def test_a_name_is_looked_up_once_and_what_was_checked_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look-up would lead to 127.0.0.2, where nobody listens."""
    with receiving() as receiver:
        asked = _resolving(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        assert send(f"http://shop.example:{receiver.port}/") == 204
    assert asked == ["shop.example"]
    assert receiver.came[0].headers["host"] == f"shop.example:{receiver.port}"


def test_a_rebound_name_does_not_get_past_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """First a public address, then ours: the connection still goes to the public one."""
    with receiving() as receiver:
        _resolving(monkeypatch, ["192.88.99.1"], ["127.0.0.1"])
        monkeypatch.setattr(callback_posting, "TOTAL_SECONDS", QUICK_SECONDS)
        assert_not_posted(f"http://shop.example:{receiver.port}/", "unreachable", to_private=False)
    assert receiver.came == []


def test_an_address_that_is_down_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        _resolving(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        assert send(f"http://shop.example:{receiver.port}/") == 204


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert send(f"http://127.0.0.1:{receiver.port}/") == 204
    assert proxy.came == []


@contextlib.contextmanager
def _answering(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says to its one caller whatever ``talk`` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(4096)
                talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()
        thread.join(timeout=10)


def _silent(connection: socket.socket) -> None:
    time.sleep(QUICK_SECONDS + 1)


def _drop_by_drop(connection: socket.socket) -> None:
    for _ in range(60):
        connection.sendall(b"H")
        time.sleep(0.1)


def _endless(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\nX: " + b"x" * 4096)


@pytest.mark.parametrize(
    ("talk", "code"), [(_silent, "unreachable"), (_drop_by_drop, "unreachable"), (_endless, "not_http")]
)
def test_a_receiver_cannot_hold_it_up(
    talk: Callable[[socket.socket], None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callback_posting, "TOTAL_SECONDS", QUICK_SECONDS)
    with _answering(talk) as url:
        begun = time.monotonic()
        assert_not_posted(url, code)
        assert time.monotonic() - begun < QUICK_SECONDS + 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"HTTP/1.1 200 OK\r\n", 200),
        (b"HTTP/1.0 204 \r\n", 204),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n", 202),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 1_000_000, 200),
    ],
)
def test_it_reads_the_status_line(said: bytes, status: int) -> None:
    with _answering(lambda connection: connection.sendall(said)) as url:
        assert send(url) == status


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 2000 OK\r\n", b"HTTP/1.1 200"])
def test_what_is_no_answer(said: bytes) -> None:
    with _answering(lambda connection: connection.sendall(said)) as url:
        assert_not_posted(url, "not_http")


def test_nobody_there_and_no_such_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert_not_posted(f"http://127.0.0.1:{port}/", "unreachable")
    assert_not_posted("http://no-such-name.invalid/", "name_unknown")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder: Path = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    names = ["-addext", "subjectAltName=DNS:shop.example", "-keyout", key, "-out", cert]
    subprocess.run([*request, *names], check=True, capture_output=True)
    return cert, key


def test_https_wants_a_certificate_of_that_name(
    certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(certificate=certificate) as receiver:
        _resolving(monkeypatch, ["127.0.0.1"])
        assert_not_posted(f"https://shop.example:{receiver.port}/", "unreachable")
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
        assert send(f"https://shop.example:{receiver.port}/") == 204
        assert_not_posted(f"https://other.example:{receiver.port}/", "unreachable")
    assert len(receiver.came) == 1
