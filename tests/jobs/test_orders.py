"""What a form of the portal orders is ordered once, however often the form is sent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import Shop
from adstudio.outages import away_page
from jobs import queue
from jobs.day_orders import orders_left_today
from jobs.deletion import job_remove
from jobs.idempotency import KEY_LIFETIME
from jobs.models import IdempotencyKey, Job, Photo
from jobs.variations import VARIATIONS, variations_begin
from tests.jobs import factories
from tests.jobs.finished import failed, finished
from tests.jobs.submitting import at_once

pytestmark = pytest.mark.django_db
WORDS = {"text_content": "내일도 반값", "text_position": "top", "composition_mode": "overlay"}
FORM = re.compile(r"<form[^>]* action=\"([^\"]+)\"[^>]*>(.*?)</form>", re.DOTALL)
KEY = re.compile(r"<input type=\"hidden\" name=\"order\" value=\"([0-9a-f-]{36})\" autocomplete=\"off\">")
TOLD = "똑같은 주문은 한 번만 받아요"
AT_ONCE = 4


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


@pytest.fixture
def owner(client: Client, shop: Shop) -> Client:
    client.force_login(factories.owner(shop))
    return client


def keys(html: str) -> dict[str, str]:
    """The orders' keys of a page by where their forms go."""
    found = {address: KEY.search(inside) for address, inside in FORM.findall(html)}
    return {address: key.group(1) for address, key in found.items() if key}


def keys_at(client: Client, page: str) -> dict[str, str]:
    return keys(client.get(page).content.decode())


def order_of(shop: Shop, name: str) -> tuple[str, str, dict[str, str]]:
    """The page with the form, where it goes, and what is sent with it."""
    if name == "new":
        return "/ads/new/", "/ads/new/", {**WORDS, "photo_id": str(factories.photo(shop).pk)}
    job = failed(shop, "job.worker_lost") if name == "retry" else finished(shop)
    page = f"/ads/{job.pk}/"
    return page, f"{page}{name}/", {} if name in ("retry", "variations") else WORDS


@pytest.mark.parametrize("name", ["new", "rerun", "layout", "retry", "variations"])
def test_a_form_sent_again_leads_to_what_it_ordered(owner: Client, shop: Shop, name: str) -> None:
    page, address, asked = order_of(shop, name)
    before, left = Job.objects.count(), orders_left_today(shop)
    form = {**asked, "order": keys_at(owner, page)[address]}
    first = owner.post(address, {**form, "csrfmiddlewaretoken": "one"})
    assert first.status_code == 302
    again = owner.post(address, {**form, "csrfmiddlewaretoken": "another"})
    assert again["Location"] == first["Location"]
    made = VARIATIONS if name == "variations" else 1
    assert Job.objects.count() == before + made
    assert orders_left_today(shop) == left - made
    assert TOLD in owner.get(again["Location"]).content.decode()


def test_a_variation_that_failed_is_tried_again_once(owner: Client, shop: Shop) -> None:
    made = variations_begin(job=finished(shop))
    one = made.jobs.first()
    assert one is not None
    lost = {"status": "failed", "error_code": "job.worker_lost", "finished_at": timezone.now()}
    Job.objects.filter(pk=one.pk).update(**lost)
    key = keys_at(owner, f"/ads/sets/{made.pk}/")[f"/ads/{one.pk}/retry/"]
    places = {owner.post(f"/ads/{one.pk}/retry/", {"order": key})["Location"] for _ in range(2)}
    assert len(places) == 1


def test_every_form_has_a_key_of_its_own_each_time_it_is_drawn(owner: Client, shop: Shop) -> None:
    page, _, _ = order_of(shop, "rerun")
    found = [*keys_at(owner, page).values(), *keys_at(owner, page).values()]
    assert len(found) == len(set(found)) == 6  # other backgrounds, words, layout


def test_with_other_words_it_is_another_order(owner: Client, shop: Shop) -> None:
    """Back from the ad that was ordered, by the browser's own button: the page is as it was left."""
    _, address, asked = order_of(shop, "new")
    form = {**asked, "order": keys_at(owner, address)[address]}
    first = owner.post(address, form)
    other = owner.post(address, {**form, "text_content": "모레도 반값"})
    assert other.status_code == 302 and other["Location"] != first["Location"]
    assert owner.post(address, form)["Location"] == first["Location"]
    assert Job.objects.count() == 2


def test_a_refused_form_can_be_sent_again(owner: Client, shop: Shop) -> None:
    _, address, asked = order_of(shop, "new")
    form = {**asked, "order": keys_at(owner, address)[address]}
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=0)
    refused = owner.post(address, form)
    assert refused.status_code == 422 and not IdempotencyKey.objects.exists()
    assert keys(refused.content.decode())[address] != form["order"]
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=5)
    assert owner.post(address, form).status_code == 302
    assert Job.objects.count() == 1


def test_what_was_ordered_is_told_though_nothing_more_may_be(owner: Client, shop: Shop) -> None:
    _, address, asked = order_of(shop, "new")
    Shop.objects.filter(pk=shop.pk).update(daily_jobs=1)
    first = owner.post(address, {**asked, "order": "a"})
    Photo.objects.all().delete()
    assert owner.post(address, {**asked, "order": "a"})["Location"] == first["Location"]
    assert owner.post(address, {**asked, "order": "b"}).status_code == 422


def test_a_file_is_part_of_the_order(owner: Client, shop: Shop) -> None:
    """As a browser without JavaScript sends it."""

    def send(width: int) -> str:
        file = SimpleUploadedFile("p.png", factories.photo_bytes(width), "image/png")
        return str(owner.post("/ads/new/", {**WORDS, "photo": file, "order": "a"})["Location"])

    assert send(320) == send(320) != send(330)
    assert (Job.objects.count(), Photo.objects.count()) == (2, 2)


def test_what_was_deleted_may_be_ordered_again(owner: Client, shop: Shop) -> None:
    _, address, asked = order_of(shop, "new")
    form = {**asked, "order": "a"}
    owner.post(address, form)
    made = Job.objects.get()
    Job.objects.update(status="stopped", finished_at=timezone.now())
    job_remove(job=made)
    again = owner.post(address, form)["Location"]
    assert str(made.pk) not in again
    assert owner.post(address, form)["Location"] == again


def test_a_key_holds_for_a_day(owner: Client, shop: Shop) -> None:
    _, address, asked = order_of(shop, "new")
    form = {**asked, "order": "a"}
    first = owner.post(address, form)["Location"]
    IdempotencyKey.objects.update(created_at=timezone.now() - KEY_LIFETIME - timedelta(seconds=1))
    second = owner.post(address, form)["Location"]
    assert second != first
    assert owner.post(address, form)["Location"] == second


def test_keys_belong_to_a_shop(owner: Client, shop: Shop) -> None:
    other = Client()
    theirs = factories.shop("남의 집")
    other.force_login(factories.owner(theirs))
    for client, of in ((owner, shop), (other, theirs)):
        assert client.post("/ads/new/", {**order_of(of, "new")[2], "order": "a"}).status_code == 302
    assert {job.shop for job in Job.objects.all()} == {shop, theirs}


def test_a_page_without_a_key_still_orders(owner: Client, shop: Shop) -> None:
    """One that was opened before an upgrade."""
    _, address, asked = order_of(shop, "new")
    assert owner.post(address, asked)["Location"] != owner.post(address, asked)["Location"]


@pytest.mark.django_db(transaction=True)
def test_an_order_that_was_stored_before_its_answer_was_lost_is_found_again(
    owner: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(engine: str) -> None:
        raise OperationalError("Postgres did not answer")

    _, address, asked = order_of(shop, "new")
    form = {**asked, "order": keys_at(owner, address)[address]}
    with monkeypatch.context() as patched:
        patched.setattr(queue, "wake", lost)  # what follows the commit
        answer = owner.post(address, form)
    assert answer.status_code == 503 and TOLD in answer.content.decode()
    assert owner.post(address, form)["Location"] == f"/ads/{Job.objects.get().pk}/"
    assert 'data-draft="over"' in owner.get(address).content.decode()


def test_who_cannot_be_answered_is_told_that_another_press_does_no_harm(rf: RequestFactory) -> None:
    assert TOLD in away_page(rf.post("/ads/new/")).content.decode()
    assert TOLD not in away_page(rf.get("/ads/new/")).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["new", "variations"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_forms_sent_at_once_make_one_order(owner: Client, shop: Shop, name: str, is_deleted: bool) -> None:
    """Also where what was ordered before is gone."""
    _, address, asked = order_of(shop, name)
    form = {**asked, "order": "a"}
    before = Job.objects.count()
    if is_deleted:
        owner.post(address, form)
        Job.objects.filter(shop=shop, status="pending").delete()
    answers = at_once(AT_ONCE, owner, lambda own: own.post(address, form))
    assert [answer.status_code for answer in answers] == [302] * AT_ONCE
    assert len({answer["Location"] for answer in answers}) == 1
    assert Job.objects.count() == before + (VARIATIONS if name == "variations" else 1)
