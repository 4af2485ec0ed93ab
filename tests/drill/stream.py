"""Work without end: a shop's program that submits ads, stops some and fetches some as exports, whatever breaks."""

from __future__ import annotations

import base64
import http.client
import json
import random
import threading
import time
from collections import Counter
from typing import Any

from tests.drill.system import System
from tests.jobs.factories import photo_bytes

REQUEST_SECONDS = 20.0
PAUSE_SECONDS = 0.15
WAITING_AT_MOST = 8
NEW_PHOTO_EVERY = 4
STOP_EVERY = 9
EXPORT_EVERY = 6
DIFFUSION_EVERY = 4


class Stream(threading.Thread):
    """Every submission carries a key and is sent again, with the same key, until it is answered."""

    def __init__(self, system: System, *, diffusion: bool, seed: int) -> None:
        super().__init__(name="stream", daemon=True)
        self.system = system
        self.diffusion = diffusion
        self.random = random.Random(seed)
        self.accepted: dict[str, str] = {}
        """The job of every key that was answered."""
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        """Answers that no honest request may get."""
        self.slowest = 0.0
        self.waiting = 0
        self._done = threading.Event()

    def finish(self) -> None:
        """Stop after the submission under way is answered."""
        self._done.set()
        self.join(120)

    def run(self) -> None:
        number = 0
        while not self._done.is_set():
            if self.waiting >= WAITING_AT_MOST:
                self._look()
                time.sleep(PAUSE_SECONDS)
                continue
            number += 1
            job = self._submit(f"drill-{number}", self._body(number))
            if number % STOP_EVERY == 0:
                self._ask("POST", f"/api/jobs/{job}/stop", {})
            if number % EXPORT_EVERY == 0:
                self._ask(
                    "GET",
                    f"/api/jobs/{self.random.choice([*self.accepted.values()])}/export?format=kakao-message",
                )
            time.sleep(PAUSE_SECONDS)

    def _look(self) -> None:
        """How far one of them is, so that no fault passes without a request."""
        if self.accepted:
            job = self.random.choice([*self.accepted.values()])
            self._ask("GET", f"/status/{job}?images=none")

    def _body(self, number: int) -> dict[str, Any]:
        other = number // NEW_PHOTO_EVERY if number % NEW_PHOTO_EVERY == 0 else 0
        photo = base64.b64encode(photo_bytes(320 + other, 320)).decode()
        gpu = self.diffusion and number % DIFFUSION_EVERY == 1
        engine = {"engine": "diffusion", "num_inference_steps": 3} if gpu else {"engine": "studio"}
        return {
            "input_image": photo,
            "text_content": f"반값 {number}",
            "scene": "pastel-podium",
            "seed": number,
            "test_mode": True,
            **engine,
        }

    def _submit(self, key: str, body: dict[str, Any]) -> str:
        while True:
            status, answer = self._ask("POST", "/api/generate", body, {"Idempotency-Key": key})
            if status == 200:
                self.accepted[key] = answer["job_id"]
                return str(answer["job_id"])
            if status == 503 and self._done.is_set():
                body["engine"] = "studio"
                body.pop("num_inference_steps", None)
            time.sleep(PAUSE_SECONDS)

    def _ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and answer; status 0 where none came."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.system.port, timeout=REQUEST_SECONDS)
        known = {"Authorization": f"Bearer {self.system.token}", "Content-Type": "application/json"}
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, {**known, **(headers or {})})
            response = connection.getresponse()
            status, content = response.status, response.read()
            answer = (
                json.loads(content)
                if response.headers["Content-Type"].startswith("application/json")
                else None
            )
        except (OSError, http.client.HTTPException) as error:
            self.answers[type(error).__name__] += 1
            return 0, None
        finally:
            connection.close()
            self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[str(status)] += 1
        self._judge(method, path, status, answer, content)
        return status, answer

    def _judge(self, method: str, path: str, status: int, answer: Any, content: bytes) -> None:
        """While servers are away the API says 503, in its one error shape; it may refuse nothing else."""
        told = status < 400 or bool(isinstance(answer, dict) and answer.get("error", {}).get("code"))
        away = status == 503 or ("/export" in path and status in (404, 409))
        if not told or (status >= 400 and not away):
            self.wrong.append(f"{method} {path} {status} {content[:160]!r}")
