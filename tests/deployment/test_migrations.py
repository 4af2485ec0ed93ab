"""Migrations that the version before them can live with: docs/deployment.md tells the rules and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django_migration_linter.sql_analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from tests.conftest import ROOT

LAST_UNRULED = {"accounts": "0005", "jobs": "0010"}
"""Migrations up to these were written before there were rules, and installations to keep running."""
ALLOWED: dict[str, dict[str, str]] = {}
"""By migration, the findings that do no harm, each with the reason: ``{"jobs.0042_x": {"CREATE_INDEX": "..."}}``."""


@pytest.fixture(autouse=True)
def _database_outside_of_transactions(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Nothing is written; indexes made concurrently refuse to be looked at inside a transaction."""
    with django_db_blocker.unblock():
        yield


def _proved_under_a_lock(statements: list[str], **_: Any) -> bool:
    """A check or foreign key on a table that was there before, proved row by row while nobody may write."""
    made = {match[1] for sql in statements if (match := re.match(r'CREATE TABLE ("\w+")', sql))}
    added = [
        re.match(r'ALTER TABLE ("\w+") ADD CONSTRAINT .*(?:CHECK|FOREIGN KEY)(.*)', sql) for sql in statements
    ]
    return any(match and match[1] not in made and "NOT VALID" not in match[2] for match in added)


class Analyser(PostgresqlAnalyser):
    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        Check(
            code="CONSTRAINT_VALID",
            fn=_proved_under_a_lock,
            message="constraint is proved under a lock",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
    ]


def findings(migration: migrations.Migration, before: ProjectState) -> dict[str, str]:
    """What is dangerous about it, by the linter's codes."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(before, editor, collect_sql=True)
    statements = [sql for sql in editor.collected_sql if not sql.startswith("--")]
    errors, _, warnings = analyse_sql_statements(Analyser, statements, [])
    return {issue.code: issue.message for issue in errors + warnings}


def test_a_new_migration_lets_the_version_before_it_go_on() -> None:
    loader = MigrationLoader(connection)
    wrong = []
    for app, number in sorted(loader.disk_migrations):
        if app not in LAST_UNRULED or number[:4] <= LAST_UNRULED[app]:
            continue
        before = loader.project_state((app, number), at_end=False)
        found = findings(loader.disk_migrations[app, number], before)
        allowed = ALLOWED.get(f"{app}.{number}", {})
        wrong += [f"{app}.{number}: {found[code]} ({code})" for code in sorted(found.keys() - allowed.keys())]
    told = "\n".join(wrong)
    assert not wrong, f'{told}\nSee "Migrations" in docs/deployment.md; what does no harm goes into ALLOWED.'


def test_what_is_allowed_is_there_and_has_its_reason() -> None:
    names = {".".join(key) for key in MigrationLoader(connection).disk_migrations}
    assert ALLOWED.keys() <= names
    assert all(reason for reasons in ALLOWED.values() for reason in reasons.values())
    for app, number in LAST_UNRULED.items():
        assert list((ROOT / app / "migrations").glob(f"{number}_*.py"))


def _new(**options: Any) -> migrations.AddField:
    return migrations.AddField("photo", "new", models.IntegerField(**options))


_check = models.CheckConstraint(condition=models.Q(width__gt=0), name="wide")
_unique = models.UniqueConstraint(fields=["width"], name="one_width")
_index = models.Index(fields=["width"], name="by_width")


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        (_new(default=0), {"NOT_NULL"}),
        (_new(default=0, db_default=0), set()),
        (_new(null=True), set()),
        (migrations.RemoveField("photo", "width"), {"DROP_COLUMN"}),
        (migrations.RenameField("photo", "width", "wide"), {"RENAME_COLUMN"}),
        (migrations.RenameModel("Photo", "Picture"), {"RENAME_TABLE"}),
        (migrations.DeleteModel("WorkerState"), {"DROP_TABLE"}),
        (migrations.AlterField("photo", "width", models.BigIntegerField()), {"ALTER_COLUMN"}),
        (migrations.AddIndex("photo", _index), {"CREATE_INDEX"}),
        (AddIndexConcurrently("photo", _index), set()),
        (migrations.AddConstraint("photo", _check), {"CONSTRAINT_VALID"}),
        (AddConstraintNotValid("photo", _check), set()),
        (migrations.AddConstraint("photo", _unique), {"ADD_UNIQUE"}),
        (migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]), set()),
    ],
    ids=lambda value: value.describe().lower().replace(" ", "-") if isinstance(value, Operation) else "",
)
def test_the_rules_see_what_they_are_for(operation: Operation, codes: set[str]) -> None:
    migration = migrations.Migration("0999_new", "jobs")
    migration.operations = [operation]
    migration.atomic = not isinstance(operation, AddIndexConcurrently)
    found = findings(migration, MigrationLoader(connection).project_state()).keys()
    assert found >= codes if codes else not found
