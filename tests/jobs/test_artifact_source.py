"""Pictures from before their origin was kept get it from the engine that made their background."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import Shop
from jobs import migrations
from jobs.models import Artifact, Job
from tests.jobs import factories
from tests.jobs.finished import finished

pytestmark = pytest.mark.django_db
[NAME] = [file.stem for file in Path(migrations.__path__[0]).glob("*_artifact_source.py")]
migration = import_module(f"jobs.migrations.{NAME}")


def old(shop: Shop, **fields: Any) -> Job:
    return finished(shop, **fields)


def test_the_migration_tells_backgrounds_and_ads_by_their_engine() -> None:
    shop = factories.shop()
    made = {
        "studio": old(shop),
        "studio, no photo": old(shop, photo=None),
        "painted": old(shop, engine="diffusion"),
        "painted, photo deleted": old(shop, engine="diffusion", photo=None, photo_gone=True),
        "painted, no photo": old(shop, engine="diffusion", photo=None),
        "packshot": old(shop, engine="diffusion", request={"format": "coupang"}),
        "foreign": old(shop, foreign_background=True, request={"start_step": 2}),
        "studio, painted words": old(shop, notes=["note.headline_painted"]),
    }
    made["re-run of painted"] = old(shop, parent=made["painted"], request={"start_step": 2})
    with connection.schema_editor() as editor:
        migration.tell_source(apps, editor)

    def told(kind: str) -> dict[str, str]:
        return {name: Artifact.objects.get(job=job, kind=kind).source for name, job in made.items()}

    backgrounds = {
        "studio": "composite",
        "studio, no photo": "digitalCreation",
        "painted": "compositeWithTrainedAlgorithmicMedia",
        "painted, photo deleted": "compositeWithTrainedAlgorithmicMedia",
        "painted, no photo": "trainedAlgorithmicMedia",
        "packshot": "composite",
        "foreign": "",
        "studio, painted words": "composite",
        "re-run of painted": "compositeWithTrainedAlgorithmicMedia",
    }
    assert told("step1_result") == backgrounds
    assert told("final_result") == {
        **backgrounds,
        "studio, painted words": "compositeWithTrainedAlgorithmicMedia",
    }
