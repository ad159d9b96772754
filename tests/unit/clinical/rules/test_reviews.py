"""Reviews of rules: due dates, who checked a rule, and the sentences that say so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from screening.clinical.rules.definition import Definition
from screening.clinical.rules.reviews import (
    Reviews,
    is_reviewed,
    latest_next_review,
    next_review,
    overdue,
    review_remarks,
    review_status,
)
from tests.rules import shipped_rules
from tests.unit.builders import TODAY, definition, item, listed_item, signed

DUE = date(2027, 11, 1)
AFTER = DUE + timedelta(days=1)
THREE = definition(item("first"), item("second"), listed=(listed_item("third"),))
NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."


# When it is due -----------------------------------------------------------------------------------------------


def test_without_a_confirmation_the_date_of_the_rule_applies() -> None:
    assert next_review(item("rule"), {"other": signed()}) == DUE


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2029, 1, 1)], ids=["earlier", "later"])
def test_the_date_of_a_confirmation_replaces_that_of_the_rule(day: date) -> None:
    assert next_review(item("rule"), {"rule": signed(next_review=day)}) == day


@pytest.mark.parametrize(
    ("on", "past"),
    [
        pytest.param(DUE, (), id="the day itself"),
        pytest.param(AFTER, ("first", "second", "third"), id="the day after"),
    ],
)
def test_a_rule_is_overdue_from_the_next_day_whether_asked_or_not(on: date, past: tuple[str, ...]) -> None:
    assert overdue(THREE, on) == past


def test_a_confirmed_rule_is_no_longer_overdue() -> None:
    assert overdue(THREE, AFTER, {"second": signed()}) == ("first", "third")


def test_a_rule_is_overdue_again_when_the_date_of_its_confirmation_is_past() -> None:
    assert overdue(THREE, TODAY, {"second": signed(next_review=TODAY - timedelta(days=1))}) == ("second",)


@pytest.mark.parametrize(
    ("confirmed_on", "latest"),
    [
        (date(2026, 11, 23), date(2029, 11, 23)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2027, 2, 28), date(2030, 2, 28)),
    ],
    ids=["an ordinary day", "leap day", "the last of February"],
)
def test_a_review_holds_for_at_most_three_years(confirmed_on: date, latest: date) -> None:
    assert latest_next_review(confirmed_on) == latest


# Whether it was reviewed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "reviews", "reviewed"),
    [
        pytest.param(definition(item("rule")), {}, False, id="nobody signed"),
        pytest.param(definition(item("rule", checked_by="Dr Example")), {}, True, id="checked in the rule set"),
        pytest.param(definition(item("rule")), {"rule": signed()}, True, id="confirmed after publishing"),
        pytest.param(
            definition(item("one", checked_by="Dr E"), item("two")), {"two": signed()}, True, id="both ways"
        ),
        pytest.param(THREE, {"first": signed(), "second": signed()}, False, id="a rule that is not asked is missing"),
        pytest.param(definition(item("rule")), {"other": signed()}, False, id="another rule"),
    ],
)
def test_an_edition_is_reviewed_when_every_rule_is(rules: Definition, reviews: Reviews, *, reviewed: bool) -> None:
    assert is_reviewed(rules, reviews) is reviewed


# In words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "due"), [(DUE, "Next review 1 November 2027"), (AFTER, "Review overdue since 1 November 2027")]
)
def test_the_status_says_when_the_review_is_due_or_since_when_it_is_overdue(on: date, due: str) -> None:
    status = review_status(item("rule"), on)
    assert (status.due, status.is_overdue) == (due, due.startswith("Review overdue"))


def test_the_status_names_who_confirmed_a_review_with_role_and_date() -> None:
    status = review_status(item("rule"), AFTER, {"rule": signed()})
    assert status.checked == "Checked by Ada Example, clinician, on 23 November 2026"
    assert (status.due, status.is_overdue) == ("Next review 1 November 2028", False)


def test_a_confirmation_replaces_who_checked_the_rule_set() -> None:
    rule = item("rule", checked_by="Dr Example")
    assert review_status(rule, TODAY).checked == "Checked by Dr Example"
    assert "Dr Example" not in str(review_status(rule, TODAY, {"rule": signed()}))


def test_the_status_can_say_that_nobody_has_checked_a_rule() -> None:
    status = review_status(item("rule"), TODAY)
    assert (status.checked, status.checked_or_not) == ("", "Not checked by a clinician yet")


def test_the_status_as_text_has_both_sentences() -> None:
    assert str(review_status(item("rule"), TODAY)) == "Not checked by a clinician yet. Next review 1 November 2027."


@pytest.mark.parametrize(
    ("reviews", "sentence"),
    [
        pytest.param({}, "The review of 3 rules is overdue: first, second and third.", id="three"),
        pytest.param({"first": signed()}, "The review of 2 rules is overdue: second and third.", id="two"),
        pytest.param(
            {"first": signed(), "third": signed()}, "The review of 1 rule is overdue: second.", id="one of them"
        ),
    ],
)
def test_overdue_rules_are_counted_and_named(reviews: Reviews, sentence: str) -> None:
    assert review_remarks(THREE, AFTER, reviews)[0] == sentence


def test_if_all_of_many_rules_are_overdue_they_are_only_counted() -> None:
    assert review_remarks(shipped_rules(), AFTER) == ("The review of all 5 rules is overdue.", NOT_REVIEWED)


def test_if_some_of_many_rules_are_overdue_they_are_named() -> None:
    sentence = review_remarks(shipped_rules(), AFTER, {"naltrexone-product": signed()})[0]
    assert sentence == (
        "The review of 4 rules is overdue: opioid use, severe liver disease, pregnancy and breastfeeding."
    )


def test_an_edition_reviewed_in_time_has_no_remarks() -> None:
    assert review_remarks(THREE, TODAY, dict.fromkeys(("first", "second", "third"), signed())) == ()


def test_the_remarks_have_a_fixed_order() -> None:
    assert review_remarks(definition(item("rule")), AFTER, without_second_reviewer=True) == (
        "The review of 1 rule is overdue: rule.",
        "This edition was published without a second reviewer.",
        NOT_REVIEWED,
    )
