"""List, searches, impact of a draft and replay with a large table; PostgreSQL only."""

import io
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from benchmarks.pages import sample_lines
from benchmarks.people import client_for
from benchmarks.report import Figure
from screening.accounts.permissions import Role
from screening.clinical.text.identifiers import name_key
from screening.models import Answer, ListOfMedicines, Screening, User, Void
from tests.conftest import guards_lifted
from tests.drafts import address
from tests.factories import NO, NOT_KNOWN, TRAMADOL, ScreeningFactory, UserFactory
from tests.past import add_local_name, drafted
from tests.rules import rules_with_two_more, shipped_rules

SECTION, LIST = "Large tables, by wall time", "/screenings/"
PAGE, THOUSAND = 25, 1_000
SAMPLES, NAMES, LINES_OF_A_LIST = 300, 60_000, 12
REPLAY_LIMIT = 120  # seconds

WITHOUT_DATE = {name: value for name, value in TRAMADOL.details.items() if name != "last-dose"}
"""Copies are dated back years, and the sentences about a date would no longer follow from their answers."""

# Names with realistic frequencies: earlier parts are more frequent.
GIVEN = "Maria Anna John James Mary Susan David Sarah Emma Thomas Lukasz Ahmed Wei Nguyen Chloé Siobhán Øyvind Иван"
STARTS = "Smith Brown Wil Tay And Mar Hal Bar Nor Whit Ash Clif Dal Fair Har Kings Lang New O’Dá Mc Kowal Garcí Пе"
ENDS = "son ton ley ford worth field man well wood by ham er ers land stone burn bridge den dale more ridge aigh тров"
RARE = ["Zebulon Quixwright", "欧阳夏"] * 3
TEXTS = "Quixwright, Zebulon; 夏; siobhan odaaigh; maria; maria john; maria xylophonist; ridge; ma; demo-5000"
SEARCHES: list[dict[str, str]] = [
    *({"q": text} for text in TEXTS.split("; ")),
    {"q": "maria", "outcome": "caution_flagged"},
    {"q": "maria", "to": f"1 Jan {timezone.now().year - 7}"},
]
"""Rare, one letter, few, common, never together, absent, part, short, record number; rare outcome, long ago."""
PAST = """
CREATE TEMPORARY TABLE past AS
SELECT n, (SELECT max(id) FROM screening_screening) + n AS id, gen_random_uuid() AS uuid, samples.id AS sample_id,
       'demo-' || mod(n - CASE WHEN mod(n, 100) = 0 THEN 1 ELSE 0 END, %(patients)s) AS patient, name, name_key
FROM generate_series(1, %(count)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM screening_screening) AS samples
     ON samples.number = 1 + mod(n * 31::bigint, %(samples)s)
JOIN names ON names.number = CASE WHEN n <= 6 THEN n ELSE 7 + mod(n * 7919::bigint, %(names)s) END
"""
"""Seven patients for ten screenings; every hundredth screening amends the previous one."""
OF_SCREENING = {
    "id": "past.id",
    "uuid": "past.uuid",
    "submission": "gen_random_uuid()",
    "patient_name": "past.name",
    "patient_name_key": "past.name_key",
    "record_number": "upper(past.patient)",
    "record_number_key": "past.patient",
    "screened_at": "sample.screened_at - (%(count)s - n) * interval '9 years' / %(count)s",
    "supersedes_id": "CASE WHEN mod(n, 100) = 0 THEN lag(past.uuid) OVER (ORDER BY n) END",
    "amendment_reason": "CASE WHEN mod(n, 100) = 0 THEN 'Remembered wrongly' ELSE '' END",
}

DECISIONS = """
INSERT INTO screening_decision (screening_id, number, code, product, asked_again, overrides, content_hash, at,
                                time_zone, by_id, by_name, role)
SELECT past.id, 1, CASE WHEN outcome NOT IN ('contraindication_flagged', 'caution_flagged')
                        THEN (ARRAY['prescribe', 'do-not-prescribe', 'more-information'])[1 + mod(n, 3)]
                        WHEN mod(n / 5, 10) = 0 THEN 'prescribe' ELSE 'do-not-prescribe' END,
       '', '[]', false, '', screened_at + mod(n, 12) * interval '19 hours', 'UTC', screened_by_id, screened_by_name,
       'prescriber'
FROM past JOIN screening_screening AS screening ON screening.id = past.id WHERE mod(n, 50) <> 1;
UPDATE screening_decision SET code = 'refer' WHERE mod(id, 5000) = 0;
INSERT INTO screening_decisionreason (decision_id, position, link_id, code, label, text)
SELECT decision.id, position, link_id, CASE WHEN code_of_reason = 0 THEN 'other' ELSE 'risk-benefit-ratio' END, '', ''
FROM past JOIN screening_decision AS decision ON decision.screening_id = past.id
JOIN screening_answer AS answer ON answer.screening_id = past.id, mod(n, 7) AS code_of_reason
WHERE answer.status <> 'not_flagged'
"""
"""All but one of fifty screenings are decided, within nine days: a third to prescribe, a tenth of those with a flag.
A few patients are referred."""
WAITING = """
INSERT INTO screening_worklistentry (screening_id, screened_at, outcome)
SELECT past.id, screened_at, outcome FROM past JOIN screening_screening AS screening ON screening.id = past.id
 WHERE NOT EXISTS (SELECT FROM screening_screening AS later WHERE later.supersedes_id = screening.uuid)
   AND NOT EXISTS (SELECT FROM screening_void AS void WHERE void.screening_id = screening.id)
   AND NOT EXISTS (SELECT FROM screening_decision AS decision WHERE decision.screening_id = screening.id)
"""
SAFETY = {
    "safety page": "/safety/",
    "safety page, one edition": "/safety/?edition=1",
    "safety page, all years": "/safety/?from=1 Jan 2000",
    "safety page, last year": f"/safety/?from=1 Jan {timezone.now().year}",
    "safety CSV": "/safety/rules.csv",
}
"""The one edition has all screenings, so that this filter is the slowest that there is."""
OF_DECISIONS = [
    *(f"/worklist/{query}" for query in ("", "?show=flagged", "?show=cannot_conclude", "?show=superseded")),
    *(f"{LIST}?decision={value}" for value in ("none", "prescribe", "refer", "superseded")),
]

EVENTS = """
INSERT INTO screening_auditevent (at, actor_name, actor_role, action, subject, address, details)
SELECT now() - (%(count)s - events.n) * interval '9 years' / %(count)s, 'person' || person, 'clinician', action,
       CASE WHEN action LIKE 'screening.%%' THEN past.uuid::text ELSE '' END, '192.0.2.14', '{"page": "worklist"}'
FROM (SELECT n, 1 + mod(n * 31::bigint, %(records)s) AS record,
             CASE WHEN mod(n, 5) = 0 THEN 0
                  WHEN n < %(count)s * 0.4 THEN 1 + mod(n, 20) ELSE 21 + mod(n, 20) END AS person,
             CASE WHEN mod(n, 5000) = 7 THEN 'account.changed'
                  ELSE (ARRAY['screening.read', 'screening.printed', 'worklist.listed'])[1 + mod(n, 3)] END AS action
      FROM generate_series(1, %(count)s) AS n) AS events JOIN past ON past.n = record;
INSERT INTO screening_seal (number, previous, events, last_event, sealed_at, hash)
SELECT n, '', jsonb_build_array(), n * 50, now(), md5(n::text) || md5(n::text)
FROM generate_series(1, (SELECT max(id) FROM screening_auditevent) / 50 - 1) AS n
"""
"""A fifth of the events by one person; twenty people left long ago, and twenty others came. Fifty events a seal."""
YEARS = {"from": f"1 Jan {timezone.now().year - 6}", "to": f"1 Jan {timezone.now().year - 5}"}
OF_EVENTS: list[dict[str, str]] = [
    *({}, {"after": "1000"}, {"person": "person0"}, {"person": "person3"}, {"person": "nobody"}),
    *({"action": "screening.read"}, {"action": "account.changed"}, YEARS),
    *({"person": "person0"} | YEARS, {"person": "person25"} | YEARS, {"action": "screening.read"} | YEARS),
]
"""Newest, oldest; often, long ago, never; common, rare; days of long ago, alone and with a person or an action."""


def main(rows: str = "") -> list[Figure]:
    """Measure list and searches with a thousand and with ``rows`` screenings; by default impact and replay."""
    if not rows:
        return impact() + replays()
    make_samples()
    client, figures = client_for(UserFactory()), list[Figure]()
    for count in (THOUSAND, int(rows)):
        copy_samples(count - Screening.objects.count())
        oldest = Screening.objects.order_by("screened_at", "pk").values_list("uuid", flat=True)
        for page, path in (("first", LIST), ("last", f"{LIST}?after={oldest[PAGE]}")):
            limit = round(1.2 * figures[-2].value, 1) if count > THOUSAND else None
            figures.append(Figure(SECTION, f"list of {count:,}, {page} page", median_ms(client, path), "ms", limit))
    times = {", ".join(form.values()): median_ms(client, LIST, form) for form in SEARCHES}
    figures += [Figure(SECTION, f"search: {words}", ms, "ms", 50) for words, ms in times.items()]
    figures += [Figure(SECTION, path, median_ms(client, path), "ms", 50) for path in OF_DECISIONS]
    return [*figures, *safety(), *trail(int(rows))]


def safety() -> list[Figure]:
    """Measure the safety page and its CSV with and without filters."""
    auditor = client_for(UserFactory(role=Role.AUDITOR))
    times = {words: median_ms(auditor, path, repeats=5) for words, path in SAFETY.items()}
    return [Figure(SECTION, words, ms, "ms", 2_000) for words, ms in times.items()]


def trail(count: int) -> Iterator[Figure]:
    """Measure the audit trail and the looks at a record with ``count`` events on the screenings copied last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(uuid::text) FROM past")
        records, uuid = cursor.fetchone()
        for statement in EVENTS.split(";"):
            cursor.execute(statement, {"count": count, "records": records})
        cursor.execute("VACUUM (ANALYZE)")
    auditor = client_for(UserFactory(role=Role.AUDITOR))
    for path in (*(f"/audit/?{urlencode(each)}" for each in OF_EVENTS), f"/screenings/{uuid}/looks/"):
        name = path.replace(uuid, "…").rstrip("?")
        yield Figure(SECTION, name, median_ms(auditor, path), "ms", 50)


def make_samples() -> None:
    """Record screenings with all kinds of answers; every tenth has a list, one is a caution, two are voided."""
    dice, lines, by = random.Random(1), sample_lines(), UserFactory()
    ScreeningFactory(by=by, naltrexone_in_list=True)
    for number in range(1, SAMPLES):
        given = {item.link_id: dice.choices([NO, NOT_KNOWN], [4, 1])[0] for item in shipped_rules().items}
        given |= {"opioid-use": replace(TRAMADOL, details=WITHOUT_DATE)} if number % 5 == 0 else {}
        listed = "\n".join(lines[number * 2 :][:LINES_OF_A_LIST]) if number % 10 == 0 else ""
        ScreeningFactory(by=by, given=given, listed=listed, voided=number in (50, 150))


def copy_samples(count: int) -> None:
    """Copy the sample records ``count`` times, for other patients at other times."""
    values = {"count": count, "patients": count * 7 // 10, "samples": SAMPLES, "names": NAMES}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS past, names")
        cursor.execute("CREATE TEMPORARY TABLE names (number int PRIMARY KEY, name text, name_key text)")
        rows = [(number, name, name_key(name)) for number, name in enumerate(names(), start=1)]
        cursor.executemany("INSERT INTO names VALUES (%s, %s, %s)", rows)
        cursor.execute(PAST, values)
        cursor.execute(copies(Screening, "id", OF_SCREENING), values)
        for model in (Answer, ListOfMedicines, Void):
            cursor.execute(copies(model, "screening_id", {"screening_id": "past.id"}))
        cursor.execute(connection.ops.sequence_reset_sql(no_style(), [Screening])[0])
        with guards_lifted():
            cursor.execute(DECISIONS)
        cursor.execute(WAITING)
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def names() -> list[str]:
    """Return names, rare ones first."""
    dice, parts = random.Random(1), [each.split() for each in (GIVEN, STARTS, ENDS)]
    drawn = [dice.choices(each, [1 / place for place in range(3, 3 + len(each))], k=NAMES) for each in parts]
    return [*RARE, *(f"{given} {start}{end}" for given, start, end in zip(*drawn, strict=True))]


def copies(model: type[models.Model], key: str, own: dict[str, str]) -> str:
    """Return the statement that copies the rows of the samples; ``own`` are the columns that differ."""
    fields = model._meta.concrete_fields
    columns = [str(field.column) for field in fields if not field.primary_key or field.column in own]
    values = ", ".join(own.get(column, f"sample.{column}") for column in columns)
    source = f"past JOIN {model._meta.db_table} AS sample ON sample.{key} = past.sample_id ORDER BY n, sample.id"
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} FROM {source}"  # noqa: S608


def median_ms(client: Client, path: str, form: dict[str, str] | None = None, repeats: int = 15) -> float:
    """Return the median wall time of a page, after one warm-up request unless ``repeats`` is 1."""
    times = []
    for _ in range(repeats + (repeats > 1)):
        began = time.perf_counter()
        response = client.get(path) if form is None else client.post(path, form)
        content = b"".join(response)
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, content.decode()[:2000]
    return median(times[repeats > 1 :])


def impact() -> list[Figure]:
    """Measure the impact of a draft with two more rules. With another lexicon every list is read again."""
    UserFactory.reset_sequence(User.objects.count())
    client, page = client_for(UserFactory(role=Role.EDITOR)), address("impact/")
    drafted(rules_with_two_more())
    same = median_ms(client, f"{page}?days=3650", repeats=1) / 1000
    add_local_name()
    other = median_ms(client, f"{page}?days=3650", repeats=1) / 1000
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]  # getrusage includes the parent's
    return [
        Figure(SECTION, "impact of a draft, same lexicon", same, "s", 30),
        Figure(SECTION, "impact of a draft, another lexicon", other, "s"),
        Figure(SECTION, "impact of a draft, peak memory", int(peak) * 1024 / 1_000_000, "MB", 300),
    ]


def replays() -> list[Figure]:
    """Measure the replay of all screenings, and once more with their medication lists. Nothing may differ."""
    count, figures = Screening.objects.count(), list[Figure]()
    for words, limit, options in (("", REPLAY_LIMIT, {}), (", lists read again", None, {"read_lists": True})):
        began, out = time.perf_counter(), io.StringIO()
        call_command("replay_screenings", stdout=out, **options)
        assert out.getvalue() == f"{count:,} screenings evaluated, 0 differ.\n", out.getvalue()[-2000:]
        seconds = time.perf_counter() - began
        figures.append(Figure(SECTION, f"replay of {count:,} screenings{words}", seconds, "s", limit))
    return figures
