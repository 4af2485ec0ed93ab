"""A hub of the tests' own: the few answers of the Hugging Face hub that fetching needs, from local folders."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

REVISION = "c" * 40
LARGE_SUFFIX = ".safetensors"


class HubServer:
    """``folders``: repository names and their folders. ``gated`` ones ask for acceptance. ``breaks``: after how many
    bytes the line goes dead the next times a file of that name is sent. ``sent``: files asked for, and from which byte
    on."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self.folders = folders
        self.gated: set[str] = set()
        self.breaks: dict[str, list[int]] = {}
        self.sent: list[tuple[str, int]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path).strip("/")
        repo = next((repo for repo in self.folders if f"{repo}/" in f"{path}/"), "")
        if not repo:
            self._refuse(request, 404, "RepoNotFound")
        elif path.startswith("api/models/"):
            self._say(request, json.dumps(self._description(repo)).encode())
        elif repo in self.gated:
            self._refuse(request, 403, "GatedRepo")
        elif path.startswith("cdn/"):
            self._send(request, repo, path.removeprefix(f"cdn/{repo}/"))
        else:
            name = path.removeprefix(f"{repo}/resolve/{REVISION}/")
            request.send_response(302)
            request.send_header("Location", f"/cdn/{repo}/{name}")
            request.send_header("Content-Length", "0")
            request.end_headers()

    def _description(self, repo: str) -> dict[str, Any]:
        folder = self.folders[repo]
        siblings = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            data = path.read_bytes()
            told: dict[str, Any] = {
                "rfilename": str(path.relative_to(folder)),
                "size": len(data),
                "blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest(),
            }
            if path.suffix == LARGE_SUFFIX:
                told["lfs"] = {
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "size": len(data),
                    "pointerSize": 130,
                }
            siblings.append(told)
        return {"id": repo, "sha": REVISION, "siblings": siblings}

    def _send(self, request: BaseHTTPRequestHandler, repo: str, name: str) -> None:
        data = (self.folders[repo] / name).read_bytes()
        start = int((request.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.sent.append((name, start))
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.send_header("Content-Length", str(len(data) - start))
        request.end_headers()
        breaks = self.breaks.get(name)
        if breaks:
            request.wfile.write(data[start : breaks.pop(0)])
            request.wfile.flush()
            request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True
        else:
            request.wfile.write(data[start:])

    def _say(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _refuse(self, request: BaseHTTPRequestHandler, status: int, code: str) -> None:
        request.send_response(status)
        request.send_header("X-Error-Code", code)
        request.send_header("Content-Length", "0")
        request.end_headers()
