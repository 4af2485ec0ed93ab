"""What a token may do at the API: read or write, not after its end, and so many requests a minute."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Shop
from accounts.tokens import token_create
from jobs.api import api
from jobs.artifacts import artifact_store
from jobs.media import artifact_url
from jobs.models import Job, Photo
from tests.accounts.opened import token_find
from tests.jobs import factories
from tests.jobs.api.conftest import assert_error

LIMIT = 3


def _operations() -> list[tuple[str, str]]:
    """Every method and path of the API, from its own schema, with ids of nothing filled in."""
    paths = api.get_openapi_schema()["paths"]
    return [
        (method, re.sub(r"{\w+}", str(uuid.UUID(int=4)), path))
        for path, item in paths.items()
        for method in item
    ]


OPERATIONS = _operations()
UNSAFE = [(method, path) for method, path in OPERATIONS if method != "get"]


def _program(shop: Shop, **fields: Any) -> Client:
    token, plain = token_create(shop=shop, name="app", scope=fields.pop("scope", "write"))
    ApiToken.objects.filter(pk=token.pk).update(**fields)
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {plain}"})


@pytest.fixture
def reader(shop: Shop) -> Client:
    return _program(shop, scope="read")


def _call(client: Client, method: str, path: str) -> Any:
    return getattr(client, method)(path, "{}", content_type="application/json")


def test_the_list_of_operations_is_the_api_s() -> None:
    found = {(method, path.rsplit("/", 1)[0]) for method, path in UNSAFE}
    assert {("post", ""), ("post", "/stop"), ("delete", "/jobs"), ("post", "/api")} <= found
    assert len(UNSAFE) >= 11
    assert {method for method, _ in OPERATIONS} <= {"get", "post", "put", "patch", "delete"}


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_reading_token_changes_nothing(reader: Client, program: Client, method: str, path: str) -> None:
    error = assert_error(_call(reader, method, path), 403, "token.read_only")
    assert "쓰기 권한" in error["message"]
    assert not (Job.objects.exists() or Photo.objects.exists())
    assert _call(program, method, path).status_code != 403


def test_a_reading_token_leaves_the_shop_s_own_alone(reader: Client, shop: Shop) -> None:
    job = factories.job(shop)
    assert_error(reader.post(f"/stop/{job.pk}"), 403, "token.read_only")
    assert_error(reader.delete(f"/jobs/{job.pk}"), 403, "token.read_only")
    upload = reader.post("/api/photos", factories.photo_bytes(), content_type="image/png")
    assert_error(upload, 403, "token.read_only")
    job.refresh_from_db()
    assert job.status == "pending"


def test_a_reading_token_reads_its_own_shop_and_no_other(
    reader: Client, shop: Shop, other_shop: Shop
) -> None:
    own, foreign = factories.job(shop), factories.job(other_shop)
    picture = artifact_store(job=own, kind="final_result", data=factories.photo_bytes(), size=(320, 320))
    assert reader.get(f"/status/{own.pk}").status_code == 200
    assert reader.get("/api/jobs").json()["items"][0]["job_id"] == str(own.pk)
    assert reader.get(artifact_url(picture)).status_code == 200
    assert_error(reader.get(f"/status/{foreign.pk}"), 404, "job.not_found")


def test_a_reading_token_is_not_helped_by_an_owner_s_session(client: Client, shop: Shop) -> None:
    """The header alone decides, also about what may be done."""
    job = factories.job(shop)
    _, plain = token_create(shop=shop, name="app", scope="read")
    answer = client.post(f"/stop/{job.pk}", headers={"Authorization": f"Bearer {plain}"})
    assert_error(answer, 403, "token.read_only")


def test_people_are_no_tokens(client: Client, teammate: Client, stranger: Client, shop: Shop) -> None:
    job = factories.job(shop)
    assert client.post(f"/stop/{job.pk}").status_code == 200
    assert teammate.post(f"/stop/{job.pk}").status_code == 200
    assert stranger.post(f"/stop/{job.pk}").status_code == 404


def test_another_scheme_leaves_the_session_its_say(client: Client, shop: Shop) -> None:
    """As behind a proxy that asks for a password of its own."""
    header = {"Authorization": "Basic abc"}
    photo = factories.photo(shop)
    assert client.get("/jobs", headers=header).status_code == 200
    assert client.get(f"/media/photo/{photo.pk}", headers=header).status_code == 200


@pytest.mark.parametrize("path", ["/jobs", "/health", "/media/photo/{photo}"])
def test_an_expired_token_is_told_so(client: Client, shop: Shop, path: str) -> None:
    past = timezone.now() - timedelta(seconds=1)
    photo = factories.photo(shop)
    answer = _program(shop, expires_at=past).get(path.format(photo=photo.pk))
    error = assert_error(answer, 401, "token.expired")
    assert "새 토큰" in error["message"]
    assert answer["WWW-Authenticate"] == "Bearer"


class TestLimit:
    """Requests a minute, counted on the real Valkey."""

    @pytest.fixture(autouse=True)
    def _nothing_counted(self) -> None:
        cache.clear()

    def test_it_answers_429_beyond_it(self, shop: Shop) -> None:
        program = _program(shop, rate_per_minute=LIMIT)
        answers = [program.get("/jobs") for _ in range(LIMIT + 1)]
        assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
        assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer["X-RateLimit-Limit"] for answer in answers} == {str(LIMIT)}
        error = assert_error(answers[-1], 429, "token.rate_limited")
        wait = int(answers[-1]["Retry-After"])
        assert 58 <= wait <= 60
        assert answers[-1]["X-RateLimit-Reset"] == str(wait)
        assert f"{wait}초" in error["message"]

    def test_it_counts_what_is_refused_or_wrong_too(self, shop: Shop) -> None:
        program = _program(shop, rate_per_minute=LIMIT, scope="read")
        assert_error(program.post("/generate"), 403, "token.read_only")
        assert_error(program.get(f"/status/{uuid.uuid4()}"), 404, "job.not_found")
        assert_error(program.get("/media/photo/" + str(factories.photo(shop).pk) + "x"), 404)
        assert program.get("/fonts")["X-RateLimit-Remaining"] == "0"

    def test_it_counts_pictures(self, shop: Shop) -> None:
        program = _program(shop, rate_per_minute=1)
        path = f"/media/photo/{factories.photo(shop).pk}"
        assert program.get(path)["X-RateLimit-Remaining"] == "0"
        assert_error(program.get(path), 429, "token.rate_limited")

    def test_it_leaves_health_alone(self, shop: Shop) -> None:
        program = _program(shop, rate_per_minute=1)
        for _ in range(3):
            answer = program.get("/health")
            assert answer.status_code == 200
            assert "total_jobs" in answer.json()
            assert "X-RateLimit-Limit" not in answer
        assert program.get("/jobs").status_code == 200

    def test_it_leaves_people_alone(self, client: Client, shop: Shop, settings: Any) -> None:
        settings.API_TOKEN_RATE = 1
        for _ in range(3):
            answer = client.get("/jobs")
            assert answer.status_code == 200
            assert "X-RateLimit-Limit" not in answer

    def test_no_limit_tells_no_headers(self, shop: Shop, settings: Any) -> None:
        settings.API_TOKEN_RATE = 1
        program = _program(shop, rate_per_minute=0)
        assert [program.get("/jobs").status_code for _ in range(3)] == [200] * 3
        assert "X-RateLimit-Limit" not in program.get("/jobs")


def test_the_command_makes_reading_and_ending_tokens(shop: Shop) -> None:
    out = StringIO()
    call_command("api_token", "cafe", scope="read", days=30, stdout=out)
    token = token_find(out.getvalue().removesuffix("\n"))
    assert token is not None and not token.can_write
    assert token.expires_at is not None
    assert token.expires_at - timezone.now() > timedelta(days=29)


@pytest.mark.parametrize("days", [0, -1, 10**6])
def test_the_command_refuses_days_that_are_none(shop: Shop, days: int) -> None:
    with pytest.raises(CommandError, match="--days"):
        call_command("api_token", "cafe", days=days, stdout=StringIO())
    assert not ApiToken.objects.exists()
