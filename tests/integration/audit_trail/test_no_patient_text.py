"""No page of the audit trail holds a word about a patient, and every page that records access has a name there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.audit_trail.words import PAGES
from screening.models import AuditEvent, Screening, User
from tests.decisions import decide
from tests.drafts import started
from tests.factories import UserFactory
from tests.integration.accounts.test_permissions import EXPECTATIONS, address_in
from tests.pages import AMENDMENT, CLEAR_FORM, OPIOID_FORM, PAPER_FORM, TRANSCRIBE, address_of, send
from tests.trail import TRAIL, all_rows, file_text

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
PATIENT = [
    "Quixwright",
    "Zebulon",
    "1961-04",
    "apr 1961",
    "april 1961",
    "DEMO-7788",
    "fibromyalgia",
    "tramadol",
    "percocet",
]


def recorded(client: Client, form: dict[str, object], **changes: str) -> Screening:
    assert send(client, form, **changes).status_code == 302
    return Screening.objects.latest("pk")


def test_no_patient_text_is_in_the_trail_after_a_whole_walk(auditor: Client, client_of: ClientOf) -> None:
    clinician = client_of(UserFactory(role=Role.CLINICIAN, username="reader"))
    prescriber = client_of(UserFactory(role=Role.PRESCRIBER, username="decider"))
    who = {"patient_name": "Zebulon Quixwright", "record_number": "DEMO-7788", "medications": "Percocet 5 mg"}
    first = recorded(clinician, OPIOID_FORM, **who)
    assert send(clinician, CLEAR_FORM, **who | {"patient_name": "Other Quixwright"}).status_code == 422
    for page in ("", "print/", "summary.pdf", "summary.txt", "others/", "amend/", "void/", "looks/"):
        assert clinician.get(address_of(first, page)).status_code == 200
    for words in ("Quixwright", "DEMO-7788"):
        assert clinician.post("/screenings/", {"q": words}).status_code == 200
    assert decide(prescriber, first, "refer", **{"opioid-use__reason": None}).status_code == 422
    assert decide(prescriber, first, "refer").status_code == 302
    second_form = AMENDMENT | who | {"amendment_reason": "Quixwright stopped the Percocet"}
    assert clinician.post(address_of(first, "amend/"), second_form).status_code == 302
    last = Screening.objects.latest("pk")
    void = {"void_reason": "Zebulon is another person", "confirmation": last.short_id}
    assert clinician.post(address_of(last, "void/"), void).status_code == 302
    assert send(clinician, PAPER_FORM, TRANSCRIBE, **who).status_code == 302
    assert auditor.get(TRAIL, {"person": "Zebulon Quixwright"}).status_code == 200
    assert auditor.get(TRAIL, {"record": "DEMO-7788"}).status_code == 422
    shown = str(all_rows(auditor)).lower() + file_text(auditor).lower()
    assert "screenings.searched" in shown
    assert "decision.recorded" in shown
    assert [word for word in PATIENT if word.lower() in shown] == []


def test_every_page_that_records_access_has_a_name(
    auditor: Client, client_of: ClientOf, screening: Screening, clinician: User
) -> None:
    people = {role: client_of(UserFactory(role=role)) for role in Role}
    for expected in EXPECTATIONS.values():
        if expected.needs_sign_in and not expected.is_draft_page:
            address = address_in(expected, screening)
            for role in sorted(expected.roles):
                people[role].get(address)
    people[Role.CLINICIAN].post("/screenings/", {"q": "sample"})
    started()
    assert people[Role.CLINICIAN].get(EXPECTATIONS["draft_call_back"].address).status_code == 200
    form = CLEAR_FORM | {"record_number": screening.record_number, "patient_name": "Another Person"}
    for address in ("/screenings/new/", "/screenings/new/medications/", TRANSCRIBE):
        people[Role.CLINICIAN].post(address, PAPER_FORM | form)
    people[Role.PRESCRIBER].post(address_of(screening, "amend/medications/"), AMENDMENT)
    reads = AuditEvent.objects.exclude(action="access.refused").values_list("details", flat=True)
    pages = {str(details["page"]) for details in reads if "page" in details}
    assert len(pages) > 15
    assert sorted(pages - PAGES.keys()) == []
