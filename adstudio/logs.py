"""Log lines as JSON, each with the ids of what it is about.

``LOG_FORMAT=json`` turns it on; the ids are added in either case, so that a line's own words need not repeat them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Every line logged in here names these ids (``job_id``, ``shop_id``, …), besides those of the block around it."""
    token = _about.set(_about.get() or {})
    note(**ids)
    try:
        yield
    finally:
        _about.reset(token)


def note(**ids: object) -> None:
    """Name these ids too, from here to the end of the ``about`` block around; outside of one, nowhere."""
    around = _about.get()
    if around is None:
        return
    known = {name: str(value) for name, value in ids.items() if value is not None}
    _about.set({**around, **known})


class About(logging.Filter):
    """Puts the ids on each record that passes; those that are not known are left out."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (_about.get() or {}).items():
            setattr(record, name, value)
        return True
