"""The client for programs on asyncio."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx
from websockets.asyncio.client import ClientConnection, connect

from adstudio_client import calls, performing, watching
from adstudio_client.calls import Answer, Call
from adstudio_client.connection import Connection, answer_of, http_arguments, http_errors, socket_errors
from adstudio_client.operations import final_url, job_id_of
from adstudio_client.performing import Retries, perform
from adstudio_client.types import (
    AdFields,
    AdOptions,
    AsyncProgressCallback,
    CutoutMethod,
    Font,
    Headlines,
    Health,
    Job,
    JobStatus,
    OptimizedPrompt,
    Overview,
    Photo,
    Picture,
    PictureKind,
    PictureSource,
    Resources,
    Stopped,
    Submitted,
    WordHints,
)
from adstudio_client.wire import Effect, Flow, OpenSocket, Receive, Send, SendText, Sleep, SocketLost, Tell

Result = TypeVar("Result")


class AsyncAdStudio:
    """``AdStudio`` on asyncio: the same methods, to be awaited. Use it as a context manager, or ``aclose`` it.

    ``max_retries`` and ``max_wait`` (seconds) bound how often and how long a call is tried again after 429, 502, 503,
    504 and broken connections; a server that asks for more patience than that gets its error raised.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        language: str = "ko",
        timeout: float = 60.0,
        max_retries: int = 3,
        max_wait: float = 60.0,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._connection = Connection(url, token, language, timeout, ssl_context)
        self._retries = Retries(max_retries, max_wait)
        self._http = httpx.AsyncClient(**self._connection.http())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def generate(
        self,
        photo: PictureSource | None = None,
        text: str = "",
        *,
        photo_id: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[AdOptions],
    ) -> Submitted:
        """Order an ad of a photo (path or bytes), or of an uploaded one (``photo_id``).

        A key is made unless you give one; give your order's own number, and asking again after a crash is the same job.
        """
        return await self._call(calls.generate(photo, text, photo_id, idempotency_key, options))

    async def rerun(
        self,
        job: str | Job | Submitted,
        *,
        start_step: int = 1,
        text: str | None = None,
        idempotency_key: str | None = None,
        **changes: Unpack[AdFields],
    ) -> Submitted:
        """A new job like this one from ``start_step`` on, with some fields changed."""
        return await self._call(calls.rerun(job_id_of(job), start_step, text, idempotency_key, changes))

    async def wait(
        self,
        job: str | Job | Submitted,
        *,
        timeout: float = 300.0,
        on_progress: AsyncProgressCallback | None = None,
    ) -> Job:
        """The job once it is completed. Raises ``JobFailed``, ``JobStopped`` or ``WaitTimeout``."""
        return await self._run(watching.wait(job_id_of(job), timeout, on_progress, self._retries))

    async def status(self, job: str | Job | Submitted, *, images: bool = False) -> JobStatus:
        return await self._call(calls.status(job_id_of(job), images=images))

    async def job(self, job: str | Job | Submitted) -> Job:
        return await self._call(calls.job(job_id_of(job)))

    async def jobs(self, *, page_size: int = 50) -> AsyncIterator[Job]:
        """The shop's jobs, newest first, fetched page by page as they are asked for."""
        cursor: str | None = None
        while True:
            page = await self._call(calls.job_page(cursor, page_size))
            for each in page.items:
                yield each
            cursor = page.next
            if cursor is None:
                return

    async def overview(self) -> Overview:
        """The shop's jobs in figures, with the newest hundred."""
        return await self._call(calls.overview())

    async def stop(self, job: str | Job | Submitted) -> Stopped:
        return await self._call(calls.stop(job_id_of(job)))

    async def delete(self, job: str | Job | Submitted) -> None:
        """Delete the job and its pictures; a running one has to be stopped first."""
        await self._call(calls.delete(job_id_of(job)))

    async def download(self, job: str | Job | Submitted, kind: PictureKind = "final_result") -> Picture:
        """A picture of the job. Raises ``NoPicture`` when it has none of that kind."""
        found = job if isinstance(job, Job) else await self.job(job)
        return await self._call(calls.picture(final_url(found, kind)))

    async def export(self, job: str | Job | Submitted, format: str, *, timeout: float = 120.0) -> Picture:
        """The finished ad composed anew for a channel, such as ``instagram-story``; waits while it is drawn."""
        return await self._run(performing.drawn(calls.export(job_id_of(job), format), timeout, self._retries))

    async def upload_photo(self, photo: PictureSource) -> Photo:
        """Upload a photo once for many ads; its product is cut out meanwhile."""
        return await self._call(calls.photo_upload(photo))

    async def photo(self, photo_id: str) -> Photo:
        return await self._call(calls.photo(photo_id))

    async def delete_photo(self, photo_id: str) -> None:
        """Delete the photo and its cut-out; its ads keep their pictures. ``Conflict`` while one is being made."""
        await self._call(calls.photo_delete(photo_id))

    async def replace_matte(self, photo_id: str, matte: PictureSource) -> Photo:
        """Replace the cut-out by a PNG of the photo's size: its alpha, or its grey."""
        return await self._call(calls.matte_replace(photo_id, matte))

    async def brush_matte(self, photo_id: str, strokes: PictureSource) -> Photo:
        """Paint over the cut-out: a PNG over the whole photo, white keeps, black erases, clear leaves as it is."""
        return await self._call(calls.matte_brush(photo_id, strokes))

    async def cut_out_again(self, photo_id: str, method: CutoutMethod) -> Photo:
        """Have the product cut out anew; the matte of before stays until the new one is there."""
        return await self._call(calls.cut_out_again(photo_id, method))

    async def optimize_prompt(
        self, prompt: str, *, text: str = "", industry: str = "", photo_id: str = ""
    ) -> OptimizedPrompt:
        return await self._call(calls.optimize_prompt(prompt, text, industry, photo_id))

    async def copy(self, product: str, *, industry: str = "", text: str = "", seed: int = 0) -> Headlines:
        """Headlines, hashtags and captions for a product; without an industry, for the shop's own. ``text``: the
        headline that the ad has, if it has one. The next ``seed`` gives other words."""
        return await self._call(calls.copy(product, industry, text, seed))

    async def check_words(
        self,
        text: str = "",
        *,
        subline: str = "",
        price_before: str = "",
        price_now: str = "",
        font_name: str = "",
        format: str = "",
        industry: str = "",
    ) -> WordHints:
        """Hints on words before an ad is made of them: spelling, length, the font's glyphs, advertising law. Nothing is
        refused because of them. Left empty, font and industry are the shop's own."""
        asked = {
            "text_content": text,
            "subline": subline,
            "price_before": price_before,
            "price_now": price_now,
            "font_name": font_name,
            "format": format,
            "industry": industry,
        }
        return await self._call(calls.check_words(asked))

    async def fonts(self) -> list[Font]:
        return await self._call(calls.fonts())

    async def health(self) -> Health:
        return await self._call(calls.health())

    async def resources(self) -> Resources:
        return await self._call(calls.resources())

    async def _call(self, call: Call[Answer]) -> Answer:
        return await self._run(perform(call, self._retries))

    async def _run(self, flow: Flow[Result]) -> Result:
        async with _Hands(self._http, self._connection) as hands:
            try:
                effect = next(flow)
                while True:
                    try:
                        outcome = await hands.do(effect)
                    except Exception as error:
                        effect = flow.throw(error)
                    else:
                        effect = flow.send(outcome)
            except StopIteration as end:
                result: Result = end.value
                return result


class _Hands:
    """Does what one flow asks for; its websocket lives as long as it."""

    def __init__(self, http: httpx.AsyncClient, connection: Connection) -> None:
        self.http = http
        self.connection = connection
        self.socket: ClientConnection | None = None
        self.closing = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket = None
        with suppress(SocketLost), socket_errors():
            await self.closing.aclose()

    async def do(self, effect: Effect) -> object:
        match effect:
            case Send(request):
                with http_errors():
                    return answer_of(await self.http.request(**http_arguments(request)))
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case OpenSocket(path):
                await self._open(path)
            case Receive(seconds):
                return await self._receive(seconds)
            case SendText(text):
                with socket_errors():
                    await self._opened().send(text)
            case Tell(callback, progress):
                told = callback(progress)
                if inspect.isawaitable(told):
                    await told
        return None

    async def _open(self, path: str) -> None:
        await self.__aexit__()
        with socket_errors():
            self.socket = await self.closing.enter_async_context(connect(**self.connection.socket(path)))

    async def _receive(self, seconds: float) -> str | None:
        with socket_errors():
            try:
                async with asyncio.timeout(seconds):
                    return str(await self._opened().recv())
            except TimeoutError:
                return None

    def _opened(self) -> ClientConnection:
        if self.socket is None:
            raise SocketLost
        return self.socket
