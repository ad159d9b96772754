"""The CSV of the safety figures: its rows, its name, and what it logs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import Definition, from_json, to_json
from screening.models import AuditEvent, Edition, User
from tests.decisions import decided
from tests.factories import NALTREXONE, EditionFactory, ScreeningFactory, UserFactory
from tests.rules import shipped_rules
from tests.safety import RULES_CSV, csv_rows

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]


@pytest.fixture
def approver(client_of: ClientOf, edition: Edition) -> Client:
    """A test client on which an approver is signed in."""
    return client_of(UserFactory(role=Role.APPROVER, username="approver"))


def with_name(name: str) -> Definition:
    """Return the shipped rules with another name for opioid use."""
    plain = json.loads(to_json(shipped_rules()))
    plain["items"][0]["name"] = name
    return from_json(json.dumps(plain))


def test_there_is_a_row_for_each_rule_of_each_edition(approver: Client) -> None:
    second = EditionFactory(definition=with_name("opioids"))
    ScreeningFactory(edition=second, taking_opioid=True)
    ScreeningFactory(edition=second)
    rows = csv_rows(approver.get(RULES_CSV))
    assert [(row["Edition"], row["Rule"]) for row in rows][4:6] == [("1", "naltrexone-product"), ("2", "opioid-use")]
    assert len(rows) == 10
    assert list(rows[5].items())[:10] == [
        ("Edition", "2"),
        ("Rule", "opioid-use"),
        ("Name", "Opioids"),
        ("Asked", "2"),
        ("Flagged", "1"),
        ("Not known", "0"),
        ("Not applicable", "0"),
        ("No", "1"),
        ("Flagged by the list beside a no", "0"),
        ("Overridden", "0"),
    ]
    assert (rows[0]["Asked"], rows[0]["Flagged"]) == ("0", "0")


def test_each_reason_for_overriding_has_a_column(approver: Client) -> None:
    decided(ScreeningFactory(taking_opioid=True), DecisionCode.PRESCRIBE, by=UserFactory(role=Role.PRESCRIBER))
    row = csv_rows(approver.get(RULES_CSV))[0]
    reasons = {name: number for name, number in row.items() if name.startswith("Overridden: ")}
    assert reasons.pop("Overridden: risk-benefit-ratio") == row["Overridden"] == "1"
    assert len(reasons) == 7
    assert set(reasons.values()) == {"0"}


def test_a_rule_without_a_question_has_no_number_of_times_asked(approver: Client) -> None:
    ScreeningFactory(listed=NALTREXONE)
    row = csv_rows(approver.get(RULES_CSV))[-1]
    assert (row["Rule"], row["Asked"], row["Flagged"], row["No"]) == ("naltrexone-product", "", "1", "")


def test_the_same_filters_select(approver: Client) -> None:
    ScreeningFactory()
    EditionFactory()
    assert {row["Edition"] for row in csv_rows(approver.get(f"{RULES_CSV}?edition=2"))} == {"2"}
    assert {row["Asked"] for row in csv_rows(approver.get(f"{RULES_CSV}?to=1 Jan 2020"))} == {"0", ""}


def test_the_file_is_named_after_its_filters(approver: Client) -> None:
    response = approver.get(f"{RULES_CSV}?edition=1&from=1 Sep 2026")
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="safety-rules-edition-1-from-2026-09-01.csv"'
    )
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbfEdition,")


def test_a_name_that_looks_like_a_formula_is_escaped(approver: Client) -> None:
    EditionFactory(definition=with_name('=HYPERLINK("x")'))
    assert csv_rows(approver.get(f"{RULES_CSV}?edition=2"))[0]["Name"] == '\'=HYPERLINK("x")'


def test_the_export_is_one_audit_event_with_its_filters(approver: Client) -> None:
    approver.get(f"{RULES_CSV}?edition=1&to=1 Sep 2026")
    event = AuditEvent.objects.get(action="safety.exported")
    assert event.details == {"page": "safety_rules_csv", "edition": "1", "to": "2026-09-01"}
    assert (event.actor_name, event.actor_role) == ("approver", "approver")


def test_the_export_has_no_patient(approver: Client) -> None:
    screening = ScreeningFactory(taking_opioid=True)
    text = approver.get(RULES_CSV).content.decode()
    assert [each for each in (screening.patient_name, screening.record_number) if each in text] == []
