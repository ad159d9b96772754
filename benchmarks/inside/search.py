"""How long a search takes among many screenings, in milliseconds, by what is searched; PostgreSQL only."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

from django.db import connection
from django.test import Client

from benchmarks import pages
from benchmarks.inside import fill, recording
from screening.clinical.searching import name_key, record_key
from screening.models import Screening

GIVEN = (
    "Maria Anna John James Mary Michael Susan David Sarah Peter Emma Thomas Olivia Daniel Aoife Lukasz Zofia Ahmed "
    "Fatima Wei Mohammed Elif Nguyen Priya Giulia Hans Ingrid Chloé José Siobhán Niamh Björn Łucja Øyvind Đặng Noémie"
)
STARTS = (
    "Smith Brown Wil Tay And Mar Hal Bar Nor Whit Ash Black Brad Clif Cran Dal East Fair Gar Har Hol Kings Lang Mid "
    "New Old Pres Ridge Shel Stan Thorn Under Wes York O’Dá Mc Van Øster Kowal Garcí Müll Chand"
)
ENDS = (
    "son ton ley ford worth field man well wood by ham er ers land stone burn bridge den dale more gate ski aigh a "
    "kar shaw wick ridge"
)
OTHERS = ("Иван Петров", "Мария Соколова", "李明", "王芳", "김민수", "Νίκος Παπαδόπουλος", "יוסף כהן", "محمد علي")
SHARE_OF_OTHERS, NAMES = 0.03, 60_000
RARE = {"Zebulon Quixwright": 3, "Ярослав Щукин": 3, "欧阳夏": 3}
"""Names that only the oldest screenings have, with how many."""

Filled = Mapping[str, str]
SEARCHES: dict[str, Filled] = {
    "no search": {},
    "rare name": {"q": "quixwright"},
    "rare name, both words": {"q": "Quixwright, Zebulon"},
    "rare name in Cyrillic": {"q": "щукин"},
    "rare name, one Chinese letter": {"q": "夏"},
    "one name of many": {"q": "siobhan odaaigh"},
    "common name": {"q": "maria"},
    "two common words": {"q": "maria smith"},
    "common name in Cyrillic": {"q": "петров"},
    "part of a word": {"q": "ridge"},
    "two letters": {"q": "ma"},
    "two letters, rare": {"q": "øy"},
    "two letters, absent": {"q": "qz"},
    "one letter": {"q": "s"},
    "absent name": {"q": "xylophonist"},
    "absent among common words": {"q": "maria xylophonist"},
    "two common words, never together": {"q": "maria john"},
    "three letters, never together": {"q": "m j a"},
    "record number": {"q": "demo-500 000"},
    "common name, outcome": {"q": "maria", "outcome": "cannot_conclude"},
    "common name, rare outcome": {"q": "maria", "outcome": "caution_flagged"},
    "two letters, rare outcome": {"q": "ma", "outcome": "caution_flagged"},
    "rare name, outcome": {"q": "quixwright", "outcome": "contraindication_flagged"},
    "common name, until long ago": {"q": "maria", "to": "1 Jan {second_year}"},
    "two letters, until long ago": {"q": "ma", "to": "1 Jan {second_year}"},
    "common name, one day": {"q": "maria", "from": "1 Mar {second_year}", "to": "1 Mar {second_year}"},
    "common name, in the future": {"q": "maria", "from": "1 Jan 2190"},
    "outcome alone": {"outcome": "caution_flagged"},
    "until long ago": {"to": "1 Jan {second_year}"},
}
REPEATS = 9
YEARS = 9


def main(count: str) -> dict[str, list[float]]:
    """Fill the table up to so many rows; the times of each search, with the page that shows what was found."""
    if Screening.objects.count() < int(count):
        fill_with_names(int(count))
    client, found = recording.clinician(), dict[str, list[float]]()
    first_year = Screening.objects.order_by("pk")[1].screened_at.year
    for _ in range(1 + REPEATS):
        for words, form in SEARCHES.items():
            sent = {name: value.format(second_year=first_year + 1) for name, value in form.items()}
            found.setdefault(words, []).append(milliseconds(client, sent))
    return {words: times[1:] for words, times in found.items()}


def milliseconds(client: Client, sent: Filled) -> float:
    """Time one page."""
    start = time.perf_counter()
    response = client.post(pages.LIST, sent) if "q" in sent else client.get(pages.LIST, sent)
    assert response.status_code == 200, response.content.decode()
    return (time.perf_counter() - start) * 1000


def fill_with_names(count: int) -> None:
    """Insert rows over several years whose names are as unevenly frequent as real ones, the rare ones first."""
    dice = random.Random(1)
    rare = [name for name, times in RARE.items() for _ in range(times)]
    names = [*rare, *(_name(dice) for _ in range(NAMES))]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE names (number serial, name text, key text)")
        cursor.executemany(
            "INSERT INTO names (name, key) VALUES (%s, %s)", [(name, name_key(name)) for name in names]
        )
        cursor.execute("CREATE UNIQUE INDEX ON names (number)")
        own = OWN | {"record_number_key": f"'{record_key('DEMO-')}' || n"}
        counts = {"count": count - Screening.objects.count(), "rare": len(rare), "names": len(names)}
        cursor.execute(fill.insert_of(Screening, own, SOURCE), counts)
        cursor.execute("VACUUM (ANALYZE)")


def _name(dice: random.Random) -> str:
    if dice.random() < SHARE_OF_OTHERS:
        return dice.choice(OTHERS)
    return f"{_often_early(GIVEN, dice)} {_often_early(STARTS, dice)}{_often_early(ENDS, dice)}"


def _often_early(words: str, dice: random.Random) -> str:
    """One of the words; the earlier, the more often."""
    each = words.split()
    return each[int(len(each) * dice.random() ** 1.3)]


OWN = {
    "patient_name": "names.name",
    "patient_name_key": "names.key",
    "record_number": "'DEMO-' || n",
    "outcome": "CASE WHEN mod(n, 1000) = 7 THEN 'caution_flagged' WHEN mod(n, 5) = 0 THEN 'contraindication_flagged'"
    " WHEN mod(n, 3) = 0 THEN 'cannot_conclude' ELSE 'none_identified' END",
    "screened_at": f"sample.screened_at - (%(count)s - n) * interval '{YEARS} years' / %(count)s",
}
SOURCE = (
    "(SELECT * FROM screening_screening ORDER BY id LIMIT 1) AS sample CROSS JOIN generate_series(1, %(count)s) AS n"
    " JOIN names ON names.number = CASE WHEN n <= %(rare)s THEN n"
    " ELSE 1 + %(rare)s + mod(n * 7919::bigint, %(names)s - %(rare)s) END ORDER BY n"
)
