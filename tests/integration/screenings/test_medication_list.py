"""The medication list on the form: checked with and without scripts, and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.medications.reader import MedicationList, Recogniser
from screening.models import AuditEvent, Edition, Screening, User
from screening.screenings.form_ticket import FormTicket
from tests.factories import EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import (
    AMENDMENT,
    CLEAR_FORM,
    NEW,
    OPIOID_FORM,
    WRONG_OWNER,
    address_of,
    as_filled,
    beside,
    form_on,
    messages,
    send,
    ticket,
    words,
)
from tests.queries import capture_queries
from tests.rules import changed_rules, rules_with_two_more

pytestmark = pytest.mark.django_db

CHECK_NEW = "/screenings/new/medications/"
CHECK = "/screenings/medications/"
LIST = "Current medication:\nMetformin 500 mg bd\nPercocet 5/325, one at night\nAllergies: codeine"
NO_OPIOID = "No opioid recognised in this list; that does not show there is none."
FOUND, QUESTION = "//*[@data-listed='found']", "//*[@data-rule='opioid-use']"
CONFLICT = "//*[@data-rule='opioid-use']//*[contains(@class, 'more-no')]"

INVALID = {
    "a NUL": ("oxy\0codone", "This is not text: line 1"),
    "a binary file": ("\x7fELF\x02\x01\x01\0\0\0" * 500, "This is not text: line 1"),
    "one character too many": ("x" * 20_001, "Use at most 20,000 characters; this has 20,001."),
    "two megabytes": ("oxycodone 5 mg\r\n" * 125_000, "Use at most 20,000 characters; this has"),
    "two megabytes of another script": ("أوكسيكودون\r\n" * 90_000, "Use at most 20,000 characters; this has"),
}
VALID = {
    "HTML": "<b>Percocet</b><script>alert(1)</script>",
    "one very long line": "aspirin 75 mg, " * 600 + "Percocet 5 mg, " + "aspirin 75 mg, " * 600,
    "right-to-left marks": "\u202ePer\u200bcoc\u00adet\u202c 5 mg",
    "a whole letter": "Dear colleague,\r\n\r\nthank you. She takes:\r\n\uf0b7\tPercocet 5/325 at night\r\n\r\nYours",
    "ten thousand lines": "a\r\n" * 9_990 + "Percocet",
}

ClientOf = Callable[[User], Client]


def filled(client: Client, address: str = NEW, **changes: Any) -> dict[str, Any]:
    """Open the form and return it completed, with a list; ``__`` in a name stands for a dot."""
    given = {name.replace("__", "."): value for name, value in changes.items()}
    return {"form_ticket": ticket(client, address), **CLEAR_FORM, "medications": LIST, **given}


@pytest.fixture
def earlier(edition: Edition, clinician: User) -> Screening:
    """A record of the clinician, with a list."""
    return ScreeningFactory(by=clinician, listed=LIST, patient=PatientFactory(record_number="DEMO-0001"))


# The form -----------------------------------------------------------------------------------------------------


def test_the_list_is_between_the_patient_and_the_questions(client: Client, edition: Edition) -> None:
    names = html.fromstring(client.get(NEW).content.decode()).xpath("//form[@data-screening-form]//@name")
    assert names.index("indication") < names.index("medications") < names.index("opioid-use")


def test_the_form_of_an_edition_without_names_has_no_list(client: Client, db: None) -> None:
    EditionFactory(lexicon=None)
    assert b'name="medications"' not in client.get(NEW).content
    response = send(client, CLEAR_FORM, medications="Percocet")
    assert response.status_code == 422
    assert "no field “medications”" in messages(response)[0]


def test_enter_in_a_text_field_records_the_form(client: Client, edition: Edition) -> None:
    for page in (client.get(NEW), client.post(CHECK_NEW, filled(client))):
        (form,) = html.fromstring(page.content.decode()).xpath("//form[@data-screening-form]")
        first = form.xpath(".//button | .//input[@type='submit']")[0]
        assert first.get("formaction") is None
        assert form.action == NEW


def test_the_button_submits_to_the_page_that_checks_the_list(client: Client, earlier: Screening) -> None:
    for page, address in (
        (NEW, CHECK_NEW),
        (address_of(earlier, "amend/"), address_of(earlier, "amend/medications/")),
    ):
        content = client.get(page).content.decode()
        assert html.fromstring(content).xpath("//button[@formaction]/@formaction") == [address]


# Recorded -----------------------------------------------------------------------------------------------------


def test_a_list_is_stored_with_what_was_found_in_it(client: Client, edition: Edition) -> None:
    assert send(client, CLEAR_FORM, medications=LIST.replace("\n", "\r\n")).status_code == 302
    listed = Screening.objects.get().listed
    assert listed.text == LIST
    assert [each.term for each in listed.current_opioids] == ["Percocet"]
    assert Screening.objects.get().outcome == "contraindication_flagged"


@pytest.mark.parametrize("blank", ["", "  \r\n ", "\u200b"])
def test_a_blank_list_is_not_stored(client: Client, edition: Edition, blank: str) -> None:
    assert send(client, CLEAR_FORM, medications=blank).status_code == 302
    assert not Screening.objects.get().listed


@pytest.mark.parametrize("case", VALID)
def test_any_pasted_text_is_recorded_and_shown(client: Client, edition: Edition, case: str) -> None:
    response = send(client, CLEAR_FORM, medications=VALID[case])
    assert response.status_code == 302
    assert [each.product for each in Screening.objects.get().listed.current_opioids] == ["Percocet"]
    assert b"<script>alert" not in client.get(response.headers["Location"]).content


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_list_comes_back_whole_with_a_message(client: Client, edition: Edition, case: str) -> None:
    text, message = INVALID[case]
    for address in (NEW, CHECK_NEW):
        response = client.post(address, filled(client, medications=text))
        assert response.status_code == 422
        assert [message for message in messages(response) if message in message] == messages(response)
        assert any(message in each for each in beside(response, "medications"))
        content = response.content.decode()
        assert content.count(text[:40].replace("\r\n", "\n").splitlines()[0]) >= 1
        assert len(content) > len(text)
    assert not Screening.objects.exists()


def test_the_list_is_read_once_when_it_is_recorded(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, read = [], Recogniser.read

    def read_and_note(recogniser: Recogniser, text: str, on: date) -> MedicationList:
        texts.append(text)
        return read(recogniser, text, on)

    monkeypatch.setattr(Recogniser, "read", read_and_note)
    for address, status in ((NEW, 302), (CHECK_NEW, 200), (CHECK, 200)):
        sent = filled(client) if address != CHECK else {"medications": LIST}
        texts.clear()
        assert client.post(address, sent).status_code == status
        assert texts == [LIST]


# Checked without scripts --------------------------------------------------------------------------------------


def test_checking_shows_what_was_found_and_keeps_all_entries(client: Client, edition: Edition) -> None:
    sent = filled(client) | {name: value for name, value in OPIOID_FORM.items() if name.startswith("opioid-use")}
    response = client.post(CHECK_NEW, sent)
    assert response.status_code == 200
    assert "1 line contains an opioid." in words(response, FOUND)
    assert "Line 3 Percocet 5/325, one at night" in words(response, FOUND)
    assert "Mentioned, not counted as current Line 4 Allergies: codeine" in words(response, FOUND)
    assert form_on(response).fields == as_filled(
        {name: value for name, value in sent.items() if name != "form_ticket"}
    )


def test_checking_records_and_logs_nothing(client: Client, edition: Edition) -> None:
    sent, before = filled(client), AuditEvent.objects.count()
    client.post(CHECK_NEW, sent)
    client.post(CHECK, {"medications": LIST})
    assert not Screening.objects.exists()
    assert AuditEvent.objects.count() == before


def test_the_form_keeps_its_ticket_and_is_recorded_once(client: Client, edition: Edition) -> None:
    sent = filled(client)
    checked = client.post(CHECK_NEW, sent)
    assert FormTicket.read(form_on(checked).ticket) == FormTicket.read(sent["form_ticket"])
    assert {client.post(NEW, sent).status_code for _ in range(2)} == {302}
    assert Screening.objects.count() == 1


def test_checking_shows_no_other_errors(client: Client, edition: Edition) -> None:
    response = client.post(CHECK_NEW, {"medications": LIST, "birth_date": "nonsense", "unheard_of": "x"})
    assert response.status_code == 200
    assert messages(response) == []
    assert "Error:" not in words(response, "//title | //main")
    assert form_on(response).fields["birth_date"] == ["nonsense"]


def test_the_result_of_checking_has_the_focus(client: Client, edition: Edition) -> None:
    response = client.post(CHECK_NEW, filled(client))
    (focus,) = html.fromstring(response.content.decode()).xpath("//*[@autofocus]")
    assert focus.get("data-listed") == "found"


def test_a_list_without_an_opioid_says_that_this_does_not_show_there_is_none(
    client: Client, edition: Edition
) -> None:
    response = client.post(CHECK_NEW, filled(client, medications="Metformin 500 mg"))
    assert words(response, FOUND) == NO_OPIOID
    assert words(response, CONFLICT) == ""


def test_a_naltrexone_product_is_a_caution_and_no_conflict(client: Client, edition: Edition) -> None:
    response = client.post(CHECK_NEW, filled(client, medications="Naltrexone 50 mg daily"))
    assert words(response, FOUND).startswith(f"{NO_OPIOID} Caution. Another naltrexone product is in the list")
    assert words(response, CONFLICT) == ""


def test_the_question_shows_what_was_found_and_preselects_nothing(client: Client, edition: Edition) -> None:
    response = client.post(CHECK_NEW, filled(client, opioid_use=""))
    assert "Found in the list: oxycodone (Percocet, line 3)." in words(response, QUESTION)
    sent = {"medications": LIST, "form_ticket": ticket(client)}
    assert form_on(client.post(CHECK_NEW, sent)).fields == {"medications": [LIST]}


def test_no_in_conflict_with_the_list_shows_the_conflict(client: Client, edition: Edition) -> None:
    response = client.post(CHECK_NEW, filled(client))
    assert "“No” conflicts with the list" in words(response, CONFLICT)
    assert "The conflict will be flagged" in words(response, CONFLICT)


def test_opening_the_url_for_checking_redirects_to_the_form(client: Client, earlier: Screening) -> None:
    assert client.get(CHECK_NEW).headers["Location"] == NEW
    amend = address_of(earlier, "amend/")
    assert client.get(f"{amend}medications/").headers["Location"] == amend


def test_a_form_of_an_earlier_edition_is_checked_under_that_edition(client: Client, edition: Edition) -> None:
    sent = filled(client)
    EditionFactory(definition=rules_with_two_more(question="Could the patient be pregnant?"))
    checked = client.post(CHECK_NEW, sent)
    assert checked.status_code == 200
    assert FormTicket.read(form_on(checked).ticket) == FormTicket.read(sent["form_ticket"])
    assert client.post(NEW, sent).status_code == 409


def test_an_invalid_ticket_is_replaced(client: Client, edition: Edition) -> None:
    response = client.post(CHECK_NEW, {"medications": LIST, "form_ticket": "x"})
    assert response.status_code == 200
    assert form_on(response).ticket not in {"", "x"}


# Amending -----------------------------------------------------------------------------------------------------


def test_an_amendment_fills_in_the_earlier_list_and_shows_what_it_names(client: Client, earlier: Screening) -> None:
    page = client.get(address_of(earlier, "amend/"))
    assert form_on(page).fields["medications"] == [LIST]
    assert "1 line contains an opioid." in words(page, FOUND)
    assert html.fromstring(page.content.decode()).xpath("//*[@autofocus]") == []


def test_an_amendment_is_checked_and_recorded(client: Client, earlier: Screening) -> None:
    amend = address_of(earlier, "amend/")
    sent = {"form_ticket": ticket(client, amend), **AMENDMENT, "medications": "Metformin 500 mg"}
    checked = client.post(f"{amend}medications/", sent)
    assert checked.status_code == 200
    assert words(checked, FOUND) == NO_OPIOID
    assert form_on(checked).action == amend
    assert form_on(checked).fields["amendment_reason"] == [AMENDMENT["amendment_reason"]]
    assert client.post(amend, sent).status_code == 302
    assert Screening.objects.get(supersedes=earlier).listed.text == "Metformin 500 mg"


def test_the_list_of_another_persons_record_is_not_checked(client: Client, edition: Edition) -> None:
    of_another = address_of(ScreeningFactory(listed=LIST), "amend/medications/")
    assert client.post(of_another, AMENDMENT).status_code == 403


# Forms that come back -----------------------------------------------------------------------------------------


def test_a_form_with_errors_shows_what_the_list_names(client: Client, edition: Edition) -> None:
    response = client.post(NEW, filled(client, birth_date="nonsense"))
    assert response.status_code == 422
    assert "1 line contains an opioid." in words(response, FOUND)


def test_a_form_of_a_changed_edition_shows_what_the_list_names(client: Client, edition: Edition) -> None:
    sent = filled(client)
    EditionFactory(definition=changed_rules(pregnancy={"question": "Could the patient be pregnant now?"}))
    response = client.post(NEW, sent)
    assert response.status_code == 409
    assert form_on(response).fields["medications"] == [LIST]
    assert "1 line contains an opioid." in words(response, FOUND)


def test_a_form_of_a_new_edition_without_names_comes_back_without_a_list(client: Client, edition: Edition) -> None:
    sent = filled(client)
    EditionFactory(lexicon=None)
    response = client.post(NEW, sent)
    assert response.status_code == 409
    assert "medications" not in form_on(response).fields
    assert messages(response) == []


def test_resubmitting_a_form_with_another_list_is_a_conflict(client: Client, edition: Edition) -> None:
    sent = filled(client)
    assert client.post(NEW, sent).status_code == 302
    response = client.post(NEW, sent | {"medications": "Metformin"})
    assert response.status_code == 409
    assert form_on(response).fields["medications"] == ["Metformin"]
    assert words(response, FOUND) == NO_OPIOID
    assert Screening.objects.count() == 1


def test_after_the_sign_in_ended_the_list_comes_back_to_be_sent_again(client: Client, edition: Edition) -> None:
    sent = filled(client)
    Session.objects.all().delete()
    for address in (NEW, CHECK_NEW):
        response = client.post(address, sent | WRONG_OWNER)
        assert response.status_code == 403
        values = html.fromstring(response.content.decode()).xpath("//input[@name='medications']/@value")
        assert [each.replace("\r\n", "\n") for each in values] == [LIST]


def test_a_form_with_a_replaced_csrf_token_comes_back_checked(clinician: User, edition: Edition) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clinician)
    ours = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    response = strict.post(CHECK_NEW, CLEAR_FORM | WRONG_OWNER | {"medications": LIST}, headers=ours)
    assert response.status_code == 403
    assert form_on(response).fields["medications"] == [LIST]
    assert "1 line contains an opioid." in words(response, FOUND)


# Checked by the script ----------------------------------------------------------------------------------------


def test_checking_returns_a_part_of_the_page(client: Client, edition: Edition) -> None:
    response = client.post(CHECK, {"medications": LIST})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    assert b"<html" not in response.content
    assert "1 line contains an opioid." in words(response, FOUND)
    assert "Found in the list" in words(response, "//*[@data-listed='opioid-use']")
    assert "conflicts" in words(response, "//*[@data-listed='opioid-use no']")
    assert words(response, "//*[@data-says]") == "1 line contains an opioid."


def test_the_part_has_the_same_words_as_the_page(client: Client, edition: Edition) -> None:
    part, page = client.post(CHECK, {"medications": LIST}), client.post(CHECK_NEW, filled(client))
    for place in (FOUND, "//*[@data-listed='opioid-use']", "//*[@data-listed='opioid-use no']"):
        assert words(part, place) == words(page, place)


def test_checking_a_blank_list_returns_nothing(client: Client, edition: Edition) -> None:
    response = client.post(CHECK, {"medications": " \r\n"})
    assert response.status_code == 200
    assert words(response, "//*") == ""


@pytest.mark.parametrize("case", INVALID)
def test_checking_an_invalid_list_returns_the_message(client: Client, edition: Edition, case: str) -> None:
    text, message = INVALID[case]
    response = client.post(CHECK, {"medications": text})
    assert response.status_code == 422
    assert message in words(response, FOUND)
    assert message in words(response, "//*[@data-says]")
    assert len(response.content) < 1_000


def test_checking_refuses_other_fields(client: Client, edition: Edition) -> None:
    response = client.post(CHECK, {"medications": LIST, "patient_name": "Sample Patient"})
    assert response.status_code == 422
    assert "Sample Patient" not in response.content.decode()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_people_who_may_not_screen_may_not_check(client_of: ClientOf, edition: Edition, role: Role) -> None:
    person = client_of(UserFactory(role=role))
    assert [person.post(address, {"medications": LIST}).status_code for address in (CHECK, CHECK_NEW)] == [403, 403]


def test_checking_is_not_found_under_an_edition_without_names(client: Client, db: None) -> None:
    assert client.post(CHECK, {"medications": LIST}).status_code == 404
    EditionFactory(lexicon=None)
    assert client.post(CHECK, {"medications": LIST}).status_code == 404


def test_checking_needs_the_csrf_token(clinician: User, edition: Edition) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clinician)
    assert strict.post(CHECK, {"medications": LIST}).status_code == 403


def test_no_log_contains_anything_of_a_list(
    client: Client, edition: Edition, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for text in (LIST, "oxycodone\0"):
            client.post(CHECK, {"medications": text})
            client.post(CHECK_NEW, filled(client, medications=text))
    assert not [each for each in caplog.messages if "ercocet" in each or "oxycodone" in each]


# Queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "queries"), [(LIST, 5), ("", 4)])
def test_checking_a_list_sends_one_more_query(client: Client, edition: Edition, text: str, queries: int) -> None:
    client.post(CHECK, {"medications": LIST})  # the first request of a process loads the names
    with capture_queries() as captured:
        assert client.post(CHECK, {"medications": text}).status_code == 200
    assert len(captured.on_data) <= queries, captured.on_data


def test_recording_without_a_list_does_not_query_local_names(client: Client, edition: Edition) -> None:
    form = {"form_ticket": ticket(client)} | CLEAR_FORM
    with capture_queries() as captured:
        assert client.post(NEW, form).status_code == 302
    assert [each for each in captured.on_data if "localname" in each] == []


# Too large ----------------------------------------------------------------------------------------------------


def test_a_request_that_is_too_large_gets_the_limit_and_the_way_back(client: Client, edition: Edition) -> None:
    response = client.post(NEW, CLEAR_FORM | {"medications": "x" * 9_000_000})
    assert response.status_code == 413
    assert "8 megabytes" in words(response)
    assert "Back button: it may still show what you entered" in words(response)
    assert "a medication list may have 20,000 characters" in words(response)
