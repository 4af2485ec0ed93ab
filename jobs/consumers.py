"""The websockets: one job, or all active jobs of the shop.

First a snapshot, then events in order of ``sequence``. The client tells every ten seconds the last sequence it
saw; when it is behind it gets a fresh snapshot and the group is joined anew, since groups vanish when Redis is
flushed or after a day. It also gets one when an event was lost on the way here, as the channel layer drops what is
over its capacity: each event of a job is numbered, so the next one tells.

A socket that cannot be told the truth any more, because the database or Valkey does not answer, is closed: the
client knows then that it knows nothing, and comes back.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils.translation import override

from accounts.rates import opening_count
from accounts.tokens import bearer_token
from accounts.viewers import Credential, Viewer
from adstudio.outages import OUTAGES
from adstudio.valkey import answered
from jobs import events, standings
from jobs.gate import gate
from jobs.messages import sentence
from jobs.metrics import process
from jobs.together import in_thread

logger = logging.getLogger(__name__)
NOT_SIGNED_IN = 4401
NO_SUCH_JOB = 4404
TOO_OFTEN = 4429
AWAY = 4503
"""After the last two a client comes back later; the first two are final."""
_JOINING = asyncio.Semaphore(20)
"""How many join or leave a group at a time: the channel layer refuses more than a hundred connections to Valkey."""


def credential_of(scope: dict[str, Any]) -> Credential:
    """A Bearer header alone decides where there is one, else the session's cookie."""
    for name, value in scope["headers"]:
        if name.lower() == b"authorization":
            token = bearer_token(value.decode("latin-1"))
            if token is not None:
                return Credential(token=token)
    return Credential(session=scope["cookies"].get(settings.SESSION_COOKIE_NAME, ""))


class _EventConsumer(AsyncWebsocketConsumer):
    """What both sockets share: who is there, snapshots, events, sync."""

    kind: str
    """In the metrics."""
    credential: Credential
    group = ""
    shop = 0
    """Whose jobs it tells."""
    language = "ko"
    has_gap = False
    """An event was lost since the last snapshot."""
    closed = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.seen: dict[str, int] = {}
        """The newest sequence that was sent of each job that has not ended."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.credential = credential_of(scope)
        process.sockets_open.labels(self.kind).inc()
        try:
            await super().__call__(scope, receive, send)
        except OUTAGES as error:
            logger.warning("a websocket is closed: %s", error)
            process.sockets_closed.labels(str(AWAY)).inc()
            await send({"type": "websocket.close", "code": AWAY})
        finally:
            process.sockets_open.labels(self.kind).dec()
            gate.leave(self)
            if self.group:
                with suppress(*OUTAGES):
                    await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels' own first tidies up connections, in the one thread of all sockets, before every message."""
        await getattr(self, get_handler_name(message))(message)

    async def _join(self) -> None:
        async with _JOINING:
            await answered(self.channel_layer.group_add, self.group, self.channel_name)

    async def _leave(self) -> None:
        async with _JOINING:
            await answered(self.channel_layer.group_discard, self.group, self.channel_name)

    async def connect(self) -> None:
        await self.accept()
        self.language = str(self.scope["language"])  # type: ignore[typeddict-item]  # LanguageMiddleware
        viewer = await gate.enter(self)
        if viewer is None:
            await self._refuse(NOT_SIGNED_IN)
        elif await self._is_too_often(viewer):
            await self._refuse(TOO_OFTEN)
        elif not await self._find(viewer):
            await self._refuse(NO_SUCH_JOB)
        else:
            await self._join_and_snapshot(viewer)

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        process.sockets_closed.labels(str(code or 1000)).inc()
        await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if not isinstance(message, dict) or message.get("type") != "sync" or not self.group:
            return
        viewer = await self._allowed()
        if viewer is None:
            return
        sequence = message.get("sequence")
        if self.has_gap or not isinstance(sequence, int) or await self._is_behind(sequence):
            await self._join_and_snapshot(viewer)
        else:
            await self._join()

    async def job_event(self, event: dict[str, Any]) -> None:
        if await self._allowed() is None:
            return
        message = dict(event["message"])
        self._note(message)
        with override(self.language):
            if message.get("error"):
                message["error"] = {
                    "code": event["code"],
                    "message": sentence(event["code"], event["context"]),
                }
            elif "message" in message:
                message["message"] = sentence(event["code"], event["context"])
        await self._send(message)

    def _note(self, message: dict[str, Any]) -> None:
        """Mark the gap before this event, if there is one. The snapshot waits for the next sync: in a rush of events
        one for each gap would bring the next gap about."""
        job, sequence = message["job_id"], message["sequence"]
        newest = self.seen.get(job, 0)
        self.has_gap = self.has_gap or sequence > newest + 1
        self.seen[job] = max(newest, sequence)
        if message["type"] == "finished":
            del self.seen[job]

    async def review(self, viewer: Viewer | None) -> None:
        """The gate's: a membership, a token or a session can have ended. Then the socket is closed."""
        if viewer is None:
            await self._refuse(NOT_SIGNED_IN)
        elif self.shop and self.shop not in viewer.shops:
            await self._refuse(NO_SUCH_JOB)

    async def _allowed(self) -> Viewer | None:
        """Who may still see this; None where nobody may, and the socket is closed."""
        viewer = await gate.viewer(self.credential)
        await self.review(viewer)
        return None if self.closed else viewer

    async def _is_too_often(self, viewer: Viewer) -> bool:
        allowance = await in_thread(opening_count, viewer.name)
        return allowance is not None and allowance.is_exceeded

    async def _refuse(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            await self.close(code)

    async def _find(self, viewer: Viewer) -> bool:
        """Set group and shop, where there is something to see."""
        raise NotImplementedError

    async def _join_and_snapshot(self, viewer: Viewer) -> None:
        # The group first: an event between joining and reading shows twice rather than never.
        await self._join()
        snapshot = await self._snapshot(viewer)
        if snapshot is None:
            await self._refuse(NO_SUCH_JOB)
            return
        rows = [snapshot["job"]] if "job" in snapshot else snapshot["jobs"]
        self.seen = {row["job_id"]: row["sequence"] for row in rows}
        self.has_gap = False
        await self._send({"type": "snapshot", **snapshot})

    async def _snapshot(self, viewer: Viewer) -> dict[str, Any] | None:
        """What this viewer may see of it; None where that is nothing."""
        raise NotImplementedError

    async def _is_behind(self, sequence: int) -> bool:
        raise NotImplementedError

    async def _send(self, message: dict[str, Any]) -> None:
        if not self.closed:
            await self.send(json.dumps(message, ensure_ascii=False))


class JobConsumer(_EventConsumer):
    """``/ws/jobs/{job_id}/``."""

    kind = "job"

    async def _find(self, viewer: Viewer) -> bool:
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        self.group = events.job_group(self.job_id)
        return True  # whose it is, the snapshot tells

    async def _snapshot(self, viewer: Viewer) -> dict[str, Any] | None:
        standing = await standings.standing_of_job.ask((self.job_id, self.language))
        if standing is None or standing.shop not in viewer.shops:
            return None
        self.shop = standing.shop
        return {"job": standing.row}

    async def _is_behind(self, sequence: int) -> bool:
        current = await standings.sequence_of_job.ask(self.job_id)
        return current is None or current > sequence


class ShopConsumer(_EventConsumer):
    """``/ws/shop/``: every active job of the current shop. The client's sync carries the sum of its sequences."""

    kind = "shop"

    async def _find(self, viewer: Viewer) -> bool:
        if not viewer.shops:
            return False
        self.shop = viewer.shops[0]
        self.group = events.shop_group(self.shop)
        return True

    async def _snapshot(self, viewer: Viewer) -> dict[str, Any] | None:
        return {"jobs": await standings.rows_of_shop.ask((self.shop, self.language))}

    async def _is_behind(self, sequence: int) -> bool:
        """The sum alone does not tell of jobs that nothing was told of yet: those that wait are at 0."""
        active = await standings.sequences_of_shop.ask(self.shop) or {}
        return sum(active.values()) != sequence or active.keys() != self.seen.keys()
