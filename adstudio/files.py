"""Files in the storage, and the rows that name them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Protocol

from django.apps import apps
from django.core.files.storage import Storage
from django.db import models, transaction

from adstudio.storage import DRAFT

logger = logging.getLogger(__name__)
OUR_PLACES = ("exports/", "jobs/", "logos/", "photos/", DRAFT)
"""Where our own files lie. Whatever else is in the bucket or the folder is somebody else's, or a newer release's, whose
rows this one does not know."""


class Listed(Protocol):
    """A storage that can name all it has, as both of ours can."""

    def listing(self) -> Iterator[tuple[str, datetime]]: ...


def files_named() -> dict[str, Storage]:
    """Every file that a row names, with the storage it lies in."""
    named: dict[str, Storage] = {}
    for model in apps.get_models():
        for column in file_columns(model):
            names = model._base_manager.exclude(**{column.name: ""}).values_list(column.name, flat=True)
            named.update(dict.fromkeys(filter(None, names.iterator()), column.storage))
    return named


def file_columns(model: type[models.Model]) -> list[models.FileField]:
    return [column for column in model._meta.concrete_fields if isinstance(column, models.FileField)]


def unnamed(names: Collection[str]) -> set[str]:
    """Which of these no row names."""
    left = set(names)
    for model in apps.get_models():
        for column in file_columns(model):
            named = model._base_manager.filter(**{f"{column.name}__in": left})
            left -= set(named.values_list(column.name, flat=True))
    return left


def written_before(files: Iterable[tuple[str, datetime]], limit: datetime) -> list[str]:
    """Which of these files are ours and were last written before then: a file is there a moment before its row."""
    return [name for name, written in files if written < limit and name.startswith(OUR_PLACES)]


def orphans(storage: Listed, *, before: datetime) -> Iterator[str]:
    """Files of ours that no row names and that were last written before then."""
    old = written_before(storage.listing(), before)
    named = files_named()
    yield from (name for name in old if name not in named)


def delete_on_commit(storage: Storage, name: str) -> None:
    """Delete the file once its row is gone for certain. One that is away keeps it until ``jobs.orphans`` finds it."""
    transaction.on_commit(partial(discard, storage, name))


def discard(storage: Storage, name: str) -> None:
    """Delete a file that no row names. That it could not be is told in the log and stops nothing else."""
    try:
        storage.delete(name)
    except OSError:
        logger.warning(
            "%s stays until it is a day old: then reconcile_jobs takes it away", name, exc_info=True
        )
