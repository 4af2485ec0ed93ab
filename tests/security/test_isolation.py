"""Every address of the project that takes an id, called by people and programs of another shop.

A new address with an id fails this test until it is in one of the tables below.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import ApiToken, Invitation, Membership, Shop
from accounts.team import invitation_create
from accounts.tokens import token_create
from jobs.data_export import data_export_request
from jobs.deletion import job_remove
from jobs.models import DataExportPart, Export, Job, Photo, ShareLink, VariationSet
from jobs.routing import websocket_urlpatterns
from jobs.variations import variations_begin
from tests.jobs import factories
from tests.jobs.submitting import finished, part_made, submit

pytestmark = pytest.mark.django_db

TENANT = {
    # the API
    "status/<job_id>": ("job", "GET"),
    "stop/<job_id>": ("job", "POST"),
    "jobs/<job_id>": ("job", "DELETE"),
    "api/photos/<photo_id>": ("photo", "GET"),
    "api/photos/<photo_id>/cutout": ("photo", "POST"),
    "api/photos/<photo_id>/matte": ("photo", "PUT"),
    "api/jobs/<job_id>": ("job", "GET"),
    "api/jobs/<job_id>/stop": ("job", "POST"),
    "api/jobs/<job_id>/rerun": ("job", "POST"),
    "api/jobs/<job_id>/export": ("job", "GET"),
    # pictures
    "media/photo/<uuid:photo_id>": ("photo", "GET"),
    "media/matte/<uuid:photo_id>": ("photo", "GET"),
    "media/photo/<uuid:photo_id>/screen": ("photo", "GET"),
    "media/matte/<uuid:photo_id>/screen": ("photo", "GET"),
    "media/<uuid:artifact_id>": ("artifact", "GET"),
    # the portal
    "ads/<uuid:job_id>/": ("job", "GET"),
    "ads/<uuid:job_id>/card/": ("job", "GET"),
    "ads/<uuid:job_id>/text/": ("job", "GET"),
    "ads/<uuid:job_id>/stop/": ("job", "POST"),
    "ads/<uuid:job_id>/rerun/": ("job", "POST"),
    "ads/<uuid:job_id>/delete/": ("job", "POST"),
    "ads/<uuid:job_id>/download/": ("job", "GET"),
    "ads/<uuid:job_id>/layout/": ("job", "POST"),
    "ads/<uuid:job_id>/retry/": ("job", "POST"),
    "ads/<uuid:job_id>/zip/": ("job", "GET"),
    "ads/<uuid:job_id>/share/": ("job", "POST"),
    "ads/<uuid:job_id>/unshare/": ("job", "POST"),
    "ads/<uuid:job_id>/post/": ("job", "POST"),
    "ads/<uuid:job_id>/favourite/": ("job", "POST"),
    "ads/<uuid:job_id>/rename/": ("job", "POST"),
    "ads/<uuid:job_id>/restore/": ("deleted", "POST"),
    "ads/<uuid:job_id>/variations/": ("job", "POST"),
    "ads/<uuid:job_id>/variation/": ("variation", "GET"),
    "ads/<uuid:job_id>/choose/": ("variation", "POST"),
    "ads/sets/<uuid:set_id>/": ("set", "GET"),
    "ads/photos/<uuid:photo_id>/delete/": ("photo", "POST"),
    # the shop
    "shop/api/<uuid:token_id>/revoke/": ("token", "GET"),
    "shop/team/<int:membership_id>/role/": ("mate", "POST"),
    "shop/team/<int:membership_id>/remove/": ("mate", "POST"),
    "shop/team/invitations/<uuid:invitation_id>/": ("invitation", "POST"),
    "accounts/export/<uuid:part_id>/": ("part", "GET"),
}
"""The route, whose id stands in it, and the method by which its own people call it."""
QUERIES = {"api/jobs/<job_id>/export": "?format=instagram-story"}
"""What has to be asked for, else it is refused before anything is looked up."""
AS_IF_GONE = {"ads/<uuid:job_id>/restore/"}
"""Answered with a word that it is too late, for what is another shop's as for what never was."""
NOBODYS = {
    "ads/scenes/<slug:key>.webp": "scenes are the same for all",
    "ads/fonts/<path:path>": "fonts are the same for all",
    "s/<str:token>/": "the signed key is the secret, given away by the shop",
    "s/<str:token>/picture": "the signed key is the secret, given away by the shop",
    "shop/join/<str:secret>/": "the invitation's link is the secret",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": "the key is the secret, sent by mail",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "the key is the secret, sent by mail",
}
"""Routes with a parameter that names nothing of a shop, and why."""
SOCKETS = {"ws/jobs/<uuid:job_id>/": "job"}
"""Tried with real sockets in ``tests/jobs/test_sockets.py``."""
OPERATORS = "admin/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSALS = {403, 404, 405}


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each, route)


def with_parameter() -> list[str]:
    return sorted({route for route in routes(get_resolver()) if re.search(r"<\w|\(\?P<", route)})


OPERATORS_ROUTES = [route for route in with_parameter() if route.startswith(OPERATORS)]


def address(route: str, value: str) -> str:
    """The route with its parameters filled in, regular expressions of the admin and of allauth included."""
    path = re.sub(r"\(\?P<app_label>(\w+)[^)]*\)", r"\1", route)
    path = re.sub(r"\(\?P<\w+>[^)]*\)\??", value, path)
    path = re.sub(r"<(?:int:)(\w+)>", value if value.isdigit() else "0", path)
    path = re.sub(r"<[^>]+>", value, path)
    return "/" + path.replace("^", "").replace("/?$", "/").replace("$", "") + QUERIES.get(route, "")


def browser_of(shop: Shop) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(factories.owner(shop))
    return client


@pytest.fixture
def theirs() -> dict[str, str]:
    """Ids of everything that another shop has."""
    shop = factories.shop("남의 가게")
    photo = factories.photo(shop)
    job = finished(shop, photo)
    owner = factories.owner(shop)
    part_made(data_export_request(user=owner))
    deleted = finished(shop, photo)
    job_remove(job=deleted)
    backgrounds = variations_begin(job=job)
    return {
        "deleted": str(deleted.pk),
        "set": str(backgrounds.pk),
        "variation": str(Job.objects.filter(variation_set=backgrounds).order_by("pk")[0].pk),
        "token": str(token_create(shop=shop, name="theirs")[0].pk),
        "mate": str(Membership.objects.get(shop=shop, user=factories.team_mate(shop)).pk),
        "invitation": str(invitation_create(shop=shop, by=owner, role="staff")[0].pk),
        "job": str(job.pk),
        "waiting": str(submit(shop).job.pk),
        "photo": str(photo.pk),
        "artifact": str(job.artifacts.get(kind="final_result").pk),
        "part": str(DataExportPart.objects.get().pk),
    }


@pytest.fixture
def strangers() -> dict[str, Client]:
    shop = factories.shop("내 가게")
    _, token = token_create(shop=shop, name="test")
    person = browser_of(shop)
    person.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    program = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    return {"person": person, "program": program, "nobody": Client(raise_request_exception=False)}


def state() -> tuple[Any, ...]:
    """What a call that got through would have changed."""
    changing = ("pk", "status", "cancel_requested_at", "deleted_at", "title", "favourite")
    jobs = Job.objects.order_by("pk").values_list(*changing)
    photos = Photo.objects.order_by("pk").values_list("pk", "matte", "matte_state")
    tokens = ApiToken.objects.order_by("pk").values_list("pk", "revoked_at")
    people = Membership.objects.order_by("pk").values_list("pk", "role")
    invited = Invitation.objects.order_by("pk").values_list("pk", "revoked_at", "expires_at")
    chosen = VariationSet.objects.order_by("pk").values_list("pk", "chosen")
    rest = DataExportPart.objects.count(), ShareLink.objects.count(), Export.objects.count()
    return *map(list, (jobs, photos, tokens, people, invited, chosen)), *rest


def test_every_address_with_an_id_is_in_a_table() -> None:
    known = {*TENANT, *NOBODYS, *OPERATORS_ROUTES}
    assert set(with_parameter()) == known
    with_id = {str(each.pattern) for each in websocket_urlpatterns if "<" in str(each.pattern)}
    assert with_id == set(SOCKETS)


def call(client: Client, method: str, path: str) -> Any:
    return client.generic(method, path, "{}", content_type="application/json")


@pytest.mark.parametrize("who", ["person", "program", "nobody"])
def test_what_belongs_to_another_shop_does_not_exist(
    strangers: dict[str, Client], theirs: dict[str, str], who: str
) -> None:
    before = state()
    for route, (kind, _) in TENANT.items():
        ids = {theirs[kind], theirs["waiting"]} if kind == "job" else {theirs[kind]}
        for path in (address(route, pk) for pk in ids):
            for method in METHODS:
                answer = call(strangers[who], method, path)
                gone = route in AS_IF_GONE and _is_told_as_gone(strangers[who], method, route, answer)
                assert gone or _is_refusal(answer, who), (who, method, path, answer.status_code)
    assert state() == before


def _is_told_as_gone(client: Client, method: str, route: str, answer: Any) -> bool:
    nothing = call(client, method, address(route, str(uuid.uuid4())))
    return (answer.status_code, answer.headers.get("Location")) == (302, nothing.headers.get("Location"))


def _is_refusal(answer: Any, who: str) -> bool:
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/")
    if who == "person":
        return answer.status_code in REFUSALS
    return to_sign_in or answer.status_code in REFUSALS | {401}


@pytest.mark.parametrize("route", TENANT)
def test_the_same_address_is_there_for_its_own_people(theirs: dict[str, str], route: str) -> None:
    """Else the test above would be about addresses that answer 404 to everybody."""
    client = browser_of(Shop.objects.get(name="남의 가게"))
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    kind, method = TENANT[route]
    assert call(client, method, address(route, theirs[kind])).status_code not in {401, 403, 404, 405}


def test_the_admin_is_closed_to_merchants(strangers: dict[str, Client], theirs: dict[str, str]) -> None:
    assert len(OPERATORS_ROUTES) > 20
    for path in (address(route, theirs["job"]) for route in OPERATORS_ROUTES):
        for method in ("get", "post"):
            answer = getattr(strangers["person"], method)(path)
            to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/admin/login/")
            assert to_sign_in or answer.status_code in REFUSALS, (method, path, answer.status_code)
