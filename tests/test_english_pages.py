"""Read in English, no page has a word of Korean but names, what people wrote and the way to the other language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from accounts.models import User
from accounts.team import invitation_create
from jobs.models import Job, WorkerState
from jobs.sharing import share_link_create
from tests.jobs import factories
from tests.jobs.submitting import finished

HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]+")
READ_ATTRIBUTES = ("alt", "title", "placeholder", "aria-label", "value", "content", "label")
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
NOT_PAGES = ("api-1.0.0", "set_language")
"""The API speaks in JSON, the switch only takes posts."""


def _is_told_later(attribute: str) -> bool:
    """Whether a script may show it: all of ours but the words that a search box looks through, in both languages."""
    return attribute.startswith("data-") and attribute != "data-words"


class _Words(HTMLParser):
    """Text and readable attributes, apart from what says that it is Korean (``lang="ko"``)."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        """For each open element whether it, or one around it, says so."""
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        korean = told.get("lang") == "ko" or (bool(self.open) and self.open[-1])
        if tag not in VOID:
            self.open.append(korean)
        if not korean:
            read = [name for name in told if name in READ_ATTRIBUTES or _is_told_later(name)]
            self.found += [f"{name}={told[name]}" for name in read if told[name]]

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1]):
            self.found.append(data)


def korean_in(page: str) -> list[str]:
    reader = _Words()
    reader.feed(page)
    return [words.strip() for words in reader.found if HANGUL.search(words)]


def _routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every named address with the names of what it takes."""
    for entry in patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield (
                    f"{prefix}{entry.name}",
                    set(entry.pattern.converters) | set(entry.pattern.regex.groupindex),
                )
        elif entry.namespace not in NOT_PAGES:
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from _routes(entry.url_patterns, inner)


ROUTES = sorted(
    {name for name, takes in _routes(get_resolver().url_patterns) if not takes and name not in NOT_PAGES}
)
OF_A_JOB = sorted(
    {
        name
        for name, takes in _routes(get_resolver().url_patterns)
        if takes == {"job_id"} and name.startswith("jobs:")
    }
)


def test_it_sees_korean_where_it_stands() -> None:
    hidden = '<i lang="ko">언어<b>더</b></i><br>'
    page = f'<p lang="en">Ad</p><b title="가게">x</b>{hidden}<p>광고</p><div data-later="끝" data-words="겨울"></div>'
    assert korean_in(page) == ["title=가게", "광고", "data-later=끝"]


def test_it_knows_the_pages() -> None:
    assert {"jobs:new", "jobs:gallery", "account_login", "admin:index", "admin:jobs_job_usage"} <= set(ROUTES)
    assert {"jobs:job", "jobs:card"} <= set(OF_A_JOB)


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _client(user: User | None = None) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    if user is not None:
        client.force_login(user)
    return client


def _merchant() -> User:
    return factories.owner(factories.shop("Spring Coffee"))


def _support() -> User:
    return User.objects.create_superuser("support@example.com", factories.PASSWORD)


def _read(client: Client, url: str) -> list[str]:
    answer = client.get(url)
    is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
    return korean_in(answer.content.decode()) if is_page else []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROUTES)
def test_pages_in_english_are_english(name: str) -> None:
    url = reverse(name)
    people = (_support(),) if name.startswith("admin:") else (None, _merchant())
    for user in people:
        assert _read(_client(user), url) == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["pending", "running", "completed", "failed", "stopped"])
def test_a_jobs_pages_in_english_are_english(status: str) -> None:
    shop = factories.shop("Spring Coffee")
    job = _job_that_is(status, finished(shop, photo=factories.photo(shop), text_content="Super Sale"))
    merchant, support = _client(factories.owner(shop)), _client(_support())
    for name in OF_A_JOB:
        assert _read(merchant, reverse(name, args=[job.pk])) == [], name
    for name in ("jobs:gallery", "jobs:new"):
        assert _read(merchant, f"{reverse(name)}?from={job.pk}") == [], name
    for name in ("change", "history"):
        assert _read(support, reverse(f"admin:jobs_job_{name}", args=[job.pk])) == [], name


def _job_that_is(status: str, job: Job) -> Job:
    held = {"worker": "w", "attempts": 1, "heartbeat_at": job.started_at} if status == "running" else {}
    over = {} if status not in ("pending", "running") else {"finished_at": None}
    why = {"error_code": "photo.no_product"} if status == "failed" else {}
    Job.objects.filter(pk=job.pk).update(
        status=status, notes=["note.cutout_grabcut", "note.test_mode"], **held, **over, **why
    )
    return job


@pytest.mark.django_db
def test_what_is_not_there_is_told_in_english() -> None:
    merchant = _client(_merchant())
    assert _read(merchant, "/nowhere/") == []
    assert _read(merchant, reverse("jobs:job", args=[UUID(int=1)])) == []


@pytest.mark.django_db
def test_the_admins_pages_of_one_row_in_english_are_english() -> None:
    shop = factories.shop("Spring Coffee")
    photo = factories.photo(shop)
    worker = WorkerState.objects.create(
        name="w", host="h", pid=1, engine="studio", last_seen=photo.created_at
    )
    support = _client(_support())
    for name, pk in (
        ("accounts_shop", shop.pk),
        ("accounts_user", factories.owner(shop).pk),
        ("jobs_photo", photo.pk),
        ("jobs_workerstate", worker.pk),
        ("jobs_sharelink", share_link_create(job=finished(shop, text_content="Sale")).pk),
        ("accounts_invitation", invitation_create(shop=shop, by=factories.owner(shop), role="staff")[0].pk),
    ):
        assert _read(support, reverse(f"admin:{name}_change", args=[pk])) == [], name


@pytest.mark.django_db
@pytest.mark.parametrize("provider", ["kakao", "naver"])
def test_a_way_in_without_keys_is_not_there(provider: str) -> None:
    assert _client().get(f"/accounts/{provider}/login/").status_code == 404
