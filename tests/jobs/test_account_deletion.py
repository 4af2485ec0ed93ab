"""Leaving: what goes, what stays, and that nobody gets in afterwards."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Shop, User
from accounts.services import member_add
from accounts.team import invitation_accept, invitation_create
from accounts.tokens import token_create
from generation import intake
from jobs import selectors
from jobs.account_deletion import account_delete, models_with_files, shop_delete
from jobs.brand import logo_store
from jobs.claims import LostClaim, claim_next
from jobs.data_export import data_export_request
from jobs.errors import Refused
from jobs.idempotency import ordered_once
from jobs.models import Artifact, Job, Photo
from jobs.models.data_export import DataExportPart
from jobs.photo_deletion import photo_delete
from jobs.services import job_rerun
from tests.conftest import until
from tests.jobs import factories
from tests.jobs.submitting import finished, part_made, stored_files, submit

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/accounts/delete/"


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def confirmed(user: User) -> Client:
    """A browser whose person typed the password again just now."""
    client = browser_of(user)
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    return client


def test_it_asks_for_the_password_again() -> None:
    client = browser_of(factories.owner(factories.shop()))
    for answer in (client.get(PAGE), client.post(PAGE, {"sure": "on"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert User.objects.exists()
    client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert client.get(PAGE).status_code == 302
    assert "본인인지" in client.get(reverse("account_reauthenticate")).content.decode()


def test_it_says_what_goes_and_what_stays() -> None:
    bakery = factories.shop("봄날 커피")
    other = factories.shop("남의 빵집")
    member_add(shop=other, user=factories.owner(bakery))
    page = confirmed(factories.owner(bakery)).get(PAGE).content.decode()
    assert "<b>봄날 커피</b>의 사진" in page
    assert "<b>남의 빵집</b>은 다른 주인이" in page


def test_the_shop_goes_with_everything_and_sessions_and_tokens_die_at_once() -> None:
    before = stored_files()
    bakery = factories.shop("봄날 커피")
    user = factories.owner(bakery)
    mate = factories.team_mate(bakery)
    finished(bakery, factories.photo(bakery))
    submit(bakery)
    other = factories.shop("남의 빵집")
    kept = finished(other, factories.photo(other))
    left = {str(a.file.path) for a in Artifact.objects.filter(job=kept)} | {
        path for p in Photo.objects.filter(shop=other) for path in (p.file.path, p.matte.path)
    }
    _, token = token_create(shop=bakery, name="app")
    client, elsewhere, mates = confirmed(user), browser_of(user), browser_of(mate)

    answer = client.post(PAGE, {f"shop-{bakery.pk}": " 봄날 커피 ", "sure": "on"})

    assert answer["Location"] == reverse("account_login")
    assert not User.objects.filter(pk=user.pk).exists()
    assert list(Shop.objects.all()) == [other]
    assert stored_files() - before == left
    assert elsewhere.get("/ads/")["Location"].startswith("/accounts/login/")
    assert client.get("/ads/")["Location"].startswith("/accounts/login/")
    assert Client().get("/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert mates.get("/ads/")["Location"] == reverse("shop_new")
    assert browser_of(factories.owner(other)).get(f"/ads/{kept.pk}/").status_code == 200


@pytest.mark.parametrize(("name", "sure"), [("", "on"), ("봄날", "on"), ("봄날 커피", "")])
def test_it_wants_the_shops_name_and_a_yes(name: str, sure: str) -> None:
    bakery = factories.shop("봄날 커피")
    client = confirmed(factories.owner(bakery))
    sent = {f"shop-{bakery.pk}": name, "sure": sure}
    answer = client.post(PAGE, {field: value for field, value in sent.items() if value})
    assert answer.status_code == 422
    assert Shop.objects.exists()
    assert User.objects.exists()


def test_a_shop_with_another_owner_stays() -> None:
    bakery = factories.shop("봄날 커피")
    user, partner = factories.owner(bakery), factories.person()
    member_add(shop=bakery, user=partner, role=Membership.Role.OWNER)
    job = finished(bakery)
    Job.objects.filter(pk=job.pk).update(created_by=user)
    confirmed(user).post(PAGE, {"sure": "on"})
    job.refresh_from_db()
    assert (job.shop, job.created_by) == (bakery, None)
    assert list(bakery.members.all()) == [partner]


def test_shops_that_changed_hands_meanwhile_stop_it() -> None:
    bakery = factories.shop()
    user = factories.owner(bakery)
    member_add(shop=bakery, user=factories.person(), role=Membership.Role.OWNER)
    with pytest.raises(Refused, match="shops_changed"):
        account_delete(user=user, shops=[bakery.pk])
    assert Shop.objects.exists()
    assert User.objects.filter(pk=user.pk).exists()


def test_a_worker_at_one_of_its_ads_writes_nothing_more() -> None:
    bakery = factories.shop()
    submit(bakery)
    claim = claim_next(engine="studio", worker="w")
    assert claim is not None
    shop_delete(shop=bakery)
    with pytest.raises(LostClaim), claim.held():
        pytest.fail("held a job that is gone")


def test_its_own_exported_data_leaves_the_disk() -> None:
    bakery = factories.shop("봄날 커피")
    user = factories.owner(bakery)
    part_made(data_export_request(user=user))
    path = DataExportPart.objects.get().file.path
    assert path in stored_files()
    account_delete(user=user, shops=[bakery.pk])
    assert path not in stored_files()


def test_every_model_with_files_is_known_to_the_deletion() -> None:
    """A model that keeps files for a shop and is not reached would leave them behind."""
    with_files = {
        model
        for model in apps.get_models()
        if any(isinstance(field, models.FileField) for field in model._meta.concrete_fields)
    }
    assert with_files - set(models_with_files()) == {DataExportPart}  # a person's, not a shop's


def test_a_person_without_password_is_not_asked_for_one() -> None:
    user: Any = User.objects.create_user("kakao@example.com")
    client = browser_of(user)
    assert client.get(PAGE).status_code == 200
    client.post(PAGE, {"sure": "on"})
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/api/photos", "/api/generate"])
def test_an_upload_that_the_shop_s_deletion_overtakes_is_refused_and_leaves_nothing(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = factories.shop()
    _, plain = token_create(shop=shop, name="app")
    clean_copy = intake.clean_copy

    def meanwhile(data: bytes) -> Any:
        shop_delete(shop=shop)
        return clean_copy(data)

    monkeypatch.setattr(intake, "clean_copy", meanwhile)
    before = stored_files()
    file = SimpleUploadedFile("photo.png", factories.photo_bytes(), "image/png")
    answer = Client().post(path, {"file": file}, headers={"Authorization": f"Bearer {plain}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "shop.gone"), answer.content
    assert stored_files() == before


def test_an_order_or_a_logo_of_a_deleted_shop_is_refused_and_leaves_nothing() -> None:
    shop = factories.shop()
    job = finished(shop, factories.photo(shop))
    shop_delete(shop=shop)
    before = stored_files()
    for late in (
        lambda: submit(shop),
        lambda: job_rerun(job=job, start_step=2, changes={}),
        lambda: logo_store(shop=shop, data=factories.photo_bytes()),
    ):
        with pytest.raises(Refused, match=r"shop\.gone"):
            late()
    assert stored_files() == before


def test_the_address_stands_nowhere_afterwards() -> None:
    shop, mate = factories.shop(), factories.person("minji@example.com")
    made, _ = invitation_create(shop=shop, by=factories.owner(shop), email="minji@example.com", role="staff")
    invitation_accept(invitation=made, user=mate)
    confirmed(mate).post(PAGE, {"sure": "on"})
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%minji@%'")
            assert cursor.fetchone() == (0,), table


def _waits(work: Callable[[], None]) -> Future[None]:
    """Begun beside, and by now at a row that somebody holds."""

    def beside() -> None:
        try:
            work()
        finally:
            connection.close()

    done = ThreadPoolExecutor(1).submit(beside)
    with connection.cursor() as cursor:

        def waiting() -> bool:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return bool(cursor.fetchone()[0])

        until(waiting, 10, "the one beside to wait")
    return done


def test_an_order_at_the_same_moment_comes_before_it_or_after() -> None:
    shop = factories.shop()
    user = factories.owner(shop)
    with transaction.atomic():
        selectors.shop_hold(shop.pk)
        leaving = _waits(lambda: account_delete(user=user, shops=[shop.pk]))
        Job.objects.filter(pk=factories.job(shop).pk).update(created_by=user)
    leaving.result(10)
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Job.objects.exists()


def test_a_photo_deleted_at_the_same_moment_goes_before_it_or_after() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    finished(shop, photo)
    beside: list[Future[None]] = []

    def when_its_ads_are_told(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith('UPDATE "jobs_job"') and not beside:
            beside.append(_waits(lambda: shop_delete(shop=shop)))
        return execute(sql, *arguments)

    with connection.execute_wrapper(when_its_ads_are_told):
        photo_delete(photo=photo)
    beside[0].result(10)
    assert not Shop.objects.filter(pk=shop.pk).exists()


def test_an_order_sent_again_at_the_same_moment_comes_before_it_or_after() -> None:
    """What was ordered first is gone, so that it is ordered anew."""
    shop = factories.shop()
    ordered_once(shop=shop, order="a", submit=lambda: factories.job(shop))
    Job.objects.all().delete()
    beside: list[Future[None]] = []

    def ordered() -> Job:
        beside.append(_waits(lambda: shop_delete(shop=shop)))
        return submit(shop).job

    ordered_once(shop=shop, order="a", submit=ordered)
    beside[0].result(10)
    assert not Shop.objects.filter(pk=shop.pk).exists()
