"""``replay_screenings`` names screenings whose rows were changed in the database."""

from __future__ import annotations

import json

import pytest

from screening.models import Edition
from tests.factories import (
    EditionFactory,
    ScreeningFactory,
)
from tests.past import without
from tests.replays import one_differs, replay, tamper

pytestmark = pytest.mark.django_db


def set_json(value: object) -> str:
    return json.dumps(value)


OPIOID = "link_id = 'opioid-use'"
ANSWERS, SCREENINGS, LISTS = "screening_answer", "screening_screening", "screening_listofmedicines"
DAMAGED_ANSWER = "cannot be evaluated, the answer to opioid-use is damaged, or its edition does not offer it"
DAMAGED_FINDING = "cannot be evaluated, the finding of opioid-use is damaged"
DAMAGED_RESULT = "cannot be evaluated, its result is damaged"
DAMAGED_LIST = "cannot be evaluated, its medication list is damaged"
TAMPERED: dict[str, tuple[str, str, list[str], str]] = {
    "status": (ANSWERS, "status = 'not_flagged'", [], "opioid-use: not_flagged → flagged"),
    "severity": (ANSWERS, "severity = 'caution'", [], "opioid-use: severity caution → contraindicated"),
    "next step": (ANSWERS, "next_step = 'Start.'", [], "opioid-use: other next step"),
    "notes": (ANSWERS, "notes = '[]'", [], "opioid-use: other notes"),
    "unknown status": (ANSWERS, "status = 'lost'", [], DAMAGED_FINDING),
    "shape of the notes": (ANSWERS, "notes = '[1]'", [], DAMAGED_FINDING),
    "unknown answer": (ANSWERS, "code = 'perhaps'", [], DAMAGED_ANSWER),
    "unknown code of a choice": (ANSWERS, "details = %s", [set_json({"kind": ["new-kind"]})], DAMAGED_ANSWER),
    "unknown follow-up": (ANSWERS, "details = %s", [set_json({"mood": "well"})], DAMAGED_ANSWER),
    "text for a date": (ANSWERS, "details = %s", [set_json({"last-dose": "last week"})], DAMAGED_ANSWER),
    "number for a text": (ANSWERS, "details = %s", [set_json({"agent": 5})], DAMAGED_ANSWER),
    "one for several": (ANSWERS, "details = %s", [set_json({"kind": "methadone"})], DAMAGED_ANSWER),
    "shape of the details": (ANSWERS, "details = '[1, 2]'", [], DAMAGED_ANSWER),
    "missing row": (ANSWERS, "DELETE", [], "cannot be evaluated, the answer to opioid-use is missing"),
    "another rule": (ANSWERS, "link_id = 'sleep'", [], "cannot be evaluated, the answer to opioid-use is missing"),
}


@pytest.mark.parametrize(("table", "change", "values", "what"), TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_answer_is_named(edition: Edition, table: str, change: str, values: list[str], what: str) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    ScreeningFactory()
    tamper(table, change, *values, where=f"{OPIOID} AND screening_id = {screening.pk}")
    assert replay() == one_differs(screening, what, of=2)


RESULTS: dict[str, tuple[str, str]] = {
    "outcome": ("outcome = 'none_identified'", "outcome none_identified → contraindication_flagged"),
    "unknown outcome": ("outcome = 'Sample Patient'", DAMAGED_RESULT),
    "unrecognised": ("unrecognised = '[\"pregnancy\"]'", "other unrecognised rules"),
    "shape of the overdue rules": ("overdue = '[1]'", DAMAGED_RESULT),
    "time zone": ("time_zone = 'Mars/Olympus'", "cannot be evaluated, ZoneInfoNotFoundError"),
    "headline": ("headline = 'Nothing'", "other headline"),
    "state and tally": ("state = 'none', tally = ''", "other state; other tally"),
}


@pytest.mark.parametrize(("change", "what"), RESULTS.values(), ids=RESULTS)
def test_a_tampered_result_is_named(edition: Edition, change: str, what: str) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    tamper(SCREENINGS, change)
    assert replay() == one_differs(screening, what)


FOUND: dict[str, tuple[str, str]] = {
    "nothing found": (
        "found = '[]'",
        "outcome contraindication_flagged → none_identified; "
        "opioid-use: flagged → not_flagged, other next step, other notes",
    ),
    "shape": ("found = '[{\"line\": 1}]'", DAMAGED_LIST),
    "lines not read": ("not_read = '3'", DAMAGED_LIST),
}


@pytest.mark.parametrize(("change", "what"), FOUND.values(), ids=FOUND)
def test_tampered_findings_of_a_list_are_named(edition: Edition, change: str, what: str) -> None:
    screening = ScreeningFactory(opioid_in_list=True)
    tamper(LISTS, change)
    assert replay() == one_differs(screening, what)


def test_a_lost_finding_of_a_list_is_named(edition: Edition) -> None:
    screening = ScreeningFactory(naltrexone_in_list=True)
    tamper(ANSWERS, "DELETE", where="link_id = 'naltrexone-product'")
    assert replay() == one_differs(screening, "naltrexone-product: nothing → flagged")


def test_an_added_answer_is_named(edition: Edition) -> None:
    screening = ScreeningFactory()
    row = screening.answers.get(link_id="pregnancy")
    row.pk, row.link_id = None, "sleep"
    row.save(force_insert=True)
    what = "cannot be evaluated, it has an answer to a rule that its edition does not have"
    assert replay() == one_differs(screening, what)


def test_findings_in_another_order_are_named(edition: Edition) -> None:
    screening = ScreeningFactory()
    tamper(ANSWERS, "position = 100 - position")
    assert replay() == one_differs(screening, "other order of findings")


@pytest.mark.sqlite
def test_damaged_json_is_named_and_does_not_stop_the_run(edition: Edition) -> None:
    screenings = [ScreeningFactory(opioid_in_list=True) for _ in range(6)]
    for column, damaged in zip(("details", "notes"), screenings, strict=False):
        tamper(ANSWERS, f"{column} = '{{'", where=f"{OPIOID} AND screening_id = {damaged.pk}")
    tamper(SCREENINGS, "unrecognised = '['", where=f"id = {screenings[2].pk}")
    tamper(SCREENINGS, "overdue = '['", where=f"id = {screenings[3].pk}")
    tamper(LISTS, "found = '['", where=f"screening_id = {screenings[4].pk}")
    code, lines = replay()
    reasons = [line.partition("edition 1: ")[2] for line in lines[:-1]]
    assert reasons == [DAMAGED_ANSWER, DAMAGED_FINDING, DAMAGED_RESULT, DAMAGED_RESULT, DAMAGED_LIST]
    assert (code, lines[-1]) == (1, "6 screenings evaluated, 5 differ.")


def test_a_list_that_was_read_with_other_names_than_its_edition_has_is_named(edition: Edition) -> None:
    screening = ScreeningFactory(opioid_in_list=True)
    tamper(LISTS, "lexicon = %s", "0" * 64)
    what = "cannot be evaluated, its medication list was read with other names than those of its edition"
    assert replay(read_lists=True) == one_differs(screening, what)


def test_every_screening_of_an_edition_that_does_not_match_its_hash_is_named(edition: Edition) -> None:
    tampered = ScreeningFactory()
    EditionFactory(definition=without("pregnancy"))
    ScreeningFactory()
    tamper("screening_edition", "content = replace(content, '\"opioid\"', '\"Opioid\"')", where="number = 1")
    what = "cannot be evaluated, the content of its edition does not match its hash"
    assert replay() == one_differs(tampered, what, of=2)
