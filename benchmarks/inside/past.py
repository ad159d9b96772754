"""Fill the database with past screenings of many patients: answers of all kinds, lists, corrections, voids."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.core.management.color import no_style
from django.db import connection

from benchmarks.inside import fill, medications
from screening.clinical.listed_medicines import to_plain
from screening.clinical.medications import MedicationList
from screening.models import Answer, Edition, ListOfMedicines, Screening, Void

TEXTS, LINES_OF_A_TEXT = 300, 12

TABLES = (
    "CREATE TEMPORARY TABLE read_texts (number int, text text, found jsonb, opioid boolean)",
    """
    CREATE TEMPORARY TABLE past AS
    SELECT n, (SELECT max(id) FROM screening_screening) + n AS id, gen_random_uuid() AS uuid,
           'demo-' || mod(n - CASE WHEN mod(n, 100) = 0 THEN 1 ELSE 0 END, %(patients)s) AS patient,
           CASE WHEN random() < 0.1 THEN floor(random() * %(texts)s)::int END AS text
    FROM generate_series(1, %(count)s) AS n
    """,
    """
    CREATE TEMPORARY TABLE answered AS
    SELECT thrown.id, thrown.position,
           CASE WHEN dice < 0.2 THEN 'unknown' WHEN dice < 0.25 THEN 'yes'
                WHEN dice < 0.35 AND thrown.position > 1 THEN 'not_applicable' ELSE 'no' END AS code,
           thrown.position = 0 AND thrown.opioid AS listed
    FROM (SELECT past.id, coalesce(opioid, false) AS opioid, position, random() AS dice
          FROM past LEFT JOIN read_texts ON number = past.text CROSS JOIN generate_series(0, 3) AS position) AS thrown
    """,
    """
    CREATE TEMPORARY TABLE outcomes AS
    SELECT id, CASE WHEN bool_or(code = 'yes' OR listed) THEN 'contraindication_flagged'
                    WHEN bool_or(code = 'unknown') THEN 'cannot_conclude' ELSE 'none_identified' END AS outcome
    FROM answered GROUP BY id
    """,
)
"""What is thrown by dice, before it is inserted. Rules at place 2 and after may be answered with not applicable."""

SAMPLE = "(SELECT * FROM screening_screening ORDER BY id LIMIT 1) AS sample"
SCREENINGS = f"{SAMPLE} CROSS JOIN past JOIN outcomes ON outcomes.id = past.id ORDER BY n"
ANSWERS = """
screening_answer AS sample JOIN answered ON answered.position = sample.position
WHERE sample.screening_id = (SELECT min(id) FROM screening_screening) ORDER BY answered.id, answered.position
"""
VOIDED = "past WHERE mod(n, 200) = 50"
LISTS = "past JOIN read_texts ON number = past.text"

OF_SCREENING = {
    "id": "past.id",
    "uuid": "past.uuid",
    "outcome": "outcomes.outcome",
    "patient_name": "'Sample Patient ' || patient",
    "patient_name_key": "' sample patient ' || patient",
    "record_number": "upper(patient)",
    "record_number_key": "patient",
    "screened_at": "sample.screened_at - (%(count)s - n) * interval '360 days' / %(count)s",
    "supersedes_id": "CASE WHEN mod(n, 100) = 0 THEN lag(past.uuid) OVER (ORDER BY n) END",
    "amendment_reason": "CASE WHEN mod(n, 100) = 0 THEN 'Remembered wrongly' ELSE '' END",
}
OF_ANSWER = {
    "screening_id": "answered.id",
    "code": "answered.code",
    "details": "CASE WHEN answered.code = 'yes' THEN sample.details ELSE '{}' END",
    "status": "CASE WHEN answered.code = 'yes' OR listed THEN 'flagged'"
    " WHEN answered.code = 'unknown' THEN 'unresolved' ELSE 'not_flagged' END",
}
OF_LIST = {"screening_id": "past.id", "text": "read_texts.text", "found": "found", "local_names": "'[]'"}
OF_VOID = {
    "screening_id": "past.id",
    "reason": "'Wrong patient'",
    "at": "now()",
    "by_id": "(SELECT min(id) FROM screening_user)",
    "by_name": "'Sample Clinician1'",
    "role": "'clinician'",
}


def main(count: str) -> dict[str, object]:
    """Insert so many screenings of seven tenths as many patients; PostgreSQL only."""
    edition, (read_texts, *thrown) = Edition.objects.get(), TABLES
    told = {"count": int(count), "patients": max(1, int(count) * 7 // 10), "texts": TEXTS}
    of_list = OF_LIST | {"lexicon": f"'{edition.definition.lexicon}'"}
    with connection.cursor() as cursor:
        cursor.execute(read_texts)
        cursor.executemany("INSERT INTO read_texts VALUES (%s, %s, %s, %s)", list(_texts(edition)))
        for statement in (*thrown, fill.insert_of(Screening, OF_SCREENING, SCREENINGS)):
            cursor.execute(statement, told if "%(" in statement else None)
        cursor.execute(fill.insert_of(Answer, OF_ANSWER, ANSWERS))
        cursor.execute(fill.insert_of(ListOfMedicines, of_list, LISTS))
        cursor.execute(fill.insert_of(Void, OF_VOID, VOIDED))
        for statement in connection.ops.sequence_reset_sql(no_style(), [Screening]):
            cursor.execute(statement)
        cursor.execute("VACUUM (ANALYZE)")
    return {"rows": Screening.objects.count()}


def _texts(edition: Edition) -> Iterator[tuple[int, str, str, bool]]:
    """Lists as clinicians type them, read once each; none names naltrexone, which would raise a rule of its own."""
    recogniser = edition.recogniser()
    assert recogniser
    lines = [each for each in medications.lines() if not recogniser.read(each, medications.ON).current_naltrexone]
    for number in range(TEXTS):
        start = number * 7 % (len(lines) - LINES_OF_A_TEXT)
        text = "\n".join(lines[start : start + LINES_OF_A_TEXT])
        found: MedicationList = recogniser.read(text, medications.ON)
        yield number, text, json.dumps(to_plain(found.found)), bool(found.current_opioids)
