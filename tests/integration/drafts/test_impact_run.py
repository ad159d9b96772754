"""A draft compared with past screenings: which are included, what is counted, how the run works."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.report.impact import ImpactKind
from screening.clinical.rules.definition import AnswerCode, Case, Definition, Outcome, Trigger
from screening.drafts.impact import run as impact
from screening.models import Edition, RuleSet, Screening, User
from tests.conftest import guards_lifted
from tests.factories import (
    CURRENT_OPIOID,
    NO_OPIOID,
    NOT_KNOWN,
    TRAMADOL,
    EditionFactory,
    PatientFactory,
    ScreeningFactory,
    UserFactory,
)
from tests.past import (
    add_local_name,
    as_counts,
    counted_one_by_one,
    drafted,
    impact_of,
    run_impact,
    screened,
    without,
)
from tests.rules import changed_rules, rules_with_two_more, shipped_lexicon, shipped_rules

pytestmark = pytest.mark.django_db

YES = Answer(AnswerCode.YES)
ENDED = "Codeine 30 mg, stopped 3 March 2026\nMetformin 500 mg"


NALTREXONE_CASES: dict[AnswerCode, dict[str, Any]] = {
    AnswerCode.NO: {"outcome": Outcome.NONE_IDENTIFIED},
    AnswerCode.YES: {"outcome": Outcome.CAUTION_FLAGGED, "flagged": ("naltrexone-product",)},
    AnswerCode.UNKNOWN: {"outcome": Outcome.CANNOT_CONCLUDE},
}


@pytest.fixture(autouse=True)
def _first_edition(edition: Edition) -> None:
    """Create the edition that patients are screened with."""


@pytest.fixture
def with_two_more() -> RuleSet:
    """A draft with two more questions, which nobody was asked."""
    return drafted(rules_with_two_more())


# Included screenings ------------------------------------------------------------------------------------------


def test_the_latest_screening_of_each_patient_is_compared(with_two_more: RuleSet) -> None:
    screened("DEMO-0001", 9, taking_opioid=True)
    screened("DEMO-0001", 2)
    screened("DEMO-0002", 5)
    found = impact_of(with_two_more)
    assert found.looked_at == 2
    assert [(then.value, count) for (then, _), count in found.outcomes.items()] == [("none_identified", 2)]


def test_a_record_number_is_one_patient_regardless_of_spaces_and_capitals(with_two_more: RuleSet) -> None:
    screened("DEMO-0001", 9)
    screened(" demo-0001 ", 2)
    assert impact_of(with_two_more).looked_at == 1


def test_a_screening_entered_in_error_is_replaced_by_the_previous_one(with_two_more: RuleSet) -> None:
    screened("DEMO-0001", 9)
    screened("DEMO-0001", 2, taking_opioid=True, voided=True)
    (((then, _), count),) = impact_of(with_two_more).outcomes.items()
    assert (then.value, count) == ("none_identified", 1)


def test_of_a_superseded_screening_the_correction_is_compared(with_two_more: RuleSet) -> None:
    screened("DEMO-0001", 9, taking_opioid=True, superseded=True)
    (((then, _), count),) = impact_of(with_two_more).outcomes.items()
    assert (then.value, count) == ("none_identified", 1)


def test_a_screening_whose_correction_was_entered_in_error_is_not_compared(with_two_more: RuleSet) -> None:
    corrected = screened("DEMO-0001", 9)
    ScreeningFactory(amends=corrected, voided=True)
    assert impact_of(with_two_more).looked_at == 0


@pytest.mark.parametrize(("days_ago", "days", "compared"), [(20, 30, 1), (40, 30, 0), (40, 41, 1), (3000, 3660, 1)])
def test_screenings_within_the_period_are_compared(
    with_two_more: RuleSet, days_ago: int, days: int, compared: int
) -> None:
    screened("DEMO-0001", days_ago)
    assert impact_of(with_two_more, days).looked_at == compared


def test_the_date_of_the_screening_counts_not_the_date_it_was_recorded(with_two_more: RuleSet) -> None:
    screened("DEMO-0001", 1)
    screened("DEMO-0002", 40)
    screened("DEMO-0003", 1)
    assert impact_of(with_two_more, 30).looked_at == 2


def test_without_screenings_nothing_is_counted(with_two_more: RuleSet) -> None:
    assert (impact_of(with_two_more).looked_at, impact_of(with_two_more).changed) == (0, 0)


# Comparison ---------------------------------------------------------------------------------------------------


def test_a_draft_with_the_rules_of_the_edition_changes_nothing() -> None:
    for number, options in enumerate(
        ({}, {"taking_opioid": True}, {"liver_not_known": True}, {"opioid_in_list": True})
    ):
        screened(f"DEMO-{number}", **options)
    found = impact_of(drafted(shipped_rules()))
    assert (found.looked_at, found.changed, sum(found.patients.values())) == (4, 0, 0)


def test_a_question_that_was_not_asked_is_unresolved_and_never_a_no(with_two_more: RuleSet) -> None:
    screened()
    found = impact_of(with_two_more)
    (((_, now), count),) = found.outcomes.items()
    assert (now.value, count) == ("cannot_conclude", 1)
    assert found.rules[ImpactKind.NEWLY_OPEN] == {"hypersensitivity": 1, "severe-renal-impairment": 1}
    assert found.patients[ImpactKind.NEWLY_OPEN] == 1


def test_answers_to_a_rule_that_the_draft_removed_are_left_out() -> None:
    screened(given={"pregnancy": YES})
    found = impact_of(drafted(without("pregnancy")))
    (((then, now), count),) = found.outcomes.items()
    assert (then.value, now.value, count) == ("contraindication_flagged", "none_identified", 1)
    assert found.rules[ImpactKind.NO_LONGER_FLAGGED] == {"pregnancy": 1}


def test_an_answer_to_a_rule_with_a_changed_question_is_used_unchanged() -> None:
    screened(given={"pregnancy": YES})
    assert impact_of(drafted(changed_rules(pregnancy={"question": "Is the patient expecting a baby?"}))).changed == 0


def test_the_stored_result_is_compared_and_not_evaluated_again() -> None:
    with mock.patch("screening.screenings.actions._overdue", return_value=("pregnancy",)):
        screened()
    (((then, now), _),) = impact_of(drafted(shipped_rules())).outcomes.items()
    assert (then.value, now.value) == ("cannot_conclude", "none_identified")


def asking_for_naltrexone() -> Definition:
    """Return the shipped rules with naltrexone products as a question instead of a rule raised by a list."""
    shipped, raised = shipped_rules(), shipped_rules().listed[0]
    asked = dataclasses.replace(raised, trigger=Trigger.ANSWERED_YES, listed=None)
    cases = tuple(
        Case(words=f"It is {code}.", answers={raised.link_id: code}, otherwise=AnswerCode.NO, **expected)
        for code, expected in NALTREXONE_CASES.items()
    )
    return dataclasses.replace(shipped, items=(*shipped.items, asked), listed=(), cases=(*shipped.cases, *cases))


def test_a_rule_raised_only_by_a_list_counts_as_not_asked_if_the_draft_asks_it() -> None:
    screened(naltrexone_in_list=True)
    found = impact_of(drafted(asking_for_naltrexone()))
    assert found.rules[ImpactKind.NEWLY_OPEN] == {"naltrexone-product": 1}
    assert found.rules[ImpactKind.NO_LONGER_FLAGGED] == {"naltrexone-product": 1}


def test_overdue_rules_prevent_a_conclusion_where_configured(
    settings: Any,
) -> None:
    screened()
    draft = drafted(changed_rules(pregnancy={"next_review": "2020-01-01"}))
    assert impact_of(draft).changed == 0
    settings.OVERDUE_CANNOT_CONCLUDE = True
    (((_, now), _),) = impact_of(draft).outcomes.items()
    assert now.value == "cannot_conclude"


def test_the_run_knows_the_editions_of_the_screenings_afterwards() -> None:
    screened("DEMO-0001")
    screened("DEMO-0002", edition=EditionFactory(definition=without("pregnancy")))
    _, run = run_impact(drafted(rules_with_two_more()))
    assert sorted(len(each.items) for each in run.editions.values()) == [3, 4]


# Queries, cache and chunks ------------------------------------------------------------------------------------


def query_count(rule_set: RuleSet) -> int:
    with CaptureQueriesContext(connection) as queries:
        impact_of(rule_set)
    return len(queries)


def test_more_screenings_need_no_more_queries(with_two_more: RuleSet) -> None:
    for number in range(2):
        screened(f"DEMO-{number}", opioid_in_list=True)
    few = query_count(with_two_more)
    for number in range(2, 9):
        screened(f"DEMO-{number}", opioid_in_list=number % 2, taking_opioid=number % 3)
    assert query_count(with_two_more) == few


def test_equal_answers_are_evaluated_once(with_two_more: RuleSet) -> None:
    for number in range(6):
        screened(f"DEMO-{number}", taking_opioid=number % 2, given={} if number % 2 else {"pregnancy": NOT_KNOWN})
    with mock.patch("screening.drafts.impact.run.compare", wraps=impact.compare) as compared:
        assert impact_of(with_two_more).looked_at == 6
    assert compared.call_count == 2


def insert_again(screening: Screening, order: Iterable[str]) -> None:
    """Delete the answers of a screening and insert them again in another order."""
    answers = {each.link_id: each for each in screening.answers.all()}
    with guards_lifted():
        screening.answers.all().delete()
    for link_id in order:
        answers[link_id].save(force_insert=True)


def test_answers_are_equal_regardless_of_their_order_in_the_table(with_two_more: RuleSet) -> None:
    for number, order in enumerate(permutations(each.link_id for each in shipped_rules().items)):
        insert_again(screened(f"DEMO-{number}", taking_opioid=True), order)
    with mock.patch("screening.drafts.impact.run.compare", wraps=impact.compare) as compared:
        (((_, now), count),) = impact_of(with_two_more).outcomes.items()
    assert (compared.call_count, now.value, count) == (1, "contraindication_flagged", number + 1)


def test_the_editions_are_in_the_order_of_the_screenings_not_of_the_table() -> None:
    dropped = ["pregnancy", "breastfeeding"]
    sample = Screening.objects.filter(pk=screened().pk).values().get()
    first, second = (EditionFactory(definition=without(each)) for each in dropped)
    for key, edition in ((1_000_002, second), (1_000_001, first)):
        own = {"id": key, "uuid": uuid4(), "submission": uuid4(), "record_number_key": str(key)}
        Screening.objects.create(**sample | own | {"edition_id": edition.pk})
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    _, run = run_impact(drafted(without(*dropped)))
    assert [*run.editions] == [sample["edition_id"], first.pk, second.pk]


def test_equal_answers_with_different_lists_are_distinguished() -> None:
    edition = EditionFactory(definition=changed_rules(opioid_use={"listed": None}))
    screened("DEMO-0001", edition=edition, listed=NO_OPIOID)
    screened("DEMO-0002", edition=edition, opioid_in_list=True)
    assert impact_of(drafted(shipped_rules())).rules[ImpactKind.NEWLY_FLAGGED] == {"opioid-use": 1}


def test_equal_answers_with_different_outcomes_are_distinguished() -> None:
    screened("DEMO-0001")
    with mock.patch("screening.screenings.actions._overdue", return_value=("pregnancy",)):
        screened("DEMO-0002")
    assert impact_of(drafted(shipped_rules())).changed == 1


def test_equal_answers_from_different_editions_are_distinguished() -> None:
    asks = EditionFactory(definition=asking_for_naltrexone())
    screened("DEMO-0001", naltrexone_in_list=True, edition=Edition.objects.get(number=1))
    screened("DEMO-0002", edition=asks, given={"naltrexone-product": YES}, naltrexone_in_list=True)
    found = impact_of(drafted(asking_for_naltrexone()))
    assert (found.rules[ImpactKind.NEWLY_OPEN], found.changed) == ({"naltrexone-product": 1}, 1)


def test_details_do_not_distinguish_answers(with_two_more: RuleSet) -> None:
    screened("DEMO-0001", given={"opioid-use": TRAMADOL})
    screened("DEMO-0002", given={"opioid-use": YES})
    with mock.patch("screening.drafts.impact.run.compare", wraps=impact.compare) as compared:
        impact_of(with_two_more)
    assert compared.call_count == 1


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 100])
def test_smaller_chunks_give_the_same_counts(
    with_two_more: RuleSet, monkeypatch: pytest.MonkeyPatch, chunk_size: int
) -> None:
    for number in range(7):
        screened(f"DEMO-{number % 5}", 9 - number, taking_opioid=number % 2, opioid_in_list=number == 3)
    whole = impact_of(with_two_more)
    monkeypatch.setattr(impact, "CHUNK_SIZE", chunk_size)
    assert impact_of(with_two_more) == whole


def test_each_chunk_reports_the_progress(with_two_more: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    screened("DEMO-OLD", 400)
    for number in range(5):
        screened(f"DEMO-{number}")
    monkeypatch.setattr(impact, "CHUNK_SIZE", 2)
    _, run = run_impact(with_two_more)
    assert [(chunk.done, chunk.total) for chunk in run.chunks()] == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_screenings_recorded_during_the_run_are_left_out(
    with_two_more: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        screened(f"DEMO-{number}")
    monkeypatch.setattr(impact, "CHUNK_SIZE", 2)
    compared = 0
    for chunk in run_impact(with_two_more)[1].chunks():
        screened("DEMO-3", 0)
        screened("DEMO-NEW", 0)
        compared += sum(len(keys) for _, keys in chunk.comparisons)
    assert compared == 4


def test_a_full_cache_gives_the_same_counts(with_two_more: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        screened(f"DEMO-{number}", given={"pregnancy": YES} if number % 2 else {}, listed=f"Codeine {number} mg")
    add_local_name()
    whole = impact_of(with_two_more)
    monkeypatch.setattr(impact, "CACHE_SIZE", 1)
    assert impact_of(with_two_more) == whole


def test_the_run_only_reads(with_two_more: RuleSet) -> None:
    screened(opioid_in_list=True)
    with CaptureQueriesContext(connection) as queries:
        impact_of(with_two_more)
    assert {each["sql"].split()[0] for each in queries} <= {"SELECT", "DECLARE", "FETCH", "CLOSE"}


# Compared with an independent count ---------------------------------------------------------------------------

DRAFTS: dict[str, Callable[[], Definition]] = {
    "as shipped": shipped_rules,
    "two more": rules_with_two_more,
    "one less": lambda: without("pregnancy"),
    "nothing listed": lambda: without("naltrexone-product", rules=changed_rules(opioid_use={"listed": None})),
    "milder": lambda: changed_rules(opioid_use={"severity": "caution"}, pregnancy={"severity": "caution"}),
    "no not applicable": lambda: changed_rules(pregnancy={"not_applicable_reasons": []}),
}
LISTS = [
    "",
    "",
    NO_OPIOID,
    CURRENT_OPIOID,
    "Naltrexone 50 mg\nZorbelan forte",
    "Zorbelan",
    ENDED,
    "allergic to codeine",
]
CODES = [AnswerCode.NO, AnswerCode.NO, AnswerCode.YES, AnswerCode.UNKNOWN]
PAST = st.lists(
    st.fixed_dictionaries(
        {
            "patient": st.integers(1, 4),
            "days_ago": st.integers(0, 400),
            "edition": st.integers(0, 2),
            "answers": st.lists(st.sampled_from(CODES), min_size=6, max_size=6),
            "may_not_apply": st.booleans(),
            "listed": st.sampled_from(LISTS),
            "status": st.sampled_from(["current", "current", "current", "voided", "superseded"]),
        }
    ),
    max_size=8,
)


def record_past(editions: list[Edition], person: User, past: dict[str, Any]) -> None:
    """Record a generated screening."""
    edition = editions[past["edition"]]
    given_answers = dict(zip([each.link_id for each in edition.definition.items], past["answers"], strict=False))
    answers = {link_id: Answer(code) for link_id, code in given_answers.items()}
    if past["may_not_apply"] and "pregnancy" in answers:
        answers["pregnancy"] = Answer(AnswerCode.NOT_APPLICABLE, "no-uterus")
    ScreeningFactory(
        patient=PatientFactory(record_number=f"DEMO-{past['patient']}"),
        at=datetime.now(UTC) - timedelta(days=past["days_ago"]),
        edition=edition,
        given=answers,
        by=person,
        listed=past["listed"],
        **{} if past["status"] == "current" else {past["status"]: True},
    )


@examples(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(DRAFTS)), PAST, st.booleans(), st.sampled_from([365, 30]))
def test_the_counts_equal_those_of_evaluating_one_record_at_a_time(
    draft: str, past: list[dict[str, Any]], has_local_name: bool, days: int
) -> None:
    with transaction.atomic():
        editions: list[Edition] = [
            Edition.objects.get(),
            EditionFactory(definition=rules_with_two_more()),
            EditionFactory(lexicon=None),
        ]
        person = UserFactory()
        for each in sorted(past, key=lambda each: -each["days_ago"]):
            record_past(editions, person, each)
        if has_local_name:
            add_local_name()
        rules = DRAFTS[draft]()
        found = as_counts(impact_of(drafted(rules), days))
        expected = counted_one_by_one(rules, shipped_lexicon(), days)
        assert found == expected._replace(patients=+expected.patients)
        transaction.set_rollback(True)
