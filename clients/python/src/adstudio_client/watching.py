"""Waiting for a job: over its websocket, and by polling wherever that fails.

The socket tells every change as it happens; each carries the job's ``sequence``, and what is not newer than what was
heard is dropped. Every ten seconds the client says how far it has heard, so that a lost message is made good. A socket
that cannot be opened or breaks is tried again later; meanwhile ``/status`` is asked, with the ETag of its last answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from adstudio_client import calls
from adstudio_client.errors import (
    ConnectionFailed,
    JobFailed,
    JobStopped,
    TooMany,
    Unavailable,
    WaitTimeout,
)
from adstudio_client.performing import Retries, failure_of, perform
from adstudio_client.reading import decoded, read
from adstudio_client.types import AsyncProgressCallback, Job, Progress
from adstudio_client.wire import Flow, SocketLost, open_socket, receive, send, send_text, sleep, tell

SYNC_SECONDS = 10.0
POLL_SECONDS = 1.0
FIRST_SOCKET_PAUSE, LONGEST_SOCKET_PAUSE = 10.0, 120.0
"""Seconds of polling before the socket is tried again; doubled each time."""
UNREACHABLE_SECONDS = 90.0
"""A server that has not answered for so long is taken for gone; a restart takes less."""
REFUSALS = (4401, 4404)
"""Close codes: not signed in, no such job."""
NOT_MODIFIED = 304


@dataclass(slots=True)
class Watch:
    """What was heard of one job."""

    job_id: str
    callback: AsyncProgressCallback | None
    end: float
    """When the wait is over, by the monotonic clock."""
    sequence: int = -1
    progress: Progress | None = None
    etag: str = ""
    pause: float = POLL_SECONDS
    """Seconds before the next question."""
    silent_since: float | None = None
    """When the first of the attempts failed that all found no server."""

    def left(self) -> float:
        """Seconds left to wait. Raises ``WaitTimeout`` when there are none."""
        left = self.end - time.monotonic()
        if left > 0:
            return left
        at = f"{self.progress.status}, {self.progress.progress_percent} %" if self.progress else "unknown"
        raise WaitTimeout(f"Job {self.job_id} has not ended yet ({at}).", progress=self.progress)

    def heard(self, data: Any) -> Flow[bool]:
        """Take note of a row; tells whether the job has ended."""
        progress = read(Progress, data)
        if progress != self.progress:
            self.progress = progress
            yield from tell(self.callback, progress)
        return progress.is_final


def wait(job_id: str, timeout: float, callback: AsyncProgressCallback | None, retries: Retries) -> Flow[Job]:
    """The completed job. Raises ``JobFailed``, ``JobStopped``, ``WaitTimeout``, and as ``perform`` does."""
    watch = Watch(job_id, callback, time.monotonic() + timeout)
    pause = FIRST_SOCKET_PAUSE
    while not (yield from _by_socket(watch, retries)):
        if (yield from _by_polling(watch, pause)):
            break
        pause = min(LONGEST_SOCKET_PAUSE, 2 * pause)
    job = yield from perform(calls.job(job_id), retries)
    if watch.progress is None or not watch.progress.is_final:
        yield from tell(callback, job)
    return _completed(job)


def _completed(job: Job) -> Job:
    if job.status == "completed":
        return job
    if job.status == "stopped":
        raise JobStopped(job.message, code="job.stopped", job=job)
    code, message = (job.error.code, job.error.message) if job.error else ("job.failed", job.message)
    raise JobFailed(message, code=code, job=job)


def _by_socket(watch: Watch, retries: Retries) -> Flow[bool]:
    """Whether the job has ended; False when the socket is lost before that."""
    try:
        yield from open_socket(f"/ws/jobs/{quote(watch.job_id, safe='')}/")
        sync_at = time.monotonic() + SYNC_SECONDS
        while True:
            text = yield from receive(min(sync_at - time.monotonic(), watch.left()))
            if text is not None and (yield from _message(watch, decoded(text.encode()))):
                return True
            if time.monotonic() >= sync_at:
                sync_at = time.monotonic() + SYNC_SECONDS
                yield from send_text(json.dumps({"type": "sync", "sequence": watch.sequence}))
    except SocketLost as lost:
        if lost.code in REFUSALS:
            yield from perform(calls.status(watch.job_id), retries)  # which says why
        return False


def _message(watch: Watch, message: Mapping[str, Any]) -> Flow[bool]:
    kind = message.get("type")
    if kind == "finished":
        return True
    row = message.get("job") if kind == "snapshot" else message
    if not isinstance(row, Mapping):
        return False
    sequence = row.get("sequence")
    if not isinstance(sequence, int) or sequence <= watch.sequence:
        return False
    watch.sequence = sequence
    if kind not in ("snapshot", "progress"):
        return False
    return (yield from watch.heard(row))


def _by_polling(watch: Watch, seconds: float) -> Flow[bool]:
    """Whether the job has ended within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (yield from _polled(watch)):
            return True
        yield from sleep(min(watch.pause, watch.left()))
    return False


def _polled(watch: Watch) -> Flow[bool]:
    call = calls.status(watch.job_id, etag=watch.etag)
    try:
        response = yield from send(call.request)
        failure = failure_of(response)
        if failure is not None:
            raise failure
    except (ConnectionFailed, Unavailable, TooMany) as error:
        _check_silence(watch, error)
        watch.pause = max(POLL_SECONDS, error.retry_after or 0)
        return False
    watch.silent_since, watch.pause = None, POLL_SECONDS
    if response.status == NOT_MODIFIED:
        return False
    watch.etag = response.headers.get("etag", "")
    return (yield from watch.heard(decoded(response.body)))


def _check_silence(watch: Watch, error: ConnectionFailed | Unavailable | TooMany) -> None:
    """A server may be away for a while: it is restarted, say. One that asks for patience is there."""
    if isinstance(error, TooMany):
        return
    now = time.monotonic()
    if watch.silent_since is None:
        watch.silent_since = now
    hopeless = isinstance(error, ConnectionFailed) and not error.may_pass
    if hopeless or now - watch.silent_since > UNREACHABLE_SECONDS:
        raise error
