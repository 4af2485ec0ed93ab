from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PACKSHOTS = ("smartstore", "coupang", "gmarket", "11st", "kakao-store")


def tell_source(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Of backgrounds and ads made until now, by the engine that made the background; a re-run has its parent's. Exports
    are left open: it is not known any more which engine drew them."""
    job_model, artifact_model = apps.get_model("jobs", "Job"), apps.get_model("jobs", "Artifact")
    of_job: dict[Any, str] = {}
    for job in job_model.objects.order_by("queued_at", "pk").iterator():
        of_job[job.pk] = source = _background(job, of_job)
        painted = "note.headline_painted" in job.notes
        final = (
            "compositeWithTrainedAlgorithmicMedia"
            if painted and source != "trainedAlgorithmicMedia"
            else source
        )
        pictures = artifact_model.objects.filter(job_id=job.pk, source="")
        if source:
            pictures.filter(kind="step1_result").update(source=source)
        if final:
            pictures.filter(kind="final_result").update(source=final)


def _background(job: Any, of_job: dict[Any, str]) -> str:
    if job.foreign_background:
        return ""
    if job.request.get("start_step", 1) > 1:
        return of_job.get(job.parent_id, "")
    has_photo = job.photo_id is not None or job.photo_gone
    if job.engine == "studio" or job.request.get("format") in PACKSHOTS:
        return "composite" if has_photo else "digitalCreation"
    return "compositeWithTrainedAlgorithmicMedia" if has_photo else "trainedAlgorithmicMedia"


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0016_artifact_file_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="artifact",
            name="source",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="출처"),
        ),
        migrations.RunPython(tell_source, migrations.RunPython.noop),
    ]
