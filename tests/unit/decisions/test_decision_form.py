"""The form on which a prescriber decides: nothing is preselected, and what a complete form holds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from crispy_forms.utils import render_crispy_form

from screening.clinical.evaluation.decision import NewDecision, Reason
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.report.record import Record
from screening.clinical.report.summary import summarise
from screening.clinical.report.to_decide import ToDecide
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.rules.labels import DECISION_WORDS
from screening.decisions.forms import HINTS, DecisionForm
from screening.decisions.shipped_reasons import shipped_reasons
from tests.unit.builders import (
    NO,
    NOT_APPLICABLE,
    NOT_KNOWN,
    TODAY,
    all_answered,
    definition,
    item,
    listed_item,
    medication_list,
    medicine,
    naltrexone,
    record,
    words_of,
    yes,
)
from tests.unit.decisions.forms import (
    CAUTION,
    CLEAR,
    DAY_AFTER,
    MIXED,
    PRESCRIBED,
    RULES,
    TOMORROW,
    FormValue,
    blank,
    errors_of,
    page_of,
    submitted,
)


def choices(form: DecisionForm, name: str) -> dict[str, str]:
    """The labels of a choice by value."""
    return dict(form.fields[name].choices)  # type: ignore[attr-defined]


# The blank form -----------------------------------------------------------------------------------------------

DECISION_FIELDS = ["decision", "override_confirmation", "decided_dose_mg", "decided_product", "defer_until"]


def test_there_is_a_tick_for_each_expired_answer_and_a_reason_for_each_finding() -> None:
    assert list(blank().fields) == [
        "opioid-use.reconfirmed", "breastfeeding.reconfirmed",
        "opioid-use.reason", "opioid-use.reason-text", "pregnancy.reason", "pregnancy.reason-text",
        *DECISION_FIELDS,
    ]  # fmt: skip


@pytest.mark.parametrize("screened", [MIXED, CLEAR, CAUTION], ids=["mixed", "clear", "caution"])
def test_nothing_is_preselected(screened: Record) -> None:
    form = blank(screened)
    rendered = render_crispy_form(form)
    filled = r"\bchecked\b|\bselected\b|<input type=\"text\"[^>]* value=|<textarea[^>]*>\s*[^<\s]"
    assert re.findall(filled, rendered) == []
    assert [name for name in form.fields if form[name].value()] == []


def test_on_the_day_of_the_screening_nothing_is_asked_again() -> None:
    assert [name for name in blank(on=TODAY).fields if name.endswith(".reconfirmed")] == []


@pytest.mark.parametrize("answer", [NOT_KNOWN, NOT_APPLICABLE], ids=["not known", "not applicable"])
def test_an_answer_that_does_not_expire_is_not_asked_again(answer: Answer) -> None:
    screened = record(RULES, all_answered(RULES, NO, pregnancy=answer))
    assert "pregnancy.reconfirmed" not in blank(screened, on=TODAY + timedelta(days=1000)).fields


def test_an_answer_that_was_asked_again_lately_is_not_asked_again() -> None:
    assert [name for name in blank(asked_again={"opioid-use": TOMORROW}).fields if name.endswith("reconfirmed")] == [
        "breastfeeding.reconfirmed"
    ]


def test_without_findings_the_form_has_only_the_decision() -> None:
    assert list(blank(CLEAR, on=TODAY).fields) == DECISION_FIELDS


def test_a_rule_that_only_a_list_raises_needs_a_reason() -> None:
    rules = definition(item("one"), listed=(listed_item("product"),))
    form = blank(record(rules, {"one": NO}, listed=medication_list(naltrexone())), on=TODAY)
    assert list(form.fields) == ["product.reason", "product.reason-text", *DECISION_FIELDS]


def test_the_decisions_are_offered_in_their_order_each_with_a_hint() -> None:
    assert choices(blank(), "decision") == {
        "prescribe": "Prescribe",
        "do-not-prescribe": "Do not prescribe",
        "defer": "Defer until a date",
        "more-information": "Need more information",
        "refer": "Refer",
    }
    assert list(HINTS) == list(DECISION_WORDS) == list(DecisionCode)


@pytest.mark.parametrize(("link_id", "is_flag"), [("opioid-use", True), ("pregnancy", False)])
def test_the_reasons_are_the_shipped_ones_for_a_flag_or_an_unresolved_rule(link_id: str, is_flag: bool) -> None:
    assert choices(blank(), f"{link_id}.reason") == shipped_reasons().labels(is_flag=is_flag)


def test_the_labels_name_the_rule() -> None:
    form = blank()
    assert [form[f"opioid-use.{part}"].label for part in ("reason", "reason-text", "reconfirmed")] == [
        "Opioid use", "Opioid use, more about this reason", "Opioid use, asked again"
    ]  # fmt: skip


def test_the_answer_is_in_words_beside_each_tick() -> None:
    ticks = page_of(blank()).xpath("//*[contains(@class, 'asked-again')]//label")
    assert ticks[-1].text_content() == "Asked again today, unchanged: Breastfeeding, no"
    assert {each.answer for each in blank().to_decide.expired} == {AnswerCode.YES, AnswerCode.NO}


def test_every_field_is_on_the_page_once() -> None:
    page = page_of(blank())
    assert set(page.xpath("//@name")) == set(blank().fields)
    radios = page.xpath("//input[@type='radio']")
    assert len(radios) == 5 + 2 * len(shipped_reasons().reasons)


def test_each_finding_is_on_the_page_with_its_state_for_programs() -> None:
    findings = [
        (each.get("data-rule"), each.get("data-answer"), each.get("data-finding"))
        for each in page_of(blank()).xpath("//*[@data-rule]")
    ]
    assert findings == [("opioid-use", "yes", "flagged"), ("pregnancy", "unknown", "unresolved")]


@pytest.mark.parametrize(("screened", "is_asked"), [(MIXED, True), (CAUTION, False), (CLEAR, False)])
def test_the_page_asks_for_the_record_id_only_where_prescribing_overrides_something(
    screened: Record, is_asked: bool
) -> None:
    names = page_of(blank(screened, on=TODAY)).xpath("//@name")
    assert ("override_confirmation" in names) is is_asked


def test_html_ids_contain_no_dot() -> None:
    page = page_of(submitted({"opioid-use.reason": None, "pregnancy.reason": "other"}))
    assert [each for each in page.xpath("//@id | //@for | //@aria-describedby") if "." in each] == []


# The opioid-free interval -------------------------------------------------------------------------------------

ON_METHADONE = record(RULES, all_answered(RULES, NO, opioid_use=yes(kind=("methadone",), last_dose=TODAY)))
END = TODAY + timedelta(days=14)


@pytest.mark.parametrize(
    ("on", "words", "days"),
    [
        pytest.param(END - timedelta(days=1), "runs until 7 December 2026", ["7 Dec 2026"], id="the day before"),
        pytest.param(END, "runs until 7 December 2026", [], id="the day itself"),
        pytest.param(END + timedelta(days=1), "ran until 7 December 2026", [], id="the day after"),
    ],
)
def test_the_day_of_a_deferral_is_explained_by_the_end_of_the_interval(on: date, words: str, days: list[str]) -> None:
    form = blank(ON_METHADONE, on=on)
    assert form["defer_until"].help_text == (
        f"A day after today, as in 27 Mar 2026. The opioid-free interval {words}. Reaching that day does not lift "
        "the flag."
    )
    assert page_of(form).xpath("//datalist/option/@value") == days


def test_the_interval_counts_what_the_list_names() -> None:
    answers = all_answered(RULES, NO, opioid_use=yes(kind=("short-acting",), last_dose=TODAY))
    listed = medication_list(medicine("methadone", interval="methadone"))
    to_decide = ToDecide(record=record(RULES, answers, listed=listed), asked_again={}, on=TODAY)
    assert to_decide.interval_ends == (END,)


@pytest.mark.parametrize("code", [AnswerCode.NO, AnswerCode.UNKNOWN])
def test_the_interval_does_not_count_from_a_date_under_another_answer_than_yes(code: AnswerCode) -> None:
    answers = all_answered(RULES, NO, opioid_use=Answer(code, details={"last-dose": TODAY}))
    listed = medication_list(medicine("methadone", interval="methadone"))
    screened = record(RULES, answers, listed=listed)
    assert ToDecide(record=screened, asked_again={}, on=TODAY).interval_ends == ()
    assert "runs until" not in words_of(summarise(screened, TODAY))


@pytest.mark.parametrize("screened", [MIXED, CLEAR], ids=["no details", "no flag"])
def test_without_an_end_of_an_interval_none_is_named(screened: Record) -> None:
    assert blank(screened)["defer_until"].help_text == "A day after today, as in 27 Mar 2026."


# Complete forms -----------------------------------------------------------------------------------------------


def test_the_shortest_complete_form_is_valid() -> None:
    assert errors_of({}) == {}


def test_a_prescription_over_a_contraindication_is_complete_with_the_record_id() -> None:
    assert errors_of({}, base=PRESCRIBED) == {}


def test_a_decision_on_a_clear_screening_needs_no_reason() -> None:
    ticks: dict[str, FormValue] = dict.fromkeys(["opioid-use", "pregnancy", "breastfeeding"], "unchanged")
    base = {"decision": "prescribe"} | {f"{link_id}.reconfirmed": tick for link_id, tick in ticks.items()}
    assert errors_of({}, base=base, screened=CLEAR) == {}


def test_a_caution_is_weighed_without_the_record_id() -> None:
    base: dict[str, FormValue] = {
        "decision": "prescribe", "one.reason": "risk-benefit-ratio", "one.reconfirmed": "unchanged"
    }  # fmt: skip
    assert errors_of({}, base=base, screened=CAUTION) == {}


def test_the_decision_is_what_was_entered() -> None:
    changes: dict[str, FormValue] = {
        "opioid-use.reason": "other",
        "opioid-use.reason-text": " The last   dose was years ago ",
        "decided_dose_mg": "1.50",
        "decided_product": "Capsules",
    }
    assert submitted(changes, base=PRESCRIBED).decision == NewDecision(
        code=DecisionCode.PRESCRIBE,
        reasons={
            "opioid-use": Reason("other", "The last dose was years ago"),
            "pregnancy": Reason("need-more-info"),
        },
        asked_again=frozenset({"opioid-use", "breastfeeding"}),
        is_override_confirmed=True,
        dose_mg=Decimal("1.5"),
        product="Capsules",
    )


@pytest.mark.parametrize("typed", ["25 Nov 2026", "2026-11-25", "November 25, 2026"])
def test_a_deferral_has_its_day(typed: str) -> None:
    form = submitted({"decision": "defer", "defer_until": typed})
    assert (form.errors, form.decision.defer_until) == ({}, DAY_AFTER)


@pytest.mark.parametrize("name", ["csrfmiddlewaretoken", "seen"])
def test_what_is_submitted_with_the_form_is_no_unknown_field(name: str) -> None:
    assert errors_of({name: "1"}) == {}
