"""``replay_screenings``: which stored screenings would differ with this release."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from screening.clinical.evaluation import evaluate as evaluation
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.medications.lexicon import Product
from screening.clinical.medications.reader import MedicationList
from screening.clinical.rules.definition import AnswerCode, Outcome
from screening.editions.models import _recogniser
from screening.models import AuditEvent, Edition, Screening
from screening.safety import replay as replay_module
from tests.factories import (
    NOT_KNOWN,
    TRAMADOL,
    EditionFactory,
    PaperFormFactory,
    PatientFactory,
    ScreeningFactory,
)
from tests.past import add_local_name, without
from tests.replays import load_golden_records, nothing_differs, one_differs, replay, tamper
from tests.rules import changed_rules
from tests.unit.clinical.evaluation.test_scenarios import FILES, answer_to, read

pytestmark = pytest.mark.django_db

LISTED = "Percocet 5/325, one at night\nCodeine 30 mg, stopped 3 March 2026\nNaltrexone 50 mg daily\nZorbelan forte"
NEW_YORK = "America/New_York"


# Nothing differs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reads_lists", [False, True])
def test_the_golden_records_of_an_earlier_release_do_not_differ(reads_lists: bool) -> None:
    load_golden_records()
    assert replay(read_lists=reads_lists) == nothing_differs(9)


def test_without_screenings_nothing_differs(db: None) -> None:
    assert replay() == nothing_differs(0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_does_not_differ(edition: Edition, path: Any) -> None:
    scenario = read(path)
    ScreeningFactory(
        given={link_id: answer_to(link_id, given) for link_id, given in scenario["answers"].items()},
        at=datetime.combine(date.fromisoformat(scenario["screened_on"]), datetime.min.time(), UTC),
        patient=PatientFactory(dose_mg=Decimal(scenario["dose_mg"])),
    )
    assert replay() == nothing_differs(1)


KINDS: dict[str, dict[str, Any]] = {
    "all answers no": {},
    "an opioid with its details": {"taking_opioid": True},
    "an answer not known": {"liver_not_known": True},
    "all flagged": {"all_flagged": True},
    "an opioid in the list against the answer": {"opioid_in_list": True},
    "naltrexone in the list": {"naltrexone_in_list": True},
    "nothing in the list": {"nothing_in_list": True},
    "a list beside details": {"taking_opioid": True, "opioid_in_list": True},
    "a list with everything": {"listed": LISTED, "given": {"opioid-use": NOT_KNOWN}},
    "lines not read": {"listed": "ប្រេង\nTramadol 50 mg"},
    "not applicable": {"given": {"pregnancy": Answer(AnswerCode.NOT_APPLICABLE, "no-uterus")}},
    "an answer to an unknown rule": {"given": {"sleep": Answer(AnswerCode.YES)}},
    "not applicable where it is not allowed": {"given": {"opioid-use": Answer(AnswerCode.NOT_APPLICABLE)}},
    "voided": {"taking_opioid": True, "voided": True},
}


@pytest.mark.parametrize("reads_lists", [False, True])
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_a_screening_of_every_kind_does_not_differ(
    edition: Edition, options: dict[str, Any], reads_lists: bool
) -> None:
    ScreeningFactory(**options)
    assert replay(read_lists=reads_lists) == nothing_differs(1)


def test_a_chain_of_amendments_does_not_differ(edition: Edition) -> None:
    first = ScreeningFactory(taking_opioid=True)
    second = ScreeningFactory(amends=first, given={"pregnancy": NOT_KNOWN})
    ScreeningFactory(amends=second, opioid_in_list=True, voided=True)
    assert replay() == nothing_differs(3)


def test_a_transcribed_paper_form_is_evaluated_as_of_the_time_on_it(edition: Edition) -> None:
    completed_at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    paper = PaperFormFactory(completed_at=completed_at)
    ScreeningFactory(taking_opioid=True, paper=paper, at=completed_at + timedelta(days=30))
    assert replay() == nothing_differs(1)


def test_the_day_of_the_screening_is_that_of_the_stored_time_zone(edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = NEW_YORK
    the_evening_before = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)  # 29 November there: the interval ends that day
    ScreeningFactory(taking_opioid=True, at=the_evening_before)
    settings.TIME_ZONE = "UTC"
    assert replay() == nothing_differs(1)


@pytest.mark.parametrize("now", [False, True])
@pytest.mark.parametrize("then", [False, True])
def test_overdue_reviews_count_as_they_did_then_whatever_the_setting_is_now(
    settings: Any, then: bool, now: bool
) -> None:
    EditionFactory(definition=changed_rules(pregnancy={"next_review": "2020-01-01"}))
    settings.OVERDUE_CANNOT_CONCLUDE = then
    ScreeningFactory()
    settings.OVERDUE_CANNOT_CONCLUDE = now
    assert replay() == nothing_differs(1)


def test_each_screening_is_evaluated_under_its_own_edition(edition: Edition) -> None:
    ScreeningFactory(all_flagged=True)
    EditionFactory(definition=without("pregnancy", rules=changed_rules(opioid_use={"next_step": "Refer."})))
    ScreeningFactory(given={"opioid-use": TRAMADOL})
    assert replay() == nothing_differs(2)


def test_an_edition_without_medicine_names_does_not_differ() -> None:
    EditionFactory(lexicon=None)
    ScreeningFactory(listed=LISTED)
    assert replay(read_lists=True) == nothing_differs(1)


def test_a_list_is_read_with_the_local_names_that_were_stored_with_it(edition: Edition) -> None:
    local = (Product(name="Zorbelan", ingredients=("oxycodone",), sources=("local",)),)
    ScreeningFactory(listed="Zorbelan forte", local_names=local)
    ScreeningFactory(listed="Zorbelan forte")
    add_local_name("Forte", "codeine")
    assert replay(read_lists=True) == nothing_differs(2)


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 100])
def test_chunks_of_every_size_give_the_same_result(
    edition: Edition, monkeypatch: pytest.MonkeyPatch, chunk_size: int
) -> None:
    screenings = [ScreeningFactory(taking_opioid=True, opioid_in_list=number == 2) for number in range(5)]
    tamper("screening_screening", "outcome = 'none_identified'", where=f"id = {screenings[2].pk}")
    monkeypatch.setattr(replay_module, "CHUNK_SIZE", chunk_size)
    what = "outcome none_identified → contraindication_flagged"
    assert replay() == one_differs(screenings[2], what, of=5)


# Changed code -------------------------------------------------------------------------------------------------


def test_a_changed_outcome_is_named(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    screening = ScreeningFactory(liver_not_known=True)
    ScreeningFactory()
    monkeypatch.setattr(evaluation, "_outcome", lambda *_, **__: Outcome.NONE_IDENTIFIED)
    assert replay() == one_differs(screening, "outcome cannot_conclude → none_identified", of=2)


def test_a_changed_sentence_is_named_without_its_words(edition: Edition) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    changed = [(feeds, label, lambda *_: "Other words.") for feeds, label, _ in evaluation._CALCULATIONS]
    edition.definition.__dict__.pop(evaluation._CACHE_KEY)
    with mock.patch.object(evaluation, "_CALCULATIONS", changed):
        replayed = replay()
    edition.definition.__dict__.pop(evaluation._CACHE_KEY)
    assert replayed == one_differs(screening, "opioid-use: other notes")


def test_equal_answers_of_two_days_are_evaluated_for_each_day(edition: Edition) -> None:
    days = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (20, 29)]
    first, second = (ScreeningFactory(taking_opioid=True, at=at) for at in days)
    tamper("screening_screening", "screened_at = %s", days[0] + timedelta(days=11), where=f"id = {second.pk}")
    assert replay() == one_differs(second, "opioid-use: other notes", of=2)
    assert first.pk < second.pk


def test_changed_words_of_lists_are_named(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    screening = ScreeningFactory()
    words = {"state": "none", "headline": "Other words", "tally": screening.tally}
    monkeypatch.setattr("screening.safety.differences.words_in_lists", lambda *_: words)
    assert replay() == one_differs(screening, "other headline")


def test_code_that_raises_an_exception_is_named_and_does_not_stop_the_run(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    ScreeningFactory()
    screening = ScreeningFactory(opioid_in_list=True)
    ScreeningFactory()
    monkeypatch.setattr(evaluation, "_add_list", mock.Mock(side_effect=ZeroDivisionError("Sample Patient")))
    assert replay() == one_differs(screening, "cannot be evaluated, ZeroDivisionError", of=3)


def test_a_changed_reading_of_a_list_is_named_if_lists_are_read(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    screening = ScreeningFactory(opioid_in_list=True)
    _recogniser.cache_clear()
    reader = mock.Mock(**{"return_value.read": lambda text, on: MedicationList(text, not_read=(1,))})
    monkeypatch.setattr("screening.editions.models.Recogniser", reader)
    replayed = replay(read_lists=True)
    _recogniser.cache_clear()
    assert replayed == one_differs(screening, "list: other medicines found; list: other lines not read")
    assert replay() == nothing_differs(1)


# The run ------------------------------------------------------------------------------------------------------


def test_no_patient_is_named_and_nothing_is_recorded(edition: Edition, capsys: Any) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    damaged = json.dumps({"last-dose": "Sample Patient"})
    tamper("screening_answer", "notes = '[]', details = %s", damaged, where="link_id = 'opioid-use'")
    events = AuditEvent.objects.count()
    printed = "\n".join(replay().lines) + "".join(capsys.readouterr())
    assert screening.short_id in printed
    assert not [each for each in ("Sample", "DEMO", "Tramadol", "2026") if each in printed]
    assert AuditEvent.objects.count() == events


def test_the_run_only_reads(edition: Edition) -> None:
    ScreeningFactory(opioid_in_list=True)
    with CaptureQueriesContext(connection) as queries:
        replay(read_lists=True)
    assert {each["sql"].split()[0] for each in queries} == {"SELECT"}


def query_count() -> int:
    with CaptureQueriesContext(connection) as queries:
        assert replay(read_lists=True).code == 0
    return len(queries)


def test_more_screenings_in_a_chunk_need_no_more_queries(edition: Edition) -> None:
    for number in range(2):
        ScreeningFactory(opioid_in_list=True, taking_opioid=number)
    few = query_count()
    for number in range(6):
        ScreeningFactory(opioid_in_list=number % 2, taking_opioid=number % 3)
    assert query_count() == few


def test_equal_records_are_parsed_once(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        ScreeningFactory(taking_opioid=number % 2)
    parse = mock.Mock(wraps=replay_module.parse)
    monkeypatch.setattr(replay_module, "parse", parse)
    assert replay() == nothing_differs(6)
    assert parse.call_count == 2


def test_a_full_cache_gives_the_same_result(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        ScreeningFactory(taking_opioid=number % 2, listed=f"Codeine {number % 3} mg")
    monkeypatch.setattr(replay_module, "CACHE_SIZE", 1)
    assert replay(read_lists=True) == nothing_differs(6)


def test_screenings_recorded_during_the_run_are_counted_and_left_out(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    record: Callable[..., Screening] = ScreeningFactory
    for _ in range(3):
        record()
    chunks = replay_module.Replay.chunks

    def while_others_record(self: Any, progress: Any) -> Any:
        for chunk in chunks(self, progress):
            record()
            yield chunk

    monkeypatch.setattr(replay_module, "CHUNK_SIZE", 2)
    monkeypatch.setattr(replay_module.Replay, "chunks", while_others_record)
    assert replay().lines == [
        "3 screenings evaluated, 0 differ.",
        "2 screenings recorded since the run began, not evaluated.",
    ]


def test_without_a_terminal_there_is_no_progress_bar(edition: Edition, capsys: Any) -> None:
    ScreeningFactory()
    replay()
    assert capsys.readouterr().err == ""
