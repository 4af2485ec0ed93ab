"""All of an ad's formats in one file. Workers draw the pictures (``jobs.exports``); this only packs what is stored."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _

from generation.export.formats import FORMATS
from jobs import selectors
from jobs.exports import export_request, formats_for
from jobs.media import download_name
from jobs.models import Artifact, Export, Job

NamedFile = tuple[str, File[bytes]]
_CHUNK = 256 * 1024
_LEVEL = 1
"""Pictures are packed already; but some programs read a streamed archive only when it is deflated."""


@dataclass(slots=True)
class Bundle:
    """How far the formats of an ad are."""

    ready: list[Artifact] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.ready) + len(self.waiting) + len(self.failed)

    @property
    def is_whole(self) -> bool:
        return not self.waiting


def bundle_request(job: Job) -> Bundle:
    """Have every format drawn that the ad can be drawn in. Asking again changes nothing. Raises ``Refused``."""
    bundle = Bundle()
    for key in formats_for(job):
        found = export_request(job=job, key=key)
        if isinstance(found, Artifact):
            bundle.ready.append(found)
        elif found.status == Export.Status.FAILED:
            bundle.failed.append(key)
        else:
            bundle.waiting.append(key)
    return bundle


def bundle_files(job: Job, bundle: Bundle) -> list[NamedFile]:
    """Name and file of each picture: the ad itself, then the channels' formats."""
    final = selectors.pictures(job)[Artifact.Kind.FINAL]
    formats = [
        (
            download_name(job, format_key=picture.format, extension=FORMATS[picture.format].extension),
            picture.file,
        )
        for picture in bundle.ready
    ]
    return [(download_name(job), final.file), *formats, *_left_out(bundle)]


def _left_out(bundle: Bundle) -> list[NamedFile]:
    """A word on the formats that could not be drawn, so that nobody looks for them in vain."""
    if not bundle.failed:
        return []
    text = _("그리지 못해 빠진 규격이에요. 1분 뒤 다시 내려받아 주세요.") + "\n\n" + "\n".join(bundle.failed)
    return [(_("빠진 규격.txt"), ContentFile(text.encode()))]


class _Pipe(io.RawIOBase):
    """Takes what the archive writes, to be handed on at once."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self.written)
        self.written.clear()
        return data


def zip_chunks(files: list[NamedFile]) -> Iterator[bytes]:
    """The archive piece by piece: no more than one piece of one file is in memory."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, file in files:
            with file.open("rb") as source, archive.open(name, "w") as entry:
                while piece := source.read(_CHUNK):
                    entry.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """For the asynchronous server, which would gather a plain iterator in memory first."""
    following = sync_to_async(lambda: next(chunks, None), thread_sensitive=False)
    while (chunk := await following()) is not None:
        yield chunk
