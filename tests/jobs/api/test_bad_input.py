"""Bad input, over every operation that it concerns: told in the one error shape, and nothing is lost or made."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django.utils import timezone

from accounts.models import Shop, User
from accounts.tokens import token_create, token_revoke
from jobs.models import Job, Photo
from tests.conftest import Stack
from tests.jobs import factories
from tests.jobs.api.conftest import assert_error, base64_photo, photo_bytes, post, signed_in
from tests.jobs.api.described import (
    CHANGING,
    DOCUMENT,
    VERBS,
    Operation,
    body_fields,
    ids,
    operations,
    valid_body,
    with_json,
)
from tests.jobs.submitting import finished

SIXTY_MEGABYTES = 60 * 1024 * 1024
DEPTH = 10_000
ALL = operations()
SIGNED_IN_ONLY = [operation for operation in ALL if operation.path != "/health"]
ABOUT_A_JOB = [operation for operation in ALL if "{job_id}" in operation.path]
ABOUT_A_PHOTO = [operation for operation in ALL if "{photo_id}" in operation.path]
SUBMITTING = [operation for operation in ALL if operation.key in ("generate", "generate_upload", "job_rerun")]
NOT_JSON = {
    "nothing": b"",
    "words": b"not json",
    "cut off": b'{"prompt": "a',
    "not a number": b'{"seed": NaN}',
    "infinity": b'{"strength": -Infinity}',
    "single quotes": b"{'prompt': 'a'}",
    "no text": b"\xff\xfe\x00",
    "a nest of lists": b"[" * DEPTH + b"]" * DEPTH,
    "a nest of objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "a nest in an unknown field": b'{"prompt": "a", "unknown": ' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    "an endless number": b'{"seed": ' + b"9" * 5000 + b"}",
}
NO_OBJECT = ["[]", "[{}]", "5", "0.5", '"text"', "null", "true"]


@pytest.fixture
def made(shop: Shop) -> Job:
    return finished(shop)


@pytest.fixture
def photo(client: Client) -> Photo:
    return Photo.objects.get(
        pk=post(client, "/api/photos", {"input_image": base64_photo()}).json()["photo_id"]
    )


def send(client: Client, operation: Operation, path: str, body: bytes | str = b"{}", **options: Any) -> Any:
    options.setdefault("content_type", "application/json")
    return client.generic(operation.verb.upper(), path, "" if operation.verb == "get" else body, **options)


# Bodies -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
@pytest.mark.parametrize("operation", with_json(), ids=ids)
def test_what_is_not_json(client: Client, made: Job, photo: Photo, operation: Operation, body: bytes) -> None:
    answer = send(client, operation, operation.at(made.pk, photo.pk), body)
    assert_error(answer, 422 if not body and answer.status_code == 422 else 400)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("body", NO_OBJECT)
@pytest.mark.parametrize("operation", with_json(), ids=ids)
def test_json_that_is_no_object(
    client: Client, made: Job, photo: Photo, operation: Operation, body: str
) -> None:
    assert_error(send(client, operation, operation.at(made.pk, photo.pk), body), 422, "request.not_an_object")


@pytest.mark.parametrize("operation", [o for o in ALL if o.verb in CHANGING], ids=ids)
def test_sixty_megabytes(client: Client, made: Job, photo: Photo, operation: Operation) -> None:
    body = b'{"unknown": "' + b"a" * SIXTY_MEGABYTES + b'"}'
    assert_error(send(client, operation, operation.at(made.pk, photo.pk), body), 413, "request.too_large")
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "nonsense", "a/b;c=\x00"]
)
@pytest.mark.parametrize("operation", with_json(), ids=ids)
def test_json_under_another_type_is_read_as_json(
    client: Client, made: Job, photo: Photo, operation: Operation, kind: str
) -> None:
    """As curl sends it, when it is not told otherwise."""
    path = operation.at(made.pk, photo.pk)
    body = json.dumps({**valid_body(operation), "matte": base64_photo()})
    assert send(client, operation, path, body, content_type=kind).status_code in (200, 201)
    assert_error(send(client, operation, path, "no json", content_type=kind), 400, "request.not_json")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", MULTIPART_CONTENT])
@pytest.mark.parametrize("operation", with_json(), ids=ids)
def test_json_under_a_forms_type_by_session(
    owner: User, made: Job, photo: Photo, operation: Operation, kind: str
) -> None:
    """The CSRF check reads a form's body first: what is left for the endpoint must be told, not fall over."""
    browser = signed_in(owner, enforce_csrf_checks=True)
    browser.cookies["csrftoken"] = "a" * 32
    body = json.dumps(valid_body(operation))
    path = operation.at(made.pk, photo.pk)
    answer = send(browser, operation, path, body, content_type=kind, headers={"X-CSRFToken": "a" * 32})
    assert_error(answer, answer.status_code if answer.status_code in (400, 422) else 400)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("operation", with_json(), ids=ids)
def test_nul_bytes_and_halves_of_pairs_in_every_field(
    client: Client, made: Job, photo: Photo, operation: Operation
) -> None:
    """Refused, or taken without them; in names of fields too."""
    for name in body_fields(operation):
        for text in ("a\x00b", "\ud800", "\x00", "가\udfff나"):
            body = json.dumps({**valid_body(operation), name: text, f"un\x00known{text}": text})
            answer = send(client, operation, operation.at(made.pk, photo.pk), body)
            assert answer.status_code in (200, 201, 404, 422), (name, text, answer.content)
            assert b"\x00" not in answer.content
            if answer.status_code >= 400:
                assert_error(answer, answer.status_code)


def test_what_cannot_be_seen_is_no_part_of_the_words(client: Client, shop: Shop) -> None:
    """Text directions turn what is read after them, in the admin too; widths of nothing come along when pasting."""
    words = {
        "text_content": "오늘\u200b만 \u202e반값\u2069",
        "product": "\ufeff라\u2060떼",
        "bg_prompt": "\u2066\u200f",
    }
    assert post(client, "/generate", words).status_code == 200
    kept = Job.objects.get()
    assert kept.title == kept.request["text_content"] == "오늘만 반값"
    assert (kept.request["product"], kept.request["bg_prompt"]) == ("라떼", "")
    nothing = {"prompt": "\u202e\u200b"}
    assert_error(post(client, "/api/optimize-prompt", nothing), 422)


def test_a_key_that_comes_twice_counts_as_it_came_last(client: Client, shop: Shop) -> None:
    twice = '{"seed": "x", "seed": 5, "text_content": "세일"}'
    assert client.post("/generate", twice, content_type="application/json").status_code == 200
    assert Job.objects.get().seed == 5
    assert_error(client.post("/generate", '{"seed": 5, "seed": "x"}', content_type="application/json"), 422)


# Submissions ------------------------------------------------------------------------------------------------
REFUSED = [
    ({"font_name": font, "text_content": "세일"}, "font.unknown", "font_name")
    for font in (
        "Comic/Sans.ttf",
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\windows\\win.ini",
        "NanumSquare/../../../etc/passwd",
        "file:///etc/passwd",
        "NanumSquare/NanumSquareB.ttf\x00.png",
        "NanumSquare/NanumSquareB.ttf ",
    )
] + [
    ({"start_step": 3, "stop_step": 2}, "request.field_invalid", "stop_step"),
    ({"start_step": 2, "stop_step": 1, "text_content": "세일"}, "request.field_invalid", "stop_step"),
    ({"callback_url": "file:///etc/passwd"}, "callback.url_invalid", "callback_url"),
    ({"callback_url": "http://169.254.169.254/"}, "callback.url_private", "callback_url"),
    ({"text_content": "🔥"}, "text.glyph_missing", "text_content"),
]


@pytest.mark.parametrize(("body", "code", "field"), REFUSED)
@pytest.mark.parametrize("way", [*SUBMITTING, "form"], ids=lambda way: way if way == "form" else ids(way))
def test_what_no_job_is_made_of(
    client: Client, made: Job, way: Operation | str, body: dict[str, Any], code: str, field: str
) -> None:
    as_json = isinstance(way, Operation)
    answer = post(client, way.at(made.pk), body) if as_json else client.post("/api/generate", body)
    assert_error(answer, 422, code, field)
    assert Job.objects.count() == 1 and not Photo.objects.exists()


@pytest.mark.parametrize("path", ["/generate", "/api/generate"])
@pytest.mark.parametrize("as_form", [False, True])
def test_a_missing_picture_of_a_step_is_named(client: Client, path: str, as_form: bool) -> None:
    for body, field in (
        ({"start_step": 2, "text_content": "세일"}, "step1_image"),
        ({"start_step": 3, "text_content": "세일", "step1_image": base64_photo()}, "step2_image"),
    ):
        answer = client.post("/api/generate", body) if as_form else post(client, path, body)
        assert_error(answer, 422, "step.image_missing", field)
    assert not Job.objects.exists()


@pytest.mark.parametrize("start_step", [2, 3])
def test_a_rerun_of_a_job_without_the_pictures_is_refused(
    client: Client, waiting: Job, start_step: int
) -> None:
    body = {"start_step": start_step, "text_content": "세일"}
    assert_error(
        post(client, f"/api/jobs/{waiting.pk}/rerun", body), 422, "step.image_missing", "step1_image"
    )
    assert Job.objects.count() == 1


# Forms ------------------------------------------------------------------------------------------------------
def _part(name: str, content: bytes, *headers: str, file: str = "") -> bytes:
    filename = f'; filename="{file}"' if file else ""
    head = [f'Content-Disposition: form-data; name="{name}"{filename}', *headers]
    return f"--{BOUNDARY}\r\n".encode() + "\r\n".join(head).encode() + b"\r\n\r\n" + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
BROKEN_FORMS = {
    "a thousand fields and one": b"".join(_part(f"f{n}", b"1") for n in range(1001)) + END,
    "a hundred files and one": b"".join(_part(f"f{n}", b"1", file="a") for n in range(101)) + END,
    "broken base64": _part("file", b"a", "Content-Transfer-Encoding: base64", file="a") + END,
}
ODD_FORMS = {
    "no parts": END,
    "no end": _part("text_content", b"SALE"),
    "nothing": b"",
    "a form in a form": _part(
        "file", _part("file", photo_bytes()) + END, f"Content-Type: {MULTIPART_CONTENT}"
    )
    + END,
    "garbage": b"\x00\xff" * 500,
    "a part without a name": f"--{BOUNDARY}\r\n\r\nSALE\r\n".encode() + END,
}
READABLE = (ODD_FORMS["no end"], ODD_FORMS["a form in a form"])
FORM_PATHS = [o for o in ALL if "multipart/form-data" in o.told.get("requestBody", {}).get("content", {})]


@pytest.mark.parametrize(
    "body", [*BROKEN_FORMS.values(), *ODD_FORMS.values()], ids=[*BROKEN_FORMS, *ODD_FORMS]
)
@pytest.mark.parametrize("operation", FORM_PATHS, ids=ids)
def test_a_broken_form(client: Client, photo: Photo, operation: Operation, body: bytes) -> None:
    answer = send(client, operation, operation.at(photo=photo.pk), body, content_type=MULTIPART_CONTENT)
    if body in READABLE and operation.key == "generate_upload":
        assert (
            answer.status_code == 200
        )  # every field of it came, and what is of no use is named in the answer
    else:
        assert_error(answer, 400 if body in BROKEN_FORMS.values() or answer.status_code == 400 else 422)


def test_a_files_name_leads_nowhere(client: Client) -> None:
    for name in ("../../../etc/passwd", "/etc/passwd", "a\x00b.jpg", "x" * 400 + ".jpg"):
        body = _part("file", photo_bytes(), "Content-Type: image/jpeg", file=name) + END
        answer = client.generic("POST", "/api/photos", body, content_type=MULTIPART_CONTENT)
        assert answer.status_code == 201, answer.content
    for photo in Photo.objects.all():
        assert photo.file.name == f"photos/{photo.pk}/photo.jpg"


# Who calls --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("operation", ABOUT_A_JOB, ids=ids)
def test_another_shops_job_does_not_exist(stranger: Client, made: Job, operation: Operation) -> None:
    path = operation.at(job=made.pk) + ("?format=coupang" if operation.key == "job_export" else "")
    assert_error(send(stranger, operation, path), 404, "job.not_found")
    assert Job.objects.get() == made


@pytest.mark.parametrize("operation", ABOUT_A_PHOTO, ids=ids)
def test_another_shops_photo_does_not_exist(stranger: Client, photo: Photo, operation: Operation) -> None:
    assert_error(send(stranger, operation, operation.at(photo=photo.pk)), 404, "photo.not_found")


@pytest.mark.parametrize("operation", SUBMITTING[:2], ids=ids)
def test_another_shops_photo_makes_no_job(stranger: Client, photo: Photo, operation: Operation) -> None:
    assert_error(post(stranger, operation.path, {"photo_id": str(photo.pk)}), 404, "photo.not_found")
    assert not Job.objects.exists()


@pytest.mark.parametrize("operation", ALL, ids=ids)
def test_a_bad_or_revoked_token_beside_a_good_session(
    client: Client, shop: Shop, made: Job, photo: Photo, operation: Operation
) -> None:
    token, plain = token_create(shop=shop, name="old")
    token_revoke(token=token)
    for header in (f"Bearer {plain}", "Bearer ads_nonsense", "Bearer", "bearer \xff", f"Bearer {'a' * 5000}"):
        answer = send(client, operation, operation.at(made.pk, photo.pk), headers={"Authorization": header})
        error = assert_error(answer, 401)
        assert error["code"] == ("token.revoked" if plain in header else "auth.token_invalid")
        assert answer["WWW-Authenticate"] == "Bearer"
    assert Job.objects.get() == made


@pytest.mark.parametrize("operation", SIGNED_IN_ONLY, ids=ids)
def test_an_expired_session(client: Client, made: Job, photo: Photo, operation: Operation) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert_error(send(client, operation, operation.at(made.pk, photo.pk)), 401, "auth.required")


@pytest.mark.parametrize("operation", [o for o in ALL if o.verb in CHANGING], ids=ids)
def test_a_session_without_the_csrf_token(owner: User, made: Job, photo: Photo, operation: Operation) -> None:
    browser = signed_in(owner, enforce_csrf_checks=True)
    assert_error(send(browser, operation, operation.at(made.pk, photo.pk)), 403, "auth.csrf")
    assert Job.objects.get() == made


# Methods ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_a_wrong_method_is_told_the_right_ones(client: Client, made: Job, photo: Photo, path: str) -> None:
    verbs = set(DOCUMENT["paths"][path])
    allowed = {verb.upper() for verb in verbs} | {"OPTIONS"} | ({"HEAD"} if "get" in verbs else set())
    here = path.format(job_id=made.pk, photo_id=photo.pk)
    for verb in (*(verb for verb in VERBS if verb not in verbs), "trace", "propfind"):
        answer = client.generic(verb.upper(), here, b"{}", content_type="application/json")
        assert_error(answer, 405, "request.method_not_allowed")
        assert set(answer["Allow"].split(", ")) == allowed
    answer = client.options(here)
    assert (answer.status_code, answer.content) == (204, b"") and set(answer["Allow"].split(", ")) == allowed
    assert Job.objects.get() == made


@pytest.mark.parametrize("operation", [o for o in ALL if o.verb == "get"], ids=ids)
def test_head_is_get_without_its_body(client: Client, made: Job, photo: Photo, operation: Operation) -> None:
    path = operation.at(made.pk, photo.pk) + ("?format=coupang" if operation.key == "job_export" else "")
    got, head = client.get(path), client.head(path)
    assert (head.status_code, b"".join(head)) == (got.status_code, b"")
    assert head["Content-Type"] == got["Content-Type"] and head.get("ETag") == got.get("ETag")


def test_head_without_sign_in_is_refused(anonymous: Client) -> None:
    assert anonymous.head("/jobs").status_code == 401
    assert anonymous.head("/api/nothing").status_code == 404


# The server itself ------------------------------------------------------------------------------------------
def _raw(
    stack: Stack, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Any:
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=60)
    try:
        connection.request(method, path, body, headers or {}, encode_chunked=not isinstance(body, bytes))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def _as_it_is(stack: Stack, request: bytes) -> tuple[int, bytes]:
    """What no client library lets through."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as connection:
        connection.sendall(request)
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


def _shape(answer: Any, status: int) -> None:
    code, headers, body = answer
    assert code == status, (code, body[:300])
    assert headers["Content-Type"].startswith("application/json")
    told = json.loads(body)
    assert set(told["error"]) == {"code", "message", "field"} and told["detail"] == told["error"]["message"]


def test_the_running_server_never_answers_in_html(stack: Stack) -> None:
    """What daphne and Twisted refuse before Django has it."""
    shop = factories.shop()
    _token, plain = token_create(shop=shop, name="raw")
    signed = {"Authorization": f"Bearer {plain}", "Content-Type": "application/json"}
    megabyte = b"a" * 1024 * 1024
    _shape(_raw(stack, "POST", "/generate", megabyte * 60, signed), 413)
    chunked = {**signed, "Transfer-Encoding": "chunked"}
    _shape(_raw(stack, "POST", "/generate", iter([megabyte] * 60), chunked), 413)
    endless = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}  # of nobody
    _shape(_raw(stack, "POST", "/generate", iter([megabyte] * 66), endless), 413)
    empty = {**signed, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    _shape(_raw(stack, "POST", "/api/photos", END, empty), 422)
    for target in ("/api/jobs?cursor=한", "/status/한"):
        request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        assert _as_it_is(stack, request) == (400, b"")  # no HTTP, so not even a path
    _shape(_raw(stack, "GET", "/jobs", None, {**signed, "X-Odd": "a\x0bb"}), 400)
    _shape(_raw(stack, "GET", "/status/%00", None, signed), 404)
    _shape(_raw(stack, "GET", "/status/..%2f..%2fetc%2fpasswd", None, signed), 404)
    _shape(_raw(stack, "GET", "/jobs", None, {**signed, "Host": "evil.example"}), 400)
    code, headers, body = _raw(stack, "HEAD", "/jobs", None, signed)
    assert (code, body) == (200, b"") and int(headers["Content-Length"]) > 0
    assert not Job.objects.exists() and not Photo.objects.exists()
