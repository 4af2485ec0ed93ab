"""What holds of every request: a value that can be stored, or a refusal that the API knows. Needs the database."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pydantic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.test import RequestFactory
from hypothesis import strategies as st

from accounts.models import User
from jobs.api.body import json_body
from jobs.api.pictures import picture_bytes
from jobs.api.schemas import GenerateRequest
from jobs.api.submission import ad_params, fingerprint, pictures_of
from jobs.cursors import older_than
from jobs.errors import Refused
from jobs.idempotency import submitted_once
from jobs.models import Job
from jobs.params import ALIASES, AdParams
from jobs.services import Submission
from tests.fuzz.property import Property
from tests.fuzz.texts import json_values, wild_texts
from tests.jobs import factories

SECONDS = 5.0
_NAMES = st.sampled_from(
    [*AdParams.model_fields, *ALIASES, "input_image", "step1_image", "photo_id", "\ud800"]
)
_TIMES = st.sampled_from(
    [
        *("2026-11-25T21:00:00+09:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"),
        *("2026-11-25T21:00:00+00:00:01.5", "2026-11-25T21:00:00+09:00:30", "2026-11-25", "2026-W48-3T10Z"),
        *("2026-11-25T24:00:00Z", "2026-11-25 21:00+00:00:00.000001", "20261125T210000-2359"),
    ]
)


def _is_documented(refusal: Refused, statuses: dict[str, int]) -> None:
    assert refusal.status == statuses[refusal.code]


def base64_text(text: str) -> None:
    try:
        data = picture_bytes(text, field="input_image")
    except Refused as refusal:
        _is_documented(refusal, {"request.not_base64": 422, "photo.too_large": 413})
        return
    assert len(data) <= settings.PHOTO_MAX_BYTES


def body(data: bytes) -> None:
    """The whole way of a submission up to the database: body, fields, pictures, fingerprint."""
    request = RequestFactory().post("/generate", data, content_type="application/json")
    try:
        decoded = json_body(request)
    except Refused as refusal:
        _is_documented(refusal, {"request.not_json": 400, "request.not_an_object": 422})
        return
    fields(decoded)


def fields(given: dict[str, Any]) -> None:
    try:
        asked = GenerateRequest.model_validate(given)
    except pydantic.ValidationError as error:
        json.dumps(error.errors(include_url=False, include_input=False), default=str)
        return
    assert len(fingerprint("generate", asked, {})) == 64
    stored = ad_params(asked).model_dump(mode="json", exclude_unset=True)
    assert AdParams.model_validate(stored).model_dump(mode="json", exclude_unset=True) == stored
    no_files: dict[str, UploadedFile[Any]] = {}
    try:
        pictures_of(asked, no_files)
    except Refused as refusal:
        _is_documented(refusal, {"request.not_base64": 422, "photo.too_large": 413})


@transaction.atomic
def cursor(text: str) -> None:
    """What is taken for a cursor can be asked of the database."""
    try:
        condition = older_than(text)
    except ValueError:
        return
    Job.objects.filter(condition).exists()


@transaction.atomic
def key(case: tuple[str, str]) -> None:
    """A key is refused, or gives the same job twice and another request none."""
    name, print_of = case
    shop = factories.shop(
        owner=User.objects.create(email="fuzz@example.com")
    )  # hashing a password takes long
    job = factories.job(shop)
    answers = []
    for asked in (print_of, print_of, print_of[::-1] + "?"):
        try:
            answers.append(_submitted(shop, name, asked, job))
        except Refused as refusal:
            answers.append(refusal.status)
    assert answers in ([job.pk, job.pk, 409], [422, 422, 422])
    transaction.set_rollback(True)


def _submitted(shop: Any, name: str, asked: str, job: Job) -> object:
    def once() -> Submission:
        return Submission(job, [])

    return submitted_once(shop=shop, key=name, fingerprint=asked, submit=once).job.pk


def _encoded(text: str | bytes) -> str:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return base64.urlsafe_b64encode(raw).decode()


def _cursor_texts() -> st.SearchStrategy[str]:
    keys = st.sampled_from(
        [str(uuid4()), "{" + uuid4().hex + "}", "urn:uuid:" + str(uuid4()), "", "0" * 32, "|"]
    )
    made = st.builds(
        lambda time, key, cut: _encoded(f"{time}|{key}").rstrip("=")[: cut or None],
        _TIMES
        | st.datetimes(timezones=st.timezones() | st.none()).map(lambda at: at.isoformat())
        | wild_texts(2),
        keys | wild_texts(2),
        st.sampled_from([0, 0, 0, -1, 5]),
    )
    return made | wild_texts(3) | st.binary(max_size=60).map(_encoded)


def _base64_texts() -> st.SearchStrategy[str]:
    encoded = st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode())
    heads = st.sampled_from(
        ["", "data:image/png;base64,", "data:;base64,", "DATA:a/b;c=d;base64,", "data:image/"]
    )
    return st.builds(
        lambda *parts: "".join(parts), heads, encoded | wild_texts(3), wild_texts(1) | st.just("")
    )


def _bodies() -> st.SearchStrategy[bytes]:
    objects = st.dictionaries(_NAMES | wild_texts(2), json_values(), max_size=6)
    encodings = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-32-be", "latin-1"])
    whole = st.builds(
        lambda value, encoding, ascii_only: json.dumps(value, ensure_ascii=ascii_only).encode(
            encoding, "replace"
        ),
        objects | json_values(),
        encodings,
        st.booleans(),
    )
    cut = st.builds(lambda data, at: data[:at] + data[at + 1 :], whole, st.integers(0, 60))
    nests = st.builds(
        lambda piece, times, end: piece * times + end,
        st.sampled_from([b"[", b'{"a":', b'{"text_content":[', b"9", b"-", b'"\\ud800']),
        st.integers(1, 100_000),
        st.sampled_from([b"", b"1", b"]", b'"}']),
    )
    return whole | whole | cut | st.binary(max_size=80) | nests


_PARAMS = st.dictionaries(_NAMES, json_values() | wild_texts(), max_size=8)
_KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300) | wild_texts(3)

PROPERTIES = (
    Property("base64 text", _base64_texts(), base64_text, SECONDS, share=8),
    Property("JSON body", _bodies(), body, SECONDS, share=7),
    Property("fields of a request", _PARAMS, fields, SECONDS, share=7),
    Property("cursor", _cursor_texts(), cursor, SECONDS, share=4),
    Property(
        "idempotency key", st.tuples(_KEYS, st.text("0123456789abcdef", min_size=1)), key, SECONDS, share=1
    ),
)
