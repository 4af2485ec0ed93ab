"""The websockets: one job, or all active jobs of the shop.

First a snapshot, then events in order of ``sequence``. The client tells every ten seconds the last sequence it
saw; when it is behind it gets a fresh snapshot and the group is joined anew, since groups vanish when Redis is
flushed or after a day. It also gets one when an event was lost on the way here, as the channel layer drops what is
over its capacity: each event of a job is numbered, so the next one tells.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any, cast

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.translation import override

from accounts.middleware import SESSION_SHOP
from accounts.models import Shop, User
from accounts.selectors import shop_of, works_in
from accounts.tokens import bearer_token, token_find
from jobs import events, selectors
from jobs.messages import sentence
from jobs.metrics import process
from jobs.models import Job

NOT_SIGNED_IN = 4401
NO_SUCH_JOB = 4404
LOOK_EVERY_SECONDS = 5.0
"""Events are sent on for so long before it is asked again whether they may be."""
SNAPSHOT_LIMIT = 100
"""Jobs in one shop snapshot at most."""


def _bearer(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name.lower() == b"authorization":
            return bearer_token(value.decode("latin-1"))
    return None


class _EventConsumer(AsyncWebsocketConsumer):
    """What both sockets share: who is there, snapshots, events, sync."""

    group: str | None = None
    checked_at = 0.0
    language = "ko"
    has_gap = False
    """An event was lost since the last snapshot."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.seen: dict[str, int] = {}
        """The newest sequence that was sent of each job that has not ended."""

    kind: str
    """In the metrics."""

    async def connect(self) -> None:
        await self.accept()
        process.sockets_open.labels(self.kind).inc()
        refusal = await self._open()
        if refusal is not None:
            await self.close(refusal)
            return
        self.checked_at = time.monotonic()
        await self._join_and_snapshot()

    async def disconnect(self, code: int) -> None:
        process.sockets_open.labels(self.kind).dec()
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        process.sockets_closed.labels(str(code or 1000)).inc()
        await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = json.loads(text_data or "")
        except ValueError:
            return
        if not isinstance(message, dict) or message.get("type") != "sync" or self.group is None:
            return
        if not await self._still_allowed():
            return
        sequence = message.get("sequence")
        if self.has_gap or not isinstance(sequence, int) or await self._is_behind(sequence):
            await self._join_and_snapshot()
        else:
            await self.channel_layer.group_add(self.group, self.channel_name)

    async def job_event(self, event: dict[str, Any]) -> None:
        if time.monotonic() - self.checked_at > LOOK_EVERY_SECONDS and not await self._still_allowed():
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

    async def _open(self) -> int | None:
        """Find who is there and what they may see; answers a close code to refuse."""
        raise NotImplementedError

    async def _still_allowed(self) -> bool:
        """Whether who opened the socket may still see this: a membership, a token or a session can have ended.
        Where it has, the socket is closed."""
        self.checked_at = time.monotonic()
        group = self.group
        refusal = await self._open() if await self._is_still_signed_in() else NOT_SIGNED_IN
        if (
            refusal is None and self.group != group
        ):  # their first shop stands in for the one they had to leave
            refusal = NO_SUCH_JOB
        if refusal is None:
            return True
        self.group = group
        await self.close(refusal)
        return False

    async def _is_still_signed_in(self) -> bool:
        """Whether the session is there and its person's: not ended elsewhere, not closed out, same password."""
        if _bearer(self.scope["headers"]) is not None:
            return True  # the token is looked up anew in any case
        session = self.scope["session"]
        lives = await database_sync_to_async(session.exists)(session.session_key or "")
        return bool(lives) and bool((await get_user(self.scope)).is_authenticated)

    async def _join_and_snapshot(self) -> None:
        # The group first: an event between joining and reading shows twice rather than never.
        assert self.group is not None
        await self.channel_layer.group_add(self.group, self.channel_name)
        snapshot = await self._snapshot()
        if snapshot is None:
            await self.close(NO_SUCH_JOB)
            return
        rows = [snapshot["job"]] if "job" in snapshot else snapshot["jobs"]
        self.seen.update((row["job_id"], row["sequence"]) for row in rows)
        self.has_gap = False
        await self._send({"type": "snapshot", **snapshot})

    async def _snapshot(self) -> dict[str, Any] | None:
        raise NotImplementedError

    async def _is_behind(self, sequence: int) -> bool:
        raise NotImplementedError

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps(message, ensure_ascii=False))

    def _user(self) -> User | None:
        return cast("User | None", self.scope["user"])

    @database_sync_to_async
    def _find_shops(self) -> tuple[bool, Shop | None]:
        """Whether anyone is signed in, and the one shop that a token or the session stands for."""
        self.language = str(self.scope.get("language") or "ko")
        bearer = _bearer(self.scope["headers"])
        if bearer is not None:
            token = token_find(bearer)
            return token is not None, token.shop if token else None
        user = self._user()
        if user is None or not user.is_authenticated:
            return False, None
        return True, shop_of(user, self.scope["session"].get(SESSION_SHOP))


class JobConsumer(_EventConsumer):
    """``/ws/jobs/{job_id}/``."""

    kind = "job"

    async def _open(self) -> int | None:
        signed_in, shop = await self._find_shops()
        if not signed_in:
            return NOT_SIGNED_IN
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        if not await self._may_see(shop):
            return NO_SUCH_JOB
        self.group = events.job_group(self.job_id)
        return None

    @database_sync_to_async
    def _may_see(self, shop: Shop | None) -> bool:
        job = Job.objects.filter(pk=self.job_id, deleted_at=None).only("shop_id").first()
        if job is None:
            return False
        if shop is not None and job.shop_id == shop.pk:
            return True
        by_session = _bearer(self.scope["headers"]) is None
        user = self._user()
        return by_session and user is not None and works_in(user, job.shop_id)

    @database_sync_to_async
    def _snapshot(self) -> dict[str, Any] | None:
        job = Job.objects.prefetch_related("artifacts").filter(pk=self.job_id, deleted_at=None).first()
        if job is None:
            return None
        with override(self.language):
            return {"job": events.job_row(job)}

    @database_sync_to_async
    def _is_behind(self, sequence: int) -> bool:
        rows = Job.objects.filter(pk=self.job_id, deleted_at=None)
        current = rows.values_list("sequence", flat=True).first()
        return current is None or current > sequence


class ShopConsumer(_EventConsumer):
    """``/ws/shop/``: every active job of the current shop. The client's sync carries the sum of its sequences."""

    kind = "shop"

    async def _open(self) -> int | None:
        signed_in, shop = await self._find_shops()
        if not signed_in:
            return NOT_SIGNED_IN
        if shop is None:
            return NO_SUCH_JOB
        self.shop = shop
        self.group = events.shop_group(shop.pk)
        return None

    @database_sync_to_async
    def _snapshot(self) -> dict[str, Any] | None:
        jobs = selectors.jobs_of(self.shop).filter(status__in=Job.ACTIVE)[:SNAPSHOT_LIMIT]
        with override(self.language):
            return {"jobs": [events.job_row(job) for job in jobs]}

    @database_sync_to_async
    def _is_behind(self, sequence: int) -> bool:
        rows = Job.objects.filter(shop=self.shop, status__in=Job.ACTIVE).order_by("-queued_at")
        return sum(rows.values_list("sequence", flat=True)[:SNAPSHOT_LIMIT]) != sequence
