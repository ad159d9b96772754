"""Every action has a label, and details are in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from screening.audit.actions import Action
from screening.audit_trail.events import LOOKS, Event
from screening.audit_trail.words import ACTION_GROUPS, ACTION_LABELS, label_of, page_of, row_of
from screening.clinical.evaluation.decision import Fault

RECORD = "5d3a91c7-0000-4000-8000-000000000000"


def event(action: str, subject: str = "", seal: str | None = None, **details: Any) -> Event:
    return Event(1, datetime(2026, 11, 29, tzinfo=UTC), "person1", "clinician", action, subject, None, details, seal)


def test_every_action_has_one_label() -> None:
    grouped = [action for group in ACTION_GROUPS.values() for action in group]
    assert sorted(grouped) == sorted(Action)
    assert len(set(ACTION_LABELS.values())) == len(Action)


def test_every_look_has_a_page_even_without_its_name() -> None:
    assert all(page_of(event(action))[0].isupper() for action in LOOKS)


@pytest.mark.parametrize(
    ("why", "label"),
    [
        ("role", "Decision refused: no role that decides"),
        ("not-current", "Decision refused: the record was superseded or voided"),
        ("decided-meanwhile", "Decision refused: somebody else decided meanwhile"),
        ("pregnancy reason-missing", "Decision refused: 1 reason missing"),
        (
            "opioid-use reason-missing, pregnancy reason-missing, override-not-confirmed",
            "Decision refused: 2 reasons missing, override not confirmed",
        ),
        ("decided_dose_mg", "Decision refused: decided dose mg"),
        ("", "Decision refused"),
        (", ", "Decision refused"),
    ],
)
def test_a_refused_decision_says_why(why: str, label: str) -> None:
    assert label_of(event(Action.DECISION_REFUSED, why=why)) == label


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_of_a_decision_is_in_words(fault: Fault) -> None:
    assert "-" not in label_of(event(Action.DECISION_REFUSED, why=f"opioid-use {fault}"))


def test_an_account_change_names_only_what_differs() -> None:
    details = {"roles_before": "", "roles_after": "editor", "state_before": "active", "state_after": "active"}
    row = row_of(event(Action.ACCOUNT_CHANGED, name_before="A", name_after="B", **details))
    assert (row.label, row.details) == ("Account changed: roles none → editor, name", "")


def test_refusals_are_marked() -> None:
    assert row_of(event(Action.ACCESS_REFUSED, page="draft_publish", method="POST")).is_refusal
    assert not row_of(event(Action.SIGNED_IN)).is_refusal


def test_a_refused_page_without_a_name_is_in_the_details() -> None:
    row = row_of(event(Action.ACCESS_REFUSED, page="draft_publish", method="POST"))
    assert (row.label, row.details) == ("Access refused", "page: draft_publish; method: POST")


def test_a_record_in_the_details_is_shown_by_its_short_id() -> None:
    row = row_of(event(Action.SCREENING_SUPERSEDED, RECORD, later=RECORD))
    assert (row.details, row.subject, str(row.record)) == ("later: 5d3a-91c7", "", RECORD)


@pytest.mark.parametrize("subject", ["edition 1", "person1", "", "x" * 36, RECORD.replace("-", "")])
def test_any_other_subject_is_no_record(subject: str) -> None:
    row = row_of(event(Action.SIGNED_IN, subject))
    assert (row.record, row.subject) == (None, subject)


def test_a_seal_is_named_by_the_first_eight_digits_of_its_hash() -> None:
    assert row_of(event(Action.SIGNED_IN, seal="8c4107de" + "0" * 56)).seal == "8c41-07de"
    assert row_of(event(Action.SIGNED_IN)).seal == ""


def test_a_client_without_an_address_is_not_on_the_command_line() -> None:
    assert row_of(event(Action.SIGNED_IN)).address == "not known"
