"""Every call of the API, once: its request and what its answer is.

Every call is safe to repeat when its answer was lost. Those that make a job carry an ``Idempotency-Key``; the same
photo again is the same photo; stopping, deleting and replacing twice come to the same as once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from adstudio_client.errors import UnexpectedAnswer
from adstudio_client.reading import read_json
from adstudio_client.types import (
    AdFields,
    AdOptions,
    Font,
    Headlines,
    Health,
    Job,
    JobPage,
    JobStatus,
    OptimizedPrompt,
    Overview,
    Photo,
    Picture,
    PictureSource,
    Resources,
    Stopped,
    Submitted,
    WordHints,
)
from adstudio_client.wire import Request, Response, Upload

Answer = TypeVar("Answer")
STEP_PICTURES = ("step1_image", "step2_image")


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    request: Request
    read: Callable[[Response], Answer]
    gone_is_done: bool = False
    """Whether "not found" after an attempt whose answer was lost means that this attempt did it."""


def _call(kind: type[Answer], method: str, path: str, **request: Any) -> Call[Answer]:
    return Call(Request(method, path, **request), lambda response: read_json(kind, response.body))


def _part(identifier: str) -> str:
    """One part of a path, whatever it is made of."""
    return quote(identifier, safe="")


def picture_bytes(source: PictureSource) -> bytes:
    return source if isinstance(source, bytes) else Path(source).read_bytes()


def _upload(source: PictureSource) -> Upload:
    """The server tells the kind of a picture by its content."""
    name = Path(source).name if isinstance(source, str | PathLike) else "picture"
    return name, picture_bytes(source), "application/octet-stream"


# Ads ------------------------------------------------------------------------------------------------------


def generate(
    photo: PictureSource | None, text: str, photo_id: str | None, key: str | None, options: AdOptions
) -> Call[Submitted]:
    if photo is not None and photo_id is not None:
        raise ValueError("Give a photo or the photo_id of an uploaded one, not both.")
    given: dict[str, Any] = {"text_content": text or None, "photo_id": photo_id, **options}
    sources = {"file": photo, **{name: given.pop(name, None) for name in STEP_PICTURES}}
    files = {name: _upload(source) for name, source in sources.items() if source is not None}
    fields = _given(given)
    body = {"form": _as_form(fields), "files": files} if files else {"json": fields}
    return _call(Submitted, "POST", "/api/generate", headers=_key(key), **body)


def rerun(
    job_id: str, start_step: int, text: str | None, key: str | None, changes: AdFields
) -> Call[Submitted]:
    fields = _given({"start_step": start_step, "text_content": text, **changes})
    return _call(Submitted, "POST", f"/api/jobs/{_part(job_id)}/rerun", headers=_key(key), json=fields)


def _key(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _as_form(fields: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in fields.items()
    }


# Jobs -----------------------------------------------------------------------------------------------------


def status(job_id: str, *, images: bool = False, etag: str = "") -> Call[JobStatus]:
    """``etag``: of the answer before; the same again is 304 without a body, for ``watching`` to see."""
    return _call(
        JobStatus,
        "GET",
        f"/status/{_part(job_id)}",
        query={"images": "all" if images else "none"},
        headers={"If-None-Match": etag} if etag else {},
    )


def job(job_id: str) -> Call[Job]:
    return _call(Job, "GET", f"/api/jobs/{_part(job_id)}")


def job_page(cursor: str | None, limit: int) -> Call[JobPage]:
    query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
    return _call(JobPage, "GET", "/api/jobs", query=query)


def overview() -> Call[Overview]:
    return _call(Overview, "GET", "/jobs")


def stop(job_id: str) -> Call[Stopped]:
    return _call(Stopped, "POST", f"/stop/{_part(job_id)}")


def delete(job_id: str) -> Call[None]:
    return Call(Request("DELETE", f"/jobs/{_part(job_id)}"), lambda response: None, gone_is_done=True)


def export(job_id: str, format: str) -> Call[Picture | float]:
    """The picture, or the seconds after which to ask again while it is drawn."""

    def answer(response: Response) -> Picture | float:
        return float(response.headers.get("retry-after", 1)) if response.status == 202 else _picture(response)

    path = f"/api/jobs/{_part(job_id)}/export"
    return Call(Request("GET", path, query={"format": format}, follow=True), answer)


def picture(url: str) -> Call[Picture]:
    """``url`` as a job tells it: a path of the same server, where the token belongs."""
    if not url.startswith("/") or url.startswith("//"):
        raise UnexpectedAnswer(f"A picture's address is not a path: {url!r}")
    return Call(Request("GET", url, follow=True), _picture)


def _picture(response: Response) -> Picture:
    content_type = response.headers.get("content-type", "").partition(";")[0]
    if not content_type.startswith("image/"):
        raise UnexpectedAnswer(f"not a picture: {content_type}", status=response.status)
    return Picture(data=response.body, content_type=content_type)


# Photos ---------------------------------------------------------------------------------------------------


def photo_upload(source: PictureSource) -> Call[Photo]:
    return _call(Photo, "POST", "/api/photos", files={"file": _upload(source)})


def photo(photo_id: str) -> Call[Photo]:
    return _call(Photo, "GET", f"/api/photos/{_part(photo_id)}")


def photo_delete(photo_id: str) -> Call[None]:
    path = f"/api/photos/{_part(photo_id)}"
    return Call(Request("DELETE", path), lambda response: None, gone_is_done=True)


def matte_replace(photo_id: str, source: PictureSource) -> Call[Photo]:
    return _call(
        Photo,
        "PUT",
        f"/api/photos/{_part(photo_id)}/matte",
        content=picture_bytes(source),
        headers={"Content-Type": "image/png"},
    )


def matte_brush(photo_id: str, strokes: PictureSource) -> Call[Photo]:
    return _call(Photo, "PUT", f"/api/photos/{_part(photo_id)}/matte", files={"brush": _upload(strokes)})


def cut_out_again(photo_id: str, method: str) -> Call[Photo]:
    """The method is always named: without one the server takes the other one, each time."""
    return _call(Photo, "POST", f"/api/photos/{_part(photo_id)}/cutout", json={"method": method})


# Words, fonts, the server ---------------------------------------------------------------------------------


def optimize_prompt(prompt: str, text: str, industry: str, photo_id: str) -> Call[OptimizedPrompt]:
    asked = {"prompt": prompt, "text_content": text, "industry": industry, "photo_id": photo_id}
    return _call(OptimizedPrompt, "POST", "/api/optimize-prompt", json=asked)


def copy(product: str, industry: str, text: str, seed: int) -> Call[Headlines]:
    asked = {"product": product, "industry": industry, "text_content": text, "seed": seed}
    return _call(Headlines, "POST", "/api/copy", json=asked)


def check_words(asked: Mapping[str, str]) -> Call[WordHints]:
    return _call(WordHints, "POST", "/api/check-words", json=dict(asked))


def fonts() -> Call[list[Font]]:
    return cast(Call[list[Font]], _call(list[Font], "GET", "/fonts"))


def health() -> Call[Health]:
    return _call(Health, "GET", "/health")


def resources() -> Call[Resources]:
    return _call(Resources, "GET", "/resources")
