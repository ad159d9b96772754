"""The data of each release can be upgraded to this one: no record, seal or word of it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from screening.audit import append_only
from screening.models import Edition, Screening
from tests.audit import anchor_of, run
from tests.backups import lines_of, rows_in, verified
from tests.paths import TESTS
from tests.releases.installation import summaries
from tests.replays import nothing_differs, replay

pytestmark = pytest.mark.django_db(transaction=True)

RELEASES = sorted((TESTS / "releases").glob("*.ldnbackup"))


def migrate_to(migrations: dict[str, list[str]]) -> Apps:
    """Migrate the empty database forward or backward to these migrations, and return the models of then."""
    targets = [(app, names[-1]) for app, names in migrations.items()]
    MigrationExecutor(connection).migrate(targets)
    state = MigrationExecutor(connection).loader.project_state(targets)
    assert isinstance(state.apps, Apps)
    return state.apps


def load(file: Path, of_then: Apps) -> None:
    """Insert the rows of a backup with the models of its release."""
    groups = of_then.get_model("auth", "Group")._default_manager
    for row in map(json.loads, lines_of(file)[1:-1]):
        model = of_then.get_model(row["model"])
        roles = row["fields"].pop("groups", [])
        row["fields"].pop("user_permissions", None)
        stored = model(pk=row["pk"], **dict(value(model, name, each) for name, each in row["fields"].items()))
        stored.save(force_insert=True)
        for (name,) in roles:
            stored.groups.add(groups.get(name=name))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), of_then.get_models()):
            cursor.execute(statement)


def value(model: type[models.Model], name: str, stored: Any) -> tuple[str, Any]:
    """Return the attribute and the value of a field."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field.attname, field.to_python(stored)


@pytest.mark.parametrize("file", RELEASES, ids=lambda file: file.stem)
def test_the_data_of_each_release_is_upgraded_unchanged(file: Path) -> None:
    head = verified(file)
    of_then = migrate_to(head.migrations)
    with transaction.atomic():
        load(file, of_then)
    call_command("migrate", verbosity=0)
    assert head.release == file.stem
    assert Screening.objects.count() == len(rows_in(file, "screening.screening"))
    assert replay(read_lists=True) == nothing_differs(Screening.objects.count())
    anchor = rows_in(file, "screening.seal")[-1]["fields"]["hash"]
    assert anchor_of(run("verify_audit", "--anchor", anchor)) == anchor
    golden = json.loads(file.with_suffix(".summaries.json").read_text(encoding="utf-8"))
    assert {uuid: " ".join(lines).split() for uuid, lines in summaries().items()} == {
        uuid: " ".join(lines).split() for uuid, lines in golden.items()
    }
    for table in [each._meta.db_table for each in append_only.append_only_models() if each._default_manager.exists()]:
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            connection.cursor().execute(f"DELETE FROM {table}")
    assert Edition.objects.numbers() == (2, 1)


def test_the_first_release_is_there_with_records_of_every_kind() -> None:
    (first, *_) = RELEASES
    assert first.stem == "0.1.0"
    for model in ("transcription", "void", "listofmedicines", "decisionreason", "worklistentry", "unsentform"):
        assert rows_in(first, f"screening.{model}")
    outcomes = {row["fields"]["outcome"] for row in rows_in(first, "screening.screening")}
    assert outcomes == {"contraindication_flagged", "cannot_conclude", "caution_flagged", "none_identified"}
    assert any(row["fields"]["overrides"] for row in rows_in(first, "screening.decision"))
