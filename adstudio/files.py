"""Files in the storage, and the rows that name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.apps import apps
from django.core.files.storage import Storage
from django.db import models


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


def orphans(storage: Storage, *, before: datetime) -> Iterator[str]:
    """Files that no row names and that were last written before then: a file is there a moment before its row."""
    old = [name for name in walk(storage) if storage.get_modified_time(name) < before]
    named = files_named()
    yield from (name for name in old if name not in named)


def walk(storage: Storage, folder: str = "") -> Iterator[str]:
    """The names of all files. A folder that goes meanwhile has none."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in files)
    for name in folders:
        yield from walk(storage, f"{prefix}{name}")
