"""Shops for support: the limit edited in the list, use and storage beside it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Shop
from accounts.tokens import token_create
from jobs.brand import logo_store
from jobs.models import Artifact, Photo
from tests.jobs import factories
from tests.jobs.admin import people
from tests.jobs.submitting import finished, stored_files

pytestmark = pytest.mark.django_db
URL = "/admin/accounts/shop/"


@pytest.fixture
def support() -> Client:
    return people.superuser()


def _edit(client: Client, shop: Shop, limit: str) -> int:
    form = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(shop.pk),
        "form-0-daily_jobs": limit,
        "_save": "1",
    }
    return client.post(URL, form, follow=True).status_code


def test_the_limit_is_edited_in_the_list(support: Client) -> None:
    shop = factories.shop()
    assert 'aria-label="하루 작업 한도"' in support.get(URL).content.decode()
    _edit(support, shop, "7")
    shop.refresh_from_db()
    assert (shop.daily_jobs, shop.daily_job_limit) == (7, 7)
    _edit(support, shop, "")
    shop.refresh_from_db()
    assert (shop.daily_jobs, shop.daily_job_limit) == (None, settings.SHOP_DAILY_JOBS)
    _edit(support, shop, "-1")
    shop.refresh_from_db()
    assert shop.daily_jobs is None
    assert LogEntry.objects.filter(object_id=str(shop.pk)).count() == 2


def _delete(client: Client, shop: Shop, how: str) -> None:
    if how == "on its page":
        client.post(reverse("admin:accounts_shop_delete", args=[shop.pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [str(shop.pk)], "post": "yes"}
        client.post(URL, chosen)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["on its page", "chosen in the list"])
def test_a_deleted_shop_s_files_leave_the_disk(support: Client, how: str) -> None:
    before, shop = stored_files(), factories.shop()
    logo_store(shop=shop, data=factories.photo_bytes())
    assert stored_files() > before
    _delete(support, shop, how)
    assert not Shop.objects.filter(pk=shop.pk).exists()
    assert stored_files() == before


@pytest.mark.parametrize("how", ["on its page", "chosen in the list"])
def test_a_shop_with_work_is_not_deleted_here(support: Client, how: str) -> None:
    shop = factories.shop()
    finished(shop, photo=factories.photo(shop))
    _delete(support, shop, how)
    assert Shop.objects.filter(pk=shop.pk).exists()


def test_staff_who_may_only_view_edit_nothing() -> None:
    shop = factories.shop()
    _edit(people.staff("accounts.view_shop"), shop, "7")
    shop.refresh_from_db()
    assert shop.daily_jobs is None


def test_the_list_tells_the_limit_that_holds_todays_jobs_photos_and_bytes(support: Client) -> None:
    shop, empty = factories.shop("봄날", daily_jobs=2), factories.shop("가을")
    photo = factories.photo(shop)
    finished(shop, photo=photo)
    factories.job(shop)
    rows = {row.pk: row for row in support.get(URL).context["cl"].result_list}
    pictures = sum(Artifact.objects.filter(job__shop=shop).values_list("size", flat=True))
    row = rows[shop.pk]
    assert (row.jobs_today, row.photo_count) == (2, 1)
    assert row.bytes_stored == pictures + Photo.objects.get().size
    assert (rows[empty.pk].jobs_today, rows[empty.pk].photo_count, rows[empty.pk].bytes_stored) == (0, 0, 0)
    page = support.get(URL).content.decode()
    assert "2 / 2" in page
    assert f"0 / {settings.SHOP_DAILY_JOBS}" in page
    assert page.count("is-full") == 1


def test_it_is_found_by_name_and_by_its_people(support: Client) -> None:
    shop = factories.shop("봄날")
    factories.shop("가을")
    for words in ("봄날", shop.slug, factories.owner(shop).email or ""):
        assert [row.pk for row in support.get(URL, {"q": words}).context["cl"].result_list] == [shop.pk]


def test_a_long_list_asks_no_more_of_the_database_than_a_short_one(support: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            support.get(URL)
        return len(found)

    factories.shop()
    support.get(URL)
    few = queries()
    owner = factories.person()
    for _ in range(20):
        factories.shop(owner=owner)
    assert queries() == few


def test_its_page_shows_people_and_tokens_but_no_secret(support: Client) -> None:
    shop = factories.shop()
    token, plain = token_create(shop=shop, name="가게 앱")
    page = support.get(reverse("admin:accounts_shop_change", args=[shop.pk])).content.decode()
    assert factories.owner(shop).email in page
    assert token.prefix in page
    assert plain not in page
    assert token.digest not in page
    assert shop.callback_secret not in page


def test_a_shop_with_jobs_is_not_deleted_here(support: Client) -> None:
    shop = factories.shop()
    factories.job(shop)
    support.post(reverse("admin:accounts_shop_delete", args=[shop.pk]), {"post": "yes"})
    assert Shop.objects.filter(pk=shop.pk).exists()


def test_consent_and_logo_are_the_shops_own(support: Client) -> None:
    shop = factories.shop()
    page = support.get(reverse("admin:accounts_shop_change", args=[shop.pk])).content.decode()
    for name in ("photo_to_openai_at", "photo_to_openai_by", "logo", "default_formats"):
        assert f'name="{name}' not in page, name
    assert 'name="brand_color"' in page
