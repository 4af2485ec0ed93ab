"""Where pictures are kept: under its name a file is whole or not there at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

DRAFT = ".draft-"
"""Beginning of the names of files that are still being written."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class StorageAway(OSError):
    """The storage does not answer, not as it should, or has no room; later it may."""


class _Draft(File):  # type: ignore[type-arg]
    """Written already; Django moves such a file into place."""

    def __init__(self, draft: IO[Any], path: str) -> None:
        super().__init__(draft)
        self._path = path

    def temporary_file_path(self) -> str:
        return self._path


class WholeFileStorage(FileSystemStorage):
    """Writes beside, then moves: neither a full disk nor a killed process leaves half a picture under its name."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        try:
            return self._save_whole(name, content)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise StorageAway(error.errno, f"There is no room for {name}") from error

    def _save_whole(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        os.makedirs(self.location, exist_ok=True)
        draft = NamedTemporaryFile(dir=self.location, prefix=DRAFT, delete=False)  # noqa: SIM115 - it is moved
        try:
            with draft:
                for chunk in content.chunks():
                    draft.write(chunk)
            moved: str = super()._save(name, _Draft(draft.file, draft.name))  # type: ignore[misc]  # not in the stubs
            return moved
        finally:
            Path(draft.name).unlink(missing_ok=True)

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Every file's name and when it was last written."""
        root = Path(self.location)
        for path in root.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
                if path.is_file():
                    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield path.relative_to(root).as_posix(), written
