"""Fill the table of screenings with copies of the recorded one under other ids, patients and times."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from django.db import connection, models

from screening.models import Screening

FROM_THE_OLDEST = 25
OWN = {
    "patient_name": "'Sample Patient ' || n",
    "patient_name_key": "' sample patient ' || n",
    "record_number": "'DEMO-' || n",
    "record_number_key": "'demo-' || n",
    "screened_at": "sample.screened_at - (%(count)s - n) * interval '5 minutes'",
}
COPIES = "(SELECT * FROM screening_screening ORDER BY id LIMIT 1) AS sample, generate_series(1, %(count)s) AS n"


def main(count: str) -> dict[str, object]:
    """Fill it up to so many rows in one statement, then let the planner know; PostgreSQL only."""
    missing = int(count) - Screening.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(insert_of(Screening, OWN, COPIES), {"count": missing})
        cursor.execute("VACUUM (ANALYZE)")
        with suppress(Exception):  # only a superuser may
            cursor.execute("CHECKPOINT")
    return {"rows": Screening.objects.count(), "last_page_after": str(_nth_oldest(FROM_THE_OLDEST + 1))}


def insert_of(model: type[models.Model], own: Mapping[str, str], source: str) -> str:
    """The statement that inserts rows: what a column of its own holds, else what it holds in ``sample``."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key or field.column in own]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field, own) for field in fields)
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM {source}"  # noqa: S608 (our own)


def _value(field: models.Field, own: Mapping[str, str]) -> str:
    column = str(field.column)
    if column not in own and field.unique and isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    return own.get(column, f'sample."{column}"')


def _nth_oldest(number: int) -> object:
    return Screening.objects.order_by("pk").values_list("uuid", flat=True)[number - 1]
