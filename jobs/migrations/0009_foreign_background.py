from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def tell_foreign(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As it was told until now: by following a job to the one it re-runs, as far as that is still there."""
    job_model = apps.get_model("jobs", "Job")
    for job in job_model.objects.filter(request__start_step__gt=1).select_related("parent").iterator():
        made_by: Any = job
        while made_by is not None and made_by.request.get("start_step", 1) > 1:
            made_by = made_by.parent
        if made_by is None:
            job_model.objects.filter(pk=job.pk).update(foreign_background=True)


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0008_photo_gone_and_data_export"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="foreign_background",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(tell_foreign, migrations.RunPython.noop),
    ]
