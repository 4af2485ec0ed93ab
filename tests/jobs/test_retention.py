"""What is kept for how long, and files that nothing names."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation
from accounts.team import FORGOTTEN_AFTER, invitation_create
from adstudio.files import OUR_PLACES, file_columns
from jobs import orphans, retention
from jobs.models import Job, Photo
from jobs.reconcile import reconcile
from tests.jobs import factories
from tests.jobs.submitting import finished, is_stored, png, submit

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = 30


def _age(row: Any, field: str, days: int) -> None:
    type(row).objects.filter(pk=row.pk).update(**{field: timezone.now() - timedelta(days=days)})


def test_nothing_expires_where_nothing_is_set() -> None:
    shop = factories.shop()
    photo = factories.photo(shop)
    job = finished(shop)
    _age(photo, "created_at", 9999)
    _age(job, "finished_at", 9999)
    assert retention.expire() == (0, 0)


def test_old_ads_and_their_files_go_and_younger_or_unfinished_ones_stay(settings: Any) -> None:
    settings.KEEP_JOBS_DAYS = DAYS
    shop = factories.shop()
    old, young, waiting = finished(shop), finished(shop), submit(shop).job
    _age(old, "finished_at", DAYS + 1)
    _age(young, "finished_at", DAYS - 1)
    _age(waiting, "queued_at", DAYS + 1)
    files = [str(artifact.file.name) for artifact in old.artifacts.all()]
    reconcile()
    assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}
    assert files and not any(is_stored(name) for name in files)


def test_photos_go_when_neither_uploaded_nor_used_lately(settings: Any) -> None:
    settings.KEEP_PHOTOS_DAYS = DAYS
    shop = factories.shop()
    unused, used, young = (factories.photo(shop) for _ in range(3))
    finished(shop, used)
    for photo in (unused, used):
        _age(photo, "created_at", DAYS + 1)
    reconcile()
    assert set(Photo.objects.values_list("pk", flat=True)) == {used.pk, young.pk}
    assert not is_stored(str(unused.file.name)) and not is_stored(str(unused.matte.name))


def test_one_round_takes_no_more_than_a_batch_and_the_command_takes_all(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEEP_JOBS_DAYS = DAYS
    monkeypatch.setattr(retention, "BATCH", 2)
    shop = factories.shop()
    for _ in range(5):
        _age(finished(shop), "finished_at", DAYS + 1)
    assert retention.expire() == (2, 0)
    assert Job.objects.count() == 3
    said = StringIO()
    call_command("expire", stdout=said)
    assert said.getvalue().startswith("3 ads")
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("days", "words"), [(0, "지우실 때까지 보관합니다"), (45, "45일 뒤에 저절로 지워집니다")]
)
def test_the_privacy_page_says_what_is_set(settings: Any, client: Client, days: int, words: str) -> None:
    settings.KEEP_PHOTOS_DAYS = settings.KEEP_JOBS_DAYS = days
    assert client.get(reverse("privacy")).content.decode().count(words) == 2


def test_files_that_no_row_names_are_listed_and_removed_when_asked() -> None:
    photo = factories.photo(factories.shop())
    old, fresh = (Path(project.MEDIA_ROOT) / f"jobs/nobody/{name}.png" for name in ("old", "fresh"))
    for path in (old, fresh):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png())
    long_ago = time.time() - 2 * 86_400
    for path in (old, Path(photo.file.path)):
        os.utime(path, (long_ago, long_ago))
    said = StringIO()
    call_command("orphans", stdout=said)
    assert "jobs/nobody/old.png" in said.getvalue()
    assert old.exists()
    call_command("orphans", "--delete", stdout=said)
    assert not old.exists()
    assert fresh.exists()
    assert is_stored(str(photo.file.name))
    fresh.unlink()


def test_what_a_crash_left_goes_by_itself_a_few_files_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "FILES_A_ROUND", 3)
    photo = factories.photo(factories.shop())
    root = Path(project.MEDIA_ROOT)
    old = [root / f"jobs/nobody/{number}.png" for number in range(5)]
    draft, fresh = root / ".draft-of-a-killed-process", root / "jobs/nobody/fresh.png"
    for path in (*old, draft, fresh):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png())
    long_ago = time.time() - 2 * 86_400
    for path in (*old, draft, Path(photo.file.path)):
        os.utime(path, (long_ago, long_ago))
    sweep = orphans.Sweep()
    rounds = [sweep.go_on() for _ in range(2 + len(list(root.rglob("*"))))]
    assert sum(rounds) >= 6  # tests before may have left files of their own
    assert max(rounds) <= 3
    assert not any(path.exists() for path in (*old, draft))
    assert fresh.exists()
    assert is_stored(str(photo.file.name)) and is_stored(str(photo.matte.name))
    old[0].write_bytes(png())
    os.utime(old[0], (long_ago, long_ago))
    assert [sweep.go_on() for _ in range(3)] == [0, 0, 0]  # the next walk begins in an hour
    for path in (old[0], fresh):
        path.unlink()


def test_what_others_keep_in_the_same_place_stays() -> None:
    """An operator's own archives in the bucket, or files of a newer release whose rows this one does not know."""
    root = Path(project.MEDIA_ROOT)
    theirs = [root / name for name in ("adstudio.tar", "backups/adstudio.tar", "films/1/film.mp4")]
    long_ago = time.time() - 2 * 86_400
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png())
        os.utime(path, (long_ago, long_ago))
    sweep = orphans.Sweep()
    for _ in range(2 + len(list(root.rglob("*"))) // orphans.FILES_A_ROUND):
        sweep.go_on()
    call_command("orphans", "--delete")
    assert all(path.exists() for path in theirs)
    for path in theirs:
        path.unlink()


def test_every_file_of_ours_lies_where_orphans_are_looked_for() -> None:
    models = [model for model in apps.get_models() if file_columns(model)]
    assert len(models) >= 4
    for model in models:
        for column in file_columns(model):
            assert column.generate_filename(model(), "a.png").startswith(OUR_PLACES), column


def test_what_people_left_behind_is_forgotten_when_it_has_run_out() -> None:
    """Sessions that ended, and invitations, which hold the address of somebody who may never have come."""
    shop = factories.shop()
    browsers = [Client() for _ in range(2)]
    for browser in browsers:
        browser.force_login(factories.owner(shop))
    old, open_still = (
        invitation_create(shop=shop, by=factories.owner(shop), email=f"{name}@example.com", role="staff")[0]
        for name in ("old", "open")
    )
    Session.objects.filter(pk=browsers[0].session.session_key).update(expire_date=timezone.now())
    _age(old, "expires_at", FORGOTTEN_AFTER.days + 1)
    reconcile()
    assert list(Session.objects.values_list("pk", flat=True)) == [browsers[1].session.session_key]
    assert list(Invitation.objects.all()) == [open_still]
