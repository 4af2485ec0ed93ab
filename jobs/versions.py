"""Versions of a stored request, so that web processes and workers of different releases can share a queue.

The rule, for whoever changes what a request may say (``docs/architecture.md``, "Releases side by side"):

1. What is new, a field or a value of one, raises ``REQUEST_VERSION`` and is named in ``SINCE``. A job is stored with
   the lowest version that has all its words, and a worker claims only jobs of versions it knows: the older workers go
   on with everything that says nothing new.
2. What gets another name or meaning needs a step in ``UPGRADES``; stored requests are never rewritten, they are
   upgraded when they are read (``request_of``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.models import Job

Request = dict[str, Any]

FIRST_VERSION = 1
REQUEST_VERSION = 1
"""The newest version that this release understands."""
SINCE: dict[str, int] = {}
"""Words that came after the first version, and with which: ``"outline": 2`` a field, ``"scene=night-market": 2`` a
value of one. ``tests/jobs/test_versions.py`` finds those that are missing here."""
UPGRADES: dict[int, Callable[[Request], Request]] = {}
"""How a request of this version is said in the next one, where that is not word for word."""
FOR_A_NEWER_WORKER = "job.waiting_for_update"
"""What a job says of itself while no worker understands it (``jobs.waiting``)."""


def version_of(request: Mapping[str, Any]) -> int:
    """The lowest version whose workers understand all of the request."""
    words = [word for name, value in request.items() for word in (name, f"{name}={value}")]
    return max((SINCE.get(word, FIRST_VERSION) for word in words), default=FIRST_VERSION)


def request_of(job: Job) -> Request:
    """The job's request as this release says it. One of a newer release is given as it is: to be shown, not to be
    acted on (``is_understood``)."""
    request = dict(job.request)
    for version in range(job.request_version, REQUEST_VERSION):
        if version in UPGRADES:
            request = UPGRADES[version](request)
    return request


def is_understood(job: Job) -> bool:
    return job.request_version <= REQUEST_VERSION
