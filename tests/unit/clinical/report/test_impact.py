"""The impact of a draft on records made by earlier rules: comparison, counts and remarks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.evaluation.evaluate import Answer, Evaluation, FindingStatus, evaluate
from screening.clinical.evaluation.follow_up_values import FollowUpValues
from screening.clinical.evaluation.listed_medicines import medicines_raising
from screening.clinical.medications.lexicon import OpioidGroup
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus
from screening.clinical.report.impact import (
    SAME_OUTCOME,
    Comparison,
    Impact,
    ImpactKind,
    StoredResult,
    compare,
    in_one_sentence,
    list_of,
    listed_in,
    outcome_rows,
    reads_the_same_every_day,
    remarks,
    rule_rows,
)
from screening.clinical.report.summary import headline
from screening.clinical.rules.definition import AnswerCode, Definition, Listed, Outcome, Severity
from tests.paths import PROJECT
from tests.rules import shipped_recogniser, shipped_rules
from tests.unit.builders import (
    TODAY,
    all_answered,
    allowing_not_applicable,
    definition,
    item,
    listed_item,
    medication_list,
    medicine,
    mentioned,
    naltrexone,
)

A, B = item("rule-a"), item("rule-b")
CODES = list(AnswerCode)
NO, YES, UNKNOWN = AnswerCode.NO, AnswerCode.YES, AnswerCode.UNKNOWN
CLEAR = Outcome.NONE_IDENTIFIED
OPIOID_RULE = item("opioid-use", listed=Listed.OPIOID)


def stored(outcome: Outcome = CLEAR, /, **answers: AnswerCode) -> StoredResult:
    """A record of these answers (with ``_`` for ``-``), with its rules flagged and unresolved accordingly."""
    by_link_id = {name.replace("_", "-"): code for name, code in answers.items()}
    return StoredResult(
        outcome,
        by_link_id,
        frozenset(name for name, code in by_link_id.items() if code is YES),
        frozenset(name for name, code in by_link_id.items() if code is UNKNOWN),
    )


def differing(compared: Comparison) -> dict[str, tuple[str, ...]]:
    """The rules that differ, by how."""
    return {kind.value: rules for kind, rules in compared.rules.items() if rules}


# One record ---------------------------------------------------------------------------------------------------


def test_the_same_rules_say_the_same() -> None:
    compared = compare(stored(rule_a=NO, rule_b=NO), definition(A, B), TODAY)
    assert not compared.differs
    assert (compared.before, compared.after, differing(compared)) == (CLEAR, CLEAR, {})


def test_a_rule_that_was_not_asked_is_not_known_and_never_a_no() -> None:
    compared = compare(stored(rule_a=NO), definition(A, B), TODAY)
    assert (compared.after, differing(compared)) == (Outcome.CANNOT_CONCLUDE, {"newly-open": ("rule-b",)})


def test_an_answer_to_a_rule_that_the_draft_removed_is_ignored() -> None:
    before = stored(Outcome.CONTRAINDICATION_FLAGGED, rule_a=NO, rule_b=YES)
    compared = compare(before, definition(A), TODAY)
    assert (compared.after, differing(compared)) == (CLEAR, {"no-longer-flagged": ("rule-b",)})


def test_an_unresolved_rule_that_the_draft_removed_is_no_longer_unresolved() -> None:
    compared = compare(stored(Outcome.CANNOT_CONCLUDE, rule_a=NO, rule_b=UNKNOWN), definition(A), TODAY)
    assert (compared.after, differing(compared)) == (CLEAR, {"no-longer-open": ("rule-b",)})


def test_an_answer_is_taken_as_it_was_given_when_the_rule_asks_in_other_words() -> None:
    draft = definition(item("rule-a", question="Is it otherwise?"))
    assert compare(stored(Outcome.CONTRAINDICATION_FLAGGED, rule_a=YES), draft, TODAY).differs is False


def test_an_answer_that_the_draft_does_not_allow_is_not_known() -> None:
    before = stored(rule_a=AnswerCode.NOT_APPLICABLE)
    assert differing(compare(before, definition(A), TODAY)) == {"newly-open": ("rule-a",)}
    assert differing(compare(before, definition(allowing_not_applicable("rule-a")), TODAY)) == {}


def test_a_milder_severity_changes_the_outcome_and_no_flag() -> None:
    draft = definition(item("rule-a", severity=Severity.CAUTION))
    compared = compare(stored(Outcome.CONTRAINDICATION_FLAGGED, rule_a=YES), draft, TODAY)
    assert (compared.after, compared.differs, differing(compared)) == (Outcome.CAUTION_FLAGGED, True, {})


def test_a_list_raises_a_rule_that_uses_it_now() -> None:
    before = stored(opioid_use=NO)._replace(listed=frozenset({Listed.OPIOID}))
    assert not compare(before, definition(item("opioid-use")), TODAY).differs
    compared = compare(before, definition(OPIOID_RULE), TODAY)
    assert (compared.after, differing(compared)) == (
        Outcome.CONTRAINDICATION_FLAGGED,
        {"newly-flagged": ("opioid-use",)},
    )


def test_a_list_raises_a_rule_that_nobody_is_asked() -> None:
    before = stored(rule_a=NO)._replace(listed=frozenset({Listed.NALTREXONE}))
    compared = compare(before, definition(A, listed=(listed_item(),)), TODAY)
    assert (compared.after, differing(compared)) == (Outcome.CAUTION_FLAGGED, {"newly-flagged": ("listed-rule",)})


def test_a_caution_raised_by_a_list_without_an_answer_is_unresolved_too() -> None:
    before = StoredResult(CLEAR, {}, listed=frozenset({Listed.OPIOID}))
    compared = compare(before, definition(item("opioid-use", listed=Listed.OPIOID, severity=Severity.CAUTION)), TODAY)
    assert differing(compared) == {"newly-flagged": ("opioid-use",), "newly-open": ("opioid-use",)}


def test_a_rule_whose_review_is_overdue_lets_nothing_be_concluded() -> None:
    compared = compare(stored(rule_a=NO), definition(A), TODAY, ("rule-a",))
    assert (compared.after, differing(compared)) == (Outcome.CANNOT_CONCLUDE, {})
    assert "the review of 1 rule is overdue" in compared.headline


# Details and days, which change no result ---------------------------------------------------------------------

DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "agent": st.sampled_from(["Tramadol", ""]),
        "kind": st.lists(st.sampled_from(["short-acting", "methadone", "gut-acting", "no-such-kind"])).map(tuple),
        "last-dose": st.dates(date(2025, 1, 1), date(2027, 1, 1)),
        "bilirubin": st.sampled_from(["1", "3"]),
        "transaminases-uln": st.decimals(0, 10, places=1).map(Decimal),
        "status": st.sampled_from(["pregnant", "trying"]),
    },
)
MEDICINES = st.builds(
    lambda line, ingredient, group, status, interval: medicine(
        ingredient, line, group=group, status=status, interval=interval
    ),
    st.integers(1, 9),
    st.sampled_from(["codeine", "naltrexone", "naloxone", "methadone"]),
    st.sampled_from(OpioidGroup),
    st.sampled_from(MentionStatus),
    st.sampled_from(["", "short-acting", "methadone"]),
)
LISTS = st.lists(MEDICINES, max_size=5).map(lambda medicines: medication_list(*medicines))
GIVEN = st.fixed_dictionaries(
    {each.link_id: st.tuples(st.sampled_from(CODES), DETAILS) for each in shipped_rules().items}
)


def said(found: Evaluation) -> tuple[object, ...]:
    """Only the part of a result that a comparison uses."""
    flagged = {each.link_id for each in found.with_status(FindingStatus.FLAGGED)}
    return found.outcome, headline(shipped_rules(), found), flagged, {each.link_id for each in found.open_questions}


@given(GIVEN, LISTS, st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_a_result_depends_on_no_detail_and_no_day_and_only_on_the_kinds_in_a_list(
    answered: dict[str, tuple[AnswerCode, FollowUpValues]], listed: MedicationList, on: date
) -> None:
    full = {link_id: Answer(code, "asked-unknown", details) for link_id, (code, details) in answered.items()}
    bare = {link_id: Answer(code) for link_id, (code, _) in answered.items()}
    whole = evaluate(shipped_rules(), full, on, listed)
    assert said(evaluate(shipped_rules(), bare, TODAY, list_of(listed_in(listed)))) == said(whole)


@given(LISTS)
def test_a_list_made_from_its_kinds_raises_the_same_rules(listed: MedicationList) -> None:
    for kind in Listed:
        rule = item(listed=kind)
        assert (
            bool(medicines_raising(rule, list_of(listed_in(listed))))
            == bool(medicines_raising(rule, listed))
            == (kind in listed_in(listed))
        )


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        ((), set()),
        ((mentioned(),), set()),
        ((medicine(),), {Listed.OPIOID}),
        ((naltrexone(),), {Listed.NALTREXONE}),
        ((medicine(), naltrexone(2), mentioned("morphine", 3)), {Listed.OPIOID, Listed.NALTREXONE}),
    ],
)
def test_the_kinds_in_a_list_are_those_that_count_as_current(
    found: tuple[ListedMedicine, ...], kinds: set[Listed]
) -> None:
    assert listed_in(medication_list(*found)) == kinds


# Lists that read the same every day ---------------------------------------------------------------------------


def typed_lists() -> Iterable[str]:
    """Lists as clinicians type them: whole ones, and lines by themselves."""
    folder = PROJECT / "tests" / "data"
    yield from (each["text"] for each in json.loads((folder / "medication_lists.json").read_text()))
    with (folder / "medication_lines.tsv").open(encoding="utf-8", newline="") as rows:
        yield from (row["text"] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_a_list_reported_to_read_the_same_every_day_does() -> None:
    days = [TODAY, *(TODAY - timedelta(days=back) for back in (40, 200, 361, 1500))]
    alike = 0
    for text in typed_lists():
        readings = [shipped_recogniser().read(text, day) for day in days]
        if reads_the_same_every_day(text, readings[0]):
            assert {listed_in(each) for each in readings} == {listed_in(readings[0])}, text
            alike += 1
    assert alike > 500


def test_a_list_with_the_end_date_of_an_opioid_may_read_differently_another_day() -> None:
    text = "Codeine 30 mg, stopped 3 November 2026"
    assert not reads_the_same_every_day(text, shipped_recogniser().read(text, TODAY))


def test_a_list_in_which_nothing_was_found_reads_the_same_every_day() -> None:
    text = "Metformin 500 mg, since 3 November 2026"
    assert reads_the_same_every_day(text, shipped_recogniser().read(text, TODAY))


# Many records -------------------------------------------------------------------------------------------------


def impact_of(draft: Definition, *records: tuple[StoredResult, int]) -> Impact:
    """The counts over records, each of so many patients."""
    impact = Impact()
    for record, patients in records:
        impact.add(compare(record, draft, TODAY), patients)
    return impact


GRAVE = Outcome.CONTRAINDICATION_FLAGGED
MIXED = (
    (stored(rule_a=NO), 3000),
    (stored(GRAVE, rule_a=YES), 300),
    (stored(Outcome.CANNOT_CONCLUDE, rule_a=UNKNOWN), 100),
)


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        ((), "None of 0 patients would get another result."),
        (((stored(rule_b=NO), 3400),), "None of 3,400 patients would get another result."),
        (((stored(rule_b=NO), 3388), (stored(), 12)), "12 of 3,400 patients would get another result."),
        (((stored(), 1),), "1 of 1 patient would get another result."),
        (((stored(), 1_000_000),), "1,000,000 of 1,000,000 patients would get another result."),
    ],
)
def test_one_sentence_says_how_many_change(records: tuple[tuple[StoredResult, int], ...], sentence: str) -> None:
    assert in_one_sentence(impact_of(definition(B), *records)) == sentence


def test_changed_results_show_both_outcomes_most_severe_first() -> None:
    caution = item("rule-a", severity=Severity.CAUTION)
    assert outcome_rows(impact_of(definition(caution, B), *MIXED)) == [
        ("Contraindication flagged", "Cannot conclude", 300),
        ("Cannot conclude", SAME_OUTCOME, 100),
        ("None identified", "Cannot conclude", 3000),
    ]


def test_the_rows_of_outcomes_add_up_to_those_that_change() -> None:
    impact = impact_of(definition(A, B), *MIXED, (stored(rule_a=NO, rule_b=NO), 7))
    assert sum(row.patients for row in outcome_rows(impact)) == impact.changed == impact.compared - 7 == 3400


def test_a_patient_with_two_rules_newly_unresolved_counts_once_and_each_rule_counts() -> None:
    impact = impact_of(definition(A, B), (stored(), 5), (stored(rule_a=NO), 2))
    assert impact.patients[ImpactKind.NEWLY_OPEN] == 7
    assert impact.rules[ImpactKind.NEWLY_OPEN] == {"rule-a": 5, "rule-b": 7}


def test_rules_are_in_the_order_of_the_draft_and_removed_ones_come_last() -> None:
    before = stored(GRAVE, rule_c=YES, rule_b=NO, rule_d=NO)
    impact = impact_of(definition(B, A), (before, 4))
    earlier = definition(item("rule-c"), item("rule-d"), B)
    assert rule_rows(impact, definition(B, A), [earlier]) == [("rule a", (0, 0, 4, 0)), ("rule c", (0, 4, 0, 0))]


# Remarks ------------------------------------------------------------------------------------------------------


def rules_by_remark(draft: Definition, *earlier: Definition) -> dict[str, tuple[str, ...]]:
    return {each.label: each.names for each in remarks(draft, earlier)}


def test_there_is_no_remark_when_the_questions_are_the_same() -> None:
    assert rules_by_remark(definition(A, B), definition(B, A)) == {}


def test_a_question_that_one_of_the_editions_did_not_ask_is_named() -> None:
    assert rules_by_remark(definition(A, B), definition(A, B), definition(A)) == {
        "Not asked of everyone then": ("rule b",)
    }


def test_a_question_that_one_of_the_editions_asked_in_other_words_is_named() -> None:
    other = item("rule-a", question="Is it otherwise?")
    assert rules_by_remark(definition(A), definition(A), definition(other)) == {
        "Asked in other words now": ("rule a",)
    }


def test_another_reason_or_next_step_is_no_other_question() -> None:
    assert (
        rules_by_remark(definition(item("rule-a", why="For another reason.", next_step="Do this.")), definition(A))
        == {}
    )


def test_a_question_that_the_draft_does_not_ask_any_more_is_named() -> None:
    assert rules_by_remark(definition(A), definition(A, B)) == {"No longer asked": ("rule b",)}


def test_each_remark_says_what_it_means() -> None:
    draft = definition(item("rule-a", question="Is it otherwise?"), item("rule-c"))
    assert [each.meaning for each in remarks(draft, [definition(A, B)])] == [
        "For these patients it counts as not known.",
        "The earlier answers are used unchanged.",
        "The earlier answers are ignored.",
    ]


# Against evaluation one by one --------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), st.integers(1, 3)), max_size=6))
def test_counting_by_kind_of_record_is_counting_one_by_one(
    given_answers: list[tuple[AnswerCode, AnswerCode, int]],
) -> None:
    draft, by_kind, one_by_one = definition(A, item("rule-c")), Impact(), Impact()
    for first, second, patients in given_answers:
        answers = all_answered(definition(A, B))
        answers |= {"rule-a": Answer(first), "rule-b": Answer(second)}
        found = evaluate(definition(A, B), answers, TODAY)
        compared = compare(stored(found.outcome, rule_a=first, rule_b=second), draft, TODAY)
        by_kind.add(compared, patients)
        for _ in range(patients):
            one_by_one.add(compared)
    assert by_kind == one_by_one
