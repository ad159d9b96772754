"""The summary of a screening: first the outcome, then every flag and unresolved answer with its details."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.report.findings import FindingText
from screening.clinical.report.record import Amended, RecordStatus, Superseded, Transcribed, Voided
from screening.clinical.report.summary import Summary, Watermark, summarise
from screening.clinical.rules.definition import AnswerCode, Outcome, Severity, SourceKind
from screening.clinical.text.birth_dates import BirthDate
from tests.rules import shipped_rules
from tests.unit.builders import (
    CLINIC_ZONE,
    NO,
    NOT_KNOWN,
    TODAY,
    YES,
    all_answered,
    allowing_not_applicable,
    definition,
    item,
    listed_item,
    record,
    signed,
    source,
    summary,
    with_patient,
    words_of,
    yes,
)

SHIPPED = shipped_rules()
CAUTION = Severity.CAUTION
VERDICT = re.compile(r"\b(safe|cleared|eligible|approved|pass|passed|fail|failed|reject|rejected)\b", re.IGNORECASE)
LINK_IDS = [rule.link_id for rule in SHIPPED.items]


def shipped(answer: Answer = NO, /, **answers: Answer) -> Summary:
    """The words of a screening under the shipped rules; what is not named is answered no."""
    return summary(SHIPPED, all_answered(SHIPPED, answer, **answers))


def line(part: FindingText, label: str) -> str:
    """The words under a label of an entry."""
    (words,) = [each.words for each in part.lines if each.label == label]
    return words


def under(said: Summary, label: str) -> str:
    """The words under a label at the head of a summary."""
    (words,) = [each.words for each in (*said.patient, *said.provenance) if each.label == label]
    return words


# The outcome in one line --------------------------------------------------------------------------------------

TWO_CAUTIONS = definition(item("one", severity=CAUTION), item("other", severity=CAUTION), item("third"))


@pytest.mark.parametrize(
    ("said", "headline"),
    [
        pytest.param(shipped(), "No listed contraindication was identified from these answers", id="none identified"),
        pytest.param(shipped(pregnancy=YES), "Contraindication flagged: pregnancy", id="one flag"),
        pytest.param(
            shipped(pregnancy=YES, opioid_use=YES),
            "Contraindication flagged: opioid use and pregnancy",
            id="two flags",
        ),
        pytest.param(
            shipped(YES, opioid_use=NO),
            "Contraindication flagged: severe liver disease, pregnancy and breastfeeding",
            id="three flags",
        ),
        pytest.param(shipped(YES), "Contraindication flagged: 4 of 4 questions", id="four flags"),
        pytest.param(shipped(YES, pregnancy=NOT_KNOWN), "Contraindication flagged: opioid use, severe liver disease "
                     "and breastfeeding", id="a flag beside an unresolved answer"),
        pytest.param(shipped(pregnancy=NOT_KNOWN), "Cannot conclude: 1 answer is not known", id="one unresolved"),
        pytest.param(shipped(NOT_KNOWN), "Cannot conclude: 4 answers are not known", id="four unresolved answers"),
        pytest.param(
            shipped(foreign=NO),
            "Cannot conclude: an answer belongs to no question of this edition",
            id="a foreign answer",
        ),
        pytest.param(
            summary(TWO_CAUTIONS, all_answered(TWO_CAUTIONS, NO, one=YES)), "Caution flagged: one", id="one caution"
        ),
        pytest.param(
            summary(TWO_CAUTIONS, all_answered(TWO_CAUTIONS, YES, third=NO)),
            "Caution flagged: one and other",
            id="two cautions",
        ),
        pytest.param(
            summary(TWO_CAUTIONS, all_answered(TWO_CAUTIONS, YES)),
            "Contraindication flagged: third",
            id="cautions beside a contraindication",
        ),
        pytest.param(
            summary(TWO_CAUTIONS, all_answered(TWO_CAUTIONS, YES, third=NOT_KNOWN)),
            "Cannot conclude: 1 answer is not known",
            id="cautions beside an unresolved answer",
        ),
    ],
)  # fmt: skip
def test_the_headline_names_the_outcome_and_what_raised_it(said: Summary, headline: str) -> None:
    assert said.headline == headline


@pytest.mark.parametrize(
    ("severities", "answers", "state"),
    [
        pytest.param(["contraindicated", "avoid"], [YES, YES], "contraindicated", id="the most severe"),
        pytest.param(["caution", "avoid"], [YES, YES], "avoid", id="to avoid"),
        pytest.param(["caution", "avoid"], [YES, NO], "caution", id="caution"),
        pytest.param(["caution", "avoid"], [YES, NOT_KNOWN], "unresolved", id="caution beside an unresolved answer"),
        pytest.param(["caution", "avoid"], [NOT_KNOWN, YES], "avoid", id="flag beside an unresolved answer"),
        pytest.param(["caution", "avoid"], [NO, NO], "none", id="nothing"),
    ],
)
def test_the_state_is_the_most_severe_flag_or_unresolved(
    severities: list[str], answers: list[Answer], state: str
) -> None:
    rules = definition(item("one", severity=Severity(severities[0])), item("two", severity=Severity(severities[1])))
    assert summary(rules, dict(zip(("one", "two"), answers, strict=True))).state == state


@pytest.mark.parametrize(
    ("said", "next_step"),
    [
        pytest.param(
            shipped(opioid_use=YES, pregnancy=YES),
            "Do not start LDN on these answers. Give the summary to the prescriber.",
            id="a contraindication",
        ),
        pytest.param(
            shipped(breastfeeding=YES),
            "Do not start LDN before the prescriber has weighed each flag below. Give the summary to the prescriber.",
            id="a flag to avoid, which no label calls a contraindication",
        ),
        pytest.param(
            shipped(opioid_use=YES, pregnancy=NOT_KNOWN),
            "Do not start LDN on these answers. Find out the one unresolved answer, and give the summary to the "
            "prescriber.",
            id="a flag and an unresolved answer",
        ),
        pytest.param(
            shipped(NOT_KNOWN, opioid_use=YES),
            "Do not start LDN on these answers. Find out the 3 unresolved answers, and give the summary to the "
            "prescriber.",
            id="a flag and unresolved answers",
        ),
        pytest.param(
            shipped(pregnancy=NOT_KNOWN),
            "Find out the one unresolved answer, then amend or screen again. Until then nothing is ruled out.",
            id="an unresolved answer",
        ),
        pytest.param(
            shipped(NOT_KNOWN),
            "Find out the 4 unresolved answers, then amend or screen again. Until then nothing is ruled out.",
            id="unresolved answers",
        ),
        pytest.param(
            summary(TWO_CAUTIONS, all_answered(TWO_CAUTIONS, YES, third=NO)),
            "Give the summary to the prescriber, who weighs each caution below.",
            id="cautions",
        ),
        pytest.param(
            shipped(),
            "Give the summary to the prescriber. This result covers 4 questions only; what was not asked is "
            "listed below.",
            id="nothing",
        ),
    ],
)
def test_the_next_step_follows_from_the_outcome(said: Summary, next_step: str) -> None:
    assert said.next_step == next_step


# Where nothing is concluded over rules whose review is past


THREE_RULES = ("opioid-use", "pregnancy", "naltrexone-product")


@pytest.mark.parametrize(
    ("answers", "overdue", "headline"),
    [
        pytest.param({}, THREE_RULES[:1], "the review of 1 rule is overdue", id="one"),
        pytest.param({}, THREE_RULES, "the review of 3 rules is overdue", id="three"),
        pytest.param(
            {"pregnancy": NOT_KNOWN},
            THREE_RULES[:1],
            "1 answer is not known and the review of 1 rule is overdue",
            id="an unresolved answer too",
        ),
        pytest.param(
            {"foreign": NO},
            THREE_RULES,
            "an answer belongs to no question of this edition and the review of 3 rules is overdue",
            id="a foreign answer too",
        ),
    ],
)
def test_the_headline_says_that_a_review_is_overdue(
    answers: dict[str, Answer], overdue: tuple[str, ...], headline: str
) -> None:
    said = summary(SHIPPED, all_answered(SHIPPED) | answers, overdue=overdue)
    assert (said.headline, said.state) == (f"Cannot conclude: {headline}", "unresolved")


@pytest.mark.parametrize(
    ("answers", "overdue", "next_step"),
    [
        pytest.param(
            {},
            THREE_RULES[1:2],
            "Screen again once the text of the rule on pregnancy has been reviewed.",
            id="one",
        ),
        pytest.param(
            {},
            THREE_RULES,
            "Screen again once the text of the rules on opioid use, pregnancy and another naltrexone product has "
            "been reviewed.",
            id="three",
        ),
        pytest.param(
            {}, tuple(LINK_IDS), "Screen again once the text of 4 rules has been reviewed.", id="too many to name"
        ),
        pytest.param(
            {"breastfeeding": NOT_KNOWN},
            THREE_RULES[:1],
            "Find out the one unresolved answer, and screen again once the text of the rule on opioid use has been "
            "reviewed.",
            id="an unresolved answer too",
        ),
    ],
)
def test_the_next_step_is_to_have_the_rules_reviewed_and_to_screen_again(
    answers: dict[str, Answer], overdue: tuple[str, ...], next_step: str
) -> None:
    said = summary(SHIPPED, all_answered(SHIPPED) | answers, overdue=overdue)
    assert said.next_step == f"{next_step} Until then nothing is ruled out."


def test_an_overdue_rule_does_not_change_the_text_of_a_contraindication() -> None:
    answers = all_answered(SHIPPED, pregnancy=YES)
    said = summary(SHIPPED, answers, overdue=("opioid-use",))
    assert (said.headline, said.next_step) == (shipped(pregnancy=YES).headline, shipped(pregnancy=YES).next_step)


def test_a_caution_beside_an_overdue_rule_stays_among_the_flags() -> None:
    said = summary(TWO_CAUTIONS, all_answered(TWO_CAUTIONS, NO, one=YES), overdue=("third",))
    assert said.headline == "Cannot conclude: the review of 1 rule is overdue"
    assert [each.link_id for each in said.flagged] == ["one"]


def test_a_foreign_answer_alone_does_not_mention_unresolved_answers() -> None:
    assert "0 unresolved answers" not in shipped(foreign=NO).next_step


def test_the_tally_counts_every_question_most_severe_first() -> None:
    rules = definition(
        item("a", severity=CAUTION), item("b", severity=Severity.AVOID), item("c"), item("d"), item("e"),
        allowing_not_applicable("f"), item("g"),
    )  # fmt: skip
    given = dict(zip("abcdefg", (YES, YES, YES, NOT_KNOWN, NO, Answer(AnswerCode.NOT_APPLICABLE), NO), strict=True))
    assert [each.words for each in summary(rules, given).tally] == [
        "1 contraindicated", "1 to avoid", "1 caution", "1 not known", "2 answered no", "1 not applicable"
    ]  # fmt: skip


def test_the_tally_leaves_out_what_did_not_occur() -> None:
    assert [(each.state, each.words) for each in shipped().tally] == [("no", "4 answered no")]


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "none identified", "cannot conclude"])
def test_every_summary_reminds_that_a_prescriber_must_decide(answer: Answer) -> None:
    assert shipped(answer).reminder == "A prescriber must decide."


def test_the_outcome_is_that_of_the_evaluation() -> None:
    assert shipped(pregnancy=NOT_KNOWN).outcome is Outcome.CANNOT_CONCLUDE


def test_no_combination_of_answers_gives_a_verdict_in_headline_tally_next_step_or_headings() -> None:
    verdicts = []
    for codes in product(AnswerCode, repeat=len(LINK_IDS)):
        said = summary(SHIPPED, {link_id: Answer(code) for link_id, code in zip(LINK_IDS, codes, strict=True)})
        entries = (*said.flagged, *said.unresolved, *said.answered)
        titles = tuple(text for each in entries for text in (each.heading, each.title))
        verdicts += VERDICT.findall(words_of((said.headline, said.next_step, said.tally, titles)))
    assert verdicts == []


# Flags, unresolved answers, other answers ---------------------------------------------------------------------


def test_flags_unresolved_answers_and_other_answers_are_separate() -> None:
    said = shipped(pregnancy=YES, opioid_use=NOT_KNOWN)
    assert [[each.link_id for each in part] for part in (said.flagged, said.unresolved, said.answered)] == [
        ["pregnancy"], ["opioid-use"], ["severe-liver-disease", "breastfeeding"]
    ]  # fmt: skip


def test_flags_come_before_unresolved_answers_and_those_before_other_answers() -> None:
    words = words_of(shipped(pregnancy=YES, opioid_use=NOT_KNOWN))
    expected_words = [SHIPPED.by_link_id["pregnancy"].finding, SHIPPED.by_link_id["opioid-use"].finding]
    places = [words.index(each) for each in (*expected_words, SHIPPED.by_link_id["breastfeeding"].question)]
    assert places == sorted(places)


def test_within_flags_the_order_is_that_of_the_questions() -> None:
    assert [each.link_id for each in shipped(YES).flagged] == LINK_IDS


@pytest.mark.parametrize("field", ["severity_words", "finding", "next_step", "why"])
@pytest.mark.parametrize("link_id", LINK_IDS)
def test_every_text_of_a_flagged_rule_is_in_the_words(link_id: str, field: str) -> None:
    words = words_of(summary(SHIPPED, all_answered(SHIPPED) | {link_id: YES}).flagged)
    assert getattr(SHIPPED.by_link_id[link_id], field) in words


@pytest.mark.parametrize("link_id", LINK_IDS)
def test_every_source_of_a_flagged_rule_is_in_the_words_with_its_kind(link_id: str) -> None:
    (flag,) = summary(SHIPPED, all_answered(SHIPPED) | {link_id: YES}).flagged
    kinds = {
        SourceKind.LABEL: "Label", SourceKind.LABEL_OTHER_REGION: "Label",
        SourceKind.LITERATURE: "Literature", SourceKind.OPINION: "Opinion",
    }  # fmt: skip
    missing = [
        part
        for each, expected_words in zip(SHIPPED.by_link_id[link_id].sources, flag.sources, strict=True)
        for part in (kinds[each.kind], each.region, each.title, each.identifier, each.supports)
        if part not in words_of(expected_words)
    ]
    assert missing == []


@pytest.mark.parametrize("link_id", LINK_IDS)
def test_an_unresolved_answer_says_what_to_find_out_and_why(link_id: str) -> None:
    (point,) = summary(SHIPPED, all_answered(SHIPPED) | {link_id: NOT_KNOWN}).unresolved
    rule = SHIPPED.by_link_id[link_id]
    assert (point.title, line(point, "Find out"), line(point, "Why")) == (rule.finding, rule.find_out, rule.why)


def test_an_unresolved_answer_has_its_own_heading_and_no_severity() -> None:
    (point,) = shipped(opioid_use=NOT_KNOWN).unresolved
    assert (point.heading, point.state) == ("Not known: unresolved", "unresolved")


def test_a_question_answered_no_is_shown_as_it_was_asked() -> None:
    assert [(each.heading, each.title, each.state) for each in shipped().answered] == [
        ("No", rule.question, "no") for rule in SHIPPED.items
    ]


def test_a_question_left_out_is_shown_as_not_known() -> None:
    (point,) = summary(SHIPPED, dict.fromkeys(LINK_IDS[1:], NO)).unresolved
    assert (point.link_id, line(point, "Answer")) == ("opioid-use", "Not known. Reason not given.")


def test_given_and_missing_details_are_shown_with_the_answer() -> None:
    (flag,) = shipped(opioid_use=yes(agent="Tramadol 50 mg", last_dose=date(2026, 11, 19))).flagged
    assert line(flag, "Answer") == (
        "Yes. Opioid: Tramadol 50 mg. Last dose: 19 November 2026. Not given: kind, urine screen."
    )


def test_a_yes_without_details_names_all_that_was_not_given() -> None:
    (flag,) = shipped(severe_liver_disease=YES).flagged
    assert line(flag, "Answer") == (
        "Yes. Not given: kind, bilirubin, albumin, INR, ascites, encephalopathy, AST or ALT, date of tests."
    )


def test_a_rule_without_follow_ups_is_answered_in_a_word() -> None:
    (flag,) = summary(definition(item("rule")), {"rule": YES}).flagged
    assert line(flag, "Answer") == "Yes."


def test_a_calculation_is_shown_under_its_label() -> None:
    (flag,) = shipped(severe_liver_disease=yes(inr="3")).flagged
    assert line(flag, "Child-Pugh").startswith("The Child-Pugh class cannot be told")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("asked-unknown", "Not known. Asked, not known."),
        ("asked-declined", "Not known. Declined to say."),
        ("not-asked", "Not known. Not asked."),
        ("", "Not known. Reason not given."),
        ("nonsense", "Not known. Reason not given."),
    ],
    ids=["asked", "declined", "not asked", "no reason", "nonsense"],
)
def test_an_unknown_answer_is_shown_with_its_reason(reason: str, said: str) -> None:
    (point,) = shipped(pregnancy=Answer(AnswerCode.UNKNOWN, reason)).unresolved
    assert line(point, "Answer") == said


def test_not_applicable_is_shown_with_its_reason() -> None:
    said = shipped(pregnancy=Answer(AnswerCode.NOT_APPLICABLE, "after-menopause"))
    pregnancy = said.answered[2]
    assert (pregnancy.heading, line(pregnancy, "Reason")) == ("Not applicable", "After menopause")


def test_an_answer_of_no_has_no_reason() -> None:
    assert [each.lines for each in shipped().answered] == [(), (), (), ()]


# The foot of a flag -------------------------------------------------------------------------------------------

REVIEW = date(2027, 11, 1)


def footer(*, shown_on: date = date(2026, 11, 23), **changes: Any) -> tuple[str, ...]:
    """The foot of the second of two flags."""
    rules = definition(item("one"), item("two", next_review=REVIEW, **changes))
    return summary(rules, all_answered(rules, YES), shown_on=shown_on).flagged[1].footer


def test_the_foot_names_the_question_and_the_edition() -> None:
    assert footer()[:2] == ("Question 2 of 2", "Edition 3")


@pytest.mark.parametrize(
    ("days", "said"),
    [
        pytest.param(-1, "Next review 1 November 2027", id="the day before"),
        pytest.param(0, "Next review 1 November 2027", id="the day itself"),
        pytest.param(1, "Review overdue since 1 November 2027", id="the day after"),
    ],
)
def test_a_review_is_overdue_from_the_day_after(days: int, said: str) -> None:
    assert said in footer(shown_on=REVIEW + timedelta(days=days))


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "answered no", "unresolved"])
def test_an_overdue_review_is_shown_for_every_answer(answer: Answer) -> None:
    said = summary(definition(item("rule")), {"rule": answer}, shown_on=REVIEW + timedelta(days=1))
    assert "Review overdue since 1 November 2027" in words_of(said)


@pytest.mark.parametrize("answer", [YES, NOT_KNOWN], ids=["flagged", "unresolved"])
def test_a_later_confirmed_review_moves_the_date_and_is_named(answer: Answer) -> None:
    shown_on = REVIEW + timedelta(days=1)
    said = summary(definition(item("rule")), {"rule": answer}, shown_on=shown_on, reviews={"rule": signed()})
    (expected_words,) = (*said.flagged, *said.unresolved)
    assert "Next review 1 November 2028" in expected_words.footer
    assert "Checked by Ada Example, clinician, on 23 November 2026" in expected_words.footer
    assert "overdue" not in words_of(said)


def test_with_an_answer_of_no_only_an_overdue_review_is_shown() -> None:
    said = summary(definition(item("rule")), {"rule": NO}, reviews={"rule": signed()})
    assert [each.footer for each in said.answered] == [()]


def test_who_checked_a_rule_is_named() -> None:
    assert "Checked by Dr Example" in footer(checked_by="Dr Example")


def test_nobody_is_named_where_nobody_checked() -> None:
    assert "Checked" not in words_of(footer())


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "Ask again at every screening"), (1, "Answer holds until 24 November 2026"),
     (30, "Answer holds until 23 December 2026")],
)  # fmt: skip
def test_how_long_an_answer_holds_is_counted_from_the_screening(days: int, said: str) -> None:
    assert footer(holds_days=days, shown_on=date(2027, 5, 1))[-1] == said


# Patient, time and record -------------------------------------------------------------------------------------


def head(**changes: Any) -> Summary:
    """The words of a plain screening of a patient who differs in something."""
    return summary(definition(), {"first-rule": NO}, patient=with_patient(**changes))


def test_the_patient_is_named_with_birth_date_age_and_number() -> None:
    said = head()
    assert [under(said, label) for label in ("Patient", "Born", "Record number")] == [
        "Sample Patient", "12 April 1961 (65)", "DEMO-0001"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        pytest.param(date(1961, 11, 23), date(2026, 11, 22), 64, id="the day before the birthday"),
        pytest.param(date(1961, 11, 23), date(2026, 11, 23), 65, id="the birthday"),
        pytest.param(date(2026, 11, 23), date(2026, 11, 23), 0, id="the day of birth"),
        pytest.param(date(2004, 2, 29), date(2026, 2, 28), 21, id="leap day, the day before"),
        pytest.param(date(2004, 2, 29), date(2026, 3, 1), 22, id="leap day, the day after"),
        pytest.param(date(1961, 2, 28), date(2026, 11, 1), 65, id="an earlier month, a later day"),
    ],
)
def test_the_age_is_in_whole_years_on_the_day(born: date, on: date, age: int) -> None:
    assert BirthDate.of(born).ages_on(on) == (age, age)


@pytest.mark.parametrize(("dose", "said"), [("4.50", "4.5 mg daily"), ("50", "50 mg daily")])
def test_the_intended_dose_is_shown_in_figures(dose: str, said: str) -> None:
    assert under(head(dose_mg=Decimal(dose)), "Intended dose") == said


def test_a_dose_or_indication_that_was_not_given_has_no_line() -> None:
    assert [each.label for each in head(dose_mg=None, indication="").patient] == ["Patient", "Born", "Record number"]


def test_the_indication_is_shown() -> None:
    assert under(head(indication="Fibromyalgia"), "Indication") == "Fibromyalgia"


def test_the_time_is_shown_in_the_time_zone_of_the_clinic() -> None:
    assert under(head(), "Screened") == "23 November 2026, 14:32 EST"


def test_the_time_zone_is_that_of_the_record() -> None:
    said = summary(definition(), {"first-rule": NO}, screened_at=datetime(2026, 7, 1, 8, 5, tzinfo=UTC))
    assert under(said, "Screened") == "1 July 2026, 08:05 UTC"


def test_the_person_who_screened_is_named_with_the_role() -> None:
    assert under(head(), "By") == "Ada Example, clinician"


def test_the_edition_is_named() -> None:
    assert under(head(), "Rules") == "Edition 3"


def test_the_short_id_is_shown() -> None:
    assert under(head(), "Record") == "5d3a-91c7"


def test_the_short_id_is_the_first_eight_digits_of_the_uuid() -> None:
    made = record(definition(), {}, uuid=UUID("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"))
    assert made.short_id == "0a1b-2c3d"


# The status of the record -------------------------------------------------------------------------------------

OTHER = UUID("e2953f4b-0000-4000-8000-000000000006")
LATER = datetime(2026, 11, 24, 9, 5, tzinfo=CLINIC_ZONE)


def marked(status: RecordStatus, **changes: Any) -> Summary:
    """The summary of a plain screening with a status."""
    return summarise(record(definition(), {"first-rule": NO}, **changes), TODAY, status)


def superseded(reason: str = "She had misheard") -> Superseded:
    """The status of a superseded record."""
    return Superseded(by=OTHER, at=LATER, reason=reason, current=OTHER)


def voided(reason: str = "Wrong patient") -> Voided:
    """The status of a record entered in error."""
    return Voided(by="Eve Example", role="prescriber", at=LATER, reason=reason)


def test_a_current_record_has_no_watermark() -> None:
    assert marked(None).watermark is None


def test_a_superseded_record_says_when_by_which_record_why_and_where_to_decide() -> None:
    assert marked(superseded()).watermark == Watermark(
        kind="superseded",
        label="SUPERSEDED",
        explanation="on 24 November 2026, 09:05 EST, by record e295-3f4b. Do not act on this page. "
        "Reason: She had misheard.",
        no_decision="These answers are superseded. The prescriber decides on record e295-3f4b.",
        next_step="Use record e295-3f4b, which replaces this one.",
    )


def test_a_void_record_says_by_whom_when_and_why() -> None:
    assert marked(voided()).watermark == Watermark(
        kind="void",
        label="VOID",
        explanation="Entered in error; marked on 24 November 2026, 09:05 EST, by Eve Example, prescriber. "
        "Do not act on this page. Reason: Wrong patient.",
        no_decision="This record was entered in error. It must not be used.",
        next_step="Check the list of screenings for others with this record number, and screen again if the patient "
        "needs it. This record must not be used.",
    )


@pytest.mark.parametrize("reason", ["Wrong patient", "Wrong patient."])
@pytest.mark.parametrize("status", [superseded, voided])
def test_a_reason_ends_with_one_full_stop(status: Callable[[str], RecordStatus], reason: str) -> None:
    watermark = marked(status(reason)).watermark
    assert watermark is not None
    assert watermark.explanation.endswith("Reason: Wrong patient.")


@pytest.mark.parametrize("status", [superseded(), voided()], ids=["superseded", "void"])
def test_a_watermark_replaces_only_the_next_step_and_how_long_the_answers_hold(status: RecordStatus) -> None:
    said, plain = marked(status), marked(None)
    assert said.watermark is not None
    assert (said.headings.next_step, said.next_step, said.shelf_life) == ("Instead", said.watermark.next_step, "")
    back = replace(
        said, watermark=None, headings=plain.headings, next_step=plain.next_step, shelf_life=plain.shelf_life
    )
    assert back == plain


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "clear", "unresolved"])
@pytest.mark.parametrize(
    "status",
    [superseded(), replace(superseded(), current=None), voided()],
    ids=["superseded", "superseded by what is void", "void"],
)
def test_a_record_not_to_be_used_gives_no_next_step_of_its_answers(answer: Answer, status: RecordStatus) -> None:
    answers = {"first-rule": answer}
    said = summarise(record(definition(), answers), TODAY, status)
    assert summarise(record(definition(), answers), TODAY).next_step not in words_of(said)
    assert "Next" not in words_of(said.headings)


def test_when_the_replacing_record_is_void_there_is_no_record_to_use() -> None:
    assert marked(replace(superseded(), current=None)).next_step == (
        "Screen again. The record that replaced this one was entered in error, so there is no record to use."
    )


def test_after_several_amendments_the_last_one_is_to_be_used() -> None:
    last = UUID("aaaabbbb-0000-4000-8000-000000000006")
    assert marked(replace(superseded(), current=last)).next_step == "Use record aaaa-bbbb, which replaces this one."


def test_a_draft_keeps_the_next_step_that_its_rules_would_give() -> None:
    said = marked(None, is_draft=True)
    assert (said.headings.next_step, said.next_step) == ("Next", marked(None).next_step)


def test_an_amendment_names_the_amended_record_and_the_reason() -> None:
    said = marked(None, amends=Amended(uuid=OTHER, reason="She had misheard"))
    assert under(said, "Amends") == "e295-3f4b, because: She had misheard"


def test_a_record_that_amends_nothing_has_no_line_for_it() -> None:
    assert [each.label for each in marked(None).provenance] == ["Screened", "By", "Rules", "Record"]


# Transcribed from paper ---------------------------------------------------------------------------------------


def transcribed(**changes: Any) -> Summary:
    """The summary of a record with edition 3 that was transcribed the next day."""
    plain: dict[str, Any] = {
        "completed_by": "Bea Example",
        "at": datetime(2026, 11, 24, 9, 5, tzinfo=CLINIC_ZONE),
        "edition_in_use": 3,
    }
    return summary(SHIPPED, all_answered(SHIPPED), transcribed=Transcribed(**plain | changes))


def test_a_transcribed_record_names_who_completed_the_paper_and_who_transcribed_it() -> None:
    assert [(each.label, each.words) for each in transcribed().provenance] == [
        ("Screened", "23 November 2026, 14:32 EST, on paper"),
        ("By", "Bea Example, on paper"),
        ("Transcribed", "24 November 2026, 09:05 EST, by Ada Example, clinician"),
        ("Rules", "Edition 3"),
        ("Record", "5d3a-91c7"),
    ]


def test_a_transcribed_record_of_the_edition_in_use_has_the_usual_remarks() -> None:
    assert transcribed().remarks == shipped().remarks


def test_a_transcribed_record_of_an_older_edition_says_so_first() -> None:
    assert transcribed(edition_in_use=5).remarks[0] == (
        "Evaluated under edition 3, which was printed on the paper form. "
        "Edition 5 was in use when it was transcribed."
    )


def test_a_time_on_the_paper_before_the_edition_was_published_is_to_be_checked() -> None:
    expected = "The time on the paper is before edition 3 was published. Check both."
    assert transcribed(is_before_edition=True).remarks[0] == expected


# Headings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "heading"),
    [
        pytest.param(shipped(), "What was asked and answered", id="nothing flagged or unresolved"),
        pytest.param(shipped(pregnancy=YES), "Other answers", id="beside a flag"),
        pytest.param(shipped(pregnancy=NOT_KNOWN), "Other answers", id="beside an unresolved answer"),
    ],
)
def test_the_heading_of_the_answers_depends_on_the_parts_before_them(said: Summary, heading: str) -> None:
    assert said.headings.answered == heading


def test_the_other_headings_are_always_the_same() -> None:
    flagged, clear = shipped(YES).headings, shipped().headings
    assert replace(flagged, answered="") == replace(clear, answered="")
    assert flagged.not_covered == "What this screen does not cover"
    assert flagged.counselling == "If LDN is prescribed, tell the patient"


@pytest.mark.parametrize(("count", "label"), [(1, "Source"), (2, "Sources")])
def test_the_label_of_the_sources_is_singular_or_plural(count: int, label: str) -> None:
    (flag,) = summary(definition(item("rule", sources=(source(),) * count)), {"rule": YES}).flagged
    assert flag.sources_label == label


# Remarks and the rest -----------------------------------------------------------------------------------------

NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."
DOSE_NOTE = "The intended dose is outside the low range."


def remarks(*, checked_by: str = "Dr Example", dose: str | None = None) -> tuple[str, ...]:
    """The remarks on a plain screening."""
    patient = with_patient(dose_mg=Decimal(dose) if dose else None)
    return summary(definition(item("rule", checked_by=checked_by)), {"rule": NO}, patient=patient).remarks


@pytest.mark.parametrize("dose", ["0.1", "0.49", "4.6", "50"])
def test_a_dose_outside_the_low_range_has_a_remark(dose: str) -> None:
    assert remarks(dose=dose) == (DOSE_NOTE,)


@pytest.mark.parametrize("dose", [None, "0.5", "4.5"], ids=["not given", "the least", "the most"])
def test_a_dose_within_the_low_range_has_no_remark(dose: str | None) -> None:
    assert remarks(dose=dose) == ()


def test_rules_that_no_clinician_reviewed_have_a_remark() -> None:
    assert remarks(checked_by="") == (NOT_REVIEWED,)


def test_the_remark_disappears_once_every_rule_has_a_confirmed_review() -> None:
    rules = definition(item("one"), item("two"))
    half, all_of_it = {"one": signed()}, {"one": signed(), "two": signed()}
    assert summary(rules, all_answered(rules), reviews=half).remarks == (NOT_REVIEWED,)
    assert summary(rules, all_answered(rules), reviews=all_of_it).remarks == ()


@pytest.mark.parametrize("answer", [YES, NO, NOT_KNOWN], ids=["flagged", "answered no", "unresolved"])
def test_overdue_rules_have_a_remark_for_every_answer(answer: Answer) -> None:
    rules = definition(item("rule", checked_by="Dr Example"))
    said = summary(rules, {"rule": answer}, shown_on=REVIEW + timedelta(days=1))
    assert said.remarks == ("The review of 1 rule is overdue: rule.",)


def test_an_overdue_rule_has_a_remark_even_when_it_is_not_raised() -> None:
    rules = definition(item("rule"), listed=(listed_item("alone", next_review=date(2020, 1, 1)),))
    said = summary(rules, {"rule": NO})
    assert said.remarks[0] == "The review of 1 rule is overdue: alone."
    assert [each.link_id for each in said.answered] == ["rule"]


def test_an_edition_without_a_second_reviewer_has_a_remark() -> None:
    rules = definition(item("rule", checked_by="Dr Example"))
    said = summary(rules, {"rule": NO}, without_second_reviewer=True)
    assert said.remarks == ("This edition was published without a second reviewer.",)


def test_the_remark_on_the_dose_comes_before_the_one_on_the_review() -> None:
    assert remarks(checked_by="", dose="50") == (DOSE_NOTE, NOT_REVIEWED)


def test_basis_limits_and_counselling_are_those_of_the_edition() -> None:
    said = shipped()
    assert (said.basis, said.not_covered, said.counselling) == (
        SHIPPED.basis, SHIPPED.not_covered, SHIPPED.counselling
    )  # fmt: skip
