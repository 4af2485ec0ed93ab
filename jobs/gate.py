"""Who stands behind the open websockets of this process, and that those who may see nothing more are shut out.

Every few seconds it is asked of the database for all of them together, so that neither an event nor a sync has to ask
for itself, and a socket that hears nothing is closed as soon as one that does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from accounts.viewers import Credential, Viewer, viewers_of
from adstudio.outages import OUTAGES
from jobs.together import MOST_AT_ONCE, Together, in_thread

logger = logging.getLogger(__name__)
ROUND_SECONDS = 3.0
BELIEVED_SECONDS = 2 * ROUND_SECONDS
"""An answer that is older, because the rounds fail or lag, is asked for anew before anything is told."""


class Guest(Protocol):
    """An open socket."""

    credential: Credential

    async def review(self, viewer: Viewer | None) -> None:
        """Close, if this viewer may no longer see what the socket tells."""


@dataclass(frozen=True, slots=True)
class _Answer:
    at: float
    viewer: Viewer | None


class Gate:
    """The one of this process. Used from its event loop alone."""

    def __init__(self) -> None:
        self._guests: dict[Credential, set[Guest]] = defaultdict(set)
        self._answers: dict[Credential, _Answer] = {}
        self._asking = Together(viewers_of)
        self._rounds: asyncio.Task[None] | None = None

    async def enter(self, guest: Guest) -> Viewer | None:
        """Who opens this socket; from now on they are looked after, until the socket leaves."""
        viewer = await self.viewer(guest.credential)
        if viewer is not None:
            self._guests[guest.credential].add(guest)
            if self._rounds is None or self._rounds.done():
                self._rounds = asyncio.create_task(self._go_round())
        return viewer

    def leave(self, guest: Guest) -> None:
        guests = self._guests.get(guest.credential, set())
        guests.discard(guest)
        if not guests:
            self._guests.pop(guest.credential, None)
            self._answers.pop(guest.credential, None)

    async def viewer(self, credential: Credential) -> Viewer | None:
        """Who is behind it, as of some seconds ago at most."""
        known = self._answers.get(credential)
        if known is not None and time.monotonic() - known.at < BELIEVED_SECONDS:
            return known.viewer
        asked_at = time.monotonic()
        viewer = await self._asking.ask(credential)
        if viewer is not None:
            self._answers[credential] = _Answer(asked_at, viewer)
        return viewer

    async def _go_round(self) -> None:
        while self._guests:
            await asyncio.sleep(ROUND_SECONDS)
            credentials = list(self._guests)
            for first in range(0, len(credentials), MOST_AT_ONCE):
                await self._review(credentials[first : first + MOST_AT_ONCE])

    async def _review(self, credentials: list[Credential]) -> None:
        asked_at = time.monotonic()
        try:
            found = await in_thread(viewers_of, credentials)
        except OUTAGES as error:
            logger.warning("who is behind the websockets is not known: %s", error)
            return
        for credential in credentials:
            viewer = found.get(credential)
            guests = list(self._guests.get(credential, ()))
            if guests:
                self._answers[credential] = _Answer(asked_at, viewer)
            for guest in guests:
                await guest.review(viewer)


gate = Gate()
