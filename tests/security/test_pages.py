"""What every page answers with, and what is put into its address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.jobs import factories
from tests.jobs.admin import people
from tests.jobs.submitting import finished

pytestmark = pytest.mark.django_db

PORTAL = ("/ads/", "/ads/new/", "/ads/photos/", "/shop/", "/shop/team/", "/shop/api/", "/accounts/data/")
API = ("/jobs", "/api/jobs", "/fonts", "/resources", "/health")


@pytest.fixture
def browser(client: Client) -> Client:
    shop = factories.shop()
    finished(shop)
    client.force_login(factories.owner(shop))
    return client


@pytest.mark.parametrize("path", [*PORTAL, *API, "/no-such-page/", "/api/no-such-address"])
def test_no_cache_but_the_readers_own_keeps_it(browser: Client, path: str) -> None:
    assert "private" in browser.get(path)["Cache-Control"]


def test_nor_one_ad_and_all_of_its_files(browser: Client) -> None:
    shop = factories.shop()
    browser.force_login(factories.owner(shop))
    job = finished(shop, factories.photo(shop))
    final = job.artifacts.get(kind="final_result")
    paths = (f"/ads/{job.pk}/", f"/ads/{job.pk}/zip/", f"/ads/{job.pk}/download/", f"/status/{job.pk}")
    for path in (*paths, f"/api/jobs/{job.pk}", f"/media/{final.pk}", f"/media/photo/{job.photo_id}"):
        assert "private" in browser.get(path)["Cache-Control"], path


def test_what_is_everybodys_may_be_kept(client: Client) -> None:
    assert "public" in client.get("/static/css/base.css")["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        *("/ads/?q=%00", "/ads/?q=a%00b&show=done", "/ads/?removed=%00", "/accounts/login/?next=%00"),
        *("/s/%00/", "/shop/join/%00/", "/ads/fonts/%00"),
    ],
)
def test_a_page_asked_for_with_a_nul_is_a_bad_request(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 400


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        *(
            ("jobs_job", asked)
            for asked in ("shop=%00", "status__exact=%00", "since=99999999999", "since=%C2%B2")
        ),
        *(("accounts_apitoken", asked) for asked in ("state=unheard-of", "q=%00")),
        *((f"jobs_{each}", "shop=%00") for each in ("moderationdecision", "modeluse")),
        *((page, "state=%00") for page in ("accounts_invitation", "jobs_sharelink")),
    ],
)
def test_no_made_up_filter_of_the_admin_is_an_error_of_ours(page: str, asked: str) -> None:
    client = people.superuser()
    client.raise_request_exception = False
    assert client.get(f"{reverse(f'admin:{page}_changelist')}?{asked}").status_code < 500


@pytest.mark.parametrize("asked", ["usage/?shop=%00", "usage.csv?shop=%00"])
def test_nor_of_its_pages_on_usage(asked: str) -> None:
    client: Any = people.superuser()
    client.raise_request_exception = False
    assert client.get(reverse("admin:jobs_job_changelist") + asked).status_code == 400
