"""The tools: each reads its arguments, calls one service or selector and tells what to do next."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
from channels.db import database_sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import override
from pydantic import BaseModel

from generation.export.formats import FORMATS
from generation.provenance import SourceType
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.types import CompositionMode, TextPosition
from generation.typography.fonts import fonts
from jobs import selectors, services
from jobs.api.auth import Caller
from jobs.api.pictures import picture_bytes
from jobs.api.request_schemas import FILE_PARTS
from jobs.api.schemas import CopyIn, CopyOut, GenerateRequest, PromptIn, PromptOut
from jobs.api.schemas_words import WordHint, WordsIn, WordsOut
from jobs.api.submission import submit, validated, wish_of
from jobs.api.words import words_of
from jobs.artifacts import stored_bytes
from jobs.errors import Refused
from jobs.events import job_row
from jobs.idempotency import HEADER
from jobs.mcp import files, schemas
from jobs.mcp.access import Access
from jobs.messages import sentence
from jobs.models import Artifact, Job
from jobs.words.copywriting import AdWords, copy_write
from jobs.words.hints import hint_row, notice_for, words_check
from jobs.words.prompts import prompt_optimize

Found = TypeVar("Found")
LANGUAGE = "en"
"""Of sentences, as of the tools' own descriptions: the model tells the person in the person's language."""
POLL_SECONDS = 0.5
PHOTO_ARGUMENTS = ("photo_path", "photo_base64", "photo_id")


@dataclass(frozen=True, slots=True)
class Outcome:
    answer: BaseModel
    pictures: list[bytes] = field(default_factory=list)
    """JPEGs to be shown."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool."""

    access: Access
    arguments: Mapping[str, Any]
    report: Callable[[int, str], Awaitable[None]]
    """Tells the caller how far a job is: per cent and a sentence."""

    async def admit(self) -> None:
        """Count this call, however often it asks. Raises ``Refused`` where there were too many."""
        await database_sync_to_async(self.access.admit)()

    async def ask(self, work: Callable[[Caller], Found], *, writing: bool = False) -> Found:
        """What ``work`` finds on behalf of the shop, in a thread with a connection of its own that is closed after."""
        found: Found = await database_sync_to_async(self._in_thread)(work, writing)
        return found

    def _in_thread(self, work: Callable[[Caller], Found], writing: bool) -> Found:
        with override(LANGUAGE):
            return work(self.access.caller(writing=writing))


# generate_ad ----------------------------------------------------------------------------------------------


async def generate_ad(call: Call) -> Outcome:
    return Outcome(await call.ask(partial(_order, call.arguments), writing=True))


def _order(arguments: Mapping[str, Any], caller: Caller) -> schemas.Ordered:
    known = schemas.generate_properties()
    own = validated(schemas.PhotoArguments, arguments)
    given = [name for name in PHOTO_ARGUMENTS if getattr(own, name)]
    if len(given) > 1:
        raise Refused(
            "request.field_invalid", status=422, field=given[1], reason=sentence("reason.one_photo")
        )
    of_api = known.keys() - {"photo_path", "photo_base64", "idempotency_key"}
    fields = {name: value for name, value in arguments.items() if name in of_api}
    request = validated(GenerateRequest, fields)
    try:
        answer = submit(
            caller=caller,
            request=request,
            files=_photo(own),
            sent=set(fields),
            key=own.idempotency_key or None,
        )
    except Refused as refusal:
        refusal.field = _own_name(refusal.field, given)
        raise
    return schemas.Ordered(
        job_id=str(answer["job_id"]),
        status=answer["status"],
        ignored=[*answer.get("ignored", []), *(name for name in arguments if name not in known)],
        next_step="Call check_status with this job_id and wait_seconds=30.",
    )


def _photo(own: schemas.PhotoArguments) -> dict[str, UploadedFile[Any]]:
    """The photo as the API gets a file."""
    if own.photo_path:
        data = files.read_photo(own.photo_path, field="photo_path")
    elif own.photo_base64:
        data = picture_bytes(own.photo_base64, field="photo_base64")
    else:
        return {}
    return {"file": SimpleUploadedFile("photo", data)}


def _own_name(name: str | None, given: list[str]) -> str | None:
    """The tool's argument that the API's field stands for."""
    if name in FILE_PARTS and given:
        return given[0]
    return "idempotency_key" if name == HEADER else name


# check_status, stop_job -----------------------------------------------------------------------------------


async def check_status(call: Call) -> Outcome:
    arguments = validated(schemas.StatusArguments, call.arguments)
    target = await call.ask(lambda caller: _target(arguments))
    job = await _waited(call, arguments)
    shown = arguments.include_picture
    return await call.ask(lambda caller: _standing(job, target, shown=shown))


def _target(arguments: schemas.StatusArguments) -> Path | None:
    return files.check_target(arguments.save_to, field="save_to") if arguments.save_to else None


async def _waited(call: Call, arguments: schemas.StatusArguments) -> Job:
    """The job once it has ended, or as it stands when the wait is over."""
    until = time.monotonic() + arguments.wait_seconds
    told = -1
    while True:
        job, message = await call.ask(partial(_read, arguments.job_id))
        if job.sequence != told:
            told = job.sequence
            await call.report(job.progress_percent, message)
        left = until - time.monotonic()
        if job.is_terminal or left <= 0:
            return job
        await anyio.sleep(min(POLL_SECONDS, left))


def _read(job_id: str, caller: Caller) -> tuple[Job, str]:
    job = selectors.job_get(shop=caller.shop, job_id=job_id)
    return job, job_row(job)["message"]


def _standing(job: Job, target: Path | None, *, shown: bool) -> Outcome:
    row = job_row(job)
    final = selectors.pictures(job).get(Artifact.Kind.FINAL) if job.status == Job.Status.COMPLETED else None
    data = stored_bytes(final) if final is not None and (shown or target) else b""
    if target is not None and data:
        files.write_new(target, data, field="save_to")
    names = (
        "job_id",
        "status",
        "progress_percent",
        "current_step",
        "message",
        "queue_position",
        "eta_seconds",
    )
    answer = schemas.Standing(
        **{name: row[name] for name in names},
        engine=job.engine,
        seed=job.seed,
        notes=row["notes"],
        error=row["error"],
        picture=_picture(final, target) if final is not None else None,
        next_step=_next_step(job, final),
    )
    return Outcome(answer, [files.shown(data, SourceType(final.source))] if final and shown and data else [])


def _picture(final: Artifact, target: Path | None) -> schemas.FinishedPicture:
    return schemas.FinishedPicture(
        width=final.width,
        height=final.height,
        bytes=final.size,
        sha256=final.sha256,
        saved_to=str(target) if target else None,
    )


def _next_step(job: Job, final: Artifact | None) -> str:
    if job.status == Job.Status.COMPLETED:
        return "Finished: show the picture." if final else "Finished without a final picture."
    if job.status == Job.Status.FAILED:
        return "Tell the person what the error says, put it right and call generate_ad again."
    if job.status == Job.Status.STOPPED:
        return "Stopped: nothing more comes. Call generate_ad for a new ad."
    if not selectors.live_workers(job.engine).exists():
        return (
            "No worker is running, so the job waits: ask the operator to start AdStudio's worker (make run)."
        )
    return "Not finished yet: call check_status again with wait_seconds=30."


async def stop_job(call: Call) -> Outcome:
    arguments = validated(schemas.JobArguments, call.arguments)
    job = await call.ask(
        lambda caller: services.job_stop(job=selectors.job_get(shop=caller.shop, job_id=arguments.job_id)),
        writing=True,
    )
    ended = "The job has ended." if job.is_terminal else "It stops within a moment: check_status tells when."
    return Outcome(schemas.Stopped(job_id=str(job.pk), status=job.status, next_step=ended))


# list_fonts, list_scenes, optimize_prompt, suggest_copy, check_words --------------------------------------


async def list_fonts(call: Call) -> Outcome:
    validated(schemas.NoArguments, call.arguments)
    names = ("path", "name_ko", "name_en", "category", "weight")
    entries = [
        schemas.FontEntry(**{name: getattr(font, name) for name in names})
        for font in await call.ask(lambda caller: fonts())
    ]
    return Outcome(schemas.Fonts(fonts=entries))


async def list_scenes(call: Call) -> Outcome:
    validated(schemas.NoArguments, call.arguments)
    return Outcome(await call.ask(lambda caller: _choices()))


def _choices() -> schemas.Choices:
    return schemas.Choices(
        scenes=[
            schemas.SceneEntry(
                scene=key,
                name_ko=entry.name_ko,
                name_en=entry.name_en,
                mood=entry.mood,
                season=entry.season,
                cameras=[camera.value for camera in entry.cameras],
            )
            for key, entry in scenes().items()
        ],
        text_styles=[
            schemas.StyleEntry(text_style=key, name_ko=entry.name_ko, name_en=entry.name_en)
            for key, entry in styles().items()
        ],
        formats=[
            schemas.FormatEntry(
                format=key, channel=entry.channel, width=entry.default.width, height=entry.default.height
            )
            for key, entry in FORMATS.items()
            if not entry.packshot
        ],
        text_positions=[position.value for position in TextPosition],
        composition_modes=[mode.value for mode in CompositionMode],
    )


async def optimize_prompt(call: Call) -> Outcome:
    asked = validated(PromptIn, call.arguments)
    found = await call.ask(lambda caller: prompt_optimize(shop=caller.shop, **wish_of(caller.shop, asked)))
    return Outcome(PromptOut(**asdict(found)))


async def suggest_copy(call: Call) -> Outcome:
    asked = validated(CopyIn, call.arguments)
    found = await call.ask(lambda caller: copy_write(shop=caller.shop, ad=AdWords(**asked.model_dump())))
    return Outcome(CopyOut(**asdict(found), suggestions=found.headlines))


async def check_words(call: Call) -> Outcome:
    asked = validated(WordsIn, call.arguments)
    hints = await call.ask(lambda caller: words_check(shop=caller.shop, words=words_of(asked)))
    with override(LANGUAGE):
        return Outcome(
            WordsOut(hints=[WordHint(**hint_row(hint)) for hint in hints], notice=notice_for(hints) or None)
        )
