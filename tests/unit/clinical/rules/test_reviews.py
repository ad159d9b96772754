"""Until when the text of a rule counts as reviewed, and how that is told."""

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
    remarks,
    review_of,
)
from tests.rules import shipped_rules
from tests.unit.builders import TODAY, definition, item, listed_item, signed

DUE = date(2027, 11, 1)
AFTER = DUE + timedelta(days=1)
THREE = definition(item("first"), item("second"), listed=(listed_item("third"),))
NOT_REVIEWED = "Rule text not yet reviewed by a clinician of this organisation."


# When it is due -----------------------------------------------------------------------------------------------


def test_without_a_signature_the_rules_own_day_counts() -> None:
    assert next_review(item("rule"), {"other": signed()}) == DUE


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2029, 1, 1)], ids=["earlier", "later"])
def test_the_day_that_was_signed_counts_before_the_rules_own(day: date) -> None:
    assert next_review(item("rule"), {"rule": signed(next_review=day)}) == day


@pytest.mark.parametrize(
    ("on", "past"),
    [
        pytest.param(DUE, (), id="the day itself"),
        pytest.param(AFTER, ("first", "second", "third"), id="the day after"),
    ],
)
def test_a_rule_is_overdue_from_the_day_after_whether_it_is_asked_or_not(on: date, past: tuple[str, ...]) -> None:
    assert overdue(THREE, on) == past


def test_a_rule_that_was_signed_is_no_longer_overdue() -> None:
    assert overdue(THREE, AFTER, {"second": signed()}) == ("first", "third")


def test_a_signature_whose_day_is_past_is_overdue() -> None:
    assert overdue(THREE, TODAY, {"second": signed(next_review=TODAY - timedelta(days=1))}) == ("second",)


@pytest.mark.parametrize(
    ("signed_on", "latest"),
    [
        (date(2026, 11, 23), date(2029, 11, 23)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2027, 2, 28), date(2030, 2, 28)),
    ],
    ids=["a plain day", "leap day", "the last of February"],
)
def test_a_review_holds_for_at_most_three_years(signed_on: date, latest: date) -> None:
    assert latest_next_review(signed_on) == latest


# Whether it was reviewed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "reviews", "reviewed"),
    [
        pytest.param(definition(item("rule")), {}, False, id="nobody signed"),
        pytest.param(definition(item("rule", checked_by="Dr Example")), {}, True, id="checked in the rule set"),
        pytest.param(definition(item("rule")), {"rule": signed()}, True, id="signed since"),
        pytest.param(
            definition(item("one", checked_by="Dr E"), item("two")), {"two": signed()}, True, id="both ways"
        ),
        pytest.param(THREE, {"first": signed(), "second": signed()}, False, id="one that is not asked is left"),
        pytest.param(definition(item("rule")), {"other": signed()}, False, id="another rule"),
    ],
)
def test_an_edition_is_reviewed_when_every_rule_was_signed(
    rules: Definition, reviews: Reviews, *, reviewed: bool
) -> None:
    assert is_reviewed(rules, reviews) is reviewed


# In words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "due"), [(DUE, "Next review 1 November 2027"), (AFTER, "Review overdue since 1 November 2027")]
)
def test_a_rule_says_when_its_review_is_due_or_since_when_it_is_overdue(on: date, due: str) -> None:
    said = review_of(item("rule"), on)
    assert (said.due, said.is_overdue) == (due, due.startswith("Review overdue"))


def test_a_signature_is_told_with_name_role_day_and_next_review() -> None:
    said = review_of(item("rule"), AFTER, {"rule": signed()})
    assert said.checked == "Checked by Ada Example, clinician, on 23 November 2026"
    assert (said.due, said.is_overdue) == ("Next review 1 November 2028", False)


def test_the_latest_signature_is_told_in_place_of_who_checked_the_rule_set() -> None:
    rule = item("rule", checked_by="Dr Example")
    assert review_of(rule, TODAY).checked == "Checked by Dr Example"
    assert "Dr Example" not in str(review_of(rule, TODAY, {"rule": signed()}))


def test_that_nobody_checked_a_rule_is_told_only_where_it_is_asked_for() -> None:
    said = review_of(item("rule"), TODAY)
    assert (said.checked, said.checked_or_not) == ("", "Not checked by a clinician yet")


def test_all_of_it_can_be_told_at_once() -> None:
    assert str(review_of(item("rule"), TODAY)) == "Not checked by a clinician yet. Next review 1 November 2027."


@pytest.mark.parametrize(
    ("reviews", "said"),
    [
        pytest.param({}, "The review of 3 rules is overdue: first, second and third.", id="three"),
        pytest.param({"first": signed()}, "The review of 2 rules is overdue: second and third.", id="two"),
        pytest.param(
            {"first": signed(), "third": signed()}, "The review of 1 rule is overdue: second.", id="one of them"
        ),
    ],
)
def test_the_rules_that_are_overdue_are_counted_and_named(reviews: Reviews, said: str) -> None:
    assert remarks(THREE, AFTER, reviews)[0] == said


def test_where_every_rule_of_many_is_overdue_they_are_counted_only() -> None:
    assert remarks(shipped_rules(), AFTER) == ("The review of all 5 rules is overdue.", NOT_REVIEWED)


def test_of_many_rules_those_that_are_overdue_are_named_while_one_is_not() -> None:
    said = remarks(shipped_rules(), AFTER, {"naltrexone-product": signed()})[0]
    assert said == (
        "The review of 4 rules is overdue: opioid use, severe liver disease, pregnancy and breastfeeding."
    )


def test_of_an_edition_that_was_reviewed_in_time_nothing_has_to_be_known() -> None:
    assert remarks(THREE, TODAY, dict.fromkeys(("first", "second", "third"), signed())) == ()


def test_what_has_to_be_known_comes_in_a_fixed_order() -> None:
    assert remarks(definition(item("rule")), AFTER, without_second_reviewer=True) == (
        "The review of 1 rule is overdue: rule.",
        "This edition was published without a second reviewer.",
        NOT_REVIEWED,
    )
