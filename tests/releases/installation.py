"""A small installation that was used in every way, and the words of its screenings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from screening.accounts.permissions import Role
from screening.accounts.sessions.actions import SentForm, store_form
from screening.clinical.rules.deciding import DecisionCode
from screening.drafts import actions as draft_actions
from screening.editions.actions import confirm_review
from screening.models import Edition, Screening, User
from tests.decisions import decided
from tests.drafts import acting, proposed
from tests.factories import EditionFactory, PaperFormFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import address_of
from tests.past import add_local_name
from tests.second_factors import add_totp

MADE_AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
READ_AT = datetime(2026, 12, 5, 17, 30, tzinfo=UTC)
READER = "release.reader"
"""The clinician as whom the words are read."""

KINDS: list[dict[str, Any]] = [
    {"taking_opioid": True},
    {"liver_not_known": True},
    {"all_flagged": True},
    {"taking_opioid": True, "liver_not_known": True},
    {},
    {"taking_opioid": True, "superseded": True},
    {"voided": True},
]
LIST = "Zorbelan 5 mg\nЭналаприл 5 мг\nCodeine stopped 1 Jan 2020\nAllergy: morphine"


def use_in_every_way() -> None:
    """Record what people of all roles can record."""
    people: dict[Role, User] = {
        role: UserFactory(role=role, username=f"release.{role}", last_name=f"Ä {role}") for role in Role
    }
    UserFactory(username=READER, role=Role.CLINICIAN)
    add_totp(people[Role.PRESCRIBER])
    SocialAccount.objects.create(user=people[Role.AUDITOR], provider="oidc", uid="1", extra_data={"groups": ["a"]})
    _screen_and_decide(EditionFactory(lexicon=None, at=MADE_AT - timedelta(days=90)), people)
    add_local_name()
    edition = EditionFactory(change_note="Reads medication lists", at=MADE_AT - timedelta(days=30))
    _screen_and_decide(edition, people)
    _screen_with_lists(edition, by=people[Role.CLINICIAN])
    _work_on_rules(edition, people)
    fields = [("patient_name", ["Sample Unsent"]), ("opioid-use.answer", ["no"])]
    store_form(people[Role.CLINICIAN].pk, SentForm("/screenings/new/", "New screening", fields))


def _screen_and_decide(edition: Edition, people: dict[Role, User]) -> None:
    at, by = edition.published_at + timedelta(days=2, microseconds=123457), people[Role.CLINICIAN]
    records = [ScreeningFactory(edition=edition, by=by, at=at, **each) for each in KINDS]
    patient = PatientFactory(name="Łukasz Sample-李明", record_number=f"DEMO-Ä {edition.number}")
    ScreeningFactory(edition=edition, by=by, at=at, patient=patient)
    for screening, code in zip(records, [*DecisionCode, DecisionCode.DEFER], strict=False):
        record = Screening.objects.with_status().get(pk=screening.pk).last_amendment()
        decided(record, code, by=people[Role.PRESCRIBER], at=at + timedelta(hours=3))
    again = Screening.objects.with_status().get(pk=records[0].pk)
    decided(again, by=people[Role.PRESCRIBER], at=at + timedelta(hours=5))


def _screen_with_lists(edition: Edition, *, by: User) -> None:
    for kind in ("opioid_in_list", "naltrexone_in_list", "nothing_in_list"):
        ScreeningFactory(edition=edition, by=by, **{kind: True})
    ScreeningFactory(edition=edition, by=by, listed=LIST, local_names=edition.local_names())
    paper = PaperFormFactory()
    ScreeningFactory(edition=edition, by=by, paper=paper, at=paper.completed_at, taking_opioid=True)


def _work_on_rules(edition: Edition, people: dict[Role, User]) -> None:
    """Confirm the review of a rule, and leave an open draft that was changed and sent back."""
    approver = acting(people[Role.APPROVER], Role.APPROVER)
    next_review = MADE_AT.date() + timedelta(days=365)
    confirm_review(edition, ["pregnancy"], next_review=next_review, note="Still correct", **approver)
    draft = proposed(people[Role.EDITOR], basis="Another basis, not published.")
    draft_actions.send_back(draft, comment="One more source", **approver)


def summaries() -> dict[str, list[str]]:
    """Return the lines of each screening's plain text by its id, read by one person at one time."""
    with time_machine.travel(READ_AT, tick=False):
        client = Client()
        client.force_login(User.objects.get(username=READER))
        found = {str(each.uuid): client.get(address_of(each, "summary.txt")) for each in Screening.objects.all()}
    assert {page.status_code for page in found.values()} == {200}
    return {uuid: page.content.decode().splitlines() for uuid, page in found.items()}
