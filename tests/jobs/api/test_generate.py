"""POST /generate and /api/generate: what is accepted, what is refused and how."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import Shop
from jobs.models import Job, Photo
from tests.jobs.api.conftest import assert_error, base64_photo, photo_bytes, post

BOUNDS = [
    ("start_step", 1, 3, 1),
    ("composition_strength", 0, 1, 0.001),
    ("composition_steps", 10, 50, 1),
    ("composition_guidance_scale", 1, 7, 0.001),
    ("strength", 0, 1, 0.001),
    ("guidance_scale", 1, 20, 0.001),
    ("num_inference_steps", 1, 50, 1),
    ("stop_step", 1, 3, 1),
    ("seed", 0, 2**53 - 1, 1),
]
ENUMS = {
    "composition_mode": ["overlay", "blend", "behind"],
    "text_position": ["top", "center", "bottom", "auto"],
    "camera": ["auto", "eye", "angle", "top"],
    "engine": ["auto", "studio", "diffusion"],
    "bg_model": ["flux", "sdxl"],
}
PATHS = ["/generate", "/api/generate"]


@pytest.mark.parametrize("path", PATHS)
def test_it_makes_a_job_of_the_contracts_example(client: Client, path: str) -> None:
    body = {
        "start_step": 1,
        "stop_step": None,
        "input_image": "data:image/jpeg;base64," + base64_photo(),
        "text_content": "Super Sale",
        "bg_prompt": "Wooden table in a cozy cafe, sunlight, realistic",
        "text_model_prompt": "3D render of Gold foil balloon text",
        "font_name": "NanumSquare/NanumSquareB.ttf",
        "composition_mode": "overlay",
        "text_position": "top",
    }
    response = post(client, path, body)
    assert response.status_code == 200, response.content
    job = Job.objects.get()
    assert response.json() == {"job_id": str(job.pk), "status": "pending"}
    assert job.photo is not None and (job.photo.width, job.photo.height) == (120, 90)
    assert job.request["text_content"] == "Super Sale"
    assert job.created_by is not None


def test_a_null_field_is_a_field_not_given(client: Client) -> None:
    nothing = dict.fromkeys(
        ["bg_prompt", "seed", "strength", "engine", "text_content", "input_image", "test_mode"]
    )
    response = post(client, "/generate", nothing)
    assert response.status_code == 200, response.content
    assert "ignored" not in response.json()


@pytest.mark.parametrize(("field", "low", "high", "beyond"), BOUNDS)
@pytest.mark.parametrize("path", PATHS)
def test_it_holds_every_bound(
    client: Client, waiting: Job, path: str, field: str, low: float, high: float, beyond: float
) -> None:
    for value in (low - beyond, high + beyond):
        error = assert_error(post(client, path, {field: value}), 422, "request.field_invalid", field)
        assert str(low) in error["message"] or str(high) in error["message"]
    assert Job.objects.count() == 1
    if field not in ("start_step",):
        for value in (low, high):
            assert post(client, path, {field: value}).status_code == 200


@pytest.mark.parametrize("field", [field for field, *_ in BOUNDS])
@pytest.mark.parametrize("value", ["abc", "5", True, [1], {"a": 1}, 1e400])
def test_numbers_are_numbers(client: Client, shop: Shop, field: str, value: Any) -> None:
    response = post(client, "/generate", {field: value})
    if value == 1e400:  # Infinity is not JSON
        assert_error(response, 400, "request.not_json")
    else:
        assert_error(response, 422, "request.field_invalid", field)


@pytest.mark.parametrize("field", ENUMS)
def test_a_wrong_choice_lists_the_right_ones(client: Client, field: str) -> None:
    for wrong in ("nonsense", "", 3, True):
        error = assert_error(post(client, "/generate", {field: wrong}), 422, "request.field_invalid", field)
        assert all(choice in error["message"] for choice in ENUMS[field])


@pytest.mark.parametrize(
    "field", ["text_content", "bg_prompt", "font_name", "input_image", "step1_image", "photo_id"]
)
@pytest.mark.parametrize("value", [5, True, ["a"], {"a": "b"}])
def test_text_is_text(client: Client, field: str, value: Any) -> None:
    assert_error(post(client, "/generate", {field: value}), 422, "request.field_invalid", field)


@pytest.mark.parametrize("field", ["test_mode", "auto_unload"])
@pytest.mark.parametrize("value", [1, "true", "no", [True]])
def test_switches_are_booleans(client: Client, field: str, value: Any) -> None:
    assert_error(post(client, "/generate", {field: value}), 422, "request.field_invalid", field)


def test_aliases_fill_their_fields(client: Client) -> None:
    body = {
        "product_image": base64_photo(),
        "text_prompt": "gold",
        "text_content": "세일",
        "negative_prompt": "blur",
    }
    response = post(client, "/generate", body)
    job = Job.objects.get()
    assert job.photo is not None
    assert job.request["text_model_prompt"] == "gold"
    assert response.json()["ignored"] == ["negative_prompt"]


def test_an_alias_of_the_wrong_type_is_named_as_sent(client: Client) -> None:
    assert_error(post(client, "/generate", {"text_prompt": 5}), 422, "request.field_invalid", "text_prompt")


def test_it_names_what_it_ignores(client: Client) -> None:
    body = {"colour": "red", "guidance_scale": 3, "step2_image": "!"}
    response = post(client, "/generate", body)
    assert response.status_code == 200
    assert set(response.json()["ignored"]) == set(body)


def test_endless_unknown_names_do_not_fill_the_answer(client: Client) -> None:
    response = post(client, "/generate", {f"{number}" + "x" * 1000: 1 for number in range(500)})
    assert response.status_code == 200
    assert len(response.content) < 10_000


@pytest.mark.parametrize(
    "font", ["Comic/Sans.ttf", "../../etc/passwd", "/etc/passwd", "NanumSquare/../../x", "a\u0000b"]
)
def test_an_unknown_font_is_refused(client: Client, font: str) -> None:
    body = {"text_content": "세일", "font_name": font}
    assert_error(post(client, "/generate", body), 422, "font.unknown", "font_name")


@pytest.mark.parametrize(
    ("field", "code"),
    [("scene", "scene.unknown"), ("text_style", "style.unknown"), ("format", "format.unknown")],
)
def test_an_unknown_name_lists_the_known_ones(client: Client, field: str, code: str) -> None:
    error = assert_error(post(client, "/generate", {field: "moon-base"}), 422, code, field)
    assert ":" in error["message"] and len(error["message"].partition(":")[2]) > 5


def test_steps_must_be_in_order(client: Client) -> None:
    body = {"start_step": 3, "stop_step": 2}
    assert_error(post(client, "/generate", body), 422, "request.field_invalid", "stop_step")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start_step": 2, "text_content": "세일"}, "step1_image"),
        ({"start_step": 3, "text_content": "세일"}, "step1_image"),
        ({"start_step": 3, "text_content": "세일", "step1_image": base64_photo()}, "step2_image"),
    ],
)
def test_a_missing_step_image_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    assert_error(post(client, "/generate", body), 422, "step.image_missing", field)


def test_it_starts_at_step_3_from_supplied_pictures(client: Client) -> None:
    picture = base64.b64encode(photo_bytes("PNG")).decode()
    body = {"start_step": 3, "text_content": "세일", "step1_image": picture, "step2_image": picture}
    response = post(client, "/generate", body)
    assert response.status_code == 200, response.content
    status = client.get(f"/status/{response.json()['job_id']}").json()
    assert status["current_step"] == "step3_composite"
    assert base64.b64decode(status["step1_result"])[:4] == b"\x89PNG"


@pytest.mark.parametrize("field", ["input_image", "product_image"])
@pytest.mark.parametrize(
    "text", ["not base64!", "data:image/png;base64,@@@", "abc", "한글", "data:image/png,plain", "a\u0000b="]
)
def test_bad_base64_is_refused(client: Client, field: str, text: str) -> None:
    assert_error(post(client, "/generate", {field: text}), 422, "request.not_base64", "input_image")


@pytest.mark.parametrize("path", [*PATHS, "/api/photos"])
def test_base64_of_no_picture_is_refused(client: Client, path: str) -> None:
    text = base64.b64encode(b"just some words, nothing to see").decode()
    error = assert_error(post(client, path, {"input_image": text}), 422, field="input_image")
    assert error["code"].startswith("photo.")
    assert not Photo.objects.exists()


def test_base64_may_be_broken_into_lines(client: Client) -> None:
    text = base64.encodebytes(photo_bytes()).decode()
    assert post(client, "/generate", {"input_image": text}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"a":',
        b'{"seed": NaN}',
        b"\xff\xfe",
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000,
    ],
    ids=["empty", "words", "cut", "nan", "bytes", "nested list", "nested object"],
)
@pytest.mark.parametrize("path", [*PATHS, "/api/photos", "/api/optimize-prompt"])
def test_what_is_not_json_is_refused(client: Client, path: str, body: bytes) -> None:
    response = client.post(path, body, content_type="application/json")
    assert_error(response, 422 if response.status_code == 422 and not body else 400)


@pytest.mark.parametrize("body", ["[]", "5", '"text"', "null", "true"])
@pytest.mark.parametrize("path", [*PATHS, "/api/photos"])
def test_json_that_is_no_object_is_refused(client: Client, path: str, body: str) -> None:
    assert_error(client.post(path, body, content_type="application/json"), 422)


def test_control_characters_do_no_harm(client: Client) -> None:
    body = json.dumps({"text_content": "세\u0000일\ud800", "bg_prompt": "\u0000", "un\u0000known": "\ud800"})
    response = client.post("/generate", body, content_type="application/json")
    assert response.status_code == 200, response.content
    assert Job.objects.get().request["text_content"] == "세일"


@pytest.mark.parametrize("name", ["input_image", "photo_id", "un\ud800known"])
def test_half_a_surrogate_pair_is_refused(client: Client, name: str) -> None:
    assert_error(post(client, "/generate", {name: "\ud800", "\ud800": 1}), 422)


def test_a_photo_over_its_limit_is_413(client: Client, settings: Settings) -> None:
    settings.PHOTO_MAX_BYTES = 500
    upload = SimpleUploadedFile("big.jpg", photo_bytes(), "image/jpeg")
    assert_error(
        post(client, "/generate", {"input_image": base64_photo()}), 413, "photo.too_large", "input_image"
    )
    assert_error(client.post("/api/generate", {"file": upload}), 413, "photo.too_large", "file")
    upload.seek(0)
    assert_error(client.post("/api/photos", {"file": upload}), 413, "photo.too_large", "file")


@pytest.mark.parametrize("path", [*PATHS, "/api/photos", "/health"])
def test_a_body_over_its_limit_is_413(client: Client, settings: Settings, path: str) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert_error(post(client, path, {"input_image": "a" * 2000}), 413, "request.too_large")


def test_a_form_with_a_file_makes_a_job(program: Client) -> None:
    for part in ("input_image", "product_image", "file"):
        form = {
            part: SimpleUploadedFile("a.jpg", photo_bytes(), "image/jpeg"),
            "text_content": "오늘만\n반값",
            "seed": "5",
            "test_mode": "true",
            "guidance_scale": "",
            "engine": "",
            "colour": "red",
        }
        response = program.post("/api/generate", form)
        assert response.status_code == 200, response.content
        assert response.json()["ignored"] == ["colour"]
        job = Job.objects.get(pk=response.json()["job_id"])
        assert (job.seed, job.request["test_mode"], job.request["text_content"]) == (5, True, "오늘만\n반값")
        assert job.photo is not None and job.created_by is None
    assert Photo.objects.count() == 1


def test_a_forms_wrong_value_is_named(client: Client) -> None:
    assert_error(client.post("/api/generate", {"strength": "2"}), 422, "request.field_invalid", "strength")
    assert_error(client.post("/api/generate", {"seed": "abc"}), 422, "request.field_invalid", "seed")


def test_an_empty_file_is_refused(client: Client) -> None:
    form = {"file": SimpleUploadedFile("a.jpg", b"", "image/jpeg")}
    assert_error(client.post("/api/generate", form), 422, "photo.empty", "file")


def test_a_photo_uploaded_before_is_used(client: Client) -> None:
    photo = post(client, "/api/photos", {"input_image": base64_photo()})
    assert photo.status_code == 201, photo.content
    again = post(client, "/api/photos", {"input_image": base64_photo()})
    assert again.json()["photo_id"] == photo.json()["photo_id"]
    body = {"photo_id": photo.json()["photo_id"], "input_image": base64_photo()}
    response = post(client, "/api/generate", body)
    assert response.json()["ignored"] == ["input_image"]
    assert str(Job.objects.get().photo_id) == body["photo_id"]


def test_a_full_queue_answers_busy(client: Client, waiting: Job, settings: Settings) -> None:
    settings.QUEUE_LIMIT = 1
    response = post(client, "/generate", {})
    assert_error(response, 503, "queue.full")
    body = response.json()
    assert (body["status"], body["message"]) == ("busy", body["detail"])
    assert response["Retry-After"] == str(body["retry_after"])


def test_a_shop_over_its_quota_is_told_when(client: Client, waiting: Job, shop: Shop) -> None:
    shop.daily_jobs = 1
    shop.save()
    response = post(client, "/generate", {})
    assert_error(response, 429, "shop.over_quota")
    assert int(response["Retry-After"]) > 0


def test_diffusion_without_a_gpu_worker_is_503(client: Client) -> None:
    response = post(client, "/generate", {"engine": "diffusion"})
    assert_error(response, 503, "engine.unavailable")
    assert response["Retry-After"]


@pytest.mark.parametrize("path", PATHS)
def test_a_callback_url_is_kept_and_not_ignored(client: Client, path: str) -> None:
    response = post(client, path, {"callback_url": "https://shop.example/hook?a=1"})
    assert "ignored" not in response.json()
    assert Job.objects.get().request["callback_url"] == "https://shop.example/hook?a=1"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("url", ["http://10.0.0.1/", "ftp://shop.example/", "http://u:p@shop.example/", "x"])
def test_a_callback_url_that_cannot_be_called_is_refused(
    client: Client, shop: Shop, path: str, url: str
) -> None:
    error = assert_error(post(client, path, {"callback_url": url}), 422, field="callback_url")
    assert error["code"] in ("callback.url_invalid", "callback.url_private")
    assert not Job.objects.exists()
