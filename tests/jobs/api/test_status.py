"""Status, lists, stop, delete, re-run, and what the one error shape covers."""

from __future__ import annotations

import base64
import json
import re
import uuid
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError
from django.http import HttpResponse, HttpResponseBadRequest
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from jobs import selectors
from jobs.api import api
from jobs.artifacts import artifact_store
from jobs.middleware import ApiErrorMiddleware
from jobs.models import Job, WorkerState
from tests.accounts.opened import token_find
from tests.jobs.api.conftest import assert_error, photo_bytes, post

STATUS_FIELDS = {
    "job_id", "status", "progress_percent", "current_step", "sub_step", "message", "queue_position", "elapsed_sec",
    "eta_seconds", "step_eta_seconds", "engine", "system_metrics", "parameters", "step1_result", "step2_result",
    "final_result", "error",
}  # fmt: skip


def finish(job: Job, **changes: Any) -> Job:
    values = {"status": "completed", "progress_percent": 100, "finished_at": timezone.now(), **changes}
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    return job


@pytest.fixture
def made(waiting: Job) -> Job:
    for kind in ("step1_result", "step2_result", "final_result"):
        artifact_store(job=waiting, kind=kind, data=photo_bytes("PNG"), size=(120, 90))
    return finish(waiting)


def test_status_has_exactly_the_contracts_fields(client: Client, waiting: Job) -> None:
    told = client.get(f"/status/{waiting.pk}").json()
    assert set(told) == STATUS_FIELDS
    assert (told["status"], told["queue_position"], told["error"]) == ("pending", 1, None)
    assert told["parameters"] == {"text_content": "오늘만 반값"}
    assert told["final_result"] is None


def test_status_carries_the_pictures_as_they_are_stored(client: Client, made: Job) -> None:
    told = client.get(f"/status/{made.pk}").json()
    for kind in ("step1_result", "step2_result", "final_result"):
        assert base64.b64decode(told[kind], validate=True) == photo_bytes("PNG")


def test_a_large_picture_survives_being_read_in_pieces(client: Client, waiting: Job) -> None:
    data = bytes(range(256)) * 3000 + b"ab"
    artifact_store(job=waiting, kind="final_result", data=data, size=(1, 1))
    assert base64.b64decode(client.get(f"/status/{waiting.pk}").json()["final_result"]) == data


def test_images_none_leaves_the_pictures_out(client: Client, made: Job) -> None:
    told = client.get(f"/status/{made.pk}?images=none").json()
    assert set(told) == STATUS_FIELDS - {"step1_result", "step2_result", "final_result"}
    assert_error(client.get(f"/status/{made.pk}?images=some"), 422, "request.field_invalid", "images")


def test_a_failed_job_says_why(client: Client, waiting: Job) -> None:
    finish(waiting, status="failed", error_code="photo.no_product")
    error = client.get(f"/status/{waiting.pk}?images=none").json()["error"]
    assert error["code"] == "photo.no_product" and error["message"]


@pytest.mark.parametrize("key", [str(uuid.UUID(int=4)), "nonsense", "%00", "..%2F..%2Fetc", "1" * 500])
def test_a_job_that_never_was(client: Client, key: str) -> None:
    assert_error(client.get(f"/status/{key}"), 404)
    assert_error(client.post(f"/stop/{key}"), 404)
    assert_error(client.get(f"/api/jobs/{key}"), 404)


def test_stop_is_idempotent(client: Client, waiting: Job) -> None:
    for path in (f"/stop/{waiting.pk}", f"/stop/{waiting.pk}", f"/api/jobs/{waiting.pk}/stop"):
        assert client.post(path).json() == {"job_id": str(waiting.pk), "status": "stopped"}


def _running(job: Job) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(
        status="running", worker="w", attempts=1, heartbeat_at=now, started_at=now
    )


def test_a_running_job_is_asked_to_stop_and_not_deleted(client: Client, waiting: Job) -> None:
    _running(waiting)
    assert_error(client.delete(f"/jobs/{waiting.pk}"), 400, "job.running")
    assert client.post(f"/stop/{waiting.pk}").json()["status"] == "running"
    waiting.refresh_from_db()
    assert waiting.cancel_requested_at is not None


def test_jobs_counts_the_shops_own(client: Client, made: Job, shop: Shop, other_shop: Shop) -> None:
    for owner in (shop, other_shop):
        Job.objects.create(shop=owner, engine="studio", seed=1, current_step="step1_background")
    told = client.get("/jobs").json()
    counts = [told[name] for name in ("total_jobs", "active_jobs", "completed_jobs", "failed_jobs")]
    assert counts == [2, 1, 1, 0]
    assert len(told["jobs"]) == 2


def test_pages_follow_the_cursor_without_gaps(client: Client, shop: Shop) -> None:
    now = timezone.now()
    keys = []
    for number in range(7):
        job = Job.objects.create(shop=shop, engine="studio", seed=number, current_step="step1_background")
        Job.objects.filter(pk=job.pk).update(queued_at=now - timedelta(seconds=number // 3))  # with ties
        keys.append(str(job.pk))
    seen: list[str] = []
    address = "/api/jobs?limit=2"
    while address:
        page = client.get(address).json()
        assert len(page["items"]) <= 2
        seen += [row["job_id"] for row in page["items"]]
        Job.objects.create(
            shop=shop, engine="studio", seed=99, current_step="step1_background"
        )  # shifts nothing
        address = f"/api/jobs?limit=2&cursor={page['next']}" if page["next"] else ""
    assert sorted(seen) == sorted(keys)


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=한글", "cursor=%00", "cursor=MjAyNnxhYmM", "limit=0", "limit=101", "limit=a"],
)
def test_a_bad_page_is_refused(client: Client, query: str) -> None:
    assert_error(client.get(f"/api/jobs?{query}"), 422, "request.field_invalid", query.partition("=")[0])


def test_one_job_tells_where_its_pictures_are(client: Client, made: Job) -> None:
    told = client.get(f"/api/jobs/{made.pk}").json()
    assert told["urls"]["final_result"].startswith("/media/")
    assert told["parameters"] == made.request and told["seed"] == 7
    assert b"".join(client.get(told["urls"]["final_result"])) == photo_bytes("PNG")


def test_a_rerun_changes_fields_and_keeps_the_rest(client: Client, made: Job) -> None:
    response = post(
        client, f"/api/jobs/{made.pk}/rerun", {"start_step": 2, "text_content": "마감 세일", "colour": 1}
    )
    assert response.status_code == 200, response.content
    again = Job.objects.get(pk=response.json()["job_id"])
    assert (again.request["text_content"], again.current_step, again.parent_id) == (
        "마감 세일",
        "step2_text_asset",
        made.pk,
    )
    assert response.json()["ignored"] == ["colour"]
    assert again.seed == made.seed
    assert_error(post(client, f"/api/jobs/{made.pk}/rerun", {"start_step": 4}), 422, field="start_step")


def test_health_follows_the_workers(anonymous: Client, waiting: Job) -> None:
    worker = WorkerState.objects.create(
        name="w", host="h", pid=1, engine="studio", last_seen=timezone.now() + timedelta(seconds=5)
    )
    assert anonymous.get("/health").json()["status"] == "healthy"
    WorkerState.objects.filter(pk=worker.pk).update(job=waiting)
    assert anonymous.get("/health").json()["status"] == "busy"


def test_health_answers_without_a_database(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(selectors, "live_workers", broken)
    response = anonymous.get("/health")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"


def test_fonts_name_what_font_name_takes(client: Client) -> None:
    told = client.get("/fonts").json()
    assert len(told) >= 8 and all(set(font) == {"name", "path"} for font in told)
    assert "NanumSquare/NanumSquareB.ttf" in {font["path"] for font in told}


def test_resources_tell_the_machine(client: Client) -> None:
    told = client.get("/resources").json()
    assert set(told) == {"cpu_percent", "ram_used_gb", "ram_total_gb", "ram_percent", "gpu_info"}


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api/jobs/", "/status", "/status/", "/jobs/", "/generate/", "/media/x"]
)
def test_an_unknown_path_of_the_api_has_the_error_shape(client: Client, path: str) -> None:
    assert_error(client.get(path), 404, "request.not_found")


def test_a_picture_that_is_not_there_has_the_error_shape(client: Client, anonymous: Client) -> None:
    assert_error(client.get(f"/media/{uuid.uuid4()}"), 404, "media.not_found")


@pytest.mark.parametrize(
    ("verb", "path"), [("get", "/generate"), ("post", "/jobs"), ("patch", "/health"), ("put", "/api/photos")]
)
def test_a_wrong_verb_has_the_error_shape(client: Client, verb: str, path: str) -> None:
    response = getattr(client, verb)(path)
    assert_error(response, 405, "request.method_not_allowed")
    assert response["Allow"]


def test_djangos_own_html_becomes_the_error_shape(rf: RequestFactory) -> None:
    middleware = ApiErrorMiddleware(lambda request: HttpResponseBadRequest("<h1>Bad Request</h1>"))
    assert_error(_read(middleware(rf.get("/health"))), 400, "request.invalid")
    assert middleware(rf.get("/accounts/login/")).content == b"<h1>Bad Request</h1>"


def _read(response: HttpResponse) -> Any:
    response.json = lambda: json.loads(response.content)  # type: ignore[attr-defined]
    return response


@pytest.mark.parametrize("debug", [True, False])
def test_our_own_mistake_is_told_without_a_traceback(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, debug: bool
) -> None:
    def broken(shop: Shop) -> None:
        raise RuntimeError("secret detail")

    settings.DEBUG = debug
    monkeypatch.setattr(selectors, "shop_counts", broken)
    response = client.get("/jobs")
    assert_error(response, 500, "server.error")
    assert b"secret" not in response.content and b"Traceback" not in response.content


def test_a_page_of_the_portal_is_left_alone(client: Client) -> None:
    response = client.get("/no-such-page")
    assert response.status_code == 404 and response["Content-Type"].startswith("text/html")


def test_the_docs_need_no_other_server_and_nothing_inline(client: Client) -> None:
    page = client.get("/api/docs").content.decode()
    assert "swagger-ui-bundle" in page
    assert "http://" not in page and "https://" not in page
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page)


def test_the_schema_resolves_every_reference() -> None:
    text = json.dumps(api.get_openapi_schema(), default=str)
    schema = json.loads(text)
    assert schema["openapi"] == "3.1.0"
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(schema["components"]["schemas"])
    fields = schema["components"]["schemas"]["GenerateRequest"]["properties"]
    assert {"product_image", "text_prompt", "negative_prompt", "photo_id", "step1_image"} <= set(fields)


def test_a_token_is_printed_and_nothing_else(shop: Shop, anonymous: Client) -> None:
    out = StringIO()
    call_command("api_token", "cafe", name="제 프로그램", stdout=out)
    plain = out.getvalue().removesuffix("\n")
    token = token_find(plain)
    assert token is not None and (token.shop, token.name) == (shop, "제 프로그램")
    assert anonymous.get("/jobs", headers={"Authorization": f"Bearer {plain}"}).status_code == 200


def test_a_token_of_no_shop_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="no-shop"):
        call_command("api_token", "no-shop", stdout=StringIO())


def test_without_a_server_the_token_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr(Shop.objects, "filter", away)
    with pytest.raises(CommandError, match="make run"):
        call_command("api_token", "cafe", stdout=StringIO())


def test_the_matte_can_be_replaced_by_a_png(client: Client) -> None:
    photo = post(client, "/api/photos", {"input_image": base64.b64encode(photo_bytes()).decode()}).json()
    path = f"/api/photos/{photo['photo_id']}/matte"
    response = client.put(path, b"no picture", content_type="image/png")
    assert_error(response, 422, "photo.matte_invalid", "matte")
    matte = Image.new("L", (120, 90), 0)
    matte.paste(255, (30, 20, 90, 70))
    buffer = BytesIO()
    matte.save(buffer, "PNG")
    upload = SimpleUploadedFile("matte.png", buffer.getvalue(), "image/png")
    form = encode_multipart(BOUNDARY, {"matte": upload})
    for response in (
        client.put(path, buffer.getvalue(), content_type="image/png"),
        client.put(path, form, content_type=MULTIPART_CONTENT),
        client.put(
            path, {"matte": base64.b64encode(buffer.getvalue()).decode()}, content_type="application/json"
        ),
    ):
        assert response.status_code == 200, response.content
        told = response.json()
        assert (told["matte_state"], told["method"]) == ("ready", "brush")
        assert client.get(told["matte_url"]).status_code == 200
