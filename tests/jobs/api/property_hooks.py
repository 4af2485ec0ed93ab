"""Loaded by Schemathesis: real keys and real pictures among what it makes up, and what a schema cannot tell.

Nothing is left out: every operation, every check, both kinds of data.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
from typing import Any

import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

OF_THE_WORLD = (
    "photo.",
    "logo.",
    "font.",
    "text.",
    "step.",
    "callback.",
    "job.",
    "export.",
    "shop.",
    "idempotency.",
)
"""Beginnings of codes that tell what no schema can: the picture is none, the font lacks a letter, the job runs."""
NOT_IN_A_SCHEMA = ("cursor", "stop_step")
"""Fields whose values depend on something else: an opaque word of ours, an order between two fields."""
ONE_IS_ENOUGH = frozenset({"matte", "brush"})
"""Files of a form of which any will do: the generator takes one away, believes the form wrong, and leaves another."""
KEYS: dict[str, list[str]] = json.loads(os.environ["PROPERTY_KEYS"])
"""Of jobs and photos that are there, by parameter."""
UUID_SHAPE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
WORDS = ("text_content", "subline", "price_before", "price_now")
LETTERS = "오늘만 반값 Sale 50% 1,200원"
EVERY = 2
"""One of so many made-up keys becomes one of those."""


def _picture(size: tuple[int, int], kind: str) -> str:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 60, 40)).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


PICTURES = [
    _picture((64, 64), "PNG"),
    "data:image/jpeg;base64," + _picture((120, 90), "JPEG"),
    _picture((32, 48), "WEBP"),
]
schemathesis.openapi.format(
    "byte",
    st.one_of(
        st.sampled_from(PICTURES),
        st.binary(min_size=1, max_size=200).map(lambda data: base64.b64encode(data).decode()),
    ),
)
schemathesis.openapi.format(
    "binary",
    st.one_of(st.sampled_from(PICTURES[:1]).map(base64.b64decode), st.binary(max_size=200)),
)


def _real(name: str, value: Any) -> Any:
    """A key of ours in place of one of the right shape; one of the wrong shape stays wrong."""
    known = KEYS.get(name, [])
    if not known or not isinstance(value, str) or not UUID_SHAPE.fullmatch(value):
        return value
    number = sum(value.encode("utf-8", "replace"))
    return known[number // EVERY % len(known)] if number % EVERY == 0 else value


@schemathesis.check
def nothing_hides_behind_a_limit(ctx: Any, response: Any, case: Any) -> None:
    assert response.status_code not in (429, 503), "the server under test has no limits"


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: _real(name, value) for name, value in (path_parameters or {}).items()}


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    if "photo_id" in body:
        body["photo_id"] = _real("photo_id", body["photo_id"])
    for name in WORDS:
        if isinstance(body.get(name), str):
            body[name] = _readable(body[name])
    return body


def _readable(text: str) -> str:
    """One of so many texts in letters that every font has, as long as it was: most made-up ones are refused."""
    return "".join(LETTERS[ord(c) % len(LETTERS)] for c in text) if len(text) % EVERY == 0 else text


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """A valid request may be refused for the state of the world, and then by a code that says so."""
    if isinstance(failure, AcceptedNegativeData):
        form = case.body if case.media_type == "multipart/form-data" and isinstance(case.body, dict) else {}
        return not ("at /anyOf/" in failure.message and ONE_IS_ENOUGH & form.keys())
    if not isinstance(failure, RejectedPositiveData):
        return True
    error = response.json()["error"]
    return not (error["code"].startswith(OF_THE_WORLD) or error["field"] in NOT_IN_A_SCHEMA)
