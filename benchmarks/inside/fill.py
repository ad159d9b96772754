"""Fill the table of screenings with copies of the recorded one under other ids, patients and times."""

from __future__ import annotations

from contextlib import suppress

from django.db import connection, models

from screening.models import Screening

FROM_THE_OLDEST = 25
OWN = {
    "patient_name": "'Sample Patient ' || n",
    "patient_name_key": "'sample patient ' || n",
    "record_number": "'DEMO-' || n",
    "record_number_key": "'DEMO-' || n",
    "screened_at": "sample.screened_at - (%(count)s - n) * interval '5 minutes'",
}


def main(count: str) -> dict[str, object]:
    """Fill it up to so many rows in one statement, then let the planner know; PostgreSQL only."""
    missing = int(count) - Screening.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(_insert(Screening), {"count": missing})
        cursor.execute("VACUUM (ANALYZE)")
        with suppress(Exception):  # only a superuser may
            cursor.execute("CHECKPOINT")
    return {"rows": Screening.objects.count(), "last_page_after": str(_nth_oldest(FROM_THE_OLDEST + 1))}


def _insert(model: type[models.Model]) -> str:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field) for field in fields)
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM "  # noqa: S608 (names of our own model)
        f"(SELECT * FROM {table} ORDER BY id LIMIT 1) AS sample, generate_series(1, %(count)s) AS n"
    )


def _value(field: models.Field) -> str:
    if field.unique and isinstance(field, models.UUIDField):
        return "gen_random_uuid()"
    return OWN.get(str(field.column), f'sample."{field.column}"')


def _nth_oldest(number: int) -> object:
    return Screening.objects.order_by("pk").values_list("uuid", flat=True)[number - 1]
