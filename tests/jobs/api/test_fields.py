"""Every field of a submission: its bounds, its choices, its length and its type, on every way in and every engine."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Shop
from jobs.api.openapi_examples import PICTURE
from jobs.models import Job, WorkerState
from jobs.params import ALIASES
from tests.jobs.api.conftest import assert_error, post
from tests.jobs.api.described import (
    DOCUMENT,
    Operation,
    body_fields,
    ids,
    keywords,
    operations,
    valid_body,
    validator,
    with_json,
)
from tests.jobs.submitting import finished

FIELDS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]["GenerateRequest"]["properties"]
ENGINES = ("auto", "studio", "diffusion")
WAYS = ("/generate", "/api/generate", "form", "rerun")
CODES = {
    "font_name": "font.unknown",
    "scene": "scene.unknown",
    "text_style": "style.unknown",
    "format": "format.unknown",
}
"""Names out of catalogues have codes of their own."""
SECOND_NAMES = {**ALIASES, "product_image": "input_image"}
WRONG_TYPES = (5, 1.5, True, "words", ["a"], {"a": 1}, 10**400)


@pytest.fixture
def made(shop: Shop) -> Job:
    return finished(shop)


@pytest.fixture(autouse=True)
def both_engines(shop: Shop) -> None:
    """A GPU worker is alive, so that every engine takes jobs."""
    seen = timezone.now() + timedelta(minutes=10)
    WorkerState.objects.create(name="gpu", host="h", pid=1, engine="diffusion", last_seen=seen)


def told_of(name: str) -> list[dict[str, Any]]:
    return list(keywords(FIELDS[name]))


def submit(client: Client, way: str, made: Job, body: dict[str, Any]) -> Any:
    if way == "form":
        return client.post("/api/generate", {name: str(value) for name, value in body.items()})
    return post(client, f"/api/jobs/{made.pk}/rerun" if way == "rerun" else way, body)


def engines_for(name: str) -> Iterator[dict[str, Any]]:
    yield from ([{}] if name == "engine" else [{"engine": engine} for engine in ENGINES])


RANGED = [name for name in FIELDS if any("minimum" in kind for kind in told_of(name))]
CHOSEN = [name for name in FIELDS if any("enum" in kind for kind in told_of(name))]
WORDED = [name for name in FIELDS if any("maxLength" in kind for kind in told_of(name))]


def test_the_lists_are_the_contracts() -> None:
    assert set(RANGED) == {
        "start_step", "stop_step", "composition_strength", "composition_steps", "composition_guidance_scale",
        "strength", "guidance_scale", "num_inference_steps", "seed",
    }  # fmt: skip
    assert set(CHOSEN) >= {"composition_mode", "text_position", "engine", "bg_model", "camera", *CODES}
    assert set(WORDED) >= {"text_content", "bg_prompt", "text_prompt", "negative_prompt", "callback_url"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", RANGED)
def test_a_number_out_of_its_range_is_told_the_range(client: Client, made: Job, way: str, name: str) -> None:
    [kind] = told_of(name)
    low, high = kind["minimum"], kind["maximum"]
    for engine in engines_for(name):
        for value in (low - 1, high + 1, -(10**30), 10**30):
            answer = submit(client, way, made, {**engine, name: value})
            error = assert_error(answer, 422, "request.field_invalid", name)
            assert f"{low}부터 {high}까지" in error["message"]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CHOSEN)
def test_a_wrong_choice_is_told_the_right_ones(client: Client, made: Job, way: str, name: str) -> None:
    choices = [choice for kind in told_of(name) for choice in kind.get("enum", []) if choice]
    for engine in engines_for(name):
        body = {**engine, name: "nonsense", "text_content": "세일"}
        error = assert_error(
            submit(client, way, made, body), 422, CODES.get(name, "request.field_invalid"), name
        )
        assert [choice for choice in choices if choice not in error["message"]] == []
    assert Job.objects.count() == 1


@pytest.mark.parametrize("name", CHOSEN)
def test_every_choice_is_taken(client: Client, made: Job, name: str) -> None:
    for choice in [choice for kind in told_of(name) for choice in kind.get("enum", [])]:
        answer = post(client, "/generate", {name: choice, "text_content": "SALE"})
        if name == "logo" and answer.status_code != 200:
            assert_error(
                answer, 422, "logo.missing", "logo"
            )  # a choice like the others, for a shop that has one
            continue
        assert answer.status_code == 200, (choice, answer.content)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WORDED)
def test_too_long_a_text_is_told_the_limit(client: Client, made: Job, way: str, name: str) -> None:
    [kind] = [kind for kind in told_of(name) if "maxLength" in kind]
    limit = kind["maxLength"]
    error = assert_error(
        submit(client, way, made, {name: "가" * (limit + 1)}), 422, "request.field_invalid", name
    )
    assert f"{limit}자" in error["message"]
    if name != "callback_url":
        assert submit(client, way, made, {name: "가" * limit}).status_code == 200


def _parameters(keyword: str) -> Iterator[Any]:
    for operation in operations():
        for parameter in operation.told["parameters"]:
            if keyword in parameter["schema"]:
                yield pytest.param(operation, parameter, id=f"{ids(operation)} {parameter['name']}")


@pytest.mark.parametrize(("operation", "parameter"), list(_parameters("enum")))
def test_a_parameters_wrong_choice_is_told_the_right_ones(
    client: Client, made: Job, operation: Operation, parameter: dict[str, Any]
) -> None:
    path = operation.at(job=made.pk)
    for wrong in ("nonsense", "", "ALL", "../../etc/passwd", "%00"):
        error = assert_error(client.get(f"{path}?{parameter['name']}={wrong}"), 422, field=parameter["name"])
        assert [choice for choice in parameter["schema"]["enum"] if choice not in error["message"]] == []


@pytest.mark.parametrize(("operation", "parameter"), list(_parameters("minimum")))
def test_a_parameter_out_of_its_range_is_told_the_range(
    client: Client, made: Job, operation: Operation, parameter: dict[str, Any]
) -> None:
    low, high = parameter["schema"]["minimum"], parameter["schema"]["maximum"]
    for wrong in (low - 1, high + 1, "9" * 400):
        answer = client.get(f"{operation.at(job=made.pk)}?{parameter['name']}={wrong}")
        error = assert_error(answer, 422, "request.field_invalid", parameter["name"])
        assert f"{low}부터 {high}까지" in error["message"]


def test_a_wrong_way_to_cut_out_is_told_the_right_ones(client: Client, shop: Shop) -> None:
    photo = post(client, "/api/photos", {"input_image": PICTURE}).json()
    error = assert_error(
        post(client, f"/api/photos/{photo['photo_id']}/cutout", {"method": "scissors"}), 422, field="method"
    )
    assert "isnet" in error["message"] and "grabcut" in error["message"]


def test_a_picture_beyond_eighty_megapixels_is_413(client: Client, shop: Shop) -> None:
    """On every field that takes a photo; told from its header, before anything is decoded."""
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    large = base64.b64encode(out.getvalue()).decode()
    for path, body, field in (
        ("/generate", {"input_image": large}, "input_image"),
        ("/api/generate", {"product_image": large}, "input_image"),
        ("/api/photos", {"input_image": large}, "input_image"),
        ("/generate", {"start_step": 2, "step1_image": large, "text_content": "세일"}, "step1_image"),
        (
            "/generate",
            {"start_step": 3, "step1_image": PICTURE, "step2_image": large, "text_content": "세일"},
            "step2_image",
        ),
    ):
        assert_error(post(client, path, body), 413, "photo.too_large", field)
    upload = SimpleUploadedFile("large.png", out.getvalue(), "image/png")
    assert_error(client.post("/api/generate", {"file": upload}), 413, "photo.too_large", "file")
    assert not Job.objects.exists()


def _fields() -> Iterator[Any]:
    for operation in with_json():
        for name in body_fields(operation):
            yield pytest.param(operation, name, id=f"{ids(operation)} {name}")


@pytest.mark.parametrize(("operation", "name"), list(_fields()))
def test_a_value_of_the_wrong_type_is_refused_by_name(
    client: Client, made: Job, operation: Operation, name: str
) -> None:
    """Whatever the schema does not allow, on every path that takes JSON."""
    photo = post(client, "/api/photos", valid_body(next(o for o in operations() if o.key == "photo_upload")))
    path = operation.at(job=made.pk, photo=photo.json()["photo_id"])
    check = validator(body_fields(operation)[name])
    jobs = Job.objects.count()
    refused = [value for value in WRONG_TYPES if not check.is_valid(value)]
    assert len(refused) >= 3
    for value in refused:
        given = {key: other for key, other in valid_body(operation).items() if key != SECOND_NAMES.get(name)}
        body = json.dumps({**given, name: value})
        response = client.generic(operation.verb.upper(), path, body, content_type="application/json")
        if name == "photo_id" and isinstance(value, str):
            assert_error(response, 404, "photo.not_found")
            continue
        error = assert_error(response, 422)
        assert error["field"] in (name, "input_image" if name == "product_image" else name)
        reason = error["message"].partition(":")[2]
        assert error["code"] != "request.field_invalid" or any("가" <= letter <= "힣" for letter in reason)
    assert Job.objects.count() == jobs
