"""Releases side by side: who takes which request, what is told while nobody can, what becomes of an older one."""

from __future__ import annotations

import json
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from generation.export.formats import FORMATS
from generation.studio.scenes import scenes
from generation.studio.styles import styles
from generation.typography.fonts import fonts
from jobs import services, versions
from jobs.claims import claim_next
from jobs.claims.exports import export_claim_next
from jobs.errors import Refused
from jobs.models import Artifact, Export, Job, WorkerState
from jobs.moderation import changed_words
from jobs.params import AdParams
from jobs.reconcile import reconcile
from jobs.waiting import tell_who_waits_for_an_update
from jobs.worker.briefs import params_of
from tests.conftest import Stack, until
from tests.jobs import factories
from tests.jobs.conftest import wait_for
from tests.jobs.finished import finished
from tests.jobs.submitting import submit

FIRST_WORDS = Path(__file__).with_name("words_of_version_1.json")
NEW_STYLE = "text_style=neon"
SHORT = {"text_content": "반값", "test_mode": True, "scene": "pastel-podium", "seed": 3}


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is of a release that knows one text style more than the one before."""
    monkeypatch.setattr(versions, "REQUEST_VERSION", 2)
    monkeypatch.setitem(versions.SINCE, NEW_STYLE, 2)


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes this process one of the release before."""
    return lambda: monkeypatch.setattr(versions, "REQUEST_VERSION", 1)


def words() -> set[str]:
    """All that a request can say: its fields, and the values of those that are chosen by name."""
    named = {"scene": scenes(), "text_style": styles(), "format": FORMATS}
    found = {f"{name}={value}" for name, known in named.items() for value in known}
    found |= {f"font_name={font.path}" for font in fonts()}
    for name, field in AdParams.model_fields.items():
        found |= {name, *(f"{name}={value}" for value in _choices(field.annotation))}
    return found - {"seed"}  # a column of its own


def _choices(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return (
        [str(value) for value in typing.get_args(kind)] if typing.get_origin(kind) is typing.Literal else []
    )


def test_every_word_of_a_request_has_its_version() -> None:
    """A new word raises REQUEST_VERSION and is named in SINCE (see ``jobs.versions``). Before the first release, and
    only then, it may be written into the list beside this test instead."""
    known = set(json.loads(FIRST_WORDS.read_text(encoding="utf-8"))) | set(versions.SINCE)
    assert words() - known == set(), "older workers do not know these"
    assert known - words() == set(), "stored requests may say these: an upgrade has to replace them"
    assert max(versions.SINCE.values(), default=1) == versions.REQUEST_VERSION
    assert all(version < versions.REQUEST_VERSION for version in versions.UPGRADES)


@pytest.mark.django_db
@pytest.mark.usefixtures("newer")
def test_a_job_is_stored_with_the_lowest_version_that_has_its_words(shop: Any) -> None:
    assert submit(shop, text_style="gold").job.request_version == 1
    assert submit(shop, text_style="neon").job.request_version == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("newer")
def test_an_older_worker_leaves_what_it_does_not_know_and_takes_what_waits_behind(
    shop: Any, older: Any
) -> None:
    new, plain = submit(shop, text_style="neon").job, submit(shop).job
    older()
    claim = claim_next(engine="studio", worker="old")
    assert claim is not None and claim.job_id == plain.pk
    assert claim_next(engine="studio", worker="old") is None
    new.refresh_from_db()
    assert (new.status, new.attempts, new.request["text_style"]) == ("pending", 0, "neon")


@pytest.mark.django_db
def test_an_older_worker_leaves_the_export_of_a_newer_job(shop: Any) -> None:
    job = finished(shop)
    export = Export.objects.create(job=job, format="mms", engine="studio")
    Job.objects.filter(pk=job.pk).update(request_version=versions.REQUEST_VERSION + 1)
    assert export_claim_next(engine="studio", worker="old") is None
    Job.objects.filter(pk=job.pk).update(request_version=versions.REQUEST_VERSION)
    claim = export_claim_next(engine="studio", worker="old")
    assert claim is not None and claim.export_id == export.pk


def _worker(version: int, name: str, engine: str = "studio") -> None:
    WorkerState.objects.create(
        name=name, host="h", pid=1, engine=engine, last_seen=timezone.now(), request_version=version
    )


@pytest.mark.django_db
def test_a_worker_of_a_release_without_versions_counts_as_the_first(shop: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_workerstate"
            " (name, host, pid, engine, gpu, resident_models, memory_mb, started_at, last_seen)"
            " VALUES ('old', 'h', 1, 'studio', '[]', '[]', 0, now(), now())"
        )
    assert WorkerState.objects.get().request_version == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("newer")
def test_it_is_told_while_no_worker_understands_and_until_one_does(shop: Any) -> None:
    job = submit(shop, text_style="neon").job
    browser = Client()
    browser.force_login(factories.owner(shop))

    def told() -> tuple[str, int | None, int]:
        tell_who_waits_for_an_update()
        row = browser.get(f"/status/{job.pk}?images=none").json()
        job.refresh_from_db()
        return row["message"], row["eta_seconds"], job.sequence

    message, eta, sequence = told()
    assert (message, sequence) == ("순서를 기다리고 있어요", 0) and eta  # nobody works: told otherwise
    _worker(1, "old")
    assert told() == told() == ("새 버전의 작업기를 기다리고 있어요", None, 1)
    assert "새 버전의 작업기를 기다리고 있어요" in browser.get(f"/ads/{job.pk}/").content.decode()
    _worker(2, "new")
    message, eta, sequence = told()
    assert (message, sequence) == ("순서를 기다리고 있어요", 2) and eta


@pytest.mark.django_db
@pytest.mark.usefixtures("newer")
def test_auto_chooses_an_engine_that_understands(shop: Any) -> None:
    _worker(1, "old-gpu", "diffusion")
    assert submit(shop, text_style="gold").job.engine == "diffusion"
    assert submit(shop, text_style="neon").job.engine == "studio"


@pytest.mark.django_db
def test_a_stored_older_request_is_upgraded_when_it_is_read(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if ``headline`` had been the first version's name for ``text_content``."""
    job = finished(shop)
    stored = {"headline": "옛 문구", "start_step": 1}
    Job.objects.filter(pk=job.pk).update(request=stored)
    monkeypatch.setattr(versions, "REQUEST_VERSION", 3)
    monkeypatch.setitem(
        versions.UPGRADES, 1, lambda request: {**request, "text_content": request.pop("headline")}
    )
    job.refresh_from_db()
    assert params_of(job).text_content == "옛 문구"
    assert changed_words(job, {"text_content": "옛 문구", "subline": "새 글"}) == {"subline": "새 글"}
    again = services.job_rerun(job=job, start_step=1, changes={"scene": "cafe-wood"}).job
    assert (again.request["text_content"], "headline" in again.request) == ("옛 문구", False)
    job.refresh_from_db()
    assert job.request == stored  # never rewritten


@pytest.mark.django_db
@pytest.mark.usefixtures("newer")
def test_an_older_web_process_repeats_no_job_it_would_change(shop: Any, older: Any) -> None:
    job = finished(shop)
    Job.objects.filter(pk=job.pk).update(request={**job.request, "text_style": "neon"}, request_version=2)
    job.refresh_from_db()
    older()
    with pytest.raises(Refused) as refused:
        services.job_rerun(job=job, start_step=2, changes={})
    assert (refused.value.code, refused.value.status) == ("job.request_too_new", 409)


@pytest.mark.usefixtures("newer")
def test_old_and_new_workers_share_a_queue(stack: Stack, tmp_path: Path) -> None:
    """Processes: an older worker makes the plain job and leaves the new one, a newer worker makes that."""
    shop = factories.shop()
    photo = factories.photo(shop)

    def order(style: str) -> Job:
        return services.job_submit(
            shop=shop, photo=photo, params=AdParams.model_validate({**SHORT, "text_style": style})
        ).job

    old = stack.start_worker()
    new_words, plain = order("neon"), order("gold")
    assert wait_for(plain).status == "completed"
    reconcile()
    new_words.refresh_from_db()
    assert (new_words.status, new_words.attempts) == ("pending", 0)
    assert new_words.message_code == versions.FOR_A_NEWER_WORKER
    newer_worker = stack.child("newer", "-m", "tests.jobs.newer_worker", "2")
    newer_worker.start()
    stack.workers.append(newer_worker)
    until(lambda: WorkerState.objects.filter(request_version=2).exists(), 60, "the newer worker")

    def over() -> bool:
        reconcile()
        new_words.refresh_from_db()
        return new_words.is_terminal

    until(over, 60, "the new job")
    assert (new_words.status, new_words.attempts) == ("completed", 1)
    claimed_by = new_words.events.get(to_status="running").worker
    assert claimed_by.endswith(f"-{newer_worker.process.pid}") and old.alive  # type: ignore[union-attr]
    assert Artifact.objects.filter(job=new_words, kind="final_result").exists()
