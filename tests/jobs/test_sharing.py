"""Links for people without an account: what they show, to whom, for how long, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from accounts.models import Shop
from jobs.errors import Refused
from jobs.models import Job, ShareLink
from jobs.reconcile import reconcile
from jobs.services import job_delete
from jobs.sharing import (
    FORGOTTEN_AFTER,
    SHARE_LIFETIME,
    forget_old_links,
    share_link_create,
    share_links_of,
    share_links_revoke,
    share_token,
)
from tests.jobs import factories
from tests.jobs.finished import failed, finished

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return factories.shop("봄날 커피")


def _address(job: Job) -> str:
    return f"/s/{share_token(share_link_create(job=job))}/"


def test_it_shows_picture_and_shop_to_someone_without_an_account(client: Client, shop: Shop) -> None:
    job = finished(shop, title="사장님만 아는 이름")
    address = _address(job)
    page = client.get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert "봄날 커피" in text
    assert f'src="{address}picture"' in text
    assert client.get(f"{address}picture").headers["Content-Type"] == "image/png"
    file = client.get(f"{address}picture?download")
    assert b"".join(file.streaming_content) == factories.photo_bytes()
    assert "attachment" in file["Content-Disposition"]


def test_it_tells_nothing_but_picture_and_shop(client: Client, shop: Shop) -> None:
    job = finished(shop, title="사장님만 아는 이름")
    address = _address(job)
    text = client.get(address).content.decode()
    for secret in ("사장님만 아는 이름", str(job.pk), str(job.photo_id), str(factories.owner(shop).email)):
        assert secret not in text
    assert not any(str(picture.pk) in text for picture in job.artifacts.all())
    assert str(job.pk)[:8] not in client.get(f"{address}picture?download")["Content-Disposition"]


def test_it_sets_no_cookie_and_is_not_to_be_indexed_or_kept(client: Client, shop: Shop) -> None:
    address = _address(finished(shop))
    for path in (address, f"{address}picture", f"{address}picture?download"):
        answer = client.get(path)
        assert not answer.cookies
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "private, no-cache"
    assert '<meta name="robots" content="noindex' in client.get(address).content.decode()


def test_it_opens_nothing_else_of_the_job(client: Client, shop: Shop) -> None:
    job = finished(shop)
    token = share_token(share_link_create(job=job))
    for picture in job.artifacts.all():
        for path in (f"/media/{picture.pk}", f"/media/{picture.pk}?signature={token}", f"/s/{picture.pk}/"):
            assert client.get(path).status_code in (401, 404), path
    assert client.get(f"/media/photo/{job.photo_id}").status_code == 401
    assert client.get(f"/api/jobs/{job.pk}").status_code == 401
    for path in ("picture/step1_result", "packshot", "zip/"):
        assert client.get(f"/s/{token}/{path}").status_code == 404


def test_a_made_up_token_is_404(client: Client, shop: Shop) -> None:
    link = share_link_create(job=finished(shop))
    token = share_token(link)
    other_salt = Signer(salt="adstudio.media", sep=".").sign(link.pk.hex)
    not_a_key = Signer(salt="adstudio.share", sep=".").sign("nonsense")
    for made_up in (link.pk.hex, str(link.pk), token[:-1], token + "A", other_salt, not_a_key):
        assert client.get(f"/s/{made_up}/").status_code == 404


def _gone(client: Client, address: str) -> None:
    for path in (address, f"{address}picture", f"{address}picture?download"):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "이 링크는 이제 볼 수 없어요" in answer.content.decode()
        assert not answer.cookies


def test_it_ends_after_a_week(client: Client, shop: Shop) -> None:
    job = finished(shop)
    address = _address(job)
    [link] = ShareLink.objects.all()
    assert abs(link.expires_at - timezone.now() - SHARE_LIFETIME) < timedelta(seconds=10)
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    _gone(client, address)
    assert _address(job) != address, "an ended link does not come back to life"
    _gone(client, address)


def test_it_is_taken_back(client: Client, shop: Shop) -> None:
    job = finished(shop)
    address = _address(job)
    assert share_links_revoke(job=job) == 1
    _gone(client, address)
    assert _address(job) != address
    _gone(client, address)


def test_it_ends_with_its_ad(client: Client, shop: Shop) -> None:
    job = finished(shop)
    address = _address(job)
    job_delete(job=job)
    _gone(client, address)


def test_asked_for_again_it_is_the_same_link_for_a_week_more(shop: Shop) -> None:
    job = finished(shop)
    first = share_link_create(job=job)
    ShareLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
    again = share_link_create(job=job)
    assert again.pk == first.pk
    assert again.expires_at > timezone.now() + timedelta(days=6)


def test_only_a_finished_ad_is_shown(shop: Shop) -> None:
    for job in (factories.job(shop), failed(shop, "photo.no_product")):
        with pytest.raises(Refused, match=r"share\.no_picture"):
            share_link_create(job=job)


def test_old_links_are_forgotten(client: Client, shop: Shop) -> None:
    job = finished(shop)
    address = _address(job)
    ShareLink.objects.update(expires_at=timezone.now() - FORGOTTEN_AFTER - timedelta(hours=1))
    assert forget_old_links() == 1
    _gone(client, address)
    share_link_create(job=job)
    reconcile()
    assert share_links_of(job).count() == 1


def test_the_page_makes_copies_and_takes_back_a_link(client: Client, shop: Shop) -> None:
    for user in (factories.owner(shop), factories.team_mate(shop)):
        client.force_login(user)
        job = finished(shop)
        assert client.post(f"/ads/{job.pk}/share/")["Location"] == f"/ads/{job.pk}/#share"
        link = share_links_of(job).get()
        assert link.created_by == user
        day = timezone.localtime(link.expires_at)
        page = client.get(f"/ads/{job.pk}/").content.decode()
        assert f'value="http://testserver/s/{share_token(link)}/"' in page
        assert f"{day.month}월 {day.day}일까지" in page
        part = client.post(f"/ads/{job.pk}/unshare/", headers={"HX-Request": "true"}).content.decode()
        assert "/s/" not in part and "<html" not in part
        assert not share_links_of(job).exists()


def test_a_stranger_makes_no_link_and_takes_none_back(client: Client, shop: Shop) -> None:
    job = finished(shop)
    share_link_create(job=job)
    client.force_login(factories.owner(factories.shop("남의 집")))
    for view in ("share", "unshare"):
        assert client.post(f"/ads/{job.pk}/{view}/").status_code == 404
    assert share_links_of(job).count() == 1


def test_it_reads_in_english(client: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(name="Spring")
    job = finished(shop)
    address = _address(job)
    english = {"headers": {"Accept-Language": "en"}}
    assert "An ad by Spring" in client.get(address, **english).content.decode()
    share_links_revoke(job=job)
    assert "This link is not available" in client.get(address, **english).content.decode()
