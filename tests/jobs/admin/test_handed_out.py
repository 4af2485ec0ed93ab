"""Invitations and shared links for support: who, when, until when, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation
from accounts.team import invitation_create, invitation_find
from jobs.models import ShareLink
from jobs.sharing import LinkOver, share_link_create, share_token, shared_picture
from tests.jobs import factories
from tests.jobs.admin import people
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db
INVITATIONS = "/admin/accounts/invitation/"
LINKS = "/admin/jobs/sharelink/"


def _invited(email: str = "") -> tuple[Invitation, str]:
    shop = factories.shop("봄날 커피")
    return invitation_create(shop=shop, by=factories.owner(shop), email=email, role="staff")


def _shared() -> ShareLink:
    shop = factories.shop("봄날 커피")
    return share_link_create(job=finished(shop, title="봄 신메뉴"), user=factories.owner(shop))


def _take_back(client: Client, url: str, *rows: Invitation | ShareLink) -> str:
    chosen = {"action": "revoke", "_selected_action": [str(row.pk) for row in rows]}
    return client.post(url, chosen, follow=True).content.decode()


def test_who_invited_whom_until_when_and_nothing_that_opens_it() -> None:
    invitation, secret = _invited("jiwoo@example.com")
    client = people.superuser()
    for url in (INVITATIONS, f"{INVITATIONS}{invitation.pk}/change/"):
        page = client.get(url).content.decode()
        for told in ("jiwoo@example.com", "봄날 커피", str(invitation.invited_by), "기다리는 중", "직원"):
            assert told in page, told
        assert secret not in page and invitation.digest not in page


def test_an_invitation_taken_back_opens_nothing_more() -> None:
    invitation, secret = _invited()
    page = _take_back(people.superuser(), INVITATIONS, invitation)
    assert "1개를 거두었습니다." in page
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None and invitation_find(secret) is None
    assert LogEntry.objects.get().object_id == str(invitation.pk)


def test_who_shared_what_until_when_and_not_its_address() -> None:
    link = _shared()
    client = people.superuser()
    for url in (LINKS, f"{LINKS}{link.pk}/change/"):
        page = client.get(url).content.decode()
        for told in ("봄 신메뉴", "봄날 커피", str(link.created_by), "열려 있음"):
            assert told in page, told
        assert share_token(link) not in page and "/s/" not in page


def test_a_link_taken_back_shows_nothing_more_and_others_stay() -> None:
    link, other = _shared(), _shared()
    assert "1개를 거두었습니다." in _take_back(people.superuser(), LINKS, link)
    with pytest.raises(LinkOver):
        shared_picture(share_token(link))
    assert shared_picture(share_token(other)).job == other.job


def test_what_has_ended_stays_as_it_ended() -> None:
    link = _shared()
    over = timezone.now() - timedelta(days=1)
    ShareLink.objects.filter(pk=link.pk).update(expires_at=over)
    invitation, _ = _invited()
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=over, accepted_by=invitation.invited_by)
    client = people.superuser()
    assert "바뀐 것이 없습니다" in _take_back(client, LINKS, link)
    assert "바뀐 것이 없습니다" in _take_back(client, INVITATIONS, invitation)
    link.refresh_from_db()
    invitation.refresh_from_db()
    assert (link.revoked_at, invitation.revoked_at) == (None, None)


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("open", {}),
        ("expired", {"expires_at": timezone.now() - timedelta(days=1)}),
        ("revoked", {"revoked_at": timezone.now()}),
    ],
    ids=["open", "expired", "revoked"],
)
def test_lists_are_narrowed_by_what_became_of_them(state: str, changes: dict[str, object]) -> None:
    invitation, _ = _invited("jiwoo@example.com")
    link = _shared()
    Invitation.objects.filter(pk=invitation.pk).update(**changes)
    ShareLink.objects.filter(pk=link.pk).update(**changes)
    client = people.superuser()
    for url, name in ((INVITATIONS, "jiwoo@example.com"), (LINKS, "봄 신메뉴")):
        for wanted in ("open", "expired", "revoked"):
            page = client.get(f"{url}?state={wanted}").content.decode()
            assert (name in page) == (wanted == state), (url, wanted)


def test_only_who_may_change_them_takes_them_back() -> None:
    invitation, secret = _invited()
    link = _shared()
    viewer = people.staff("accounts.view_invitation", "jobs.view_sharelink")
    for url, row in ((INVITATIONS, invitation), (LINKS, link)):
        assert '<select name="action"' not in viewer.get(url).content.decode()
        _take_back(viewer, url, row)
        _take_back(people.merchant(), url, row)
    assert invitation_find(secret) == invitation
    assert shared_picture(share_token(link)).job == link.job
    keeper = people.staff(
        "accounts.view_invitation", "accounts.change_invitation", email="keeper@example.com"
    )
    _take_back(keeper, INVITATIONS, invitation)
    assert invitation_find(secret) is None
