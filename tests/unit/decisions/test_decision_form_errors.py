"""The form on which a prescriber decides: each error beside its field, and what was entered is not lost."""

from __future__ import annotations

import pytest

from screening.clinical.evaluation.decision import Fault
from screening.decisions.forms import FAULT_FIELDS, FAULT_WORDS
from tests.unit.decisions.forms import PRESCRIBED, RULES, FormValue, errors_of, page_of, submitted

# Errors -------------------------------------------------------------------------------------------------------

MISSING = pytest.mark.parametrize("value", [None, "", "  "], ids=["left out", "empty", "blank"])
ASK = "Ask the patient again and tick the box, or screen again if the answer has changed."
OVERRIDE = "Type 5d3a-91c7, the id of this record, to confirm what you override."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("decision", "Choose your decision."),
        ("opioid-use.reason", "Choose a reason for this flag."),
        ("pregnancy.reason", "Choose a reason for this unresolved answer."),
        ("opioid-use.reconfirmed", ASK),
        ("breastfeeding.reconfirmed", ASK),
    ],
)
@pytest.mark.parametrize("value", [None, ""], ids=["left out", "empty"])
def test_what_is_missing_gets_its_sentence_beside_its_field(name: str, message: str, value: str | None) -> None:
    assert errors_of({name: value}) == {name: [message]}


@MISSING
def test_another_reason_without_words_gets_an_error_beside_the_words(value: str | None) -> None:
    changes: dict[str, FormValue] = {"opioid-use.reason": "other", "opioid-use.reason-text": value}
    assert errors_of(changes) == {"opioid-use.reason-text": ["Say the reason in your own words."]}


@MISSING
def test_a_deferral_without_a_day_gets_an_error_beside_the_day(value: str | None) -> None:
    message = "Enter the day until which you defer, as in 27 Mar 2026."
    assert errors_of({"decision": "defer", "defer_until": value}) == {"defer_until": [message]}


@MISSING
def test_prescribing_without_the_record_id_gets_an_error_beside_it(value: str | None) -> None:
    assert errors_of({"override_confirmation": value}, base=PRESCRIBED) == {"override_confirmation": [OVERRIDE]}


def test_an_empty_form_lists_everything_that_is_missing() -> None:
    assert errors_of({}, base={}) == {
        "decision": ["Choose your decision."],
        "opioid-use.reason": ["Choose a reason for this flag."],
        "pregnancy.reason": ["Choose a reason for this unresolved answer."],
        "opioid-use.reconfirmed": [ASK],
        "breastfeeding.reconfirmed": [ASK],
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("decision", "approve", "Choose your decision.", id="decision"),
        pytest.param("decision", "Refer", "Choose your decision.", id="decision in capitals"),
        pytest.param(
            "opioid-use.reason", "x", "Choose one of the listed reasons for this flag.", id="reason for a flag"
        ),
        pytest.param(
            "pregnancy.reason",
            "FOLLOWED",
            "Choose one of the listed reasons for this unresolved answer.",
            id="reason for an unresolved rule",
        ),
    ],
)
def test_an_unlisted_value_gets_one_error_beside_its_field(name: str, value: str, message: str) -> None:
    assert errors_of({name: value}) == {name: [message]}


@pytest.mark.parametrize(
    "name",
    [
        "severe-liver-disease.reason",
        "breastfeeding.reason",
        "opioid-use.reason_text",
        "pregnancy.reconfirmed",
        "severe-liver-disease.reconfirmed",
        "foreign.reason",
        "opioid-use",
        "patient_name",
    ],
)
def test_an_unknown_field_is_named_and_refused(name: str) -> None:
    assert errors_of({name: "followed"}) == {
        "__all__": [f"This form has no field “{name}”. Send only its own fields."]
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decision", "prescribe"),
        ("opioid-use.reason", "risk-benefit-ratio"),
        ("opioid-use.reason-text", "Why"),
        ("opioid-use.reconfirmed", "unchanged"),
        ("override_confirmation", "5d3a-91c7"),
        ("decided_dose_mg", "3"),
        ("decided_product", "Capsules"),
    ],
)
@pytest.mark.parametrize("first", ["same", "empty"])
def test_a_value_that_is_sent_twice_gets_one_error_beside_its_field(name: str, value: str, first: str) -> None:
    twice = [value if first == "same" else "", value]
    assert errors_of({name: twice}, base=PRESCRIBED) == {name: ["This was sent twice. Give one answer."]}


def test_a_day_that_is_sent_twice_gets_one_error() -> None:
    twice = ["26 Nov 2026", "25 Nov 2026"]
    assert errors_of({"decision": "defer", "defer_until": twice}) == {
        "defer_until": ["This was sent twice. Give one answer."]
    }


@pytest.mark.parametrize("tick", ["on", "true", "1", "yes", "Unchanged", "UNCHANGED", "unchanged!", "changed"])
def test_a_tick_counts_only_with_its_own_value(tick: str) -> None:
    form = submitted({"opioid-use.reconfirmed": tick})
    assert {name: list(messages) for name, messages in form.errors.items()} == {"opioid-use.reconfirmed": [ASK]}
    assert form.decision.asked_again == {"breastfeeding"}
    assert page_of(form).xpath("//input[@type='checkbox'][@checked]/@name") == ["breastfeeding.reconfirmed"]


def test_followed_does_not_go_with_prescribing() -> None:
    assert errors_of({"pregnancy.reason": "followed"}, base=PRESCRIBED) == {
        "pregnancy.reason": [
            "“Followed” does not go with “Prescribe”. Choose why it is not followed, or another decision."
        ]
    }


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        pytest.param(
            {"decision": "defer", "defer_until": "24 Nov 2026"},
            "defer_until",
            "Enter a day after today, 24 November 2026.",
            id="today",
        ),
        pytest.param(
            {"decision": "defer", "defer_until": "1 Jan 2000"},
            "defer_until",
            "Enter a day after today, 24 November 2026.",
            id="long ago",
        ),
        pytest.param(
            {"decision": "defer", "defer_until": "25/11/2026"},
            "defer_until",
            "Write the month in letters: 27 Mar 1985. In numbers, day and month can be confused.",
            id="in numbers",
        ),
        pytest.param(
            {"defer_until": "25 Nov 2026"},
            "defer_until",
            "A day to defer until goes only with “Defer until a date”. Clear it, or choose that.",
            id="without deferring",
        ),
        pytest.param(
            {"decided_dose_mg": "4.5"},
            "decided_product",
            "Dose and product go only with “Prescribe”. Clear both, or choose that.",
            id="dose without prescribing",
        ),
        pytest.param(
            {"decided_product": "Capsules"},
            "decided_product",
            "Dose and product go only with “Prescribe”. Clear both, or choose that.",
            id="product without prescribing",
        ),
    ],
)
def test_what_does_not_fit_the_decision_gets_its_sentence(
    changes: dict[str, FormValue], field: str, message: str
) -> None:
    assert errors_of(changes) == {field: [message]}


@pytest.mark.parametrize("dose", ["0.1", "4.5", "100", " 3 "])
def test_a_dose_within_the_limits_is_accepted(dose: str) -> None:
    assert errors_of({"decided_dose_mg": dose}, base=PRESCRIBED) == {}


@pytest.mark.parametrize(
    ("dose", "message"),
    [
        ("0.09", "Enter 0.1 mg or more."),
        ("0", "Enter 0.1 mg or more."),
        ("100.1", "Enter 100 mg or less."),
        ("4,5", "This is not a number. Use digits and a decimal point, such as 4.5."),
        ("-1", "This is not a number. Use digits and a decimal point, such as 4.5."),
        ("1e1", "This is not a number. Use digits and a decimal point, such as 4.5."),
    ],
)
def test_any_other_dose_is_refused(dose: str, message: str) -> None:
    assert errors_of({"decided_dose_mg": dose}, base=PRESCRIBED) == {"decided_dose_mg": [message]}


@pytest.mark.parametrize(
    ("name", "longest"), [("opioid-use.reason-text", 500), ("pregnancy.reason-text", 500), ("decided_product", 200)]
)
def test_a_text_may_have_so_many_characters_and_no_more(name: str, longest: int) -> None:
    assert errors_of({name: "x" * longest}, base=PRESCRIBED) == {}
    assert errors_of({name: "x" * (longest + 1)}, base=PRESCRIBED) == {
        name: [f"Use at most {longest} characters; this has {longest + 1}."]
    }


@pytest.mark.parametrize("name", ["opioid-use.reason-text", "decided_product", "override_confirmation"])
@pytest.mark.parametrize("text", ["a\u202eb", "\u200b", "a\x07", "\ufffd"])
def test_invisible_characters_are_refused(name: str, text: str) -> None:
    assert list(errors_of({name: text}, base=PRESCRIBED)) == [name]


def test_a_field_that_is_wrong_by_itself_gets_no_second_error() -> None:
    changes: dict[str, FormValue] = {"opioid-use.reason": "other", "opioid-use.reason-text": "x" * 501}
    assert errors_of(changes) == {"opioid-use.reason-text": ["Use at most 500 characters; this has 501."]}


def test_every_fault_that_the_form_can_have_has_a_sentence() -> None:
    assert set(Fault) - set(FAULT_WORDS) == {Fault.REASON_UNEXPECTED}
    assert set(FAULT_FIELDS) < set(FAULT_WORDS)


# Confirming an override ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["5d3a-91c7", "5D3A-91C7", "5d3a91c7", "5D3a91C7", " 5d3a-91c7 "])
def test_the_record_id_may_be_typed_in_any_case_with_or_without_its_hyphen(typed: str) -> None:
    assert errors_of({"override_confirmation": typed}, base=PRESCRIBED) == {}


@pytest.mark.parametrize(
    "typed",
    [
        "5d3a",
        "5d3a-91c8",
        "yes",
        "on",
        "5d3a-91c7-0000-4000-8000-000000000001",
        "5d3a--91c7",
        "-5d3a91c7",
        "DEMO-0001",
    ],
)
def test_anything_else_confirms_nothing(typed: str) -> None:
    assert errors_of({"override_confirmation": typed}, base=PRESCRIBED) == {"override_confirmation": [OVERRIDE]}


def test_the_record_id_alone_does_not_replace_a_reason() -> None:
    assert list(errors_of({"opioid-use.reason": None}, base=PRESCRIBED)) == ["opioid-use.reason"]


def test_another_decision_needs_no_confirmation() -> None:
    for code in ("do-not-prescribe", "more-information", "refer"):
        assert errors_of({"decision": code}) == {}


# What was entered ---------------------------------------------------------------------------------------------

WRONG: dict[str, FormValue] = {
    "decision": "prescribe",
    "opioid-use.reason": "other",
    "opioid-use.reason-text": "Secret words",
    "pregnancy.reason": "followed",
    "override_confirmation": "5d3a",
    "decided_dose_mg": "four",
    "decided_product": "Capsules",
    "defer_until": "tomorrow",
    "opioid-use.reconfirmed": "unchanged",
}


def test_what_was_entered_stays_in_the_form() -> None:
    page = page_of(submitted(base=WRONG))
    checked = {each.get("name"): each.get("value") for each in page.xpath("//input[@checked]")}
    typed = {each.get("name"): each.get("value") for each in page.xpath("//input[@type='text'][@value]")}
    assert checked | typed == WRONG


def test_what_was_entered_can_be_copied_in_words() -> None:
    assert submitted(base=WRONG).entered == [
        ("Opioid use, asked again", "unchanged"),
        ("Opioid use", "Another reason, in words"),
        ("Opioid use, more about this reason", "Secret words"),
        ("Pregnancy", "Followed: it will be found out first"),
        ("Your decision", "Prescribe"),
        ("Type the record id to confirm", "5d3a"),
        ("Dose decided on", "four"),
        ("Product", "Capsules"),
        ("Defer until", "tomorrow"),
    ]


def test_an_unlisted_value_is_copied_as_it_was_sent() -> None:
    assert ("Your decision", "approve") in submitted({"decision": "approve"}).entered


def test_nothing_was_entered_in_an_empty_form() -> None:
    assert submitted(base={}).entered == []


# Why it is refused, for the audit trail -----------------------------------------------------------------------


def test_a_refusal_lists_rules_and_faults() -> None:
    assert submitted({"decision": None, "opioid-use.reason": None}).refused_for == (
        "opioid-use reason-missing, decision-missing"
    )


def test_where_only_a_field_is_wrong_the_refusal_names_the_field() -> None:
    assert submitted({"decided_dose_mg": "many"}, base=PRESCRIBED).refused_for == "decided_dose_mg"


def test_a_complete_form_is_refused_for_nothing() -> None:
    assert submitted().refused_for == ""


@pytest.mark.parametrize(
    "name",
    [
        "decision",
        "opioid-use.reason",
        "opioid-use.reason-text",
        "opioid-use.reconfirmed",
        "override_confirmation",
        "decided_dose_mg",
        "decided_product",
        "defer_until",
        "Secret words",
    ],
)
def test_a_refusal_holds_nothing_that_was_typed(name: str) -> None:
    form = submitted({name: ["Secret words", "\u202eSecret words"]}, base=WRONG)
    known = {*form.fields, "__all__", *(each.value for each in Fault), *(rule.link_id for rule in RULES.items)}
    assert form.errors
    assert set(form.refused_for.replace(",", "").split()) <= known
